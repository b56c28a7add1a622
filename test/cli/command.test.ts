import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import pg from 'pg'
import { ROOT } from '#shared/root.js'
import { cloneDatabase } from '../kit/cluster.js'
import { Folder } from './desk.js'

const folder = new Folder()
let url: string
beforeAll(async () => {
  url = await cloneDatabase('command')
})
afterAll(() => folder.clear())

/** Runs `opsgraph` as a shell would. */
async function opsgraph(args: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [join(ROOT, 'dist/cli/index.js'), ...args], {
    env: { PATH: process.env.PATH, DATABASE_URL: url, DATA_DIR: folder.path, ...env },
  })
  let out = ''
  let err = ''
  child.stdout.on('data', (text: Buffer) => {
    out += text
  })
  child.stderr.on('data', (text: Buffer) => {
    err += text
  })
  const code = await new Promise<number | null>(done => child.once('close', done))
  return { code, out, err }
}

describe('opsgraph import', () => {
  test('takes a folder in the order of dependency, sums up, exits 0; 1 when something was rejected', async () => {
    const set = new Folder()
    set.write('shipments.csv', 'externalId,order,trackingNumber\ns1,o1,1Z999AA10123456784\n')
    set.write(
      'checkouts.csv',
      'externalId,placedAt,orders.externalId,orders.lines.title,orders.lines.unitPrice,currency\nc1,2026-04-01,o1,Lamp,58.90,USD\n',
    )
    set.write('readme.md', 'not a record')
    const good = await opsgraph(['import', set.path])
    expect(good).toMatchObject({ code: 0, err: '' })
    expect(good.out).toMatch(/checkouts\.csv\s+1\s+0\s+0\s+0 .*\nshipments\.csv\s+1\s+0\s+0\s+0 /)

    const path = set.write('shipments.csv', 'externalId,order,status\ns1,o1,teleported\ns2,o9,delivered\n')
    const rejects = join(set.path, 'rejects.out')
    const bad = await opsgraph(['import', path, '--rejects', rejects])
    expect(bad.code).toBe(1)
    expect(bad.err).toContain(
      `${path}:2: s1: status Value "TELEPORTED" does not exist in "ShipmentStatus" enum`,
    )
    expect(bad.err).toContain(`${path}:3: s2: order refers to an Order that was never recorded`)
    set.clear()
  })

  test.each([
    [['import', '/nowhere'], 'There is no /nowhere'],
    [['import', ROOT], /Nothing to import in/],
    [['import', join(ROOT, 'package.json')], /has to end in \.ndjson/],
    [['improt'], /Did you mean import\?/],
  ])('%j says what is wrong', async (args, message) => {
    const { code, err } = await opsgraph(args)
    expect(code).toBe(1)
    expect(err).toMatch(message)
    expect(err).not.toMatch(/\n\s+at /)
  })
})

test('opsgraph rebuild finds every row as the log says, and names those that are not', async () => {
  const set = new Folder()
  const path = set.write(
    'users.csv',
    'externalId,name,email\n1,Ada,ada@mail.example\n2,Ben,ben@mail.example\n3,Cy,cy@mail.example\n',
  )
  expect(await opsgraph(['import', path])).toMatchObject({ code: 0 })
  set.clear()
  expect(await opsgraph(['rebuild'])).toMatchObject({
    code: 0,
    out: expect.stringContaining('every row is what the log says'),
  })

  const [changed, gone] = await tamper(
    `update accounts."user" set name = 'Eve' where external_id = '1' returning id`,
    `delete from accounts."user" where external_id = '2' returning id`,
  )
  const { code, out } = await opsgraph(['rebuild'])
  expect(code).toBe(1)
  expect(out).toContain(`accounts.user ${changed} differs`)
  expect(out).toContain(`accounts.user ${gone} missing`)
  expect(out).not.toContain('extra')
})

/** As somebody with the owner's password would; answers the ids that each statement touched. */
async function tamper(...statements: string[]): Promise<string[]> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    const ids: string[] = []
    for (const statement of statements) ids.push((await client.query(statement)).rows[0].id)
    return ids
  } finally {
    await client.end()
  }
}

test('opsgraph verify proves the log', async () => {
  expect(await opsgraph(['verify'])).toMatchObject({ code: 0, out: expect.stringContaining('nothing found') })
})

describe('opsgraph token', () => {
  test('prints a token of the role', async () => {
    const { code, out } = await opsgraph(['token', 'risk_agent'])
    expect(code).toBe(0)
    const [, payload] = out.trim().split('.')
    expect(JSON.parse(Buffer.from(payload!, 'base64url').toString())).toMatchObject({
      sub: 'stf_rita',
      iss: 'opsgraph-development',
    })
  })

  test('lists the roles when there is no such role', async () => {
    expect(await opsgraph(['token', 'BOSS'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('Roles: SUPPORT_AGENT, SUPPORT_LEAD'),
    })
  })

  test('is refused in production', async () => {
    const production = {
      OPSGRAPH_MODE: 'production',
      JWKS_URL: 'https://login.example/keys',
      JWT_ISSUER: 'https://login.example',
      JWT_AUDIENCE: 'opsgraph',
      MAIL: 'off',
      SCANNER_URL: 'none',
    }
    expect(await opsgraph(['token', 'AUDITOR'], production)).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringContaining('are for development'),
    })
  })
})
