import { UnstorableValue } from '#shared/canonical.js'
import { VersionConflict } from '#shared/event-store.js'
import { META, NOW, orderStream, placed, TestLog } from './log-kit.js'

let log: TestLog
beforeAll(async () => {
  log = await TestLog.open('append')
})
afterAll(() => log.close())

test('what append answers is what the log then holds', async () => {
  const draft = {
    type: 'OrderPlaced',
    data: {
      number: 'O-1',
      placedAt: NOW,
      skipped: undefined,
      total: { amount: 9_007_199_254_740_991, ratio: 0.1 },
    },
    personal: { buyer: 'Ann Ö 🚚 "quoted"\n' },
    refs: ['usr_ann', 'ord_1', 'usr_ann'],
  }
  const [stored] = await log.db.transaction(tx =>
    log.store.append(
      tx,
      [{ stream: orderStream('ord_1'), expectedVersion: 0, events: [draft] }],
      { ...META, note: 'called twice', causationId: 17, idempotencyKey: 'key', site: 'main' },
      NOW,
    ),
  )
  expect(stored).toEqual({
    id: expect.any(Number),
    position: null,
    stream: { type: 'Order', id: 'ord_1' },
    version: 1,
    type: 'OrderPlaced',
    schemaVersion: 1,
    occurredAt: NOW,
    actor: META.actor,
    reasonCode: 'ROUTINE',
    note: 'called twice',
    requestId: 'req_1',
    correlationId: 'cor_1',
    causationId: 17,
    idempotencyKey: 'key',
    surface: 'opsgraph',
    site: 'main',
    refs: ['ord_1', 'usr_ann'],
    data: {
      number: 'O-1',
      placedAt: '2026-03-01T12:00:00.123Z',
      total: { amount: 9_007_199_254_740_991, ratio: 0.1 },
      buyer: 'Ann Ö 🚚 "quoted"\n',
    },
  })
  expect(await log.store.load(log.db, orderStream('ord_1'))).toEqual([stored])
})

test.each([
  ['a NUL', { data: { note: 'a\0b' } }, 'data.note'],
  ['half a surrogate pair', { data: { lines: ['ok', { sku: '\ud83d' }] } }, 'data.lines[1].sku'],
  ['one in a key', { data: { 'x\udc00': 1 } }, 'data.x'],
  ['one in personal data', { data: {}, personal: { name: '\0' } }, 'personal.name'],
  ['a number that is none', { data: { total: Number.NaN } }, 'data.total'],
  ['a bigint', { data: { total: 1n } }, 'data.total'],
])('%s is refused by name before anything reaches the database', async (_, draft, path) => {
  const events = [{ type: 'OrderPlaced', ...draft }]
  const failing = log.db.transaction(tx =>
    log.store.append(tx, [{ stream: orderStream('ord_bad'), expectedVersion: 0, events }], META, NOW),
  )
  await expect(failing).rejects.toThrow(UnstorableValue)
  await expect(failing).rejects.toThrow(path)
})

test('of 16 appends that expect the same version, one is made and 15 are told', async () => {
  await log.append('ord_race', [placed()])
  const tries = await Promise.allSettled(
    Array.from({ length: 16 }, (_, n) => log.append('ord_race', [placed(n)], 1)),
  )
  const failed = tries.filter(one => one.status === 'rejected')
  expect(failed).toHaveLength(15)
  for (const { reason } of failed) expect(reason).toBeInstanceOf(VersionConflict)
  expect(await log.store.load(log.db, orderStream('ord_race'))).toHaveLength(2)
})

test('of 16 that make the same stream, one does', async () => {
  const tries = await Promise.allSettled(
    Array.from({ length: 16 }, (_, n) => log.append('ord_new', [placed(n), placed(n)], 0)),
  )
  expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  const events = await log.store.load(log.db, orderStream('ord_new'))
  expect(events.map(({ version }) => version)).toEqual([1, 2])
})

test('16 that expect nothing are all made, one after the other', async () => {
  await Promise.all(Array.from({ length: 16 }, (_, n) => log.append('ord_any', [placed(n), placed(n)], null)))
  const events = await log.store.load(log.db, orderStream('ord_any'))
  expect(events.map(({ version }) => version)).toEqual(Array.from({ length: 32 }, (_, index) => index + 1))
  const ids = events.map(({ id }) => id)
  expect(ids).toEqual([...ids].sort((a, b) => a - b))
})

test('1,500 new streams go in by one call, ids in the order given', async () => {
  const writes = Array.from({ length: 1_500 }, (_, n) => ({
    stream: orderStream(`ord_bulk_${(n * 7919) % 1_500}`),
    expectedVersion: 0,
    events: [placed(n), { type: 'OrderPaid', data: {} }],
  }))
  const stored = await log.db.transaction(tx => log.store.append(tx, writes, META, NOW))
  expect(stored).toHaveLength(3_000)
  expect(stored.map(({ version }) => version)).toEqual(stored.map((_, index) => (index % 2) + 1))
  const ids = stored.map(({ id }) => id)
  expect(ids).toEqual(Array.from({ length: 3_000 }, (_, index) => ids[0]! + index))
  const again = await log.store.byIds(log.db, [ids[2_999]!, ids[0]!, 999_999_999])
  expect(again).toEqual([stored[2_999], stored[0]])
})

test('callers who name the same streams in different orders do not deadlock', async () => {
  const streams = ['ord_a', 'ord_b', 'ord_c', 'ord_d'].map(orderStream)
  const all = (order: typeof streams) =>
    log.db.transaction(tx =>
      log.store.append(
        tx,
        order.map(stream => ({ stream, expectedVersion: null, events: [placed()] })),
        META,
        NOW,
      ),
    )
  await Promise.all(Array.from({ length: 60 }, (_, n) => all(n % 2 ? streams : [...streams].reverse())))
  const versions = await log.store.versions(log.db, [...streams, orderStream('ord_never')])
  expect([...versions]).toEqual(streams.map(({ id }) => [`Order/${id}`, 60]))
})

test('lock lets one transaction in at a time, whatever the order of ids', async () => {
  let inside = 0
  let most = 0
  const enter = (ids: string[]) =>
    log.db.transaction(async tx => {
      await log.store.lock(tx, ids)
      most = Math.max(most, ++inside)
      await tx.query('select pg_sleep(0.002)')
      inside--
    })
  await Promise.all(
    Array.from({ length: 20 }, (_, n) => enter(n % 2 ? ['x', 'y', 'z'] : ['z', 'y', 'x', 'x'])),
  )
  expect(most).toBe(1)
})

test('an append that is rolled back leaves nothing', async () => {
  const failing = log.db.transaction(async tx => {
    await log.store.append(
      tx,
      [{ stream: orderStream('ord_gone'), expectedVersion: 0, events: [placed()] }],
      META,
      NOW,
    )
    throw new Error('changed my mind')
  })
  await expect(failing).rejects.toThrow('changed my mind')
  expect(await log.store.load(log.db, orderStream('ord_gone'))).toEqual([])
  expect(await log.append('ord_gone', [placed()], 0)).toHaveLength(1)
})

test('a timeline is what mentions an entity, newest first, page by page, of one or of several', async () => {
  const draft = (n: number) => ({ ...placed(n), type: n % 2 ? 'Odd' : 'Even', refs: ['usr_tim', `lst_${n}`] })
  for (let n = 0; n < 10; n++) await log.append(`ord_t${n}`, [draft(n)])
  const first = await log.store.byRef(log.db, 'usr_tim', { first: 4 })
  expect(first.map(({ data }) => data.total)).toEqual([9, 8, 7, 6])
  const second = await log.store.byRef(log.db, 'usr_tim', { first: 4, before: first[3]!.id })
  expect(second.map(({ data }) => data.total)).toEqual([5, 4, 3, 2])
  const odd = await log.store.byRef(log.db, 'usr_tim', { first: 3, types: ['Odd'] })
  expect(odd.map(({ data }) => data.total)).toEqual([9, 7, 5])
  const merged = await log.store.byRef(log.db, ['lst_1', 'ord_t3', 'usr_tim'], { first: 100 })
  expect(merged).toHaveLength(10)
})

test('erasing removes what is personal and leaves the rest', async () => {
  const events = [{ type: 'OrderPlaced', data: { total: 5 }, personal: { buyer: 'Ann' } }]
  const [event] = await log.append('ord_erase', events)
  const [order] = await log.append('ord_eraser', [{ type: 'PersonErased', data: {} }])
  expect(await log.db.transaction(tx => log.store.erase(tx, [event!.id, 4_711], order!.id))).toBe(1)
  const [left] = await log.store.load(log.db, orderStream('ord_erase'))
  expect(left!.data).toEqual({ total: 5 })
  const unordered = log.db.transaction(tx => log.store.erase(tx, [order!.id], 999_999))
  await expect(unordered).rejects.toThrow('can order no erasure')
})

describe('nobody changes the past', () => {
  const STATEMENTS = [
    `update log.event set payload = '{}'`,
    'delete from log.event',
    'truncate log.event',
    'delete from log.event_ref',
    'delete from log.event_private',
    `update log.event_private set body = '{}'`,
    'delete from log.stream',
    'truncate log.event_pos',
    'truncate log.checkpoint',
    'truncate log.event_private',
  ]
  const APP = [
    ...STATEMENTS,
    'update log.stream set version = 9',
    'delete from log.event_unsealed',
    'alter table log.event disable trigger all',
    'drop table log.event',
    `insert into log.event_ref values ('x', 1)`,
    'delete from log.reaction_job',
    `insert into log.checkpoint select * from log.checkpoint`,
    `select nextval('log.event_id')`,
  ]
  test.each(APP)('the product may not: %s', async statement => {
    await expect(log.db.query(statement)).rejects.toMatchObject({ code: '42501' })
  })
  test.each(STATEMENTS)('a superuser may not by mistake: %s', async statement => {
    const asReplica = log.admin.transaction(async tx => {
      await tx.query('set local session_replication_role = replica')
      await tx.query(statement)
    })
    await expect(asReplica).rejects.toMatchObject({ code: '42501' })
  })
})
