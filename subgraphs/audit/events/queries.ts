import { Arg, Args, Ctx, Field, ID, InputType, Query, Resolver } from 'type-graphql'
import { badInput, PageArgs } from '#shared/connection.js'
import type { Context } from '#shared/context.js'
import { Allow, holds } from '#shared/permissions.js'
import { forbidden } from '#shared/refusal.js'
import { READERS } from '#shared/roles.js'
import { DateTime } from '#shared/scalars.js'
import { EVENT_READERS, WATCHERS } from '../audience.js'
import { entityById } from '../nodes.js'
import { Event, EventConnection } from './event.js'
import { type EventQuery, eventById, findEvents, timelineOf } from './read.js'

/** Most entities whose timelines are merged at once, and most values of one condition. */
const MAX_IDS = 50

@InputType('EventFilter', { description: 'Which events; every condition has to hold.' })
export class EventFilter implements EventQuery {
  @Field(() => [String], {
    nullable: true,
    description: `Event types, e.g. RefundIssued; at most ${MAX_IDS}.`,
  })
  types?: string[] | null

  @Field(() => ID, { nullable: true, description: 'Who did it.' })
  actorId?: string | null

  @Field(() => [ID], { nullable: true, description: `About any of these entities; at most ${MAX_IDS}.` })
  references?: string[] | null

  @Field(() => DateTime, { nullable: true, description: 'Not before this (UTC).' })
  after?: Date | null

  @Field(() => DateTime, { nullable: true, description: 'Before this (UTC).' })
  before?: Date | null
}

const checkLength = (name: string, values: readonly string[] | null | undefined) => {
  if (values && values.length > MAX_IDS)
    throw badInput(`${name} has ${values.length} items; at most ${MAX_IDS} are taken.`)
}

@Resolver()
export class EventQueries {
  @Query(() => Event, {
    nullable: true,
    description: 'One event; null when it is not there, or not yours to see.',
  })
  @Allow(...EVENT_READERS)
  async event(
    @Arg('id', () => ID, { description: 'Its global id, evt_….' }) id: string,
    @Ctx() context: Context,
  ) {
    return eventById(id, context)
  }

  @Query(() => EventConnection, {
    description: `What happened, newest first (E83). Everybody's acts for ${WATCHERS.join(', ')}; for all others their own.`,
  })
  @Allow(...EVENT_READERS)
  async events(
    @Arg('filter', () => EventFilter, { nullable: true, description: 'Which; all when left out.' })
    filter: EventFilter | null,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() context: Context,
  ) {
    const { types, references, actorId } = filter ?? {}
    checkLength('filter.types', types)
    checkLength('filter.references', references)
    if (actorId && actorId !== context.identity.personId && !holds(context.identity, WATCHERS))
      throw forbidden("Reading other people's acts", WATCHERS)
    return findEvents(filter ?? {}, page, context)
  }

  @Query(() => EventConnection, {
    description:
      'What happened to several entities, merged, newest first (E32). Ids that are not there or not yours to read are passed over.',
  })
  @Allow(...READERS)
  async timeline(
    @Arg('ids', () => [ID], { description: `Global ids of entities, at most ${MAX_IDS}.` }) ids: string[],
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() context: Context,
  ) {
    checkLength('ids', ids)
    const known = await Promise.all([...new Set(ids)].map(id => entityById(context, id)))
    const readable = known.flatMap(node => node?.id ?? [])
    return timelineOf(readable, page, context)
  }
}
