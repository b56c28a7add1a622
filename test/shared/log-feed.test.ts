import type { StoredEvent } from '#shared/event.js'
import type { FeedReader } from '#shared/feed.js'
import { META, NOW, orderStream, placed, sleep, TestLog, until } from './log-kit.js'

let log: TestLog
beforeEach(async () => {
  log = await TestLog.open('feed')
  log.startSealer()
})
afterEach(() => log.close())

async function take(reader: FeedReader, count: number): Promise<StoredEvent[]> {
  const events: StoredEvent[] = []
  while (events.length < count) {
    const { value, done } = await reader.next()
    if (done) throw new Error('ended early')
    events.push(value)
  }
  return events
}

const positions = (events: StoredEvent[]) => events.map(({ position }) => position)
const upTo = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index)

async function bulk(count: number): Promise<void> {
  const writes = Array.from({ length: count }, (_, n) => ({
    stream: orderStream(`ord_${n % 10}`),
    expectedVersion: null,
    events: [{ ...placed(n), type: n % 100 ? 'Common' : 'Rare', refs: n % 1000 ? [] : ['usr_rare'] }],
  }))
  // As imports do, so that no statement takes as long as the product allows.
  for (let n = 0; n < count; n += 500)
    await log.db.transaction(tx => log.store.append(tx, writes.slice(n, n + 500), META, NOW))
  log.store.poke(log.db)
  await log.sealed()
}

const cutFeed = () =>
  log.admin.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'opsgraph feed' and datname = current_database()`,
  )

test('the past, then what comes, without a gap; resumed after any position', async () => {
  const feed = log.startFeed()
  await log.append('ord_1', [placed(), placed(), placed()])
  await log.sealed()
  const reader = feed.events(0)
  expect(positions(await take(reader, 3))).toEqual([1, 2, 3])
  const next = reader.next()
  const [stored] = await log.append('ord_2', [{ ...placed(), personal: { buyer: 'Ann' } }])
  expect((await next).value).toEqual({ ...stored, position: 4 })
  expect(await feed.head()).toBe(4)
  expect(positions(await take(feed.events(2), 2))).toEqual([3, 4])
})

test('from far behind, with and without a filter, while more comes', async () => {
  const feed = log.startFeed()
  await bulk(12_000)
  const live = (async () => {
    for (let n = 0; n < 30; n++) await log.append('ord_1', [placed()])
  })()
  expect(positions(await take(feed.events(0), 12_030))).toEqual(upTo(1, 12_030))
  await live
  const rare = await take(feed.events(0, { types: ['Rare'] }), 120)
  expect(positions(rare).slice(0, 3)).toEqual([1, 101, 201])
  const mentioned = await take(feed.events(1, { refs: ['usr_rare'] }), 11)
  expect(positions(mentioned)).toEqual(upTo(1, 11).map(n => n * 1000 + 1))
  const often = await take(feed.events(0, { refs: ['ord_3', 'ord_4'] }), 2_400)
  expect(positions(often).slice(0, 4)).toEqual([4, 5, 14, 15])
  await log.append('ord_1', [{ ...placed(), refs: ['usr_rare'] }])
  const both = await take(feed.events(11_001, { refs: ['usr_rare'], types: ['OrderPlaced'] }), 1)
  expect(positions(both)).toEqual([12_031])
})

test('return ends a reader at once, also one that waits; closing ends all', async () => {
  const feed = log.startFeed()
  const reader = feed.events(0)
  const waiting = reader.next()
  await sleep(50)
  await reader.return()
  expect(await waiting).toEqual({ done: true, value: undefined })
  const other = feed.events(0)
  const last = other.next()
  await sleep(50)
  await feed.close()
  expect((await last).done).toBe(true)
  expect((await feed.events(0).next()).done).toBe(true)
  await expect(feed.head()).rejects.toMatchObject({ code: '08006' })
})

test('connections cut again and again while events come: no gap, nothing twice', async () => {
  const feed = log.startFeed()
  const readers = Array.from({ length: 20 }, () => feed.events(0))
  const reading = readers.map(reader => take(reader, 400))
  for (let n = 0; n < 400; n++) {
    await log.append(`ord_${n % 5}`, [placed(n)])
    if (n % 40 === 20) await cutFeed()
  }
  for (const events of await Promise.all(reading)) expect(positions(events)).toEqual(upTo(1, 400))
})

test('a slow reader holds a page and is given the rest when it asks', async () => {
  const feed = log.startFeed()
  const slow = feed.events(0)
  await take(slow, 0)
  const first = slow.next()
  await bulk(3_000)
  expect((await first).value!.position).toBe(1)
  const held = (slow as unknown as { buffer: unknown[] }).buffer.length
  expect(held).toBeLessThanOrEqual(500)
  expect(positions(await take(slow, 2_999))).toEqual(upTo(2, 3_000))
})

test('two thousand readers cost one query a batch', async () => {
  const feed = log.startFeed()
  await log.append('ord_0', [placed()])
  await log.sealed()
  await until(() => feed.position === 1)
  const readers = Array.from({ length: 2_000 }, (_, n) => feed.events(1, { refs: [`ord_${n % 20}`] }))
  const reading = readers.map(reader => take(reader, 2))
  let queries = 0
  const { client } = feed as unknown as { client: { query(...args: unknown[]): unknown } }
  const query = client.query.bind(client)
  client.query = (...args) => {
    queries++
    return query(...args)
  }
  for (let n = 0; n < 40; n++) await log.append(`ord_${n % 20}`, [placed(n)])
  const all = await Promise.all(reading)
  for (const [n, events] of all.entries())
    expect(events.every(({ refs }) => refs[0] === `ord_${n % 20}`)).toBe(true)
  expect(queries).toBeLessThan(200)
})
