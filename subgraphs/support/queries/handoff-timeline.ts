import { Args, Ctx, Extensions, Field, FieldResolver, ObjectType, Resolver, Root } from 'type-graphql'
import type { EntityManager } from 'typeorm'
import { mayRead } from '#shared/catalog.js'
import { checkFirst, connection, decodeTimeCursor, type Page, PageArgs, pageOf } from '#shared/connection.js'
import type { Context } from '#shared/context.js'
import { look } from '#shared/event-row.js'
import type { Identity } from '#shared/identity.js'
import { Allow, holds } from '#shared/permissions.js'
import { READERS, Role } from '#shared/roles.js'
import { DateTime } from '#shared/scalars.js'
import { readableIds } from '../desk/handoff.js'
import { Event } from '../stubs.js'
import { Handoff, ObservedEvent } from '../views/handoff.js'

/** So long before the first observation the log is read, and so many events of it, the newest. */
const HOURS_BEFORE = 24
const MOST_EVENTS = 500

@ObjectType('HandoffTimelineEntry', {
  description: 'Something that somebody observed, or that the log knows (A25).',
})
@Extensions({ value: true })
export class HandoffTimelineEntry {
  /** The same each time: cursors name it. */
  key!: string

  @Field(() => DateTime, { description: 'When (UTC).' })
  at!: Date

  @Field(() => ObservedEvent, { nullable: true, description: 'What was observed, if it was.' })
  observed!: ObservedEvent | null

  @Field(() => Event, { nullable: true, description: 'What the log says, if it does.' })
  @Allow(...READERS)
  event!: { id: string } | null
}

const HandoffTimeline = connection(HandoffTimelineEntry)

/** Those who see everybody's acts may see events of streams that are no entity, too. */
const sees = (identity: Identity, streamType: string): boolean =>
  holds(identity, [Role.AUDITOR, Role.SUPER_ADMIN, 'audit:read']) || mayRead(identity, streamType)

interface Logged {
  id: string
  at: Date
  type: string
}

/** Events about any of these from one moment to another. */
const eventsAbout = (db: EntityManager, ids: readonly string[], from: Date, to: Date): Promise<Logged[]> =>
  db.query(
    `select distinct e.id, e.at, e.stream_type as type from unnest($1::text[]) u(ref) cross join lateral (
       select r.event_id from log.event_ref r
       cross join ${look('at', 'event', 'id = r.event_id', 't')}
       where r.ref = u.ref and t.at >= $2 and t.at <= $3
       order by r.event_id desc limit ${MOST_EVENTS}) newest
     cross join ${look('id, at, stream_type', 'event', 'id = newest.event_id', 'e')}
     order by e.id desc limit ${MOST_EVENTS}`,
    [ids, from, to],
  )

const entry = (key: string, at: Date, more: Partial<HandoffTimelineEntry>): HandoffTimelineEntry =>
  Object.assign(new HandoffTimelineEntry(), { key, at, observed: null, event: null, ...more })

/** The order of cursors: by time, then by what it is. */
const before = (a: HandoffTimelineEntry, b: HandoffTimelineEntry): boolean =>
  a.at < b.at || (a.at.getTime() === b.at.getTime() && a.key < b.key)

/** What was observed, and what the log says of the same things until the handover was decided, oldest first. */
async function merged(
  handoff: Handoff,
  { db, identity, services }: Context,
): Promise<HandoffTimelineEntry[]> {
  const { observed, entityIds, ticketId, createdAt, decidedAt } = handoff
  const seen = observed.map((one, n) =>
    entry(`obs_${String(n).padStart(3, '0')}`, new Date(one.at), { observed: one }),
  )
  const first = Math.min(createdAt.getTime(), ...seen.map(({ at }) => at.getTime()))
  const ids = await readableIds(db, [...new Set([...entityIds, ...(ticketId ? [ticketId] : [])])], identity)
  const from = new Date(first - HOURS_BEFORE * 3_600_000)
  const logged = await eventsAbout(db, ids, from, decidedAt ?? services.clock())
  const known = logged
    .filter(({ type }) => sees(identity, type))
    .map(({ id, at }) => entry(`evt_${id.padStart(19, '0')}`, at, { event: { id: `evt_${id}` } }))
  return [...seen, ...known].sort((a, b) => (before(a, b) ? -1 : 1))
}

@Resolver(() => Handoff)
export class HandoffTimelineFields {
  @FieldResolver(() => HandoffTimeline, {
    nullable: true,
    description: `What was observed and what the log says of the same things, in one list, oldest first: from ${HOURS_BEFORE} hours before the first observation until the handover was decided, of the log at most the newest ${MOST_EVENTS} events, and only what the caller may see.`,
  })
  @Allow(...READERS)
  async mergedTimeline(
    @Root() handoff: Handoff,
    @Args(() => PageArgs) { first, after }: PageArgs,
    @Ctx() context: Context,
  ): Promise<Page<HandoffTimelineEntry>> {
    checkFirst(first)
    const all = await merged(handoff, context)
    const [at, key] = after ? decodeTimeCursor(after) : []
    const last = at === undefined ? null : entry(key!, new Date(at), {})
    const rest = last ? all.filter(one => before(last, one)) : all
    return pageOf(
      rest.slice(0, first + 1),
      first,
      one => [one.at.toISOString(), one.key],
      async () => all.length,
    )
  }
}
