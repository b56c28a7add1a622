import type { StoredEvent } from '#shared/event.js'
import { eventOf, eventsFrom, look, type Queryable } from '#shared/event-row.js'

export interface EventFilter {
  /** Event types; all when left out. */
  types?: readonly string[]
  /** Only events that mention one of these ids. */
  refs?: readonly string[]
}

/** A filtered read looks at no more positions than this at once, so that no statement runs into its timeout. */
const SPAN = 5_000

/** The last sealed position; 0 when nothing is sealed. */
export async function sealedHead(db: Queryable): Promise<number> {
  const [row] = await db.query('select coalesce(max(pos), 0)::text as head from log.event_pos')
  return Number(row.head)
}

/** Part of the sealed log, as far as it was looked at. */
export interface Page {
  events: StoredEvent[]
  /** Go on from here: further than the last event when few events match. */
  next: number
}

/** One page of the sealed log between two positions: `after` exclusive, `upTo` inclusive and at most the sealed head. */
export async function readPage(
  db: Queryable,
  { after, upTo, limit, types, refs }: EventFilter & { after: number; upTo: number; limit: number },
): Promise<Page> {
  const byRef = refs && upTo - after > SPAN && !(await areMentionedOften(db, refs))
  const end = byRef ? upTo : Math.min(upTo, after + SPAN)
  const events = await eventsFrom(db, byRef ? SEALED_BY_REF : SEALED, [
    after,
    end,
    limit,
    types ?? null,
    refs ?? null,
  ])
  return { events, next: events.length === limit ? events.at(-1)!.position! : end }
}

/** The sealed event at a position; null when it is not what the filter wants, or nothing is sealed there yet. */
export async function sealedAt(
  db: Queryable,
  position: number,
  filter: EventFilter,
): Promise<StoredEvent | null> {
  const { events } = await readPage(db, { after: position - 1, upTo: position, limit: 1, ...filter })
  return events[0] ?? null
}

/** Above this it is quicker to walk the log than to collect and sort all mentions for every page. */
const OFTEN = 2_000

async function areMentionedOften(db: Queryable, refs: readonly string[]): Promise<boolean> {
  const [row] = await db.query(
    `select count(*)::int as mentions from (select from log.event_ref where ref = any($1) limit ${OFTEN}) m`,
    [refs],
  )
  return row.mentions === OFTEN
}

const BETWEEN = `where p.pos > $1 and p.pos <= $2 and ($4::text[] is null or e.type = any($4))
    and ($5::text[] is null or e.refs && $5) order by p.pos limit $3`
const SEALED = `log.event_pos p cross join ${eventOf('p.event_id')} ${BETWEEN}`
const SEALED_BY_REF = `(select distinct event_id from log.event_ref where ref = any($5)) r
  cross join ${look('*', 'event_pos', 'event_id = r.event_id', 'p')} cross join ${eventOf('p.event_id')} ${BETWEEN}`
