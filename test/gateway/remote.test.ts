import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Breaker } from '#gateway/breaker.js'
import { Remote } from '#gateway/remote.js'
import type { RunningGateway } from '#gateway/server.js'
import { SILENT } from '#kit/services.js'
import { type Bench, bench, openGateway, read } from './toy.js'

/** What a subgraph may do wrong: the others' data stays, and the missing fields are named (R1, R2, R3). */

let b: Bench
let subgraph: Server
let gateway: RunningGateway
let behave: RequestListener
let asked: number

beforeEach(async () => {
  b = await bench('remote')
  asked = 0
  subgraph = createServer((request, response) => {
    asked++
    behave(request, response)
  })
  await new Promise<void>(resolve => subgraph.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(subgraph.address() as AddressInfo).port}/graphql`
  const key = { kid: 'k', key: Buffer.alloc(32, 1) }
  gateway = await openGateway(b, {
    desk: new Remote({ name: 'desk', url, key, log: SILENT, timeoutMs: 500 }),
  })
})
afterEach(async () => {
  await gateway.stop()
  subgraph.closeAllConnections()
  subgraph.close()
  await b.stop()
})

const ask = async () => {
  const start = performance.now()
  const answer = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${await b.token('stf_sam')}` },
    body: JSON.stringify({
      query: '{ parcels(first: 2) { nodes { id l: letters { id } } } letter(id: 1) { id } }',
    }),
  })
  return { status: answer.status, took: performance.now() - start, ...(await read(answer)) }
}

const answering =
  (status: number, body: string, headers = {}): RequestListener =>
  (_request, response) =>
    void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body)

const faults: Record<string, RequestListener> = {
  'answers 500': answering(500, '{"errors":[{"message":"SELECT secret"}]}'),
  'answers HTML': answering(200, '<html>secret</html>'),
  'answers broken JSON': answering(200, '{"data":'),
  'answers no GraphQL': answering(200, '{"data":[1]}'),
  hangs: () => {},
  'cuts the connection': request => void request.socket.destroy(),
  'stops in the middle': (_request, response) => {
    response.writeHead(200, { 'content-length': '1000' })
    response.write('{"data":')
  },
  redirects: answering(302, '', { location: 'http://169.254.169.254/' }),
  'answers without end': (_request, response) => {
    response.writeHead(200)
    const more = () => response.write('x'.repeat(1024 * 1024), error => error || setImmediate(more))
    more()
  },
}

test.each(Object.keys(faults))('a subgraph that %s', async fault => {
  behave = faults[fault]!
  const { status, took, data, errors } = await ask()
  expect(status).toBe(200)
  expect(took).toBeLessThan(1500)
  expect(data).toEqual({
    parcels: {
      nodes: [
        { id: 'p0', l: null },
        { id: 'p1', l: null },
      ],
    },
    letter: null,
  })
  expect(errors.map((error: { path: unknown }) => error.path)).toEqual(
    expect.arrayContaining([['letter'], ['parcels', 'nodes', 0, 'l'], ['parcels', 'nodes', 1, 'l']]),
  )
  for (const error of errors) {
    expect(error.extensions).toMatchObject({ code: 'SUBGRAPH_UNAVAILABLE', requestId: expect.any(String) })
    expect(error.message).not.toMatch(/secret|127\.0\.0\.1|ECONN/i)
  }
})

test('a subgraph that hangs is left alone after a while, and asked again when it may be back', async () => {
  behave = () => {}
  await Promise.all(Array.from({ length: 12 }, ask))
  const before = asked
  const { took } = await ask()
  expect(asked).toBe(before)
  expect(took).toBeLessThan(200)
})

test('a connection that broke is tried once more for a read', async () => {
  let broken = false
  behave = (request, response) => {
    if (!broken) {
      broken = true
      return void request.socket.destroy()
    }
    answering(200, JSON.stringify({ data: { letter: { id: '1' }, _entities: [{ l: [] }, { l: [] }] } }))(
      request,
      response,
    )
  }
  const { data } = await ask()
  expect(data.letter).toEqual({ id: '1' })
})

describe('the breaker', () => {
  let now = 0
  const breaker = () => new Breaker(() => now)

  test('opens when half of twenty calls failed, and lets one through after five seconds', () => {
    const one = breaker()
    for (let n = 0; n < 10; n++) one.succeeded()
    for (let n = 0; n < 9; n++) one.failed()
    expect(one.allows()).toBe(true)
    one.failed()
    expect(one.allows()).toBe(false)
    now += 5_000
    expect([one.allows(), one.allows()]).toEqual([true, false])
    one.succeeded()
    expect(one.allows()).toBe(true)
  })

  test('stays open when the one that was let through fails', () => {
    const one = breaker()
    for (let n = 0; n < 20; n++) one.failed()
    now += 5_000
    expect(one.allows()).toBe(true)
    one.failed()
    expect(one.allows()).toBe(false)
  })

  test('forgets what is older than ten seconds', () => {
    const one = breaker()
    for (let n = 0; n < 19; n++) one.failed()
    now += 11_000
    one.failed()
    expect(one.allows()).toBe(true)
  })
})
