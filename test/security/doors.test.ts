import { createHmac } from 'node:crypto'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { developmentToken } from '#gateway/identity.js'
import { loadConfig } from '#shared/config.js'
import { World } from '../kit/world.js'
import { base64url, codes, expectSound, post } from './kit.js'

const ME = JSON.stringify({ query: '{ me { id } }' })

/** Security 2.5, 2.6, 5.1: what a stranger, a forger and a broken client can do at the front door. */
describe('the front door', () => {
  let world: World
  let people: Awaited<ReturnType<World['people']>>

  beforeAll(async () => {
    world = await World.open('security_doors')
    people = await world.people()
  })
  afterAll(() => world?.close())

  test.each([
    '{ me { id } }',
    '{ __schema { queryType { name } } }',
    'query { ...f } fragment f on Query { __type(name: "Query") { name } }',
    '{ nothingOfThatName }',
    '{ me { nothingOfThatName } }',
    'mutation { hireStaff(input: {}) { replayed } }',
    'query A { __typename } query B { me { id } }',
    'subscription { ticketUpdated(ticketId: "tkt_x") { cursor } }',
  ])('a stranger learns nothing: %s', async query => {
    const answer = await people.nobody.send(query)
    expect(answer).toMatchObject({ status: 401, errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] })
    expect(answer.data ?? null).toBeNull()
    expect(JSON.stringify(answer.errors)).not.toMatch(/Did you mean|Cannot query/)
  })

  test('forged, foreign and expired tokens are 401, never 500', async () => {
    const [head, claims, signature] = people.sam.token!.split('.') as [string, string, string]
    const header = JSON.parse(Buffer.from(head, 'base64url').toString())
    const said = JSON.parse(Buffer.from(claims, 'base64url').toString())
    const config = loadConfig({ DATABASE_URL: world.databaseUrl, KEYS_DIR: world.keysDir })
    const made = (jwt: Partial<typeof config.jwt>, seconds = 60) =>
      developmentToken({ jwt: { ...config.jwt, ...jwt } }, world.keys, 'stf_ada', seconds)
    const hmac = `${base64url({ ...header, alg: 'HS256' })}.${claims}`
    const tokens = [
      await made({}, -60),
      await made({ audience: 'another' }),
      await made({ issuer: 'another' }),
      `${base64url({ ...header, alg: 'none' })}.${claims}.`,
      `${base64url({ ...header, alg: 'none' })}.${claims}.${signature}`,
      `${hmac}.${createHmac('sha256', 'public key').update(hmac).digest('base64url')}`,
      `${head}.${base64url({ ...said, sub: 'stf_ada' })}.${signature}`,
      `${base64url({ ...header, typ: 5 })}.${claims}.${signature}`,
      `${base64url({ ...header, typ: ['at+jwt'] })}.${claims}.${signature}`,
      `${base64url({ ...header, typ: 'id+jwt' })}.${claims}.${signature}`,
      `${base64url('null')}.${claims}.${signature}`,
      '..',
      'a'.repeat(9000),
      `ops_pat_${'a'.repeat(36)}`,
    ]
    for (const token of tokens) {
      const answer = await post(world, ME, { authorization: `Bearer ${token}` })
      expect({ token, status: answer.status, codes: codes(answer) }).toEqual({
        token,
        status: 401,
        codes: ['UNAUTHENTICATED'],
      })
      expectSound(answer)
    }
    expect((await post(world, ME, { authorization: `Bearer ${await made({})}` })).status).toBe(200)
  })

  test('who says who they are in other words is nobody', async () => {
    const spoofed = {
      'x-internal-identity': 'v1.a.b.c',
      'x-user-id': 'stf_ada',
      cookie: `token=${people.ada.token}`,
    }
    expect((await post(world, ME, spoofed)).status).toBe(401)
    const answer = await people.sam.send('{ me { id roles } }', {}, spoofed)
    expect(answer.data).toEqual({ me: { id: 'stf_sam', roles: ['SUPPORT_AGENT'] } })
  })

  test('what is not a JSON request of UTF-8 is refused with its own status', async () => {
    const authorization = `Bearer ${people.ada.token}`
    const cases: [string | Buffer, Record<string, string>, number][] = [
      [gzipSync(ME), { 'content-encoding': 'gzip' }, 415],
      [ME, { 'content-type': 'text/plain' }, 415],
      [ME, { 'content-type': 'application/x-www-form-urlencoded' }, 415],
      [`[${ME},${ME}]`, {}, 400],
      ['{', {}, 400],
      ['null', {}, 400],
      ['{"query":["{me{id}}"]}', {}, 400],
      ['{"query":"{me{id}}","variables":[1]}', {}, 400],
      ['{"query":"{me{id}}","operationName":{}}', {}, 400],
      [`{"query":"{me{id}}","variables":{"x":${'['.repeat(5000)}${']'.repeat(5000)}}}`, {}, 400],
      [
        Buffer.concat([
          Buffer.from('{"query":"{me{id}}","variables":{"x":"'),
          Buffer.from([0xff, 0xc0]),
          Buffer.from('"}}'),
        ]),
        {},
        400,
      ],
      [JSON.stringify({ query: '{ me { id } }', variables: { x: 'a'.repeat(10_000_000) } }), {}, 413],
      [JSON.stringify({ query: `{ me { id } } #${'a'.repeat(1_000_000)}` }), {}, 413],
      [ME, { 'x-opsgraph-surface': "a'; --" }, 400],
    ]
    for (const [body, headers, status] of cases) {
      const answer = await post(world, body, { authorization, ...headers })
      expect({ body: String(body).slice(0, 60), status: answer.status }).toEqual({
        body: String(body).slice(0, 60),
        status,
      })
      expectSound(answer)
    }
  })

  test('answers carry the headers that keep browsers out, and no more', async () => {
    const { headers } = await post(world, ME, {
      origin: 'https://evil.example',
      authorization: `Bearer ${people.sam.token}`,
    })
    expect(Object.fromEntries(headers)).toMatchObject({
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    })
    for (const name of ['x-powered-by', 'server', 'access-control-allow-origin', 'set-cookie'])
      expect(headers.get(name)).toBeNull()
    const page = await fetch(`${world.url}/`)
    expect(page.headers.get('content-security-policy')).toMatch(
      /default-src 'none'.*script-src 'self';.*frame-ancestors 'none'/,
    )
    const get = await fetch(`${world.url}/graphql?query={me{id}}`, {
      headers: { authorization: `Bearer ${people.sam.token}` },
    })
    expect(get.status).toBe(405)
  })

  test('keys are files for their owner alone', () => {
    const { mode } = statSync(join(world.keysDir, 'development.key'))
    expect(mode & 0o077).toBe(0)
  })

  test('a secret is shown once: not in a replay, a dry run, the log, the database', async () => {
    const input = { name: 'script', reason: 'AUTOMATION', idempotencyKey: 'secret' }
    const { secret } = await people.fay.act('issueToken', input, 'secret')
    expect(secret).toMatch(/^ops_pat_/)
    expect(await people.fay.act('issueToken', input, 'secret')).toMatchObject({
      replayed: true,
      secret: null,
    })
    expect(
      await people.fay.act('issueToken', { ...input, idempotencyKey: null, dryRun: true }, 'secret'),
    ).toMatchObject({ secret: null })
    expect((await post(world, ME, { authorization: `Bearer ${secret}` })).data).toEqual({
      me: { id: 'stf_fay' },
    })

    expect(world.output).not.toContain(secret.slice(12))
    const tables = await world.sql(
      `select table_schema || '.' || table_name as name from information_schema.tables
       where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`,
    )
    for (const { name } of tables)
      expect({
        name,
        rows: await world.sql(`select 1 from ${name} t where t::text like $1`, [`%${secret.slice(12)}%`]),
      }).toEqual({ name, rows: [] })
    const { events } = await people.ada.ask(
      '{ events(first: 5, filter: { types: ["TokenIssued"] }) { nodes { data note summary } } }',
    )
    expect(JSON.stringify(events)).not.toMatch(/digest|ops_pat_/)
  })
})
