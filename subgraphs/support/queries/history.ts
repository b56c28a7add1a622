import { GraphQLJSON } from 'graphql-scalars'
import { Args, Ctx, Extensions, Field, FieldResolver, ID, ObjectType, Resolver, Root } from 'type-graphql'
import { checkFirst, connection, decodeTimeCursor, type Page, PageArgs, pageOf } from '#shared/connection.js'
import type { Context } from '#shared/context.js'
import type { StoredEvent } from '#shared/event.js'
import { Allow } from '#shared/permissions.js'
import { READERS } from '#shared/roles.js'
import { DateTime } from '#shared/scalars.js'
import { states } from '#shared/states.js'
import { isCustomer } from '../audience.js'
import { countEventsOf, eventPageOf } from '../events-of.js'
import { publicName } from '../names.js'
import { moveOf } from '../reference.js'
import { ANY_STEPS } from '../standing.js'
import { Ticket } from '../views/ticket.js'
import { TicketMessage } from '../views/ticket-message.js'

export const TicketHistoryKind = states('TicketHistoryKind', 'What happened to a ticket (D29).', {
  OPENED: 'It was opened.',
  PUBLIC_REPLY: 'Staff wrote to the customer.',
  FOLLOW_UP: 'The customer wrote.',
  NOTE: 'Staff wrote to staff.',
  EDITED: 'A message was written anew.',
  SHOWN: 'A message was shown to the customer.',
  HIDDEN: 'A message was hidden from the customer.',
  STATUS: 'Where it stands changed.',
  RESOLVED: 'It was resolved.',
  CLOSED: 'It was closed.',
  MERGED: 'It went into another ticket.',
  REOPENED: 'It was opened again.',
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
  OTHER: 'Something else; its event says what.',
})
type Kind = keyof typeof TicketHistoryKind

interface Entry {
  kind: Kind
  from?: unknown
  to?: unknown
}

const CHANGES: Record<string, (data: Record<string, unknown>) => Entry> = {
  ASSIGNEE: ({ previousAssigneeId, assigneeId }) => ({
    kind: 'ASSIGNEE',
    from: previousAssigneeId,
    to: assigneeId,
  }),
  STATUS: ({ from, to }) => ({ kind: to === 'RESOLVED' ? 'RESOLVED' : 'STATUS', from, to }),
  PRIORITY: ({ previousPriority, priority }) => ({ kind: 'PRIORITY', from: previousPriority, to: priority }),
  CATEGORY: ({ previousCategory, category }) => ({ kind: 'CATEGORY', from: previousCategory, to: category }),
  QUEUE: ({ previousQueueId, queueId }) => ({ kind: 'QUEUE', from: previousQueueId, to: queueId }),
  TAGS: ({ previousTags, tags }) => ({ kind: 'TAGS', from: previousTags, to: tags }),
  SAFETY: ({ safetySensitive }) => ({ kind: 'SAFETY', from: !safetySensitive, to: safetySensitive }),
  SNOOZE: ({ until }) => ({ kind: 'SNOOZE', to: until }),
  FOLLOW_UP: ({ followUpNeeded }) => ({
    kind: 'FOLLOW_UP_NEEDED',
    from: !followUpNeeded,
    to: followUpNeeded,
  }),
}

const ENTRIES: Record<string, (event: StoredEvent) => Entry> = {
  SupportCaseOpened: () => ({ kind: 'OPENED', to: 'OPEN' }),
  SupportReplyPosted: ({ data }) => ({ kind: data.kind === 'USER_MESSAGE' ? 'FOLLOW_UP' : 'PUBLIC_REPLY' }),
  SupportNoteAdded: () => ({ kind: 'NOTE' }),
  SupportNoteEdited: () => ({ kind: 'EDITED' }),
  SupportNoteVisibilityChanged: ({ data: { from, to } }) => ({
    kind: to === 'PUBLIC' ? 'SHOWN' : 'HIDDEN',
    from,
    to,
  }),
  SupportCaseUpdated: ({ data }) => CHANGES[data.change]?.(data) ?? { kind: 'OTHER' },
  SupportCaseClosed: event =>
    event.data.by === 'MERGED'
      ? { kind: 'MERGED', to: event.data.intoId }
      : { kind: 'CLOSED', ...moveOf(event) },
  SupportCaseReopened: event => ({ kind: 'REOPENED', ...moveOf(event) }),
  SupportCaseMergeReceived: ({ data }) => ({ kind: 'RECEIVED', from: data.fromId }),
  TicketFiltered: ({ data }) => ({ kind: 'FILTERED', from: data.previousState, to: data.filterState }),
  TicketUnfiltered: ({ data }) => ({ kind: 'RESTORED', from: data.previousState, to: 'INBOX' }),
  RequesterContactChanged: () => ({ kind: 'CONTACT' }),
  EntityLinked: ({ data }) => ({ kind: 'LINKED', to: data.entityId }),
  EntityUnlinked: ({ data }) => ({ kind: 'UNLINKED', from: data.entityId }),
}

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

  /** The event it was read from. */
  event!: StoredEvent
}

const TicketHistory = connection(TicketHistoryEntry)

const entryOf = ({ type, ...event }: StoredEvent): Entry =>
  ENTRIES[type]?.({ type, ...event }) ?? { kind: 'OTHER' }

const shown = (event: StoredEvent): TicketHistoryEntry =>
  Object.assign(new TicketHistoryEntry(), {
    id: `evt_${event.id}`,
    kind: entryOf(event).kind,
    at: event.occurredAt,
    actorId: event.actor.id,
    reasonCode: event.reasonCode,
    event,
  })

/** Ids of staff stay with staff: customers learn a public name, or nothing. */
async function valueFor(context: Context, event: StoredEvent, side: 'from' | 'to'): Promise<unknown> {
  const entry = entryOf(event)
  const value = entry[side] ?? null
  if (!isCustomer(context.identity)) return value
  // Which ticket it went into they see where it is theirs: Ticket.mergedInto.
  if (entry.kind === 'MERGED') return null
  if (entry.kind === 'ASSIGNEE') return publicName(context, value as string | null)
  return value
}

const TYPES = Object.keys(ANY_STEPS)

/** The event that a cursor names; one that names none comes before all. */
function placeOf(cursor: string): number {
  const id = /^evt_(\d{1,15})$/.exec(decodeTimeCursor(cursor)[1])?.[1]
  return id ? Number(id) : 0
}

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
    const asked = { ticketId: id, types: TYPES, forCustomers: isCustomer(context.identity) }
    const before = after ? placeOf(after) : null
    const events = await eventPageOf(context, { ...asked, before, size: first + 1 })
    return pageOf(
      events.map(shown),
      first,
      ({ at, id }) => [at.toISOString(), id],
      () => countEventsOf(context, asked),
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
      'What it was before: a word, an id, a list of tags; for customers public names instead of ids.',
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
