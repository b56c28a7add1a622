import { readFile, writeFile } from 'node:fs/promises'
import { META, NOW, orderStream, placed, sleep, TestLog, until } from './log-kit.js'

let log: TestLog
beforeEach(async () => {
  log = await TestLog.open('seal')
})
afterEach(() => log.close())

test('a reader of positions misses nothing and sees every stream in order, whoever commits when', async () => {
  log.startSealer()
  const committed = new Set<number>()
  const end = Date.now() + 3_000
  let writing = true

  const writer = async (n: number) => {
    for (let i = 0; Date.now() < end || committed.size <= 200; i++) {
      const stream = orderStream(`ord_${(n + i) % 8}`)
      const stored = await log.db
        .transaction(async tx => {
          // A third begins, and has its transaction id, long before it writes.
          if (i % 3 === 0) await tx.query('select pg_current_xact_id(), pg_sleep($1)', [Math.random() * 0.01])
          const events = await log.store.append(
            tx,
            [{ stream, expectedVersion: null, events: [placed(i)] }],
            META,
            NOW,
          )
          if (i % 2 === 0) await tx.query('select pg_sleep($1)', [Math.random() * 0.005])
          if (i % 10 === 9) throw new Error('rolled back')
          return events
        })
        .catch(error => {
          if (error.message !== 'rolled back') throw error
          return []
        })
      for (const { id } of stored) committed.add(id)
      if (i % 4 === 0) log.store.poke(log.db)
    }
  }

  const seen: number[] = []
  const versions = new Map<string, number>()
  const reader = async () => {
    for (let position = 0; writing || position < (await log.sealed()); ) {
      for (const event of await log.store.read(log.db, { after: position, limit: 500 })) {
        expect(event.position).toBe(position + 1)
        expect(event.version).toBe((versions.get(event.stream.id) ?? 0) + 1)
        versions.set(event.stream.id, event.version)
        seen.push(event.id)
        position = event.position!
      }
      await sleep(1)
    }
  }

  const reading = reader()
  await Promise.all(Array.from({ length: 24 }, (_, n) => writer(n)))
  writing = false
  await reading
  expect(committed.size).toBeGreaterThan(200)
  expect(seen).toHaveLength(committed.size)
  expect(new Set(seen)).toEqual(committed)
})

test('another process takes over when the sealer is gone, and a lost connection comes back', async () => {
  const first = log.startSealer()
  await log.append('ord_1', [placed()])
  expect(await log.sealed()).toBe(1)
  log.startSealer()
  await first.stop()
  await log.append('ord_1', [placed()])
  expect(await log.sealed()).toBe(2)
  for (let n = 3; n < 6; n++) {
    await log.admin.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'opsgraph sealer' and datname = current_database()`,
    )
    await log.append('ord_1', [placed()])
    expect(await log.sealed()).toBe(n)
  }
  const rows = await log.db.query('select n, first_pos, last_pos from log.checkpoint order by n')
  expect(rows.map((row: { n: string }) => row.n)).toEqual(['1', '2', '3', '4', '5'])
})

test('only one process seals at a time', async () => {
  for (let n = 0; n < 4; n++) log.startSealer()
  for (let n = 0; n < 20; n++)
    await Promise.all(Array.from({ length: 10 }, () => log.append('ord_1', [placed()])))
  expect(await log.sealed()).toBe(200)
  const [row] = await log.admin.query(
    `select count(*)::int as sealers from pg_locks where locktype = 'advisory' and classid = 27183 and granted
     and database = (select oid from pg_database where datname = current_database())`,
  )
  expect(row.sealers).toBe(1)
})

test('a big backlog is sealed in order', async () => {
  const writes = Array.from({ length: 6_000 }, (_, n) => ({
    stream: orderStream(`ord_${n % 50}`),
    expectedVersion: null,
    events: [placed(n)],
  }))
  const stored = await log.db.transaction(tx => log.store.append(tx, writes, META, NOW))
  log.startSealer()
  expect(await log.sealed()).toBe(6_000)
  const read = await log.store.read(log.db, { limit: 10_000 })
  expect(read.map(({ id }) => id)).toEqual(stored.map(({ id }) => id))
  const last = await log.store.read(log.db, { after: 5_990, limit: 5, refs: ['ord_49'] })
  expect(last.map(({ position }) => position)).toEqual([6_000])
})

test('the newest checkpoint is written down outside the database, at most once a second and at the end', async () => {
  await writeFile(log.anchorFile, '{"n":0,"torn')
  const sealer = log.startSealer(log.anchorFile)
  for (let n = 0; n < 20; n++) {
    await log.append('ord_1', [placed()])
    await sleep(10)
  }
  await log.sealed()
  await until(async () => (await readFile(log.anchorFile, 'utf8')).includes('"hash"'))
  await log.append('ord_1', [placed()])
  await log.sealed()
  await sealer.stop()
  const lines = (await readFile(log.anchorFile, 'utf8')).trim().split('\n').slice(1)
  expect(lines.length).toBeLessThan(4)
  const [last] = await log.db.query(
    'select n::int, last_pos::int, hash from log.checkpoint order by n desc limit 1',
  )
  expect(JSON.parse(lines.at(-1)!)).toEqual({
    n: last.n,
    lastPosition: 21,
    hash: last.hash.toString('hex'),
    keyId: 'k1',
    sealedAt: expect.stringMatching(/^20.*Z$/),
  })
})
