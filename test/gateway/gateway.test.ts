import { setTimeout as sleep } from 'node:timers/promises'
import type { RunningGateway } from '#gateway/server.js'
import { mintToken } from '#shared/token.js'
import { type Answer, API, type Bench, bench, openGateway, read } from './toy.js'

let b: Bench
let gateway: RunningGateway
let sam: string
beforeAll(async () => {
  b = await bench('gateway')
  gateway = await openGateway(b, {}, { allowedOrigins: ['https://console.example'], maxBodyBytes: 20_000 })
  sam = await b.token('stf_sam')
})
afterAll(async () => {
  await gateway.stop()
  await b.stop()
})

const post = async (body: string, headers: Record<string, string> = {}) => {
  const answer = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  })
  return { status: answer.status, headers: answer.headers, body: await read(answer) }
}
const ask = (query: string, token: string | null = sam, variables?: object) =>
  post(JSON.stringify({ query, variables }), token ? { authorization: `Bearer ${token}` } : {})
const codes = ({ errors }: Answer) => errors?.map(error => error.extensions.code)

describe('answers', () => {
  test('what lies in two subgraphs', async () => {
    const { status, body } = await ask(
      '{ parcels(first: 2) { nodes { id letters { subject parcel { weight } } } } letter(id: "a") { parcel { weight } } }',
    )
    expect(status).toBe(200)
    expect(body.errors).toBeUndefined()
    expect(body.data.parcels.nodes[1]).toEqual({
      id: 'p1',
      letters: [{ subject: 'about l-p1', parcel: { weight: 5 } }],
    })
    expect(body.data.letter).toEqual({ parcel: { weight: 5 } })
  })

  test('with the caller’s request id and surface, also where the work is done', async () => {
    const headers = {
      authorization: `Bearer ${sam}`,
      'x-request-id': 'from-the-caller',
      'x-opsgraph-surface': 'dashboard',
    }
    const answer = await post('{"query":"{ who }"}', headers)
    expect(answer.body.data.who).toBe('stf_sam SUPPORT_AGENT from-the-caller dashboard')
    expect(answer.headers.get('x-request-id')).toBe('from-the-caller')
  })

  test('with a request id of its own when the caller’s could spoil a log', async () => {
    const { headers } = await post('{"query":"{ version }"}', { 'x-request-id': 'a b' })
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
  })

  test('in a schema that keeps saying who may do what', () => {
    expect(API).toContain('parcel(id: ID!): Parcel @access(roles: ["SUPPORT_AGENT"])')
    expect(API).not.toContain('join__')
  })
})

describe('strangers', () => {
  test.each([
    '{ who }',
    '{ version ...F } fragment F on Query { ... { o: parcel(id: 1) { id } } }',
    '{ __schema { types { name } } }',
  ])('are told how to send a token: %s', async query => {
    const { status, headers, body } = await ask(query, null)
    expect(status).toBe(401)
    expect(headers.get('www-authenticate')).toBe('Bearer')
    expect(codes(body)).toEqual(['UNAUTHENTICATED'])
    expect(body.errors[0].message).toContain('Authorization: Bearer <token>')
  })

  test('may read what is public', async () => {
    expect((await ask('{ version __typename }', null)).body).toEqual({
      data: { version: '1', __typename: 'Query' },
    })
  })

  const wrong: Record<string, [() => string | Promise<string>, RegExp]> = {
    'an expired token': [() => b.token('stf_sam', -60), /expired/],
    'a disabled person': [() => b.token('stf_off'), /disabled/],
    'an unknown person': [() => b.token('stf_nobody'), /known here/],
    'a mistyped API token': [() => `${mintToken('pat').token.slice(0, -1)}!`, /checksum/],
    'an invented API token': [() => mintToken('pat').token, /not known/],
    'something else': [() => 'hello', /malformed/],
    'a token without signature': [() => `${sam.split('.').slice(0, 2).join('.')}.`, /malformed|signed/],
    'another person in the same token': [() => tampered(sam), /signed/],
    'a token without algorithm': [() => unsigned(sam), /algorithm/],
  }
  test.each(Object.keys(wrong))('are told what is wrong with %s', async which => {
    const [make, message] = wrong[which]!
    const { status, body } = await ask('{ who }', await make())
    expect(status).toBe(401)
    expect(codes(body)).toEqual(['UNAUTHENTICATED'])
    expect(body.errors[0].message).toMatch(message)
  })

  const encode = (data: object) => Buffer.from(JSON.stringify(data)).toString('base64url')
  const decode = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString())
  const tampered = (token: string) => {
    const [header, payload, signature] = token.split('.') as [string, string, string]
    return [header, encode({ ...decode(payload), sub: 'stf_ada' }), signature].join('.')
  }
  const unsigned = (token: string) => {
    const [header, payload] = token.split('.') as [string, string]
    return `${encode({ ...decode(header), alg: 'none' })}.${payload}.`
  }
})

describe('callers', () => {
  test('have the roles of today, and only those that their kind may have (X21)', async () => {
    expect((await ask('{ who }', await b.token('stf_ada'))).body.data.who).toMatch(/^stf_ada SUPER_ADMIN /)
  })

  test('lose them within two seconds', async () => {
    const ada = await b.token('stf_ada')
    await ask('{ who }', ada)
    await b.services.db.query(
      `update access.person set disabled_at = now(), epoch = epoch + 1 where id = 'stf_ada'`,
    )
    await sleep(1_100)
    expect((await ask('{ who }', ada)).status).toBe(401)
  })

  test('may use API tokens until those are revoked; only a digest is stored', async () => {
    const { token, prefix, digest } = mintToken('int')
    await b.services.db.query(
      `insert into access.token (id, kind, name, prefix, digest, person_id, expires_at)
       values ('tok_1', 'int', 'feed', $1, $2, 'svc_feed', now() + interval '1 day')`,
      [prefix, digest],
    )
    expect((await ask('{ who }', token)).body.data.who).toMatch(/^svc_feed INTEGRATION /)
    await b.services.db.query(`update access.token set revoked_at = now() where id = 'tok_1'`)
    await sleep(1_100)
    const { status, body } = await ask('{ who }', token)
    expect([status, body.errors[0].message]).toEqual([401, 'The token was revoked.'])
  })
})

describe('errors', () => {
  test('tell nothing of the inside, and the rest of the answer stays (F16)', async () => {
    const { status, body } = await ask('{ version broken }')
    expect(status).toBe(200)
    expect(body.data).toEqual({ version: '1', broken: null })
    expect(body.errors).toEqual([
      {
        message: 'Something went wrong on our side.',
        path: ['broken'],
        extensions: { code: 'INTERNAL', requestId: expect.any(String) },
      },
    ])
  })

  test('keep the words and facts of a refusal', async () => {
    const { body } = await ask('{ denied }')
    expect(body.errors[0]).toMatchObject({
      message: 'denied requires one of: X.',
      extensions: { code: 'FORBIDDEN', requires: ['X'] },
    })
  })

  test('are never hidden: a null in a place without null is one', async () => {
    expect(codes((await ask('{ strict }')).body)).toEqual(['INTERNAL'])
  })

  test.each([
    ['{ nope }', 'GRAPHQL_VALIDATION_FAILED'],
    ['{ nope', 'GRAPHQL_PARSE_FAILED'],
    ['query A { version } query B { version }', 'OPERATION_RESOLUTION_FAILURE'],
    ['{ parcels(first: 99999999) { nodes { id } } }', 'QUERY_TOO_COMPLEX'],
    ['subscription { letterUpdated(letterId: "a") { cursor } }', 'BAD_REQUEST'],
  ])('of %s', async (query, code) => {
    const { status, body } = await ask(query)
    expect([status, codes(body)]).toEqual([400, [code]])
    expect(body.errors[0].extensions.requestId).toBeTruthy()
  })

  test('of a value that only the subgraph can judge are the caller’s', async () => {
    expect(codes((await ask('query Q($a: Amount!) { pay(amount: $a) }', sam, { a: 'much' })).body)).toEqual([
      'BAD_USER_INPUT',
    ])
  })
})

describe('HTTP', () => {
  test.each([
    ['{"query": "{ who', 400, 'BAD_REQUEST', /not JSON/],
    ['', 400, 'BAD_REQUEST', /empty/],
    ['[{"query":"{ version }"}]', 400, 'BAD_REQUEST', /batch/],
    ['{}', 400, 'BAD_REQUEST', /"query"/],
    [`{"variables":${'['.repeat(5000)}${']'.repeat(5000)}}`, 400, 'BAD_REQUEST', /nested/],
    [JSON.stringify({ query: '{ version }', x: 'x'.repeat(30_000) }), 413, 'PAYLOAD_TOO_LARGE', /larger/],
  ])('%.30s is %d', async (body, status, code, message) => {
    const answer = await post(body)
    expect([answer.status, codes(answer.body)]).toEqual([status, [code]])
    expect(answer.body.errors[0].message).toMatch(message)
  })

  test('takes JSON by POST, and nothing that a foreign page could send unasked', async () => {
    const types = ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']
    for (const type of types)
      expect((await post('{"query":"{ version }"}', { 'content-type': type })).status).toBe(415)
    const get = await fetch(`${gateway.url}/graphql?query={version}`)
    expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST, OPTIONS'])
  })

  test('lets the pages of allowed origins read, and no others', async () => {
    const preflight = (origin: string) =>
      fetch(`${gateway.url}/graphql`, { method: 'OPTIONS', headers: { origin } })
    expect((await preflight('https://console.example')).headers.get('access-control-allow-origin')).toBe(
      'https://console.example',
    )
    expect((await preflight('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull()
  })
})

test('stopping lets what runs end, and says meanwhile that it is not ready (R5)', async () => {
  const other = await openGateway(b)
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${sam}` }
  const send = (query: string) =>
    fetch(`${other.url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query }) })
  const running = send('{ slow(ms: 700) }')
  await sleep(200)
  const stopped = other.stop()
  expect((await fetch(`${other.url}/readyz`)).status).toBe(503)
  expect((await send('{ version }')).status).toBe(503)
  expect(await read(await running)).toEqual({ data: { slow: 1 } })
  await stopped
  await expect(fetch(`${other.url}/livez`)).rejects.toThrow()
})

test('in production the schema is not told', async () => {
  const production = await openGateway(b, {}, { mode: 'production' })
  const answer = await fetch(`${production.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${sam}` },
    body: '{"query":"{ __schema { types { name } } }"}',
  })
  expect(codes(await read(answer))).toEqual(['INTROSPECTION_DISABLED'])
  await production.stop()
})
