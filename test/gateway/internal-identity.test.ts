import { createHash, createHmac, randomBytes } from 'node:crypto'
import { startSubgraphServer } from '#gateway/subgraph-server.js'
import { SILENT } from '#kit/services.js'
import { ANONYMOUS, type Identity } from '#shared/identity.js'
import {
  type InternalCall,
  type InternalKey,
  ReplayGuard,
  signIdentity,
  UntrustedCall,
  verifyIdentity,
} from '#shared/internal-identity.js'
import { Role } from '#shared/roles.js'
import { type Bench, bench, SHOP_SCHEMA } from './toy.js'

const sam: Identity = {
  ...ANONYMOUS,
  kind: 'STAFF',
  personId: 'stf_sam',
  name: 'Sam',
  roles: [Role.SUPPORT_AGENT],
  epoch: 1,
}
const call: InternalCall = {
  identity: sam,
  requestId: 'request-1',
  surface: 'opsgraph',
  site: null,
  operation: 'x',
}
const newKey = (kid: string): InternalKey => ({ kid, key: randomBytes(32) })
const [current, previous, retired, foreign] = ['k2', 'k1', 'k0', 'k2'].map(newKey) as [
  InternalKey,
  InternalKey,
  InternalKey,
  InternalKey,
]
const keys = [current, previous]
const BODY = JSON.stringify({ query: '{ who }' })

const base64 = (data: string | Buffer) => Buffer.from(data).toString('base64url')
const hashOf = (body: string) => createHash('sha256').update(body).digest('base64url')

/** A correctly signed header with claims that the gateway would never make. */
const forge = (claims: Record<string, unknown>, key = current) => {
  const now = Math.floor(Date.now() / 1000)
  const whole = {
    ...call,
    iss: 'gw',
    aud: 'shop',
    bh: hashOf(BODY),
    jti: base64(randomBytes(12)),
    iat: now,
    exp: now + 20,
    ...claims,
  }
  const signed = `v1.${key.kid}.${base64(JSON.stringify(whole))}`
  return `${signed}.${createHmac('sha256', key.key).update(signed).digest('base64url')}`
}

describe('a subgraph alone on the network', () => {
  let b: Bench
  let server: Awaited<ReturnType<typeof startSubgraphServer>>
  beforeAll(async () => {
    b = await bench('internal_identity')
    const subgraph = { name: 'shop', schema: SHOP_SCHEMA } as never
    server = await startSubgraphServer({
      subgraph,
      services: b.services,
      keys,
      host: '127.0.0.1',
      port: 0,
      maxBodyBytes: 65_536,
      log: SILENT,
    })
  })
  afterAll(async () => {
    await server.stop()
    await b.stop()
  })

  const send = async (identity: string | undefined, body = BODY, headers: Record<string, string> = {}) => {
    const signed: Record<string, string> = identity === undefined ? {} : { 'x-internal-identity': identity }
    const answer = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...signed, ...headers },
      body,
    })
    return { status: answer.status, text: await answer.text() }
  }

  test('answers its gateway, as the person the gateway names', async () => {
    const { status, text } = await send(signIdentity(current, 'shop', call, BODY))
    expect(status).toBe(200)
    expect(JSON.parse(text)).toEqual({ data: { who: 'stf_sam SUPPORT_AGENT request-1 opsgraph' } })
  })

  test('takes the previous key while keys are rotated', async () => {
    expect((await send(signIdentity(previous, 'shop', call, BODY))).status).toBe(200)
  })

  const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000)
  const service = JSON.stringify({ query: '{ _service { sdl } }' })
  const entities = JSON.stringify({ query: '{ _entities(representations: []) { __typename } }' })
  const now = () => Math.floor(Date.now() / 1000)
  const none = `${base64('{"alg":"none"}')}.${base64(JSON.stringify({ identity: sam, aud: 'shop' }))}.`
  const attacks: Record<string, () => Parameters<typeof send>> = {
    'no identity': () => [undefined],
    'headers of other products': () => [
      undefined,
      BODY,
      { 'x-user-id': 'stf_ada', 'x-roles': 'SUPER_ADMIN', authorization: 'Bearer x' },
    ],
    '_service without identity': () => [undefined, service],
    '_entities without identity': () => [undefined, entities],
    'a forged MAC': () => [signIdentity(foreign, 'shop', call, BODY)],
    'a signature for another subgraph': () => [signIdentity(current, 'desk', call, BODY)],
    'an expired identity': () => [signIdentity(current, 'shop', call, BODY, minutesAgo(2))],
    'a life of an hour': () => [forge({ exp: now() + 3600 })],
    'another body': () => [signIdentity(current, 'shop', call, '{"query":"{ version }"}')],
    'an unknown key': () => [signIdentity(newKey('k9'), 'shop', call, BODY)],
    'a retired key': () => [signIdentity(retired, 'shop', call, BODY)],
    'a JWT without algorithm': () => [none],
  }
  test.each(Object.keys(attacks))('refuses %s, telling nothing', async attack => {
    const { status, text } = await send(...attacks[attack]!())
    expect(status).toBe(401)
    expect(JSON.parse(text)).toEqual({
      errors: [
        {
          message: 'This subgraph answers only to its gateway.',
          extensions: { code: 'UNAUTHENTICATED', requestId: expect.any(String) },
        },
      ],
    })
  })

  test('refuses a replay', async () => {
    const header = signIdentity(current, 'shop', call, BODY)
    expect((await send(header)).status).toBe(200)
    expect((await send(header)).status).toBe(401)
  })

  test('refuses an identity that is older than the person’s last change of rights', async () => {
    const outdated = { ...call, identity: { ...sam, epoch: 0 } }
    const { text } = await send(signIdentity(current, 'shop', outdated, BODY))
    expect(JSON.parse(text)).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] })
    expect(JSON.parse(text).data).toBeUndefined()
  })

  test('has no other address than GraphQL and health', async () => {
    for (const path of ['/', '/graphql', '/metrics', '/graphql/sdl'])
      expect((await fetch(server.url + path)).status).toBe(401)
    expect((await fetch(`${server.url}/livez`)).status).toBe(200)
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
  })
})

describe('a signed identity', () => {
  const verify = (header: string | string[] | undefined, guard = new ReplayGuard(), now?: Date) =>
    verifyIdentity(header, { subgraph: 'shop', keys, body: BODY, guard, now })

  test('brings the caller over unchanged', () => {
    const unicode = { ...call, identity: { ...sam, name: 'Zoë 🦊', orgIds: ['org_1'] }, site: 'shop-1' }
    expect(verify(signIdentity(current, 'shop', unicode, BODY))).toEqual(unicode)
  })

  test('stands in one header, once', () => {
    const header = signIdentity(current, 'shop', call, BODY)
    expect(() => verify([header, header])).toThrow(UntrustedCall)
    expect(() => verify(`${header}, ${header}`)).toThrow(UntrustedCall)
  })

  test('is not read before its MAC is right', () => {
    expect(() => verify(`v1.k2.${base64('not json')}.${base64(randomBytes(32))}`)).toThrow('wrong signature')
  })

  test('survives clocks that differ by five seconds, and no more', () => {
    const header = signIdentity(current, 'shop', call, BODY)
    const later = (seconds: number) => new Date(Date.now() + seconds * 1000)
    expect(() => verify(header, undefined, later(-4))).not.toThrow()
    expect(() => verify(header, undefined, later(-8))).toThrow('future')
    expect(() => verify(header, undefined, later(23))).not.toThrow()
    expect(() => verify(header, undefined, later(30))).toThrow('expired')
  })

  test('is remembered until it could not be used any more, and then forgotten', () => {
    const guard = new ReplayGuard()
    const start = new Date()
    expect(guard.admit('one', start)).toBe(true)
    expect(guard.admit('one', new Date(start.getTime() + 34_000))).toBe(false)
    expect(guard.admit('one', new Date(start.getTime() + 41_000))).toBe(true)
  })
})
