import type { DataSource, EntityManager } from 'typeorm'
import { advance, claim, type Follower, follow, register } from '#shared/consumer.js'
import { isStorageError } from '#shared/database.js'
import type { StoredEvent } from '#shared/event.js'
import type { Feed } from '#shared/feed.js'
import type { Logger } from '#shared/log.js'
import { readPage, sealedHead } from '#shared/sealed-log.js'

/** Takes one event in. Writes through `tx` and nowhere else: it has no effect but rows. */
export type ProjectionHandler = (tx: EntityManager, event: StoredEvent) => Promise<void>

/** A read model over many streams: rows that follow from the log, and could be thrown away and made again. */
export interface Projection {
  name: string
  /** What each event type changes; the others are passed over. */
  on: Readonly<Record<string, ProjectionHandler>>
  /** The tables it alone writes, with their schema: what a rebuild empties and compares. */
  tables?: readonly string[]
}

export const projection = (definition: Projection): Projection => definition

/** Events taken in by one transaction. */
const PAGE = 500
/** So often an event that cannot be taken in is tried before it is parked. */
const TRIES = 3

export interface ProjectionOptions {
  db: DataSource
  feed: Feed
  projections: readonly Projection[]
  log: Logger
}

/**
 * Keeps read models up to date: each advances with its position in one transaction, in one process at a time, in the log's order. An
 * event that fails again and again is parked (`consumerLag` counts them, the log cries) and the others go on (R15).
 */
export async function runProjections({ db, feed, projections, log }: ProjectionOptions): Promise<Follower> {
  await register(
    db,
    projections.map(({ name }) => name),
    'START',
  )
  const followers = projections.map(one => {
    const runner = new Runner(db, one, log)
    return follow(feed, log, `projection ${one.name}`, () => runner.pass())
  })
  return {
    async stop() {
      await Promise.all(followers.map(follower => follower.stop()))
    },
  }
}

class Runner {
  private readonly types: string[]
  /** After a failure events go one by one, until the one that fails is found and past. */
  private careful = 0
  private readonly failures = new Map<number, number>()

  constructor(
    private readonly db: DataSource,
    private readonly projection: Projection,
    private readonly log: Logger,
  ) {
    this.types = Object.keys(projection.on)
  }

  async pass(): Promise<{ more: boolean }> {
    let current: StoredEvent | null = null
    try {
      const more = await this.db.transaction(tx =>
        this.takePage(tx, event => {
          current = event
        }),
      )
      if (this.careful > 0) this.careful--
      return { more }
    } catch (error) {
      if (!current || isStorageError(error)) throw error
      return this.failed(current, error)
    }
  }

  private async takePage(tx: EntityManager, at: (event: StoredEvent) => void): Promise<boolean> {
    const { name, on } = this.projection
    const position = (await claim(tx, [name])).get(name)
    if (position === undefined) return false
    const head = await sealedHead(tx)
    if (position >= head) return false
    const limit = this.careful ? 1 : PAGE
    const page = await readPage(tx, { after: position, upTo: head, limit, types: this.types })
    for (const event of page.events) {
      at(event)
      await on[event.type]!(tx, event)
    }
    await advance(tx, [name], page.next)
    return page.next < head
  }

  /** The transaction is undone. First finds the culprit, then gives it a few more tries, then leaves it out. */
  private async failed(event: StoredEvent, error: unknown): Promise<{ more: boolean }> {
    if (!this.careful) {
      this.careful = PAGE
      return { more: true }
    }
    const failures = (this.failures.get(event.id) ?? 0) + 1
    if (failures < TRIES) {
      this.failures.set(event.id, failures)
      throw error
    }
    await this.park(event, error)
    this.failures.delete(event.id)
    return { more: true }
  }

  private async park(event: StoredEvent, error: unknown): Promise<void> {
    const { name } = this.projection
    await this.db.transaction(async tx => {
      const position = (await claim(tx, [name])).get(name)
      if (position === undefined || position >= event.position!) return
      await park(tx, name, event, error)
      await advance(tx, [name], event.position!)
    })
    this.log.error({ err: error, eventId: event.id, type: event.type }, `projection ${name} parked an event`)
  }
}

async function park(tx: EntityManager, name: string, event: StoredEvent, error: unknown): Promise<void> {
  await tx.query(
    `insert into log.consumer_parked (consumer, event_id, error) values ($1, $2, $3)
     on conflict (consumer, event_id) do update set error = excluded.error, parked_at = now()`,
    [name, event.id, String(error)],
  )
}

export interface Rebuilt {
  /** Events taken in. */
  events: number
  position: number
  /** Events that could not be taken in. */
  parked: number
  /** Whether the rows made anew equal those there were, row for row. */
  identical: boolean
}

/** How often a rebuild asks whether the runner lets go of the projection, and for how long, ms. */
const CLAIM_EVERY = 50
const CLAIM_FOR = 30_000

/**
 * Makes a read model anew from the whole log, in ONE transaction: readers see the old rows until it is done, then the new ones; if the
 * process dies, nothing has happened (R15). The live projection waits meanwhile. Replays no effect: handlers only write rows.
 */
export async function rebuildProjection(
  db: DataSource,
  one: Projection,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<Rebuilt> {
  await register(db, [one.name], 'START')
  return db.transaction(async tx => {
    const position = await claimPatiently(tx, one.name)
    const head = await sealedHead(tx)
    await replay(tx, one, position, head, () => {})
    const before = await checksum(tx, one)
    for (const table of one.tables ?? []) await empty(tx, table)
    await tx.query('delete from log.consumer_parked where consumer = $1', [one.name])
    const { events, parked } = await replay(tx, one, 0, head, onProgress)
    await advance(tx, [one.name], head)
    return { events, parked, position: head, identical: (await checksum(tx, one)) === before }
  })
}

/** Sums over the rows of a read model that do not depend on their order: equal for equal rows. */
export async function checksum(tx: EntityManager, one: Projection): Promise<string> {
  const sums: string[] = []
  for (const table of one.tables ?? []) sums.push(`${table} ${await tableSum(tx, table)}`)
  return sums.join('\n')
}

async function tableSum(tx: EntityManager, table: string): Promise<string> {
  let rows = 0n
  let sum = 0n
  for await (const [from, to] of blocks(tx, table)) {
    const [part] = await tx.query(
      `select count(*) as rows, coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text as sum
       from ${table} t where t.ctid >= $1::tid and t.ctid < $2::tid`,
      [from, to],
    )
    rows += BigInt(part.rows)
    sum += BigInt(part.sum)
  }
  return `${rows} ${sum}`
}

/** Pages of a table looked at by one statement: few enough to end before any timeout. */
const BLOCKS = 1_000

async function* blocks(tx: EntityManager, table: string): AsyncGenerator<[string, string]> {
  const [row] = await tx.query(
    `select (pg_relation_size($1::regclass) / current_setting('block_size')::int)::int as blocks`,
    [table],
  )
  for (let from = 0; from < row.blocks; from += BLOCKS) yield [`(${from},0)`, `(${from + BLOCKS},0)`]
}

/** DELETE in pieces, not TRUNCATE: that would keep readers out until the end. */
async function empty(tx: EntityManager, table: string): Promise<void> {
  for await (const [from, to] of blocks(tx, table))
    await tx.query(`delete from ${table} t where t.ctid >= $1::tid and t.ctid < $2::tid`, [from, to])
}

async function claimPatiently(tx: EntityManager, name: string): Promise<number> {
  for (const until = Date.now() + CLAIM_FOR; ; ) {
    const position = (await claim(tx, [name])).get(name)
    if (position !== undefined) return position
    if (Date.now() > until)
      throw new Error(`projection ${name} is being rebuilt already, or its runner hangs`)
    await new Promise(resolve => setTimeout(resolve, CLAIM_EVERY))
  }
}

async function replay(
  tx: EntityManager,
  one: Projection,
  after: number,
  head: number,
  onProgress: (done: number, total: number) => void,
): Promise<{ events: number; parked: number }> {
  const types = Object.keys(one.on)
  let events = 0
  let parked = 0
  for (let position = after; position < head; ) {
    const page = await readPage(tx, { after: position, upTo: head, limit: PAGE, types })
    parked += await takeIn(tx, one, page.events)
    events += page.events.length
    position = page.next
    onProgress(position, head)
  }
  return { events, parked }
}

/** A page under one savepoint; if an event fails, again with one for each. Answers how many were parked. */
async function takeIn(tx: EntityManager, one: Projection, events: StoredEvent[]): Promise<number> {
  try {
    await tx.transaction(async inner => {
      for (const event of events) await one.on[event.type]!(inner, event)
    })
    return 0
  } catch (error) {
    if (isStorageError(error)) throw error
  }
  let parked = 0
  for (const event of events)
    try {
      await tx.transaction(inner => one.on[event.type]!(inner, event))
    } catch (error) {
      if (isStorageError(error)) throw error
      await park(tx, one.name, event, error)
      parked++
    }
  return parked
}
