import type { GraphQLError } from 'graphql'
import { GraphQLJSON } from 'graphql-scalars'
import {
  Arg,
  Ctx,
  Extensions,
  Field,
  FieldResolver,
  ID,
  ObjectType,
  Query,
  Resolver,
  Root,
} from 'type-graphql'
import { badInput } from '#shared/connection.js'
import type { Context } from '#shared/context.js'
import type { StoredEvent } from '#shared/event.js'
import { isForCustomers } from '#shared/events/support.js'
import { Allow } from '#shared/permissions.js'
import { READERS } from '#shared/roles.js'
import { DateTime } from '#shared/scalars.js'
import { sealedAt } from '#shared/sealed-log.js'
import { isCustomer, TICKET_READERS } from './audience.js'
import { isKnown } from './history.js'
import { addressOf, publicName } from './names.js'
import { SURFACE, stamp } from './reference.js'
import { Ticket } from './views/ticket.js'

@ObjectType('TicketEvent', { description: 'That something happened to a ticket, without what was said.' })
@Extensions({ value: true })
export class TicketEvent {
  @Field(() => ID, { description: 'Open it with node(id).' })
  id!: string

  @Field(() => String, { description: 'What happened, e.g. SupportReplyPosted; docs/events.md lists them.' })
  type!: string

  @Field(() => String, {
    nullable: true,
    description: 'For SupportCaseUpdated: what changed, e.g. ASSIGNEE.',
  })
  change!: string | null

  @Field(() => ID, {
    nullable: true,
    description:
      'The message that it is about. When what was public is hidden, or called back, it is gone for customers: forget what it said.',
  })
  messageId!: string | null

  @Field(() => DateTime, { description: 'When (UTC).' })
  occurredAt!: Date

  @Field(() => ID, { nullable: true, description: 'Who did it: open with node(id).' })
  @Allow(...READERS)
  actorId!: string | null

  @Field(() => String, { nullable: true, description: 'Why, as a reason code of what was done.' })
  @Allow(...READERS)
  reasonCode!: string | null

  /** The event it was made from. */
  event!: StoredEvent
}

@ObjectType('TicketUpdate', {
  description: 'Something that happened to a ticket, and the ticket as it is now.',
})
@Extensions({ value: true })
export class TicketUpdate {
  @Field(() => String, { description: 'Its place in the log: give it as `after` to go on behind it.' })
  cursor!: string

  @Field(() => TicketEvent, { description: 'What happened.' })
  event!: TicketEvent

  @Field(() => Ticket, {
    nullable: true,
    description: 'The ticket as it is now, which may be later than the event.',
  })
  ticket!: Ticket | null
}

/** @throws GraphQLError BAD_USER_INPUT when the text is no position of the log */
export function positionOf(cursor: string): number {
  if (!/^\d{1,15}$/.test(cursor)) throw notACursor(cursor)
  return Number(cursor)
}
const notACursor = (cursor: string): GraphQLError =>
  badInput(`"${cursor.slice(0, 40)}" is not a cursor: take the one of an update that you received.`)

/** The sealed event at a place, when it happened to this ticket. Events that only mention the ticket are another entity's to tell. */
async function eventAt({ db }: Context, position: number, ticketId: string): Promise<StoredEvent | null> {
  const event = await sealedAt(db, position, { refs: [ticketId] })
  return event?.stream.type === 'Ticket' && event.stream.id === ticketId ? event : null
}

function shown(event: StoredEvent): TicketEvent {
  const { id, type, data, occurredAt, actor, reasonCode } = event
  return Object.assign(new TicketEvent(), {
    event,
    id: `evt_${id}`,
    type,
    change: data.change ?? null,
    messageId: data.messageId ?? null,
    occurredAt,
    actorId: actor.id,
    reasonCode,
  })
}

@Resolver()
export class TicketUpdates {
  @Query(() => TicketUpdate, {
    nullable: true,
    description:
      'What one event of the log did to a ticket. Null when the event is not about it, or not for the caller.',
  })
  @Allow(...TICKET_READERS)
  async ticketUpdate(
    @Arg('ticketId', () => ID, { description: 'The ticket.' }) ticketId: string,
    @Arg('cursor', () => String, { description: "The event's place in the log." }) cursor: string,
    @Ctx() context: Context,
  ): Promise<TicketUpdate | null> {
    const position = positionOf(cursor)
    const ticket = await context.loaders.one(Ticket, ticketId)
    const event = ticket && (await eventAt(context, position, ticketId))
    if (!event || (isCustomer(context.identity) && !(isForCustomers(event) && isKnown(event, ticket))))
      return null
    return { cursor, event: shown(event), ticket }
  }
}

@Resolver(() => TicketEvent)
export class TicketEventFields {
  @FieldResolver(() => String, { nullable: true, description: 'Who did it, as customers call them.' })
  async actorName(@Root() { actorId }: TicketEvent, @Ctx() context: Context): Promise<string | null> {
    return publicName(context, actorId)
  }

  @FieldResolver(() => GraphQLJSON, {
    nullable: true,
    description: 'The event as scripts know it (D62): site, surface, actor, timestamp.',
  })
  @Allow(...READERS)
  async reference(@Root() { event }: TicketEvent, @Ctx() context: Context): Promise<Record<string, unknown>> {
    const { site, actor, occurredAt } = event
    return {
      site: site ?? null,
      surface: SURFACE,
      actor: await addressOf(context, actor.id),
      timestamp: stamp(occurredAt),
    }
  }
}

const roles = TICKET_READERS.map(access => `"${access}"`).join(', ')

/** The gateway serves it: each event about the ticket is answered by `ticketUpdate`, as the subscriber and with today's roles (F6). */
export const SUBSCRIPTIONS = `
"What happens from now on, live."
type Subscription {
  "Each thing that happens to a ticket, as far as the caller may know of it. Ends when they may no longer. Requires one of: ${TICKET_READERS.join(', ')}."
  ticketUpdated(
    "The ticket to follow."
    ticketId: ID!
    "Go on behind the update with this cursor; without it, from now on."
    after: String
  ): TicketUpdate! @access(roles: [${roles}])
  "Each thing that the caller is told from now on, themselves or with an account of theirs (D27). Requires one of: ${TICKET_READERS.join(', ')}."
  notificationAdded(
    "Go on behind the update with this cursor; without it, from now on."
    after: String
  ): NotificationUpdate! @access(roles: [${roles}])
}
`
