import type { DataSource, EntityManager } from 'typeorm'
import { advance, claim, type Follower, follow, register } from '#shared/consumer.js'
import { isStorageError } from '#shared/database.js'
import type { StoredEvent } from '#shared/event.js'
import type { Queryable } from '#shared/event-row.js'
import { VersionConflict } from '#shared/event-store.js'
import type { Logger } from '#shared/log.js'
import { readPage, sealedHead } from '#shared/sealed-log.js'
import type { Services } from '#shared/services.js'
import { Wake } from '#shared/session.js'

/** What a reaction has at hand. `A`: what `runReactions` was given to act with; `R`: what its call answers. */
export interface Reacting<A, R = unknown> {
  event: StoredEvent
  /** Everything done through it happens together with the job's completion, or not at all. */
  tx: EntityManager
  act: A
  services: Services
  now: Date
  /** What `call` brought back; undefined without one. */
  answer: R
}

/** What a call to the outside has at hand. */
export interface Calling {
  event: StoredEvent
  /** Reads only: nothing that is written here belongs to the job. */
  db: EntityManager
  services: Services
  now: Date
  /** 1 the first time; more after failures. A crash in between does not count. */
  attempt: number
  /** Ends the call when its time is over. */
  signal: AbortSignal
}

/** Instead of done: look at it again then. */
export interface Again {
  again: Date
}

/** "When X, then Y": once for each event, however often a process dies in between (R13). */
export interface Reaction<A = unknown, R = unknown> {
  name: string
  /** Event types. */
  on: readonly string[]
  /**
   * When it is due; at once when left out, never when it answers null. A deadline looks again in `run` whether it still applies, and
   * answers `{ again }` when it moved.
   */
  when?(event: StoredEvent, db: EntityManager): Date | null | Promise<Date | null>
  /**
   * Asks somebody outside of the database (a payment provider, a carrier), without a transaction, before `run`. After a crash or a
   * failure it is called again: what it does has to be idempotent by a key that follows from the event. At most `CALL_LIMIT` ms.
   */
  call?(calling: Calling): Promise<R>
  // biome-ignore lint/suspicious/noConfusingVoidType: most reactions simply end
  run(reacting: Reacting<A, R>): Promise<Again | void>
  /**
   * From which event on, when it is new to this database: `START` (default) also takes what happened before, `NOW` only what comes. For a
   * reaction added later that would otherwise write mail about the past.
   */
  since?: 'START' | 'NOW'
}

export const reaction = <A = unknown, R = unknown>(definition: Reaction<A, R>): Reaction<A, R> => definition

/** A job given up on, for somebody to look at. */
export interface DeadLetter {
  id: number
  reaction: string
  eventId: number
  attempts: number
  lastError: string | null
  /** When it was given up. */
  endedAt: Date
}

export interface ReactionOptions<A> {
  services: Services
  reactions: readonly Reaction<A>[]
  /** Handed to every `run`. */
  act: A
  /** Jobs at a time in this process, and as many of each kind that calls the outside; each holds a connection while it runs. */
  workers?: number
}

export interface ReactionRunner extends Follower {
  /** Answers when every sealed event was looked at and nothing is due. */
  settled(): Promise<void>
  /** Looks for due jobs now, e.g. because a test moved the clock. */
  poke(): void
}

/** Waits before the next attempt, seconds: 5 s, 30 s, 2 min, 10 min, 30 min, 1 h, 3 h, 8 h, 24 h. After the tenth attempt: DEAD. */
const BACK_OFF = [5, 30, 120, 600, 1_800, 3_600, 10_800, 28_800, 86_400]
/** Jobs come due by themselves, so one looks this often, ms. */
const POLL = 1_000
/** Events turned into jobs by one transaction. */
const PAGE = 1_000
/** So often a job is run again at once when an action of somebody else came in between. */
const CONFLICTS = 5
/** A call that takes longer has failed, ms. */
const CALL_LIMIT = 15_000
/** For so long a job whose call is under way belongs to one process; when that dies, another takes it afterwards, ms. */
const LEASE = 20_000

const consumerOf = ({ name }: { name: string }): string => `reaction/${name}`

/**
 * Follows the sealed log and turns matching events into jobs, then runs what is due. A job is unique for its reaction and event, and its
 * effect commits with its completion: replaying or rebuilding anything never repeats an effect. `run` must keep to `tx`; what
 * leaves the database (mail, webhooks) is written down there and sent by somebody else.
 */
export async function runReactions<A>(options: ReactionOptions<A>): Promise<ReactionRunner> {
  const { services, reactions } = options
  const { db, feed, log, clock } = services
  for (const since of ['START', 'NOW'] as const)
    await register(db, reactions.filter(one => (one.since ?? 'START') === since).map(consumerOf), since)
  // A provider that is slow must not keep deadlines and workflows waiting, nor another provider: each call has workers of its own.
  const calling = reactions.filter(one => one.call)
  const kinds = [reactions.filter(one => !one.call), ...calling.map(one => [one])]
  const workers = kinds.flatMap(kind =>
    Array.from(
      { length: kind.length ? (options.workers ?? 2) : 0 },
      () => new Worker({ ...options, reactions: kind }),
    ),
  )
  const poke = () => {
    for (const worker of workers) worker.poke()
  }
  const scheduler = new Scheduler(db, reactions, log, clock, poke)
  const follower = reactions.length ? follow(feed, log, 'reactions', () => scheduler.pass()) : null
  return {
    poke,
    settled: () => settled(db, reactions, clock, poke, () => workers.some(worker => worker.isCalling)),
    async stop() {
      await Promise.all([follower?.stop(), ...workers.map(worker => worker.stop())])
    },
  }
}

/** Turns events into jobs. */
class Scheduler {
  private readonly names: string[]

  constructor(
    private readonly db: DataSource,
    private readonly reactions: readonly Reaction<never>[],
    private readonly log: Logger,
    private readonly clock: () => Date,
    private readonly onJobs: () => void,
  ) {
    this.names = reactions.map(consumerOf)
  }

  async pass(): Promise<{ more: boolean }> {
    const { jobs, more } = await this.db.transaction(tx => this.takePage(tx))
    if (jobs) this.onJobs()
    return { more }
  }

  private async takePage(tx: EntityManager): Promise<{ jobs: number; more: boolean }> {
    const positions = await claim(tx, this.names)
    const head = await sealedHead(tx)
    // Usually all stand at one place. One that is new, or was held elsewhere, catches up first, on its own.
    const after = Math.min(...positions.values())
    if (after >= head || !positions.size) return { jobs: 0, more: false }
    const behind = this.reactions.filter(one => positions.get(consumerOf(one)) === after)
    const next = Math.min(head, ...[...positions.values()].filter(position => position > after))
    const types = [...new Set(behind.flatMap(({ on }) => on))]
    const page = await readPage(tx, { after, upTo: next, limit: PAGE, types })
    const jobs: Job[] = []
    for (const event of page.events)
      for (const one of behind.filter(({ on }) => on.includes(event.type))) {
        const job = await this.job(tx, one, event)
        if (job) jobs.push(job)
      }
    if (jobs.length) await insertJobs(tx, jobs)
    await advance(tx, behind.map(consumerOf), page.next)
    return { jobs: jobs.length, more: page.next < head }
  }

  /** In the order of what happened; a writer whose clock is ahead of ours does not make us wait. */
  private atOnce({ occurredAt }: StoredEvent): Date {
    const now = this.clock()
    return occurredAt < now ? occurredAt : now
  }

  /** A reaction that cannot say when it is due must not hold up the others: its job is born dead. */
  private async job(tx: EntityManager, one: Reaction<never>, event: StoredEvent): Promise<Job | null> {
    const job = { reaction: one.name, eventId: event.id, state: 'PENDING', lastError: null }
    try {
      const dueAt = one.when ? await dueOf(one, event, tx) : this.atOnce(event)
      return dueAt && { ...job, dueAt }
    } catch (error) {
      if (isStorageError(error)) throw error
      this.log.error({ err: error, eventId: event.id }, `reaction ${one.name} cannot say when it is due`)
      return { ...job, dueAt: this.clock(), state: 'DEAD', lastError: String(error) }
    }
  }
}

/** One that reads does so in a savepoint of its own: a statement that fails must not take the other jobs of the page with it. */
async function dueOf({ when }: Reaction<never>, event: StoredEvent, tx: EntityManager): Promise<Date | null> {
  const ask = async (db: EntityManager) => (await when?.(event, db)) ?? null
  return when && when.length > 1 ? tx.transaction(ask) : ask(tx)
}

interface Job {
  reaction: string
  eventId: number
  dueAt: Date
  state: string
  lastError: string | null
}

async function insertJobs(tx: EntityManager, jobs: readonly Job[]): Promise<void> {
  await tx.query(
    `insert into log.reaction_job (reaction, event_id, due_at, state, last_error, ended_at)
     select reaction, event_id, due_at, state, last_error, case state when 'DEAD' then due_at end
     from unnest($1::text[], $2::bigint[], $3::timestamptz[], $4::text[], $5::text[])
       j(reaction, event_id, due_at, state, last_error)
     on conflict (reaction, event_id) do nothing`,
    [
      jobs.map(({ reaction }) => reaction),
      jobs.map(({ eventId }) => eventId),
      jobs.map(({ dueAt }) => dueAt),
      jobs.map(({ state }) => state),
      jobs.map(({ lastError }) => lastError),
    ],
  )
}

interface Claimed {
  id: string
  reaction: string
  event_id: string
  attempts: number
}

/** A claimed job that did not come to its end, and why. */
class JobFailed extends Error {
  constructor(
    readonly job: Claimed,
    override readonly cause: unknown,
    /** It was the outside that failed: its broken connections are none of the database's. */
    readonly isOutside = false,
  ) {
    super(String(cause))
  }
}

/** Runs jobs that are due, one after the other. */
class Worker<A> {
  /** Its job is leased, and so not due for anybody. */
  isCalling = false
  private stopped = false
  private readonly ending = new AbortController()
  private readonly wake = new Wake()
  private readonly services: Services
  private readonly reactions: Map<string, Reaction<A>>
  private readonly calls: boolean
  private readonly ended: Promise<void>

  constructor(private readonly options: ReactionOptions<A>) {
    this.services = options.services
    this.reactions = new Map(options.reactions.map(one => [one.name, one]))
    this.calls = options.reactions.some(one => one.call)
    this.ended = this.loop()
  }

  poke(): void {
    this.wake.poke()
  }

  async stop(): Promise<void> {
    this.stopped = true
    this.ending.abort()
    this.wake.poke()
    await this.ended
  }

  private async loop(): Promise<void> {
    while (!this.stopped) {
      try {
        if (await this.next()) continue
      } catch (error) {
        if (!this.stopped)
          this.services.log.error({ err: error }, 'a reaction could not be looked at, trying again')
      }
      await this.wake.wait(POLL)
    }
  }

  /** The job due longest; false when none is due. */
  private async next(): Promise<boolean> {
    const { db, store, log } = this.services
    try {
      const job = await (this.calls ? this.callNext() : this.runNext())
      if (job) store.poke(db)
      return job !== undefined
    } catch (error) {
      if (!(error instanceof JobFailed)) throw error
      const { job, cause, isOutside } = error
      if (!isOutside && isStorageError(cause)) throw cause
      // Cut short by our own end: its lease runs out, and it is called again.
      if (this.calls && this.stopped) return false
      log.warn({ err: cause, eventId: Number(job.event_id) }, `reaction ${job.reaction} failed`)
      await this.failed(job, cause)
      return true
    }
  }

  /** Claims and runs in one transaction: the row stays locked until it ends, so if the process dies, at once another takes it. */
  private async runNext(conflicts = 0): Promise<Claimed | undefined> {
    let job: Claimed | undefined
    try {
      return await this.services.db.transaction(async tx => {
        job = await this.claim(tx)
        if (job) await this.run(tx, job, await this.eventOf(tx, job), undefined)
        return job
      })
    } catch (error) {
      if (error instanceof VersionConflict && conflicts < CONFLICTS) return this.runNext(conflicts + 1)
      throw job ? new JobFailed(job, error) : error
    }
  }

  /** Claims for the length of a lease, calls without a transaction, then runs. */
  private async callNext(): Promise<Claimed | undefined> {
    const { db, clock } = this.services
    const job = await db.transaction(async tx => {
      const claimed = await this.claim(tx)
      const leased = new Date(clock().getTime() + LEASE)
      if (claimed)
        await tx.query('update log.reaction_job set due_at = $2 where id = $1', [claimed.id, leased])
      return claimed
    })
    if (!job) return undefined
    this.isCalling = true
    try {
      const event = await this.eventOf(db.manager, job)
      const answer = await this.call(job, event)
      await this.finish(job, event, answer)
      return job
    } catch (error) {
      throw error instanceof JobFailed ? error : new JobFailed(job, error)
    } finally {
      this.isCalling = false
    }
  }

  private async call(job: Claimed, event: StoredEvent): Promise<unknown> {
    const { services } = this
    const { db, clock } = services
    const signal = AbortSignal.any([AbortSignal.timeout(CALL_LIMIT), this.ending.signal])
    const tooLong = new Promise<never>((_, reject) =>
      signal.addEventListener('abort', () => reject(new Error(`no answer within ${CALL_LIMIT / 1000} s`))),
    )
    const calling = { event, db: db.manager, services, now: clock(), attempt: job.attempts + 1, signal }
    try {
      return await Promise.race([this.reactions.get(job.reaction)!.call!(calling), tooLong])
    } catch (error) {
      throw new JobFailed(job, error, true)
    }
  }

  /** What came of a call is written down once: if the lease ran out and another process was quicker, not by us. */
  private async finish(job: Claimed, event: StoredEvent, answer: unknown, conflicts = 0): Promise<void> {
    try {
      await this.services.db.transaction(async tx => {
        const [mine] = await tx.query(
          `select id from log.reaction_job where id = $1 and state = 'PENDING' and attempts = $2 for update`,
          [job.id, job.attempts],
        )
        if (mine) await this.run(tx, job, event, answer)
      })
    } catch (error) {
      if (!(error instanceof VersionConflict) || conflicts >= CONFLICTS) throw error
      await this.finish(job, event, answer, conflicts + 1)
    }
  }

  private async claim(tx: EntityManager): Promise<Claimed | undefined> {
    const [job] = await tx.query(
      `select id, reaction, event_id, attempts from log.reaction_job
       where state = 'PENDING' and due_at <= $1 and reaction = any($2) order by due_at limit 1 for update skip locked`,
      [this.services.clock(), [...this.reactions.keys()]],
    )
    return job
  }

  private async eventOf(db: EntityManager, job: Claimed): Promise<StoredEvent> {
    const [event] = await this.services.store.byIds(db, [Number(job.event_id)])
    if (!event) throw new Error(`event ${job.event_id} is not in the log`)
    return event
  }

  private async run(tx: EntityManager, job: Claimed, event: StoredEvent, answer: unknown): Promise<void> {
    const { services } = this
    const { act } = this.options
    const now = services.clock()
    const outcome = await this.reactions.get(job.reaction)!.run({ event, tx, act, services, now, answer })
    await tx.query(
      outcome
        ? `update log.reaction_job set attempts = 0, due_at = $2 where id = $1`
        : `update log.reaction_job set state = 'DONE', attempts = attempts + 1, ended_at = $2 where id = $1`,
      [job.id, outcome ? outcome.again : services.clock()],
    )
  }

  /** The effect is undone; only the failure is written down. */
  private async failed(job: Claimed, error: unknown): Promise<void> {
    const now = this.services.clock()
    const wait = BACK_OFF[job.attempts]
    const dueAt = new Date(now.getTime() + (wait ?? 0) * 1000)
    await this.services.db.query(
      `update log.reaction_job set attempts = attempts + 1, last_error = $3, due_at = $4, state = $5, ended_at = $6
       where id = $1 and attempts = $2 and state = 'PENDING'`,
      [job.id, job.attempts, String(error), dueAt, wait ? 'PENDING' : 'DEAD', wait ? null : now],
    )
  }
}

/** Jobs that failed for good, oldest first. */
export async function deadLetters(db: Queryable): Promise<DeadLetter[]> {
  const rows = await db.query(
    `select id, reaction, event_id, attempts, last_error, ended_at from log.reaction_job where state = 'DEAD' order by id`,
  )
  return rows.map((row: Record<string, unknown>) => ({
    id: Number(row.id),
    reaction: row.reaction,
    eventId: Number(row.event_id),
    attempts: row.attempts,
    lastError: row.last_error,
    endedAt: row.ended_at,
  }))
}

/** Gives a dead job all its attempts again, from now on (E3). False when there is no dead job with this id. */
export async function retryJob(db: Queryable, id: number, now = new Date()): Promise<boolean> {
  const [revived] = await db.query(
    `with revived as (
       update log.reaction_job set state = 'PENDING', attempts = 0, due_at = $2, ended_at = null
       where id = $1 and state = 'DEAD' returning id)
     select id from revived`,
    [id, now],
  )
  return revived !== undefined
}

/** Has all jobs of a reaction that wait for their time look again then, e.g. because the rule changed that their deadline follows from. */
export async function lookAgain(db: Queryable, reaction: string, at: Date): Promise<void> {
  await db.query(
    `update log.reaction_job set due_at = $2 where reaction = $1 and state = 'PENDING' and attempts = 0 and due_at > $2`,
    [reaction, at],
  )
}

async function settled(
  db: DataSource,
  reactions: readonly { name: string }[],
  clock: () => Date,
  poke: () => void,
  isCalling: () => boolean,
): Promise<void> {
  for (;;) {
    const [{ busy }] = await db.query(
      `select exists (select from log.event_unsealed)
         or exists (select from log.consumer where name = any($1)
           and position < (select coalesce(max(pos), 0) from log.event_pos))
         or exists (select from log.reaction_job where state = 'PENDING' and due_at <= $2 and reaction = any($3)) as busy`,
      [reactions.map(consumerOf), clock(), reactions.map(({ name }) => name)],
    )
    if (!busy && !isCalling()) return
    poke()
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}
