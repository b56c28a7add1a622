import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import {
  deadLetters,
  type Reaction,
  type ReactionRunner,
  reaction,
  retryJob,
  runReactions,
} from '#shared/reaction.js'
import { ROOT } from '#shared/root.js'
import { placed, sleep, TestLog, until } from './log-kit.js'

let log: TestLog
let now: Date
beforeEach(async () => {
  now = new Date('2026-03-01T12:00:00Z')
  log = await TestLog.open('reaction')
  await log.admin.query('create table public.effect (event_id bigint not null, note text)')
  await log.admin.query('grant select, insert on public.effect to opsgraph_app')
  log.startSealer()
})
afterEach(() => log.close())

const run = async (...reactions: Reaction<string>[]): Promise<ReactionRunner> =>
  log.closes(
    await runReactions({
      services: log.services(() => now),
      reactions,
      act: 'the kernel',
    }),
  )

const effects = async (): Promise<number[]> =>
  (await log.db.query('select event_id::int as id from public.effect order by 1')).map(
    ({ id }: { id: number }) => id,
  )

const noting = (more: Partial<Reaction<string>> = {}) =>
  reaction<string>({
    name: 'noting',
    on: ['OrderPlaced'],
    async run({ tx, event, act }) {
      await tx.query('insert into public.effect values ($1, $2)', [event.id, act])
    },
    ...more,
  })

const jobs = () =>
  log.db.query('select reaction, state, attempts, last_error, due_at from log.reaction_job order by id')

test('reacts to the past and to what comes, to its types alone, with what it was given', async () => {
  const [first] = await log.append('ord_1', [placed(), { type: 'Other', data: {} }])
  const runner = await run(noting())
  await runner.settled()
  const [second] = await log.append('ord_2', [placed()])
  await until(async () => (await effects()).length === 2)
  expect(await effects()).toEqual([first!.id, second!.id])
  expect(await log.db.query('select distinct note from public.effect')).toEqual([{ note: 'the kernel' }])
})

test('one added later may leave the past alone; another one added later catches up by itself', async () => {
  await log.append('ord_1', [placed()])
  const first = await run(noting())
  await first.settled()
  await first.stop()
  const other = noting({ name: 'other' })
  const only = noting({ name: 'from now', since: 'NOW' })
  const runner = await run(noting(), other, only)
  await log.append('ord_1', [placed()])
  await runner.settled()
  const counts = await log.db.query(
    'select reaction, count(*)::int as jobs from log.reaction_job group by 1 order by 1',
  )
  expect(counts).toEqual([
    { reaction: 'from now', jobs: 1 },
    { reaction: 'noting', jobs: 2 },
    { reaction: 'other', jobs: 2 },
  ])
})

test('waits until it is due', async () => {
  const inTwoDays = noting({ when: ({ occurredAt }) => new Date(occurredAt.getTime() + 48 * 3_600_000) })
  const runner = await run(inTwoDays)
  await log.append('ord_1', [placed()])
  await runner.settled()
  expect(await effects()).toEqual([])
  now = new Date('2026-03-03T12:00:00Z')
  await runner.settled()
  expect(await effects()).toEqual([])
  now = new Date('2026-03-03T12:00:01Z')
  await runner.settled()
  expect(await effects()).toHaveLength(1)
})

test('a failure undoes the effect, waits longer each time, and after ten attempts asks for a person', async () => {
  let broken = true
  const failing = noting({
    async run({ tx, event }) {
      await tx.query('insert into public.effect values ($1)', [event.id])
      if (broken) throw new Error('provider is down')
    },
  })
  const runner = await run(failing)
  await log.append('ord_1', [placed()])
  await runner.settled()
  const waits: number[] = []
  for (let attempt = 1; attempt < 10; attempt++) {
    const [job] = await jobs()
    expect(job).toMatchObject({ state: 'PENDING', attempts: attempt, last_error: 'Error: provider is down' })
    waits.push((job.due_at.getTime() - now.getTime()) / 1000)
    now = job.due_at
    await runner.settled()
  }
  expect(waits).toEqual([5, 30, 120, 600, 1_800, 3_600, 10_800, 28_800, 86_400])
  expect(await effects()).toEqual([])
  const [dead] = await deadLetters(log.db)
  expect(dead).toMatchObject({
    reaction: 'noting',
    attempts: 10,
    lastError: 'Error: provider is down',
    endedAt: now,
  })

  broken = false
  expect(await retryJob(log.db, dead!.id, now)).toBe(true)
  expect(await retryJob(log.db, dead!.id, now)).toBe(false)
  await runner.settled()
  expect(await effects()).toEqual([dead!.eventId])
  expect(await deadLetters(log.db)).toEqual([])
})

test('one that fails, or cannot say when it is due, holds up no other', async () => {
  const runner = await run(
    noting(),
    noting({
      name: 'failing',
      run: async () => {
        throw new Error('no')
      },
    }),
    noting({
      name: 'timeless',
      when: () => {
        throw new Error('when?')
      },
    }),
  )
  for (let n = 0; n < 5; n++) await log.append(`ord_${n}`, [placed()])
  await runner.settled()
  expect(await effects()).toHaveLength(5)
  expect((await deadLetters(log.db)).map(({ reaction: name, lastError }) => [name, lastError])).toEqual(
    Array(5).fill(['timeless', 'Error: when?']),
  )
})

test('replaying everything repeats no effect', async () => {
  const runner = await run(noting())
  for (let n = 0; n < 5; n++) await log.append(`ord_${n}`, [placed()])
  await runner.settled()
  await log.admin.query('update log.consumer set position = 0')
  await runner.settled()
  expect(await effects()).toHaveLength(5)
})

test('several processes, killed again and again: each event has exactly one effect', async () => {
  const worker = async (): Promise<ChildProcess> => {
    const child = fork(join(ROOT, 'dist/test/shared/log-worker.js'), [log.url], {
      execArgv: [],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    await once(child, 'message')
    return child
  }
  const kill = async (child: ChildProcess) => {
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }
  let writing = true
  let written = 0
  const writer = (async () => {
    for (; writing; written += 2) {
      await log.append(`ord_${written % 7}`, [placed(), placed()])
      await sleep(25)
    }
  })()
  for (let round = 0; round < 8; round++) {
    const children = await Promise.all([worker(), worker()])
    await sleep(50 + Math.random() * 150)
    await Promise.all(children.map(kill))
  }
  writing = false
  await writer
  const last = await worker()
  await until(async () => {
    const [row] = await log.db.query(
      `select count(*)::int as done from log.reaction_job where state = 'DONE'`,
    )
    return row.done === written
  })
  await kill(last)
  const happened = await effects()
  expect(happened).toHaveLength(written)
  expect(new Set(happened).size).toBe(written)
  const [row] = await log.db.query(
    `select count(*)::int as events, count(distinct causation_id)::int as causes from log.event where type = 'EffectDone'`,
  )
  expect(row).toEqual({ events: written, causes: written })
})

test('what needs no reaction at all makes no job, and a deadline may be read from the database', async () => {
  const runner = await run(
    noting({
      when: async ({ stream }, db) => {
        const [row] = await db.query('select 2 as hours')
        return stream.id === 'ord_1' ? null : new Date(now.getTime() + row.hours * 3_600_000)
      },
    }),
  )
  await log.append('ord_1', [placed()])
  await log.append('ord_2', [placed()])
  await runner.settled()
  expect(await jobs()).toMatchObject([{ state: 'PENDING', due_at: new Date('2026-03-01T14:00:00Z') }])
})

test('a deadline that moved is looked at again', async () => {
  const again = new Date('2026-03-04T12:00:00Z')
  const moved = noting({
    async run({ tx, event, now: at }) {
      if (at < again) return { again }
      await tx.query('insert into public.effect values ($1)', [event.id])
      return
    },
  })
  const runner = await run(moved)
  await log.append('ord_1', [placed()])
  await runner.settled()
  expect(await jobs()).toMatchObject([{ state: 'PENDING', attempts: 0, due_at: again }])
  now = again
  await runner.settled()
  expect(await effects()).toHaveLength(1)
})

describe('calls to the outside', () => {
  test('happen before the effect, without a transaction, and pass their answer on', async () => {
    const calling = noting({
      call: async ({ attempt, db, event }) => {
        const [row] = await db.query('select count(*)::int as n from public.effect')
        return `${attempt}:${event.stream.id}:${row.n}`
      },
      async run({ tx, event, answer }) {
        await tx.query('insert into public.effect values ($1, $2)', [event.id, answer])
      },
    })
    const runner = await run(calling)
    await log.append('ord_1', [placed()])
    await runner.settled()
    expect(await log.db.query('select note from public.effect')).toEqual([{ note: '1:ord_1:0' }])
  })

  test('one that fails is made again later; one that hangs keeps nobody else waiting', async () => {
    let attempts = 0
    const hanging = noting({ name: 'hanging', call: () => new Promise(() => {}) })
    const failing = noting({
      name: 'failing',
      call: async () => {
        attempts++
        throw Object.assign(new Error('provider is down'), { code: 'ECONNRESET' })
      },
    })
    await run(noting(), hanging, failing)
    await log.append('ord_1', [placed()])
    await until(async () => (await effects()).length === 1 && attempts === 1)
    const held = (await jobs()).find(({ reaction: name }: { reaction: string }) => name === 'hanging')
    expect(held).toMatchObject({ state: 'PENDING', attempts: 0, due_at: new Date('2026-03-01T12:00:20Z') })
    const failed = (await jobs()).find(({ reaction: name }: { reaction: string }) => name === 'failing')
    expect(failed).toMatchObject({ state: 'PENDING', attempts: 1, due_at: new Date('2026-03-01T12:00:05Z') })
  })

  test('a call whose process died is made again when its lease is over, and its effect happens once', async () => {
    let calls = 0
    let release = () => {}
    const slow = noting({
      call: () => {
        calls++
        return calls === 1 ? new Promise<void>(resolve => (release = resolve)) : Promise.resolve()
      },
    })
    await run(slow)
    await log.append('ord_1', [placed()])
    await until(async () => calls === 1)
    now = new Date('2026-03-01T12:00:21Z')
    await until(async () => (await effects()).length === 1)
    release()
    await sleep(200)
    expect({ calls, effects: (await effects()).length }).toEqual({ calls: 2, effects: 1 })
  })
})
