import { GraphQLJSON } from 'graphql-scalars'
import { Args, Ctx, Extensions, Field, FieldResolver, ID, ObjectType, Resolver, Root } from 'type-graphql'
import { checkFirst, connection, decodeTimeCursor, type Page, PageArgs, pageOf } from '#shared/connection.js'
import type { Context } from '#shared/context.js'
import type { StoredEvent } from '#shared/event.js'
import { ref } from '#shared/fields.js'
import { Allow } from '#shared/permissions.js'
import { READERS } from '#shared/roles.js'
import { DateTime } from '#shared/scalars.js'
import { states } from '#shared/states.js'
import { isCustomer } from '../audience.js'
import { countEventsOf, eventPageOf, incidentsOf } from '../events-of.js'
import { entryOf } from '../history.js'
import { publicName } from '../names.js'
import { ANY_STEPS } from '../standing.js'
import { StaffMember } from '../stubs.js'
import { Ticket } from '../views/ticket.js'
import { TicketMessage } from '../views/ticket-message.js'

export const TicketHistoryKind = states('TicketHistoryKind', 'What happened to a ticket (D29).', {
  OPENED: 'It was opened.',
  PUBLIC_REPLY: 'Staff wrote to the customer.',
  FOLLOW_UP: 'The customer wrote.',
  NOTE: 'Staff wrote to staff.',
  EDITED: 'A message was written anew.',
  SHOWN: 'A message was shown to the customer; for customers that is a PUBLIC_REPLY.',
  HIDDEN: 'A message was hidden from the customer.',
  WITHDRAWN: 'For customers: something that they could read was taken back.',
  STATUS: 'Where it stands changed.',
  RESOLVED: 'It was resolved.',
  CLOSED: 'It was closed.',
  MERGED: 'It went into another ticket.',
  REOPENED: 'It was opened again.',
  RESOLUTION_WITHDRAWN: 'It turned out not to be resolved, after the customer was told so.',
  ASSIGNEE: 'Who works on it changed.',
  PRIORITY: 'How soon it is due changed.',
  CATEGORY: 'What it is about changed.',
  QUEUE: 'Where it lies changed.',
  TAGS: 'Its tags changed.',
  SAFETY: 'Whether somebody may come to harm changed.',
  SNOOZE: 'It was put aside, or taken up again.',
  FOLLOW_UP_NEEDED: 'Whether something is left to do changed.',
  CONTACT: 'The address that its answers go to changed.',
  RECEIVED: 'Another ticket went into this one.',
  FILTERED: 'It was kept apart.',
  RESTORED: 'It came back to the inbox.',
  LINKED: 'It is about one more thing.',
  UNLINKED: 'It is no longer about something.',
  NEAR_BREACH: 'A reply will soon be overdue; `to` is when.',
  BREACHED: 'A reply is overdue, or came too late; `to` is when it was due.',
  ESCALATED: 'It needs more than usual; `to` is the level.',
  PAGED: 'People were paged because of an escalation; `to` are their ids.',
  ACKNOWLEDGED: 'Somebody took up an escalation; `to` is its id.',
  INCIDENT: 'It became part of an incident; `to` is its id.',
  OTHER: 'Something else; its event says what.',
})
type Kind = keyof typeof TicketHistoryKind

@ObjectType('TicketHistoryEntry', {
  description: 'Something that happened to a ticket: what, when, by whom (D29, D54).',
})
@Extensions({ value: true })
export class TicketHistoryEntry {
  @Field(() => ID, { description: 'The event: open it with node(id).' })
  id!: string

  @Field(() => TicketHistoryKind, { description: 'What happened.' })
  kind!: Kind

  @Field(() => DateTime, { description: 'When (UTC).' })
  at!: Date

  @Field(() => ID, { nullable: true, description: 'Who did it: open with node(id).' })
  @Allow(...READERS)
  actorId!: string | null

  @Field(() => String, { nullable: true, description: 'Why it was done, as a reason code.' })
  @Allow(...READERS)
  reasonCode!: string | null

  @Field(() => String, {
    nullable: true,
    description: 'What happened in words, where the kind alone does not say it.',
  })
  @Allow(...READERS)
  summary!: string | null

  @ref(() => StaffMember, 'Who did it, where it was somebody of staff.', {
    nullable: true,
    only: READERS,
    as: 'actor',
  })
  staffId!: string | null

  @ref(() => StaffMember, 'For ASSIGNEE: who works on it from then on.', { nullable: true, only: READERS })
  assigneeId!: string | null

  @ref(() => StaffMember, 'For ASSIGNEE: who worked on it before.', { nullable: true, only: READERS })
  previousAssigneeId!: string | null

  /** The event it was read from. */
  event!: StoredEvent
}

const TicketHistory = connection(TicketHistoryEntry)

const shownTo =
  (customer: boolean) =>
  (event: StoredEvent): TicketHistoryEntry => {
    const { kind, summary = null } = entryOf(event, customer)
    const { id, occurredAt, actor, reasonCode, data } = event
    return Object.assign(new TicketHistoryEntry(), {
      id: `evt_${id}`,
      kind: kind as Kind,
      at: occurredAt,
      actorId: actor.id,
      reasonCode,
      summary,
      staffId: actor.kind === 'STAFF' ? actor.id : null,
      assigneeId: kind === 'ASSIGNEE' ? data.assigneeId : null,
      previousAssigneeId: kind === 'ASSIGNEE' ? data.previousAssigneeId : null,
      event,
    })
  }

/** The number of a ticket that the caller may see. */
const numberOf = async ({ loaders }: Context, id: string): Promise<string | null> =>
  (await loaders.one(Ticket, id))?.number ?? null

/** Ids of staff stay with staff: customers learn a public name, or nothing. */
async function valueFor(context: Context, event: StoredEvent, side: 'from' | 'to'): Promise<unknown> {
  const customer = isCustomer(context.identity)
  const entry = entryOf(event, customer)
  const value = entry[side] ?? null
  if (!customer) return value
  if (entry.kind === 'MERGED') return value === null ? null : numberOf(context, String(value))
  if (entry.kind === 'ASSIGNEE') return publicName(context, value as string | null)
  return value
}

const TYPES = Object.keys(ANY_STEPS)

/** The event that a cursor names; one that names none comes before all. */
function placeOf(cursor: string): number {
  const id = /^evt_(\d{1,15})$/.exec(decodeTimeCursor(cursor)[1])?.[1]
  return id ? Number(id) : 0
}

/** Newest first, what happened to the ticket and that it became part of incidents. */
const merged = (
  events: readonly StoredEvent[],
  joined: readonly StoredEvent[],
  before: number | null,
): StoredEvent[] =>
  [...events, ...joined.filter(({ id }) => before === null || id < before)].sort((a, b) => b.id - a.id)

@Resolver(() => Ticket)
class TicketHistoryFields {
  @FieldResolver(() => TicketHistory, {
    description: 'Everything that happened to it, newest first: for customers, what they may know of.',
  })
  async history(
    @Root() { id }: Ticket,
    @Args(() => PageArgs) { first, after }: PageArgs,
    @Ctx() context: Context,
  ): Promise<Page<TicketHistoryEntry>> {
    checkFirst(first)
    const customer = isCustomer(context.identity)
    const asked = { ticketId: id, types: TYPES, forCustomers: customer }
    const before = after ? placeOf(after) : null
    const events = await eventPageOf(context, { ...asked, before, size: first + 1 })
    const joined = customer ? [] : await incidentsOf(context, id)
    return pageOf(
      merged(events, joined, before)
        .slice(0, first + 1)
        .map(shownTo(customer)),
      first,
      ({ at, id }) => [at.toISOString(), id],
      async () => joined.length + (await countEventsOf(context, asked)),
    )
  }
}

@Resolver(() => TicketHistoryEntry)
class TicketHistoryEntryFields {
  @FieldResolver(() => String, { nullable: true, description: 'Who did it, as customers call them.' })
  async actorName(@Root() { event }: TicketHistoryEntry, @Ctx() context: Context): Promise<string | null> {
    return publicName(context, event.actor.id)
  }

  @FieldResolver(() => GraphQLJSON, {
    nullable: true,
    description:
      'What it was before: a word, an id, a list of tags; for customers public names and numbers instead of ids.',
  })
  async from(@Root() { event }: TicketHistoryEntry, @Ctx() context: Context): Promise<unknown> {
    return valueFor(context, event, 'from')
  }

  @FieldResolver(() => GraphQLJSON, { nullable: true, description: 'What it was from then on, as `from`.' })
  async to(@Root() { event }: TicketHistoryEntry, @Ctx() context: Context): Promise<unknown> {
    return valueFor(context, event, 'to')
  }

  @FieldResolver(() => TicketMessage, {
    nullable: true,
    description:
      'The message that it is about, as it is now; null when there is none, or none for the caller.',
  })
  async message(
    @Root() { event }: TicketHistoryEntry,
    @Ctx() { loaders }: Context,
  ): Promise<TicketMessage | null> {
    const { messageId } = event.data as { messageId?: string }
    return messageId ? loaders.one(TicketMessage, messageId) : null
  }
}

export const historyQueries = [TicketHistoryFields, TicketHistoryEntryFields]
