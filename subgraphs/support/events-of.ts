import type { Context } from '#shared/context.js'
import type { StoredEvent } from '#shared/event.js'
import { eventsFrom, FROM_EVENT } from '#shared/event-row.js'
import { FOR_CUSTOMERS_SQL } from '#shared/events/support.js'
import { batched } from '#shared/per-request.js'

async function read(
  { db }: Context,
  ids: readonly string[],
  types: readonly string[],
): Promise<StoredEvent[][]> {
  const found = await eventsFrom(
    db,
    `${FROM_EVENT} where e.stream_type = 'Ticket' and e.stream_id = any($1) and e.type = any($2) order by e.stream_id, e.version`,
    [ids, types],
  )
  const events = new Map<string, StoredEvent[]>(ids.map(id => [id, []]))
  for (const event of found) events.get(event.stream.id)?.push(event)
  return ids.map(id => events.get(id)!)
}

async function readIncidents({ db }: Context, ids: readonly string[]): Promise<StoredEvent[][]> {
  const found = await eventsFrom(
    db,
    `(select distinct event_id as id from log.event_ref where ref = any($1)) m join ${FROM_EVENT} on e.id = m.id
     where e.stream_type = 'Incident' and e.type = 'IncidentUpdated' order by e.id`,
    [ids],
  )
  const events = found.filter(({ data }) => data.change === 'TICKETS')
  return ids.map(id => events.filter(({ data }) => data.ticketIds.includes(id)))
}

/** That a ticket became part of incidents, oldest first; one query for all tickets of an operation. */
export const incidentsOf = batched<string, StoredEvent[]>(readIncidents, { maxBatchSize: 100 })

/** Reads what happened to a ticket, of these types, oldest first; one query for all tickets of an operation. */
export const eventsOf = (types: readonly string[]) =>
  batched<string, StoredEvent[]>((context, ids) => read(context, ids, types), { maxBatchSize: 100 })

/** A page of what happened to a ticket. */
interface Asked {
  ticketId: string
  types: readonly string[]
  /** Only what customers may know of. */
  forCustomers: boolean
  /** Only what happened before this event; null: the newest. */
  before: number | null
  size: number
}

/** Whether the message of an event was hidden before it was shown again. */
const HIDDEN_SINCE = `'PRIVATE' = (
  select h.payload->>'to' from log.event h where h.stream_id = e.stream_id and h.stream_type = 'Ticket' and h.version > e.version
    and h.type = 'SupportNoteVisibilityChanged' and h.payload->>'messageId' = e.payload->>'messageId' order by h.version limit 1)`

/**
 * What customers read (C15, D60): nothing from before they knew of the ticket, but that it was opened. What was recalled was never said;
 * of what was withdrawn later one entry stays, that it was.
 */
const READ_BY_CUSTOMERS = `${FOR_CUSTOMERS_SQL} and (e.type = 'SupportCaseOpened'
  or e.at >= (select t.shown_since from support.ticket t where t.id = e.stream_id) and case
    when e.type = 'SupportNoteVisibilityChanged' and e.payload->>'to' = 'PRIVATE' then e.payload->>'recalled' is null
    when e.type in ('SupportReplyPosted', 'SupportNoteEdited', 'SupportNoteVisibilityChanged') then (${HIDDEN_SINCE}) is not true
    else true end)`

const filterOf = (forCustomers: boolean): string =>
  `e.stream_type = 'Ticket' and e.type = any($2)${forCustomers ? ` and ${READ_BY_CUSTOMERS}` : ''}`

/** Newest first, by the index of streams: however long a history is, a page reads no more than itself. */
const pageQuery = (forCustomers: boolean): string => `
  select u.n, newest.id from unnest($1::text[], $3::bigint[], $4::int[]) with ordinality u (ticket, before, size, n)
  cross join lateral (
    select e.id, e.version from log.event e
    where e.stream_id = u.ticket and ${filterOf(forCustomers)}
      and (u.before is null or e.version <= (
        select max(c.version) from log.event c where c.id < u.before and c.stream_type = 'Ticket' and c.stream_id = u.ticket))
    order by e.version desc limit u.size) newest
  order by u.n, newest.version desc`

/** All that one operation asks have the same types, and are asked by the same person. */
async function readPages({ db }: Context, asked: readonly Asked[]): Promise<number[][]> {
  const { types, forCustomers } = asked[0]!
  const rows: { n: string; id: string }[] = await db.query(pageQuery(forCustomers), [
    asked.map(({ ticketId }) => ticketId),
    types,
    asked.map(({ before }) => before),
    asked.map(({ size }) => size),
  ])
  const lists = asked.map((): number[] => [])
  for (const { n, id } of rows) lists[Number(n) - 1]!.push(Number(id))
  return lists
}

const idsOf = batched<Asked, number[]>(readPages, { maxBatchSize: 100, cache: false })

/** A page of what happened to a ticket, newest first; one query for all tickets of an operation. */
export const eventPageOf = async (context: Context, asked: Asked): Promise<StoredEvent[]> =>
  context.services.store.byIds(context.db, await idsOf(context, asked))

/** How much happened to a ticket. */
export async function countEventsOf(
  { db }: Context,
  { ticketId, types, forCustomers }: Pick<Asked, 'ticketId' | 'types' | 'forCustomers'>,
): Promise<number> {
  const [row] = await db.query(
    `select count(*)::int as n from log.event e where e.stream_id = $1 and ${filterOf(forCustomers)}`,
    [ticketId, types],
  )
  return row.n
}
