import { checkFirst, decodeCursor, type PageArgs, pageOf } from '#shared/connection.js'
import type { Context } from '#shared/context.js'
import { COLUMNS, type EventRow, eventsFrom, ITS_POSITION, look, toEvent } from '#shared/event-row.js'
import { batched } from '#shared/per-request.js'
import { holds } from '#shared/permissions.js'
import { openTo } from '#shared/readers.js'
import { visibleStreams, WATCHERS } from '../audience.js'
import { EVENT_PREFIX, Event, type EventConnection } from './event.js'

/** Above every id. */
const LAST = '9223372036854775807'

/** Of what is kept apart, the note alone: bodies of messages and notes are never even read. */
const NOTE = `left join ${look(`jsonb_build_object('note', body -> 'note') as body`, 'event_private', 'event_id = e.id', 'x')} on true`

const numberOf = (id: string): string | null =>
  new RegExp(`^${EVENT_PREFIX}_(\\d{1,18})$`).exec(id)?.[1] ?? null

/** Cursor → id of the last event seen. */
export const idBefore = (after: string | null | undefined): string =>
  after ? (numberOf(decodeCursor(after)[1]) ?? LAST) : LAST

/** Makes a page of up to `first + 1` events. */
export const eventPage = (events: Event[], first: number): EventConnection =>
  pageOf(
    events,
    first,
    ({ occurredAt, id }) => [occurredAt.toISOString(), id],
    async () => events.length,
  )

interface Asked {
  ref: string
  size: number
  before: string
  types: readonly string[] | null
}

/** What mentions each of many entities, newest first: one statement, each a short range of an index (E32). */
const OF_EACH = `
  select u.n, ${COLUMNS}, p.pos
  from unnest($1::text[], $2::bigint[], $3::int[]) with ordinality u (ref, before, size, n)
  cross join lateral (
    select r.event_id from log.event_ref r
    cross join ${look('type, refs, stream_type, stream_id', 'event', 'id = r.event_id', 't')}
    where r.ref = u.ref and r.event_id < u.before and u.ref = any(t.refs)
      and ($4::text[] is null or t.type = any($4))
      and ($5::text[] is null or t.stream_type = any($5) and ${openTo('t.stream_id', '$6', '$7')})
    order by r.event_id desc limit u.size
  ) newest
  cross join ${look('*', 'event', 'id = newest.event_id', 'e')} ${NOTE} ${ITS_POSITION}
  order by u.n, e.id desc`

const mentions = batched<Asked, Event[]>(
  async ({ db, identity }, asked) => {
    const lists = asked.map((): Event[] => [])
    const streams = visibleStreams(identity)
    for (const group of byTypes(asked)) {
      const rows: (EventRow & { n: string })[] = await db.query(OF_EACH, [
        group.map(at => asked[at]!.ref),
        group.map(at => asked[at]!.before),
        group.map(at => asked[at]!.size),
        asked[group[0]!]!.types,
        streams,
        identity.roles,
        identity.personId,
      ])
      for (const row of rows) lists[group[Number(row.n) - 1]!]!.push(new Event(toEvent(row)))
    }
    return lists
  },
  { cache: false },
)

/** Places of those that ask for the same types. */
function byTypes(asked: readonly Asked[]): number[][] {
  const groups = new Map<string, number[]>()
  asked.forEach(({ types }, at) => {
    const key = JSON.stringify(types)
    groups.set(key, [...(groups.get(key) ?? []), at])
  })
  return [...groups.values()]
}

/** What is asked of a timeline besides whose. */
export interface TimelineArgs extends PageArgs {
  types?: readonly string[] | null
}

/** A page of what mentions an entity, or any of several, newest first; only what the caller may see. */
export async function timelineOf(
  ids: readonly string[],
  { first, after, types = null }: TimelineArgs,
  context: Context,
) {
  checkFirst(first)
  const before = idBefore(after)
  const lists = await Promise.all(ids.map(ref => mentions(context, { ref, size: first + 1, before, types })))
  return eventPage(ids.length === 1 ? lists[0]! : merged(lists), first)
}

function merged(lists: readonly Event[][]): Event[] {
  const byId = new Map(lists.flat().map(event => [event.id, event]))
  return [...byId.values()].sort((a, b) => Number(numberOf(b.id)) - Number(numberOf(a.id)))
}

/** One event; null when it is not there, or neither the caller's own act nor about something they may read. */
export async function eventById(id: string, { db, identity }: Context): Promise<Event | null> {
  const number = numberOf(id)
  if (number === null) return null
  const [event] = await eventsFrom(
    db,
    `log.event e ${NOTE} ${ITS_POSITION}
     where e.id = $1 and ($2::text[] is null or (e.actor = $3 and e.actor_kind = $4)
       or (e.stream_type = any($2) and ${openTo('e.stream_id', '$5', '$3')}))`,
    [number, visibleStreams(identity), identity.personId, identity.kind, identity.roles],
  )
  return event ? new Event(event) : null
}

/** Which events. Times: `after` inclusive, `before` exclusive. */
export interface EventQuery {
  types?: string[] | null
  actorId?: string | null
  references?: string[] | null
  after?: Date | null
  before?: Date | null
}

/** Events of the whole log, newest first. Who is not a watcher sees their own acts. */
export async function findEvents(query: EventQuery, { first, after }: PageArgs, { db, identity }: Context) {
  checkFirst(first)
  const values: unknown[] = [idBefore(after)]
  const conditions = ['e.id < $1']
  const add = (condition: (place: string) => string, value: unknown) => {
    if (value == null) return
    values.push(value)
    conditions.push(condition(`$${values.length}`))
  }
  const actorId = holds(identity, WATCHERS) ? query.actorId : identity.personId
  add(place => `e.type = any(${place})`, query.types)
  add(place => `e.actor = ${place}`, actorId)
  // Says again what the id says, so that the index of people's acts can be used.
  if (actorId && /^(stf|usr)_/.test(actorId)) conditions.push(`e.actor_kind in ('STAFF', 'REQUESTER')`)
  add(place => `e.id in (select event_id from log.event_ref where ref = any(${place}))`, query.references)
  add(place => `e.at >= ${place}`, query.after)
  add(place => `e.at < ${place}`, query.before)
  values.push(first + 1)
  const found = await eventsFrom(
    db,
    `log.event e ${NOTE} ${ITS_POSITION}
     where ${conditions.join(' and ')} order by e.id desc limit $${values.length}`,
    values,
  )
  return eventPage(
    found.map(event => new Event(event)),
    first,
  )
}
