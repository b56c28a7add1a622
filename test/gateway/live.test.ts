import { setTimeout as sleep } from 'node:timers/promises'
import { buildSchema, type FormattedExecutionResult } from 'graphql'
import { createClient as createSse } from 'graphql-sse'
import { createClient as createSocket } from 'graphql-ws'
import WebSocket from 'ws'
import { PlanErrors, planSubscription } from '#gateway/live.js'
import { SOCKET_LIMITS } from '#gateway/live-socket.js'
import type { RunningGateway } from '#gateway/server.js'
import { ANONYMOUS } from '#shared/identity.js'
import { API, type Bench, bench, LETTERS, openGateway } from './toy.js'

describe('the query behind a subscription', () => {
  const schema = buildSchema(API)
  const plan = (query: string, variables = {}) => planSubscription(schema, { query, variables }, LETTERS)

  test('selects the same, under the same names, with only the variables it needs', () => {
    const { query, variablesAt, alias, follows, after } = plan(
      `subscription Follow($l: ID!, $a: String, $x: Boolean!) { up: letterUpdated(letterId: $l, after: $a) { ...F } }
       fragment F on LetterUpdate { letter { ...G } cursor @include(if: $x) } fragment G on Letter { id }`,
      { l: 'l1', a: '17', x: true },
    )
    expect([alias, follows(ANONYMOUS).refs, after]).toEqual(['up', ['l1'], 17])
    expect(query.replace(/\s+/g, ' ')).toBe(
      'query Follow($l: ID!, $x: Boolean!, $opsgraph_cursor: String!) { up: letterUpdate(letterId: $l, cursor: $opsgraph_cursor) { ...F } } ' +
        'fragment F on LetterUpdate { letter { ...G } cursor @include(if: $x) } fragment G on Letter { id }',
    )
    expect(variablesAt(18)).toEqual({ l: 'l1', x: true, opsgraph_cursor: '18' })
  })

  test.each([
    ['query { version }', 'BAD_REQUEST'],
    ['mutation { x }', 'BAD_REQUEST'],
    ['subscription { nope }', 'GRAPHQL_VALIDATION_FAILED'],
    ['subscription { letterUpdated(letterId: "a") { nope } }', 'GRAPHQL_VALIDATION_FAILED'],
    [
      'subscription { a: letterUpdated(letterId: "a") { cursor } b: letterUpdated(letterId: "b") { cursor } }',
      'GRAPHQL_VALIDATION_FAILED',
    ],
    ['subscription { letterUpdated(letterId: "a") @skip(if: true) { cursor } }', 'BAD_REQUEST'],
    ['subscription { letterUpdated(letterId: "a", after: "b") { cursor } }', 'BAD_USER_INPUT'],
    ['subscription S($l: ID!) { letterUpdated(letterId: $l) { cursor } }', 'BAD_USER_INPUT'],
    ['subscription { letterUpdated(letterId: "a") { cursor', 'GRAPHQL_PARSE_FAILED'],
    [
      `subscription { letterUpdated(letterId: "a") { letter { parcel ${'{ next '.repeat(20)} { id } ${'}'.repeat(20)} } } }`,
      'QUERY_TOO_DEEP',
    ],
  ])('is not made of %.60s', (query, code) => {
    try {
      plan(query)
      throw new Error('it was taken')
    } catch (error) {
      expect(error).toBeInstanceOf(PlanErrors)
      expect((error as PlanErrors).errors[0]!.extensions.code).toBe(code)
    }
  })
})

describe('subscribers', () => {
  let b: Bench
  let gateway: RunningGateway
  let sam: string
  const ends: (() => void)[] = []

  beforeEach(async () => {
    b = await bench('live')
    gateway = await openGateway(b)
    sam = await b.token('stf_sam')
  })
  afterEach(async () => {
    for (const end of ends.splice(0)) end()
    await gateway.stop()
    await b.stop()
  })

  interface Following {
    got: FormattedExecutionResult[]
    ended: Promise<unknown>
  }
  const QUERY =
    'subscription S($l: ID!, $a: String) { letterUpdated(letterId: $l, after: $a) { cursor letter { id parcel { weight } } } }'
  interface Client {
    subscribe: ReturnType<typeof createSocket>['subscribe']
    dispose: () => unknown
  }
  const follow = (client: Client, letter: string, after?: string): Following => {
    const got: FormattedExecutionResult[] = []
    const ended = new Promise(resolve => {
      const sink = {
        next: (update: unknown) => void got.push(update as FormattedExecutionResult),
        error: resolve,
        complete: () => resolve('complete'),
      }
      client.subscribe({ query: QUERY, variables: { l: letter, a: after } }, sink)
    })
    return { got, ended }
  }
  const remember = <T extends Client>(client: T): T => {
    ends.push(() => void client.dispose())
    return client
  }
  const socket = (token: string, webSocketImpl: unknown = WebSocket) =>
    remember(
      createSocket({
        url: `${gateway.url.replace('http', 'ws')}/graphql`,
        webSocketImpl,
        retryAttempts: 0,
        connectionParams: { authorization: `Bearer ${token}` },
      }),
    )
  const stream = (token: string) =>
    remember(
      createSse({
        url: `${gateway.url}/graphql`,
        retryAttempts: 0,
        headers: { authorization: `Bearer ${token}` },
      }),
    ) as unknown as Client

  let streams = 0
  const happen = async (letter: string) => {
    const { db, store } = b.services
    const meta = {
      actor: { kind: 'STAFF' as const, id: 'stf_sam', roles: [], tokenId: null },
      reasonCode: 'ROUTINE',
      requestId: 'r',
      correlationId: 'r',
      surface: 'opsgraph',
    }
    const write = {
      stream: { type: 'Ticket', id: `s${streams++}` },
      expectedVersion: 0,
      events: [{ type: 'SupportNoteAdded', data: {}, refs: [letter] }],
    }
    await db.transaction(tx => store.append(tx, [write], meta, new Date()))
    store.poke(db)
  }
  const until = async (check: () => boolean) => {
    for (let n = 0; n < 300 && !check(); n++) await sleep(10)
    expect(check()).toBe(true)
  }
  const cursors = ({ got }: Following) =>
    got.map(update => (update.data as { letterUpdated: { cursor: string } }).letterUpdated.cursor)

  test.each([
    ['WebSocket', socket],
    ['SSE', stream],
  ])('over %s see what happens, across subgraphs, and can go on where they were', async (_name, connect) => {
    const client = connect(sam)
    const first = follow(client, 'l1')
    await sleep(400)
    await happen('l1')
    await happen('other')
    await happen('l1')
    await until(() => first.got.length === 2)
    expect(first.got[0]!.data).toEqual({
      letterUpdated: { cursor: cursors(first)[0], letter: { id: 'l1', parcel: { weight: 5 } } },
    })
    const again = follow(client, 'l1', cursors(first)[0])
    await until(() => again.got.length === 1)
    expect(cursors(again)).toEqual(cursors(first).slice(1))
  })

  test('cannot follow what is not theirs to see, nor tell whether it exists', async () => {
    const refusal = await follow(socket(sam), 'secret').ended
    expect(refusal).toEqual([
      expect.objectContaining({ extensions: { code: 'NOT_FOUND', requestId: expect.any(String) } }),
    ])
    const sse = follow(stream(sam), 'secret')
    expect(await sse.ended).toBe('complete')
    expect(sse.got[0]!.errors![0]!.extensions!.code).toBe('NOT_FOUND')
  })

  test('need a good token', async () => {
    expect(await follow(socket(await b.token('stf_sam', -60)), 'l1').ended).toMatchObject({
      code: 4403,
      reason: expect.stringContaining('expired'),
    })
    expect(await follow(stream('nonsense'), 'l1').ended).toMatchObject({ response: { status: 401 } })
  })

  test('are let go when the token ends', async () => {
    const following = follow(socket(await b.token('stf_sam', 2)), 'l1')
    expect(await following.ended).toMatchObject({ code: 4403, reason: expect.stringContaining('expired') })
  })

  test.each([
    ['disabled', 'disabled_at = now()'],
    ['without roles', `roles = '{}'`],
  ])('who are %s now are let go within two seconds, though nothing happens', async (_name, change) => {
    const ws = follow(socket(sam), 'l1')
    const sse = follow(stream(sam), 'l1')
    await sleep(400)
    const start = performance.now()
    await b.services.db.query(`update access.person set ${change}, epoch = epoch + 1 where id = 'stf_sam'`)
    expect(await ws.ended).toMatchObject({ code: 4403 })
    expect(await sse.ended).toBe('complete')
    expect(performance.now() - start).toBeLessThan(2_300)
    expect(sse.got.at(-1)!.errors).toHaveLength(1)
  })

  test('from foreign pages are not let in', async () => {
    class Foreign extends WebSocket {
      constructor(url: string, protocol: string) {
        super(url, protocol, { headers: { origin: 'https://evil.example' } })
      }
    }
    expect(await follow(socket(sam, Foreign), 'l1').ended).toMatchObject({
      message: 'Unexpected server response: 403',
    })
  })

  test('cannot follow more than twenty things on a socket', async () => {
    const client = socket(sam)
    const all = Array.from({ length: SOCKET_LIMITS.subscriptions + 3 }, () => follow(client, 'l1'))
    const refused = await Promise.all(all.map(({ ended }) => Promise.race([ended, sleep(1_000, null)])))
    expect(refused.filter(Boolean)).toHaveLength(3)
  })

  test('send nothing large, and begin at once', async () => {
    const open = () => new WebSocket(`${gateway.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
    const closeOf = (one: WebSocket) => new Promise(resolve => one.on('error', () => {}).on('close', resolve))
    const large = open()
    large.on('open', () => large.send('x'.repeat(SOCKET_LIMITS.payloadBytes + 1)))
    const silent = open()
    expect(await Promise.all([closeOf(large), closeOf(silent)])).toEqual([1009, 4408])
  })
})
