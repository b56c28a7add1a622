import { consumerLag } from '#shared/consumer.js'
import {
  checksum,
  type Projection,
  projection,
  rebuildProjection,
  runProjections,
} from '#shared/projection.js'
import { placed, sleep, TestLog, until } from './log-kit.js'

let log: TestLog
beforeEach(async () => {
  log = await TestLog.open('projection')
  await log.admin.query(
    'create table public.turnover (ref text primary key, total int not null, orders int not null)',
  )
  await log.admin.query('grant select, insert, update, delete on public.turnover to opsgraph_app')
  log.startSealer()
})
afterEach(() => log.close())

const turnover = (poison = -1): Projection =>
  projection({
    name: 'turnover',
    tables: ['public.turnover'],
    on: {
      OrderPlaced: async (tx, event) => {
        await tx.query(
          `insert into public.turnover values ($1, $2, 1)
           on conflict (ref) do update set total = turnover.total + excluded.total, orders = turnover.orders + 1`,
          [event.stream.id, event.data.total],
        )
        if (event.data.total === poison) throw new Error('cannot take this in')
      },
    },
  })

const run = async (one: Projection) =>
  log.closes(await runProjections({ db: log.db, feed: log.startFeed(), projections: [one], log: log.log }))

const caughtUp = async () => {
  const head = await log.sealed()
  await until(async () => (await consumerLag(log.db))[0]?.position === head)
}

const totals = async () => {
  const [row] = await log.db.query(
    'select sum(total)::int as total, sum(orders)::int as orders from public.turnover',
  )
  return row
}

test('follows the log, and says how far it is', async () => {
  await log.append('ord_1', [placed(1), placed(2), { type: 'Other', data: {} }])
  await run(turnover())
  await caughtUp()
  expect(await totals()).toEqual({ total: 3, orders: 2 })
  await log.append('ord_2', [placed(3)])
  await until(async () => (await totals()).total === 6)
  expect(await consumerLag(log.db)).toEqual([
    { name: 'turnover', position: 4, head: 4, lag: 0, parked: 0, updatedAt: expect.any(Date) },
  ])
})

test('many runners count every event once', async () => {
  await Promise.all(Array.from({ length: 4 }, () => run(turnover())))
  for (let n = 0; n < 50; n++) await log.append(`ord_${n}`, [placed(1), placed(1)])
  await caughtUp()
  expect(await totals()).toEqual({ total: 100, orders: 100 })
})

test('an event that cannot be taken in is parked, the others go on, and none counts twice', async () => {
  for (let n = 0; n < 20; n++) await log.append(`ord_${n}`, [placed(n)])
  await run(turnover(7))
  await until(async () => (await consumerLag(log.db))[0]?.parked === 1)
  await log.append('ord_99', [placed(1000)])
  await caughtUp()
  expect(await totals()).toEqual({ total: 190 - 7 + 1000, orders: 20 })
  const [parked] = await log.db.query('select consumer, error from log.consumer_parked')
  expect(parked).toEqual({ consumer: 'turnover', error: 'Error: cannot take this in' })

  const rebuilt = await rebuildProjection(log.db, turnover())
  expect(rebuilt).toEqual({ events: 21, parked: 0, position: 21, identical: false })
  expect(await totals()).toEqual({ total: 1190, orders: 21 })
  expect((await consumerLag(log.db))[0]).toMatchObject({ parked: 0, lag: 0 })
})

test('made anew it equals the live one, row for row; readers see the old rows until then', async () => {
  await run(turnover())
  for (let n = 0; n < 30; n++) await log.append(`ord_${n % 7}`, [placed(n)])
  await caughtUp()
  const live = await log.db.transaction(tx => checksum(tx, turnover()))
  const progress: [number, number][] = []
  const seen: number[] = []
  let rebuilding = true
  const watching = (async () => {
    while (rebuilding) {
      seen.push((await totals()).orders)
      await sleep(1)
    }
  })()
  const rebuilt = await rebuildProjection(log.db, turnover(), (done, total) => progress.push([done, total]))
  rebuilding = false
  await watching
  expect(rebuilt).toEqual({ events: 30, parked: 0, position: 30, identical: true })
  expect(await log.db.transaction(tx => checksum(tx, turnover()))).toBe(live)
  expect(progress.at(-1)).toEqual([30, 30])
  expect(new Set(seen)).toEqual(new Set([30]))
  await log.append('ord_1', [placed(5)])
  await caughtUp()
  expect((await totals()).orders).toBe(31)
})

test('a rebuild finds and repairs rows that are wrong, and one that dies changes nothing', async () => {
  await run(turnover())
  for (let n = 0; n < 30; n++) await log.append(`ord_${n % 7}`, [placed(n)])
  await caughtUp()
  await log.admin.query(`update public.turnover set total = 0 where ref = 'ord_1'`)
  const wrong = await totals()
  const dying = rebuildProjection(log.db, turnover(), () => {
    throw new Error('killed')
  })
  await expect(dying).rejects.toThrow('killed')
  expect(await totals()).toEqual(wrong)
  expect(await rebuildProjection(log.db, turnover())).toMatchObject({ identical: false })
  expect(await totals()).toEqual({ total: 435, orders: 30 })
})

test('a rebuild parks what it cannot take in, and keeps the rest', async () => {
  for (let n = 0; n < 10; n++) await log.append(`ord_${n}`, [placed(n)])
  await log.sealed()
  expect(await rebuildProjection(log.db, turnover(4))).toMatchObject({ events: 10, parked: 1 })
  expect(await totals()).toEqual({ total: 41, orders: 9 })
})
