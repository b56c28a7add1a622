import { GraphQLJSON } from 'graphql-scalars'
import {
  Args,
  Ctx,
  Extensions,
  Field,
  FieldResolver,
  ID,
  Int,
  ObjectType,
  Resolver,
  Root,
} from 'type-graphql'
import { connection, type Page, PageArgs } from '#shared/connection.js'
import type { Context } from '#shared/context.js'
import type { StoredEvent } from '#shared/event.js'
import type { TicketStatus as Status, TicketContext } from '#shared/events/support.js'
import { ref } from '#shared/fields.js'
import type { Identity } from '#shared/identity.js'
import { batched } from '#shared/per-request.js'
import { Allow, holds } from '#shared/permissions.js'
import { READERS } from '#shared/roles.js'
import { DateTime } from '#shared/scalars.js'
import { isCustomer, NAME_READERS } from '../audience.js'
import { TicketStatus, TicketStatusReason, WorkItemPhase } from '../enums.js'
import { eventsOf } from '../events-of.js'
import { isKnown } from '../history.js'
import { addressOf, publicName } from '../names.js'
import { ticketPage } from '../pages.js'
import { MOVES, messageWord, moveOf, slugOf, stamp, statusWord } from '../reference.js'
import { REMOVED } from '../removed.js'
import { phaseOf } from '../status.js'
import { StaffMember } from '../stubs.js'
import { Ticket } from '../views/ticket.js'
import { TicketContextSnapshot } from '../views/ticket-context.js'
import { TicketMessage } from '../views/ticket-message.js'

@ObjectType('TicketStatusChange', { description: 'That a ticket went from one state to another (D54).' })
@Extensions({ value: true })
export class TicketStatusChange {
  @Field(() => ID, { description: 'The event: open it with node(id).' })
  id!: string

  @Field(() => TicketStatus, { nullable: true, description: 'Where it was; null when it began.' })
  from!: Status | null

  @Field(() => TicketStatus, { description: 'Where it went.' })
  to!: Status

  @Field(() => DateTime, { description: 'When (UTC).' })
  at!: Date

  @Field(() => Boolean, { description: 'A wrong status was put right.' })
  corrective!: boolean

  @Field(() => TicketStatusReason, { nullable: true, description: 'Why it is there.' })
  @Allow(...READERS)
  statusReason!: string | null

  @Field(() => String, { nullable: true, description: 'Why it was done, as a reason code.' })
  @Allow(...READERS)
  reasonCode!: string | null

  @Field(() => ID, { nullable: true, description: 'Who did it: open with node(id).' })
  @Allow(...READERS)
  actorId!: string | null

  /** The event it was read from. */
  event!: StoredEvent
}

@ObjectType('TicketMessageRevision', { description: 'A wording of a message (X18).' })
@Extensions({ value: true })
export class TicketMessageRevision {
  @Field(() => Int, { description: '1 is what was written first.' })
  revision!: number

  @Field(() => String, { description: 'What stood there.' })
  body!: string

  @Field(() => DateTime, { description: 'Since when (UTC).' })
  at!: Date

  @Field(() => ID, { nullable: true, description: 'Who wrote it: open with node(id).' })
  authorId!: string | null

  @ref(() => StaffMember, 'Who wrote this wording, where it was somebody of staff.', {
    nullable: true,
    only: READERS,
    as: 'editedBy',
  })
  staffId!: string | null
}

const changeOf = (event: StoredEvent): TicketStatusChange | null => {
  const move = moveOf(event)
  if (!move) return null
  const { id, occurredAt, actor, reasonCode, data } = event
  return Object.assign(new TicketStatusChange(), move, {
    id: `evt_${id}`,
    at: occurredAt,
    corrective: data.corrective ?? false,
    statusReason: data.statusReason ?? null,
    reasonCode,
    actorId: actor.id,
    event,
  })
}

const movesOf = eventsOf(MOVES)
const sayingsOf = eventsOf([
  'SupportCaseOpened',
  'SupportReplyPosted',
  'SupportNoteAdded',
  'SupportNoteEdited',
])

@Resolver(() => Ticket)
export class TicketRecordFields {
  @FieldResolver(() => String, {
    nullable: true,
    description: 'The queue it lies in, as customers call it (X10).',
  })
  async queueName(@Root() { queueId }: Ticket, @Ctx() context: Context): Promise<string | null> {
    return queueName(context, queueId)
  }

  @FieldResolver(() => WorkItemPhase, {
    description: 'How far it is, in the words for any kind of work (X1).',
  })
  async phase(@Root() { status }: Ticket): Promise<string> {
    return phaseOf(status)
  }

  @FieldResolver(() => [TicketStatusChange], {
    description:
      'Where it stood since when, oldest first; who changed it customers learn by public name alone.',
  })
  async statusHistory(@Root() ticket: Ticket, @Ctx() context: Context): Promise<TicketStatusChange[]> {
    const events = await movesOf(context, ticket.id)
    const known = isCustomer(context.identity) ? events.filter(event => isKnown(event, ticket)) : events
    return known.flatMap(event => changeOf(event) ?? [])
  }

  @FieldResolver(() => connection(Ticket), { description: 'Tickets that went into it, newest first.' })
  async mergedTickets(
    @Root() { id }: Ticket,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() context: Context,
  ): Promise<Page<Ticket>> {
    return ticketPage(context, { where: 'merged_into_id = $1', values: [id] }, 'CREATED_DESC', page)
  }

  @FieldResolver(() => TicketContextSnapshot, {
    nullable: true,
    description:
      'What Opsgraph knew of account and customer when it was opened (D16); never changed. For customers, as far as it is their own.',
  })
  async openContext(@Root() { openContext }: Ticket, @Ctx() { identity }: Context): Promise<object | null> {
    return openContext && isCustomer(identity) ? ownPart(openContext, identity) : openContext
  }

  @FieldResolver(() => String, {
    nullable: true,
    description:
      'What the customer is called who asks: for those who deal with people, themselves, and members of the account as openContext says.',
  })
  async requesterName(
    @Root() { requesterId, openContext }: Ticket,
    @Ctx() context: Context,
  ): Promise<string | null> {
    const { identity } = context
    const asksSelf = requesterId === identity.personId
    const isKnown = isCustomer(identity)
      ? asksSelf || (openContext !== null && ownPart(openContext, identity).requester?.id === requesterId)
      : holds(identity, NAME_READERS)
    return isKnown ? publicName(context, requesterId) : null
  }

  @FieldResolver(() => DateTime, {
    description: 'When it last changed (UTC): for customers, when something happened that they may know of.',
  })
  async updatedAt(@Root() { updatedAt, touchedAt }: Ticket, @Ctx() { identity }: Context): Promise<Date> {
    return isCustomer(identity) ? touchedAt : updatedAt
  }

  @FieldResolver(() => GraphQLJSON, {
    nullable: true,
    description:
      'The ticket as scripts know it (D64): ticket_id, site, requester, subject, status (open, resolved, closed), queue, assigned_to, created_at.',
  })
  @Allow(...READERS)
  async reference(@Root() ticket: Ticket, @Ctx() context: Context): Promise<Record<string, unknown>> {
    const { requesterId, assigneeId, openContext } = ticket
    const queue = await queueName(context, ticket.queueId)
    const [site] = openContext?.sites ?? []
    return {
      ticket_id: ticket.number,
      site: ticket.site ?? site?.slug ?? site?.name ?? null,
      requester: requesterId ? await addressOf(context, requesterId) : null,
      subject: ticket.subject,
      status: statusWord(ticket.status),
      queue: queue === null ? null : slugOf(queue),
      assigned_to: assigneeId ? await addressOf(context, assigneeId) : null,
      created_at: stamp(ticket.createdAt),
    }
  }
}

/**
 * Whoever asks may have left the account, or never had support access: they learn nothing of it, and it nothing of whom it does not know.
 * Of another member one reads the name, not how they are reached.
 */
export function ownPart(context: TicketContext, { personId, orgIds }: Identity): TicketContext {
  const { account, requester } = context
  const isTheirs = account !== null && orgIds.includes(account.id)
  const isSelf = requester?.id === personId
  const isMember = isTheirs && requester?.role != null
  const known = requester && { ...requester, email: null, contactPreference: null }
  return {
    ...context,
    account: isTheirs ? account : null,
    sites: isTheirs ? context.sites : [],
    requester: isSelf ? requester : isMember ? known : null,
    activity: context.activity.filter(({ actorId }) => actorId === personId),
  }
}

/** What customers call queues; the queues themselves they never see. One query for a list of tickets. */
const namesOfQueues = batched<string, string | null>(async ({ db }, ids) => {
  const rows: { id: string; name: string }[] = await db.query(
    'select id, public_name as name from support.queue where id = any($1)',
    [ids],
  )
  const names = new Map(rows.map(({ id, name }) => [id, name]))
  return ids.map(id => names.get(id) ?? null)
})

const queueName = async (context: Context, id: string | null): Promise<string | null> =>
  id === null ? null : namesOfQueues(context, id)

@Resolver(() => TicketStatusChange)
export class TicketStatusChangeFields {
  @FieldResolver(() => String, { nullable: true, description: 'Who did it, as customers call them.' })
  async actorName(@Root() { event }: TicketStatusChange, @Ctx() context: Context): Promise<string | null> {
    return publicName(context, event.actor.id)
  }

  @FieldResolver(() => GraphQLJSON, {
    nullable: true,
    description:
      'The change as scripts know it (D66): ticket_id, from, to, actor, closed_at; changed_at for others than closing.',
  })
  @Allow(...READERS)
  async reference(
    @Root() { from, to, at, event }: TicketStatusChange,
    @Ctx() context: Context,
  ): Promise<Record<string, unknown>> {
    const ticket = await context.loaders.one(Ticket, event.stream.id)
    return {
      ticket_id: ticket?.number ?? null,
      from: from && statusWord(from),
      to: statusWord(to),
      actor: await addressOf(context, event.actor.id),
      [to === 'CLOSED' ? 'closed_at' : 'changed_at']: stamp(at),
    }
  }
}

@Resolver(() => TicketMessage)
export class TicketMessageRecordFields {
  @FieldResolver(() => [TicketMessageRevision], {
    nullable: true,
    description: 'Every wording it had, the first one first; for staff.',
  })
  @Allow(...READERS)
  async revisions(
    @Root() { id, ticketId }: TicketMessage,
    @Ctx() context: Context,
  ): Promise<TicketMessageRevision[]> {
    const events = await sayingsOf(context, ticketId)
    return events
      .filter(({ data }) => data.messageId === id)
      .map(({ data, occurredAt, actor }) =>
        Object.assign(new TicketMessageRevision(), {
          revision: data.revision ?? 1,
          body: data.body ?? REMOVED,
          at: occurredAt,
          authorId: data.authorId ?? actor.id,
          staffId: actor.kind === 'STAFF' ? actor.id : null,
        }),
      )
  }

  @FieldResolver(() => GraphQLJSON, {
    nullable: true,
    description:
      'The message as scripts know it (D65): ticket_id, actor, type (public-reply, internal-note, follow-up), body, timestamp.',
  })
  @Allow(...READERS)
  async reference(
    @Root() { ticketId, authorId, kind, visibility, body, createdAt }: TicketMessage,
    @Ctx() context: Context,
  ): Promise<Record<string, unknown>> {
    const ticket = await context.loaders.one(Ticket, ticketId)
    return {
      ticket_id: ticket?.number ?? null,
      actor: await addressOf(context, authorId),
      type: messageWord(kind, visibility),
      body,
      timestamp: stamp(createdAt),
    }
  }
}
