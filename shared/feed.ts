import type pg from 'pg'
import type { StoredEvent } from '#shared/event.js'
import type { Queryable } from '#shared/event-row.js'
import { FEED_CHANNEL } from '#shared/event-store.js'
import type { Logger } from '#shared/log.js'
import { type EventFilter, type Page, readPage, sealedHead } from '#shared/sealed-log.js'
import { Session, Wake } from '#shared/session.js'

/** A reader that is behind takes so many events at once; nobody holds more. */
const PAGE = 200
/** So many of the newest events are kept for all readers together, so that ten thousand of them cost one query. */
const WINDOW = 500
/** A notification can be lost with a connection; so one looks anyway, ms. */
const SAFETY = 1_000
/** A reader looks by itself this seldom, ms; the feed wakes it long before. */
const REASSURANCE = 30_000
/** So many times somebody who wants the head waits for a database that is away. */
const PATIENCE = 3

/**
 * The sealed log as it grows: one connection a process, any number of readers, each at a pace of its own. Readers pull by position,
 * so there is no gap, nothing twice, and nothing piles up behind a slow one, also across a reconnect (data 3.3, F14).
 */
export class Feed {
  /** The newest position this process knows of. */
  position = 0
  private window: StoredEvent[] = []
  /** Everything after this position is in the window. */
  private windowStart = 0
  private closed = false
  private client: pg.Client | null = null
  private readonly wake = new Wake()
  private readonly session: Session
  private readonly waiters = new Set<() => void>()
  private readonly readers = new Set<FeedReader>()
  private queue: Promise<unknown> = Promise.resolve()

  constructor({ url, log }: { url: string; log: Logger }) {
    this.session = new Session({
      url,
      role: 'opsgraph_app',
      name: 'feed',
      log,
      wake: () => this.wake.poke(),
      run: (client, stopped) => this.follow(client, stopped),
    })
  }

  /**
   * Sealed events after a position, then new ones as they come, for ever. `return()` ends it at once, also while `next()` is
   * waiting; when the feed is closed the readers end. A database that is away is waited for.
   */
  events(after: number, filter: EventFilter = {}): FeedReader {
    const reader = new FeedReader(this, after, filter, () => this.readers.delete(reader))
    if (this.closed) void reader.return()
    else this.readers.add(reader)
    return reader
  }

  /**
   * The last sealed position, asked of the database: where "from now on" begins. Waits a moment for a database that is away, then
   * throws what counts as a storage error.
   */
  async head(): Promise<number> {
    for (let tries = PATIENCE; tries > 0 && !this.closed; tries--) {
      const head = await this.ask(sealedHead)
      if (head !== undefined) return head
      await this.change(SAFETY)
    }
    throw Object.assign(new Error('the event feed has no connection to the database'), { code: '08006' })
  }

  /** Until there may be something after a position, or `ms` have passed, or it is aborted. */
  async wait(after: number, ms: number, signal?: AbortSignal): Promise<void> {
    if (this.position <= after && !signal?.aborted) await this.change(ms, signal)
  }

  /** Ends all readers and the connection. */
  async close(): Promise<void> {
    this.closed = true
    for (const reader of this.readers) void reader.return()
    this.announce()
    await this.session.stop()
  }

  /** For readers: what lies between `after` and the newest position; null when there is nothing yet or the database is away. */
  async page(after: number, filter: EventFilter): Promise<Page | null> {
    const upTo = this.position
    if (after >= upTo) return null
    if (after >= this.windowStart) {
      // Positions are dense: the first one wanted is found by counting.
      const newer = this.window.slice(after - this.windowStart)
      return { events: newer.filter(event => fits(event, filter)), next: upTo }
    }
    return (await this.ask(db => readPage(db, { after, upTo, limit: PAGE, ...filter }))) ?? null
  }

  private change(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise(resolve => {
      const done = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', done)
        this.waiters.delete(done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      signal?.addEventListener('abort', done)
      this.waiters.add(done)
    })
  }

  private announce(): void {
    for (const resolve of [...this.waiters]) resolve()
    for (const reader of this.readers) reader.wake.poke()
  }

  private async follow(client: pg.Client, stopped: () => boolean): Promise<void> {
    await client.query(`listen ${FEED_CHANNEL}`)
    this.client = client
    try {
      while (!stopped()) {
        await this.refresh(client)
        await this.wake.wait(SAFETY)
      }
    } finally {
      this.client = null
    }
  }

  private async refresh(client: pg.Client): Promise<void> {
    await this.inTurn(async () => {
      const db = queryable(client)
      const head = await sealedHead(db)
      if (head > this.position) await this.advance(db, head)
    })
    this.announce()
  }

  private async advance(db: Queryable, head: number): Promise<void> {
    if (!this.readers.size || head - this.position > WINDOW) {
      this.window = []
      this.windowStart = head
    } else {
      const { events } = await readPage(db, { after: this.position, upTo: head, limit: WINDOW })
      this.window.push(...events)
      const surplus = this.window.length - WINDOW
      if (surplus > 0) this.windowStart = this.window.splice(0, surplus).at(-1)!.position!
    }
    this.position = head
  }

  /** One question to the database at a time; undefined when it is away or the feed is closed. */
  private async ask<T>(question: (db: Queryable) => Promise<T>): Promise<T | undefined> {
    return this.inTurn(async () => {
      const client = this.client
      if (!client || this.closed) return undefined
      // A failure of the connection is the session's to report; whoever asked comes back.
      return question(queryable(client)).catch(() => {
        this.wake.poke()
        return undefined
      })
    })
  }

  private inTurn<T>(task: () => Promise<T>): Promise<T> {
    const turn = this.queue.then(task)
    this.queue = turn.catch(() => {})
    return turn
  }
}

/** One reader of the feed. It holds at most a page, and reads on when that is used up. */
export class FeedReader implements AsyncIterableIterator<StoredEvent> {
  /** The feed says here that there may be something new. */
  readonly wake = new Wake()
  private buffer: StoredEvent[] = []
  private taken = 0
  private done = false
  private turn: Promise<unknown> = Promise.resolve()

  constructor(
    private readonly feed: Feed,
    private position: number,
    private readonly filter: EventFilter,
    private readonly onDone: () => void,
  ) {}

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<IteratorResult<StoredEvent>> {
    const result = this.turn.then(() => this.pull())
    this.turn = result.catch(() => {})
    return result
  }

  async return(): Promise<IteratorResult<StoredEvent>> {
    if (!this.done) {
      this.done = true
      this.buffer = []
      this.onDone()
      this.wake.poke()
    }
    return { done: true, value: undefined }
  }

  private async pull(): Promise<IteratorResult<StoredEvent>> {
    while (!this.done) {
      if (this.taken < this.buffer.length) return { done: false, value: this.buffer[this.taken++]! }
      this.buffer = []
      const page = await this.feed.page(this.position, this.filter)
      if (this.done) break
      if (page) this.accept(page)
      else await this.wake.wait(REASSURANCE)
    }
    return { done: true, value: undefined }
  }

  private accept({ events, next }: Page): void {
    this.buffer = events
    this.taken = 0
    this.position = next
  }
}

const fits = (event: StoredEvent, { types, refs }: EventFilter): boolean =>
  (!types || types.includes(event.type)) && (!refs || event.refs.some(ref => refs.includes(ref)))

const queryable = (client: pg.Client): Queryable => ({
  query: async (text, values) => (await client.query(text, values)).rows,
})
