import { type ChildProcess, spawn } from 'node:child_process'
import { openSync, readFileSync, statSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { ROOT } from '#shared/root.js'

const ENV = 'OPSGRAPH_TEST_HOSTS'
/** A host that was just started loads for some seconds. */
const PATIENCE_MS = 90_000

/** What a test asks its host to start, or to run to its end: a command of `opsgraph` that the host knows. */
export interface HostRequest {
  testFile: string
  env: Record<string, string>
  topology?: 'single' | 'distributed'
  command?: HostedCommand
}

export const HOSTED_COMMANDS = ['rebuild', 'rebuild --replace', 'verify'] as const
export type HostedCommand = (typeof HOSTED_COMMANDS)[number]

const hosts: ChildProcess[] = []

/** Starts one host for each worker of the test runner; what they say is kept in the folder. */
export function startHosts(folder: string, workers: number): void {
  process.env[ENV] = folder
  for (let worker = 1; worker <= workers; worker++) {
    const said = openSync(logOf(folder, worker), 'w')
    hosts.push(
      spawn(process.execPath, [join(ROOT, 'dist/test/kit/host.js'), socketOf(folder, worker)], {
        stdio: ['pipe', said, said],
      }),
    )
  }
}

export async function stopHosts(): Promise<void> {
  const running = hosts.splice(0).filter(({ exitCode, signalCode }) => exitCode === null && !signalCode)
  await Promise.all(
    running.map(host => {
      const gone = new Promise(resolve => host.once('exit', resolve))
      host.kill('SIGTERM')
      return gone
    }),
  )
}

const socketOf = (folder: string, worker: number | string): string => join(folder, `host-${worker}.sock`)
const logOf = (folder: string, worker: number | string): string => join(folder, `host-${worker}.log`)

function mine(): { folder: string; worker: string } {
  const folder = process.env[ENV]
  if (!folder) throw new Error('There is no host: run the tests with `npm test`')
  return { folder, worker: process.env.JEST_WORKER_ID ?? '1' }
}

/** What the host of this worker prints from now on. */
function listening(): () => string {
  const { folder, worker } = mine()
  const log = logOf(folder, worker)
  const before = statSync(log).size
  return () => readFileSync(log).subarray(before).toString()
}

const ask = (method: string, path: string, body?: object): Promise<{ status: number; body: unknown }> =>
  new Promise((resolve, reject) => {
    const { folder, worker } = mine()
    const socketPath = socketOf(folder, worker)
    const asked = request({ socketPath, method, path }, response => {
      json(response).then(answer => resolve({ status: response.statusCode!, body: answer }), reject)
    })
    asked.once('error', reject)
    asked.end(body && JSON.stringify(body))
  })

/** An Opsgraph that the host of this worker runs. */
export interface Hosted {
  url: string
  /** What its host printed since. */
  said(): string
  stop(): Promise<void>
}

/** Has the host of this worker start an Opsgraph. @throws Error with what it said when it does not start */
export async function startHosted(wanted: HostRequest): Promise<Hosted> {
  const said = listening()
  const { id, url } = await askPatiently<{ id: number; url: string }>(wanted)
  return {
    url,
    said,
    async stop() {
      await ask('DELETE', `/${id}`)
    },
  }
}

/** Has the host of this worker run a command: what it said, and what `opsgraph` would exit with. */
export async function runHosted(wanted: HostRequest): Promise<{ code: number; said: string }> {
  const said = listening()
  const { code } = await askPatiently<{ code: number }>(wanted)
  return { code, said: said() }
}

async function askPatiently<T>(wanted: HostRequest): Promise<T> {
  for (const end = Date.now() + PATIENCE_MS; ; await sleep(100)) {
    const answer = await ask('POST', '/', wanted).catch((error: NodeJS.ErrnoException) => {
      if (!['ENOENT', 'ECONNREFUSED'].includes(error.code ?? '') || Date.now() > end) throw error
      return null
    })
    if (!answer) continue
    const { status, body } = answer as { status: number; body: T & { error: string } }
    if (status !== 200) throw new Error(`Opsgraph did not start: ${body.error}`)
    return body
  }
}
