import { generateKeyPairSync } from 'node:crypto'
import { join } from 'node:path'
import type { DataSource } from 'typeorm'
import { cloneDatabase } from '#kit/cluster.js'
import { type Settings, SILENT, settingsFor } from '#kit/services.js'
import { openDatabase } from '#shared/database.js'
import type { EventDraft, EventMetadata, StoredEvent, StreamRef } from '#shared/event.js'
import { EventStore } from '#shared/event-store.js'
import { Feed } from '#shared/feed.js'
import type { Keys } from '#shared/keys.js'
import type { Logger } from '#shared/log.js'
import { Role } from '#shared/roles.js'
import { type Sealer, startSealer } from '#shared/seal.js'
import { sealedHead } from '#shared/sealed-log.js'
import type { Services } from '#shared/services.js'

export const MAC_KEY = Buffer.alloc(32, 7)

/** Sam, of support, acting by hand. */
export const META: EventMetadata = {
  actor: { kind: 'STAFF', id: 'stf_sam', roles: [Role.SUPPORT_AGENT], tokenId: 'ses_1' },
  reasonCode: 'ROUTINE',
  note: null,
  requestId: 'req_1',
  correlationId: 'cor_1',
  causationId: null,
  idempotencyKey: null,
  surface: 'opsgraph',
  site: null,
}

export const NOW = new Date('2026-03-01T12:00:00.123Z')

export const orderStream = (id: string): StreamRef => ({ type: 'Order', id })

export const placed = (n = 1): EventDraft => ({ type: 'OrderPlaced', data: { number: `O-${n}`, total: n } })

/** A log of its own for a test file, with whatever the test starts on it; `close` stops all of it. */
export class TestLog {
  readonly store = new EventStore(MAC_KEY)
  readonly log: Logger = SILENT
  readonly keys: Keys
  private readonly closing: (() => Promise<unknown>)[] = []

  private constructor(
    readonly url: string,
    /** What the product may. */
    readonly db: DataSource,
    /** What whoever owns the server may. */
    readonly admin: DataSource,
    private readonly settings: Settings,
  ) {
    this.keys = { ...settings.keys, audit: { keyId: 'k1', ...generateKeyPairSync('ed25519') } }
  }

  static async open(name: string): Promise<TestLog> {
    const url = await cloneDatabase(name)
    const open = (role: 'opsgraph_app' | null, poolSize: number) =>
      openDatabase({ url, entities: [], poolSize, role, log: SILENT })
    return new TestLog(url, await open('opsgraph_app', 30), await open(null, 3), await settingsFor(url))
  }

  /** What the product works with, on this log. */
  services(clock: () => Date): Services {
    const { config } = this.settings
    return {
      config,
      keys: this.keys,
      db: this.db,
      store: this.store,
      feed: this.startFeed(),
      log: this.log,
      clock,
    }
  }

  get anchorFile(): string {
    return join(this.settings.config.dataDir, 'anchor.ndjson')
  }

  startSealer(anchorFile?: string): Sealer {
    const sealer = startSealer({ url: this.url, keys: this.keys, log: this.log, anchorFile })
    this.closing.push(() => sealer.stop())
    return sealer
  }

  startFeed(): Feed {
    const feed = new Feed({ url: this.url, log: this.log })
    this.closing.push(() => feed.close())
    return feed
  }

  /** Something to stop before the database is closed. */
  closes<T extends { stop(): Promise<unknown> }>(started: T): T {
    this.closing.push(() => started.stop())
    return started
  }

  /** Appends in a transaction of its own, and says so. */
  async append(
    id: string,
    events: EventDraft[],
    expectedVersion: number | null = null,
  ): Promise<StoredEvent[]> {
    const stored = await this.db.transaction(tx =>
      this.store.append(tx, [{ stream: orderStream(id), expectedVersion, events }], META, NOW),
    )
    this.store.poke(this.db)
    return stored
  }

  /** Until everything committed has its position; answers the head. */
  async sealed(): Promise<number> {
    await until(async () => {
      const [row] = await this.admin.query('select count(*)::int as waiting from log.event_unsealed')
      return row.waiting === 0
    })
    return sealedHead(this.db)
  }

  async close(): Promise<void> {
    for (const close of this.closing.reverse()) await close()
    await Promise.all([this.db.destroy(), this.admin.destroy()])
    await this.settings.remove()
  }
}

/** Asks again and again; fails after a minute. */
export async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  for (const end = Date.now() + 60_000; !(await condition()); ) {
    if (Date.now() > end) throw new Error(`waited in vain for ${condition}`)
    await sleep(10)
  }
}

export const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))
