import { setTimeout as sleep } from 'node:timers/promises'
import type { EntityManager } from 'typeorm'
import type { Queryable } from '#shared/event-row.js'
import type { Feed } from '#shared/feed.js'
import type { Logger } from '#shared/log.js'

/** How far a follower of the log has come. */
export interface ConsumerLag {
  /** The projection's name, or `reaction/` and the reaction's. */
  name: string
  position: number
  /** The last sealed position. */
  head: number
  /** Events still to be looked at; 0 when it has caught up. */
  lag: number
  /** Events it could not take in (R15). */
  parked: number
  updatedAt: Date
}

/** How far everybody who follows the log has come, by name. */
export async function consumerLag(db: Queryable): Promise<ConsumerLag[]> {
  const rows: Record<string, string | Date>[] = await db.query(
    `select c.name, c.position, c.updated_at, h.head,
       (select count(*) from log.consumer_parked p where p.consumer = c.name) as parked
     from log.consumer c, (select coalesce(max(pos), 0) as head from log.event_pos) h order by c.name`,
  )
  return rows.map(row => ({
    name: row.name as string,
    position: Number(row.position),
    head: Number(row.head),
    lag: Math.max(0, Number(row.head) - Number(row.position)),
    parked: Number(row.parked),
    updatedAt: row.updated_at as Date,
  }))
}

/** Makes followers known; one that is new starts where `since` says. */
export async function register(
  db: Queryable,
  names: readonly string[],
  since: 'START' | 'NOW',
): Promise<void> {
  await db.query(
    `insert into log.consumer (name, position)
     select n, case when $2 then (select coalesce(max(pos), 0) from log.event_pos) else 0 end from unnest($1::text[]) n
     on conflict do nothing`,
    [names, since === 'NOW'],
  )
}

/** Takes hold of followers until the transaction ends, and says where they are; those another process holds are left out. */
export async function claim(tx: EntityManager, names: readonly string[]): Promise<Map<string, number>> {
  const rows: { name: string; position: string }[] = await tx.query(
    'select name, position from log.consumer where name = any($1) order by name for update skip locked',
    [names],
  )
  return new Map(rows.map(({ name, position }) => [name, Number(position)]))
}

/** Writes down how far they have come: in the transaction of what they wrote, or an event counts twice or not at all. */
export async function advance(tx: EntityManager, names: readonly string[], position: number): Promise<void> {
  await tx.query('update log.consumer set position = $2, updated_at = now() where name = any($1)', [
    names,
    position,
  ])
}

/** A loop that reads on whenever the log has grown. */
export interface Follower {
  /** Waits for the pass under way. */
  stop(): Promise<void>
}

/** Under load, one pass in this time takes what came meanwhile, ms; after a pause there is no wait. */
const BREATH = 20
/** After a failure, ms. */
const PAUSES = [200, 1_000, 5_000]
/** One looks anyway, ms: another process may have let go of a follower. */
const SAFETY = 1_000

/**
 * Runs `pass` again and again: at once while it answers that there is more, else when the feed has grown. A failure is logged and
 * tried again after a pause.
 */
export function follow(
  feed: Feed,
  log: Logger,
  name: string,
  pass: () => Promise<{ more: boolean }>,
): Follower {
  const stop = new AbortController()
  const { signal } = stop
  const pause = (ms: number) => sleep(ms, undefined, { signal }).catch(() => {})
  const loop = async () => {
    for (let failures = 0; !signal.aborted; ) {
      const seen = feed.position
      const started = performance.now()
      try {
        const { more } = await pass()
        failures = 0
        if (more) continue
      } catch (error) {
        if (!signal.aborted) log.error({ err: error }, `${name} could not go on, trying again`)
        await pause(PAUSES[Math.min(failures++, PAUSES.length - 1)]!)
        continue
      }
      await feed.wait(seen, SAFETY, signal)
      const early = started + BREATH - performance.now()
      if (early > 0) await pause(early)
    }
  }
  const ended = loop()
  return {
    async stop() {
      stop.abort()
      await ended
    },
  }
}
