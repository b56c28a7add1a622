import {
  Arg,
  Args,
  Ctx,
  Extensions,
  Field,
  FieldResolver,
  ID,
  InputType,
  ObjectType,
  Query,
  Resolver,
  Root,
} from 'type-graphql'
import { badInput, connection, type Page, PageArgs } from '#shared/connection.js'
import type { Context } from '#shared/context.js'
import type { RoutingFrozen, RoutingStep as Step } from '#shared/events/support.js'
import { type Class, flag, instant, several } from '#shared/fields.js'
import { type Grants, missing, permissionsInForce } from '#shared/grants.js'
import { type Filter, where } from '#shared/loader.js'
import { MissingPermission } from '#shared/missing-permission.js'
import { Allow, holds } from '#shared/permissions.js'
import { listOf } from '#shared/queries.js'
import { Permission, READERS, Role } from '#shared/roles.js'
import { isCustomer, onlyAccount, TICKET_READERS } from '../audience.js'
import { FilterState, TicketCategory, TicketPriority, TicketStatus, TicketStatusReason } from '../enums.js'
import { filterOf, TicketFilter } from '../filter.js'
import { captureContext } from '../open-context.js'
import { ticketPage } from '../pages.js'
import { operatorOf } from '../routing/operator.js'
import { RULES_ID } from '../routing/routing-rules.js'
import { ASSIGNABLE, ASSIGNERS, LEADS } from '../staff.js'
import { REASONS_OF, SILENCE_HOURS, WAYS } from '../status.js'
import { StaffMember } from '../stubs.js'
import { Operator } from '../views/operator.js'
import { Queue } from '../views/queue.js'
import { RoutingRuleSet } from '../views/routing-rule-set.js'
import { Ticket } from '../views/ticket.js'
import { TicketContextSnapshot } from '../views/ticket-context.js'
import { MessageKind, TicketMessage } from '../views/ticket-message.js'
import { ownPart } from './record.js'

@ObjectType('RoutingStep', { description: 'A rule, as it was looked at when a ticket was opened.' })
@Extensions({ value: true })
export class RoutingStep {
  @Field(() => String, { description: 'The rule.' })
  rule!: string

  @Field(() => Boolean, { description: 'The ticket was what it asks for.' })
  matched!: boolean

  @Field(() => String, { description: 'What met it, or what did not.' })
  because!: string

  @Field(() => ID, { nullable: true, description: 'The queue that it names.' })
  queueId!: string | null

  @Field(() => [String], { description: 'Tags that it gave.' })
  tags!: string[]

  @Field(() => TicketPriority, { nullable: true, description: 'How urgent it made it at least.' })
  priority!: string | null

  @Field(() => Boolean, { description: 'It says that somebody may come to harm.' })
  safetySensitive!: boolean

  @Field(() => FilterState, { nullable: true, description: 'It kept it apart.' })
  filter!: string | null
}

@ObjectType('RoutingTrace', { description: 'How a ticket found its queue (D55).' })
@Extensions({ value: true })
export class RoutingTrace {
  @Field(() => String, { description: 'Version of the rules then; 0: those to begin with.' })
  rulesVersion!: string

  @Field(() => [RoutingStep], { description: 'Every rule, in the order in which they were looked at.' })
  steps!: RoutingStep[]

  @Field(() => Queue, { nullable: true, description: 'The queue that came of it.' })
  queue!: Queue | null

  @Field(() => String, { description: 'Why this queue.' })
  because!: string

  @Field(() => Boolean, { description: 'Somebody put it elsewhere since.' })
  movedSince!: boolean
}

@ObjectType('AssignableOperators', { description: 'To whom the caller may give a ticket.' })
@Extensions({ value: true })
export class AssignableOperators {
  @Field(() => [StaffMember], {
    description: 'Those who may be given it, by name; empty when the caller may give it to nobody.',
  })
  operators!: { id: string }[]

  @Field(() => MissingPermission, { nullable: true, description: 'Why it is empty: what the caller lacks.' })
  missing!: MissingPermission | null
}

@ObjectType('TicketTransition', { description: 'A way from one state of a ticket to another.' })
@Extensions({ value: true })
export class TicketTransition {
  @Field(() => TicketStatus, { description: 'From here.' })
  from!: string

  @Field(() => TicketStatus, { description: 'To there.' })
  to!: string

  @Field(() => String, { description: 'By this mutation.' })
  by!: string
}

@ObjectType('TicketState', { description: 'A state of a ticket, and why one may be in it.' })
@Extensions({ value: true })
export class TicketStateDoc {
  @Field(() => TicketStatus, { description: 'The state.' })
  status!: string

  @Field(() => [TicketStatusReason], {
    description: 'Why a ticket may be there; the first one is meant when nobody says.',
  })
  reasons!: readonly string[]
}

@ObjectType('TicketWorkflow', { description: 'How tickets go (D8).' })
@Extensions({ value: true })
export class TicketWorkflow {
  @Field(() => [TicketStateDoc], { description: 'The states.' })
  states!: TicketStateDoc[]

  @Field(() => [TicketTransition], { description: 'The ways between them.' })
  transitions!: readonly TicketTransition[]

  @Field(() => String, { description: 'When a resolved ticket closes.' })
  closing!: string
}

const stepOf = ({
  rule,
  matched,
  because,
  queueId,
  tags,
  priority,
  safetySensitive,
  filter,
}: Step): RoutingStep => ({
  rule,
  matched,
  because,
  queueId: queueId ?? null,
  tags: tags ?? [],
  priority: priority ?? null,
  safetySensitive: safetySensitive ?? false,
  filter: filter ?? null,
})

@InputType('QueueFilter', { description: 'Which queues.' })
export class QueueFilter {
  @flag('Those that take tickets, or that do not.', { nullable: true })
  isActive?: boolean | null
}

@InputType('TicketMessageFilter', { description: 'Which messages; every condition has to hold (C26).' })
export class TicketMessageFilter {
  @several(MessageKind, 'Those of these kinds.', { nullable: true, max: 10 })
  kinds?: string[] | null

  @instant('Those that were said since then (UTC).', { nullable: true })
  since?: Date | null
}

const messagesThat = ({ kinds, since }: Partial<TicketMessageFilter>): Filter =>
  where(['kind = any(?)', kinds], ['created_at >= ?', since])

@Resolver()
class DeskQueries {
  @Query(() => Queue, { nullable: true, description: 'One queue.' })
  @Allow(...READERS)
  async queue(
    @Arg('id', () => ID, { description: 'Its global id.' }) id: string,
    @Ctx() { loaders }: Context,
  ): Promise<Queue | null> {
    return loaders.one(Queue, id)
  }

  @Query(() => RoutingRuleSet, {
    nullable: true,
    description: 'The rules by which new tickets find their queue (C11).',
  })
  @Allow(...READERS)
  async routingRules(@Ctx() { loaders }: Context): Promise<RoutingRuleSet | null> {
    return loaders.one(RoutingRuleSet, RULES_ID)
  }

  @Query(() => RoutingTrace, {
    nullable: true,
    description:
      'How a ticket found its queue: every rule, what it asked for, what came of it. Null when there is no such ticket.',
  })
  @Allow(...READERS)
  async explainRouting(
    @Arg('ticketId', () => ID, { description: 'The ticket.' }) ticketId: string,
    @Ctx() { loaders }: Context,
  ): Promise<RoutingTrace | null> {
    const ticket = await loaders.one(Ticket, ticketId)
    if (!ticket) return null
    const frozen: RoutingFrozen = ticket.routing ?? {
      rulesVersion: 0,
      steps: [],
      queueId: null,
      because: 'It was opened before there were queues.',
    }
    return {
      rulesVersion: String(frozen.rulesVersion),
      steps: frozen.steps.map(stepOf),
      queue: frozen.queueId ? await loaders.one(Queue, frozen.queueId) : null,
      because: frozen.because,
      movedSince: ticket.queueId !== frozen.queueId,
    }
  }

  @Query(() => Operator, { nullable: true, description: 'What the caller covers; null while nobody said.' })
  @Allow(...READERS)
  async myCoverage(@Ctx() { loaders, identity }: Context): Promise<Operator | null> {
    return loaders.one(Operator, operatorOf(identity.personId))
  }

  @Query(() => AssignableOperators, {
    description: 'To whom the caller may give a ticket; and when to nobody, why (D59).',
  })
  @Allow(...READERS)
  async assignableOperators(@Ctx() { db, identity, services }: Context): Promise<AssignableOperators> {
    if (!holds(identity, ASSIGNERS)) return { operators: [], missing: missing(Permission.TICKETS_ASSIGN) }
    const people: { id: string; roles: Role[]; permissions: Grants }[] = await db.query(
      `select id, roles, permissions from access.person
        where kind = 'STAFF' and disabled_at is null and (roles && $1 or permissions ? $2) order by name, id limit 1000`,
      [ASSIGNABLE, Permission.TICKETS_HANDLE],
    )
    const now = services.clock()
    const operators = people.filter(({ roles, permissions }) =>
      holds({ roles, scopes: [], permissions: permissionsInForce(roles, permissions, now) }, ASSIGNABLE),
    )
    return { operators, missing: null }
  }

  @Query(() => TicketContextSnapshot, {
    nullable: true,
    description:
      'What would be attached if the caller opened a ticket now (D33). Null for an account that is not theirs.',
  })
  @Allow(Role.REQUESTER)
  async ticketContextPreview(
    @Arg('organizationId', () => ID, {
      nullable: true,
      description: 'For which account; who has one need not say.',
    })
    organizationId: string | null,
    @Ctx() { db, identity, services, site }: Context,
  ): Promise<TicketContextSnapshot | null> {
    const account = organizationId ?? onlyAccount(identity)
    if (account === null && identity.orgIds.length > 1)
      throw badInput(`Say which of your accounts it is for, organizationId: ${identity.orgIds.join(' or ')}.`)
    if (!isCustomer(identity) || account === null || !identity.orgIds.includes(account)) return null
    const asking = { organizationId: account, requesterId: identity.personId, site, now: services.clock() }
    return Object.assign(new TicketContextSnapshot(), ownPart(await captureContext(db, asking), identity))
  }

  @Query(() => TicketWorkflow, { description: 'The states of tickets and the ways between them (D8).' })
  @Allow(...TICKET_READERS)
  async ticketWorkflow(): Promise<TicketWorkflow> {
    return {
      states: Object.entries(REASONS_OF).map(([status, reasons]) => ({ status, reasons })),
      transitions: WAYS,
      closing: `When the customer confirms it, or who asked withdraws it before; or ${SILENCE_HOURS} hours by the clock after it was resolved without a word from them; ${LEADS.join(' or ')} may close it before, with a reason.`,
    }
  }

  @Query(() => [TicketCategory], { description: 'What tickets are about (C12).' })
  @Allow(...TICKET_READERS)
  async ticketCategories(): Promise<string[]> {
    return Object.keys(TicketCategory)
  }
}

@Resolver(() => Queue)
export class QueueFields {
  @FieldResolver(() => connection(Ticket), {
    nullable: true,
    description: 'Tickets that lie in it, what should be handled first first.',
  })
  @Allow(...READERS)
  async tickets(
    @Root() { id }: Queue,
    @Args(() => PageArgs) page: PageArgs,
    @Arg('filter', () => TicketFilter, { nullable: true, description: 'Which ones.' })
    filter: TicketFilter | null,
    @Ctx() context: Context,
  ): Promise<Page<Ticket>> {
    return ticketPage(context, filterOf({ ...filter, queueIds: [id] }, context), 'ATTENTION', page)
  }
}

export const deskQueries: readonly Class[] = [
  DeskQueries,
  QueueFields,
  listOf({
    name: 'queues',
    type: Queue,
    description: 'Queues, newest first.',
    filter: QueueFilter,
  }),
  listOf({ name: 'operators', type: Operator, description: 'Who covers what, newest first.' }),
  listOf({
    name: 'ticketMessages',
    type: TicketMessage,
    description: 'What was said on any ticket, newest first (C26).',
    filter: TicketMessageFilter,
    where: messagesThat,
    allow: READERS,
  }),
]
