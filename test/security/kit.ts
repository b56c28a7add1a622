import { readdirSync, readFileSync } from 'node:fs'
import { expect } from '@jest/globals'
import { ERROR_CODES } from '#gateway/errors.js'
import type { Answer, Json, World } from '../kit/world.js'

/** What must never be in an answer: SQL, stacks, paths of this machine, addresses of its parts. */
const TRACES =
  /\bselect .+ from \b|insert into |QueryFailed|relation "|\n\s+at |\.(ts|js):\d|node_modules|\/(work|home|tmp|dev)\/|ECONNREFUSED|127\.0\.0\.1/i

/** Errors are ours, every one has its request, none is our own failure, and none tells of the inside. */
export function expectSound({ status, errors }: Answer): void {
  expect(status).toBeLessThan(500)
  for (const { extensions } of errors ?? []) {
    expect(Object.keys(ERROR_CODES)).toContain(extensions.code)
    expect(extensions.code).not.toBe('INTERNAL')
    expect(extensions.requestId).toEqual(expect.any(String))
  }
  expect(JSON.stringify(errors ?? [])).not.toMatch(TRACES)
}

export const codes = ({ errors }: Answer): unknown[] =>
  (errors ?? []).map(({ extensions }) => extensions.code)

/** An answer without what differs between any two requests. */
export const bare = (answer: Answer): string => JSON.stringify(answer).replace(/"requestId":"[^"]+"/g, '')

/** Any request at all to the gateway. */
export async function post(
  world: World,
  body: string | Buffer,
  headers: Record<string, string> = {},
  path = '/graphql',
): Promise<Answer & { headers: Headers }> {
  const response = await fetch(world.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: new Uint8Array(Buffer.from(body as string)),
  })
  const text = await response.text()
  return {
    ...(JSON.parse(text) as Omit<Answer, 'status'>),
    status: response.status,
    headers: response.headers,
  }
}

export const base64url = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

/** The processes of a distributed world on Linux, by the part that each is: their numbers and environments. */
export function partsOf(world: World): Map<string, { pid: number; env: Json }> {
  const parts = new Map<string, { pid: number; env: Json }>()
  for (const name of readdirSync('/proc').filter(entry => /^\d+$/.test(entry))) {
    const env = environmentOf(name)
    if (env.DATABASE_URL === world.databaseUrl && env.SUBGRAPH)
      parts.set(env.SUBGRAPH, { pid: Number(name), env })
  }
  return parts
}

function environmentOf(pid: string): Json {
  try {
    const lines = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
    return Object.fromEntries(
      lines.map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    )
  } catch {
    return {}
  }
}
