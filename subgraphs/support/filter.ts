import { Field, ID, InputType } from 'type-graphql'
import type { Context } from '#shared/context.js'
import { given, instant, oneOf, several, text } from '#shared/fields.js'
import type { Filter } from '#shared/loader.js'
import { forbidden } from '#shared/refusal.js'
import { READERS } from '#shared/roles.js'
import { isCustomer } from './audience.js'
import {
  FilterState,
  TicketCategory,
  TicketChannel,
  TicketPriority,
  TicketStatus,
  WorkItemPhase,
} from './enums.js'
import { SlaState, standingSo } from './sla/sla-standing.js'
import { phaseOf } from './status.js'
import { tagsOf } from './tags.js'

@InputType('TicketFilter', { description: 'Which tickets; what is left out does not matter.' })
export class TicketFilter {
  @several(TicketStatus, 'Those that stand at one of these.', { nullable: true, max: 10 })
  statuses?: (keyof typeof TicketStatus)[] | null

  @several(WorkItemPhase, 'Those that are so far: DONE is what is resolved or closed (X1).', {
    nullable: true,
    max: 10,
  })
  phases?: (keyof typeof WorkItemPhase)[] | null

  @several(TicketChannel, 'Those that came by one of these ways.', { nullable: true, max: 20 })
  channels?: (keyof typeof TicketChannel)[] | null

  @text('Those whose subject has these words, in any order; "in quotes" as they stand, -without others.', {
    nullable: true,
    max: 200,
  })
  text?: string | null

  @instant('Those opened at this moment or later (UTC).', { nullable: true })
  createdFrom?: Date | null

  @instant('Those opened before this moment (UTC).', { nullable: true })
  createdUntil?: Date | null

  @instant('Those where something happened at this moment or later (UTC) that the caller may know of.', {
    nullable: true,
  })
  updatedFrom?: Date | null

  @oneOf(TicketPriority, 'Those that are this urgent.', { nullable: true })
  priority?: keyof typeof TicketPriority | null

  @oneOf(TicketCategory, 'Those that are about this.', { nullable: true })
  category?: keyof typeof TicketCategory | null

  @given('StaffMember', 'Those that this person works on; for staff.', { nullable: true })
  assigneeId?: string | null

  @Field(() => Boolean, {
    nullable: true,
    description: 'Those that nobody works on; false: those that somebody does. For staff.',
  })
  unassigned?: boolean | null

  @given('Organization', 'Those of this account.', { nullable: true })
  organizationId?: string | null

  @given('User', 'Those of this customer.', { nullable: true })
  requesterId?: string | null

  @several(ID, 'Those in one of these queues; for staff.', { nullable: true, max: 100 })
  queueIds?: string[] | null

  @several(String, 'Those with one of these tags; for staff.', { nullable: true, max: 20 })
  tags?: string[] | null

  @Field(() => Boolean, {
    nullable: true,
    description: 'Those where somebody may come to harm, or not; for staff.',
  })
  safetySensitive?: boolean | null

  @Field(() => Boolean, {
    nullable: true,
    description: 'Those where the reply that was promised is late, or not; for staff.',
  })
  overdue?: boolean | null

  @oneOf(
    SlaState,
    'Those where the first reply since the opening or the last reopening is promised and stands so, or the reply after the last escalation that cannot wait; for staff.',
    { nullable: true },
  )
  slaState?: SlaState | null

  @Field(() => ID, {
    nullable: true,
    description: 'Those that are about this order, listing, user or whatever it is; for staff.',
  })
  linkedEntityId?: string | null

  @Field(() => Boolean, { nullable: true, description: 'Those that are put aside, or not; for staff.' })
  snoozed?: boolean | null

  @oneOf(FilterState, 'Those in the inbox, or kept apart; for staff.', { nullable: true })
  filterState?: keyof typeof FilterState | null

  @Field(() => Boolean, {
    nullable: true,
    description: 'Those that the caller looks after by queue, category or tag (setCoverage); for staff.',
  })
  coveredByMe?: boolean | null

  @Field(() => Boolean, {
    nullable: true,
    description: 'Those that are OPEN, that nobody works on and to which nobody replied (D41); for staff.',
  })
  unaddressed?: boolean | null

  @Field(() => Boolean, {
    nullable: true,
    description:
      'Those that supportOverview counts as needing attention; its attentionRule says which. For staff.',
  })
  needsAttention?: boolean | null
}

/** Filtering by what one may not read would tell it all the same (security 2.6). */
const FOR_CUSTOMERS: readonly string[] = [
  'statuses',
  'phases',
  'channels',
  'text',
  'createdFrom',
  'createdUntil',
  'updatedFrom',
  'priority',
  'category',
  'organizationId',
  'requesterId',
]

function requireReadable(filter: TicketFilter, { identity }: Context): void {
  if (!isCustomer(identity)) return
  const hidden = Object.entries(filter).find(
    ([name, value]) => value != null && !FOR_CUSTOMERS.includes(name),
  )
  if (hidden) throw forbidden(`Filtering by ${hidden[0]}`, READERS)
}

/** A condition with `?` for each of its values. */
type Condition = [sql: string, ...values: unknown[]]

/** All of them; none: everything. `before`: values that the statement has besides, from `$1` on. */
export function allOf(conditions: readonly Condition[], before: readonly unknown[] = []): Filter {
  const values = [...before]
  const parts = conditions.map(([sql, ...given]) => {
    const left = [...given]
    return sql.replaceAll('?', () => `$${values.push(left.shift())}`)
  })
  return { where: parts.map(part => `(${part})`).join(' and ') || 'true', values }
}

/** C6, in words. */
export const ATTENTION_RULE =
  'OPEN, in the inbox and not put aside, and: nobody works on it, or the customer had the last word, or the first reply is overdue or soon will be.'

const needsAttention = (now: Date): Condition => [
  `ticket.status = 'OPEN' and ticket.filter_state = 'INBOX' and ticket.snoozed_until is null
   and (ticket.assignee_id is null or ticket.awaits_reply or ticket.sla_at_risk_at <= ?)`,
  now,
]

const UNADDRESSED = `ticket.status = 'OPEN' and ticket.assignee_id is null and ticket.last_staff_reply_at is null`

const COVERED = `exists (select from support.operator o where o.staff_id = ?
  and (ticket.queue_id = any(o.queue_ids) or ticket.category = any(o.categories) or ticket.tags && o.tags))`

const LATE = 'ticket.sla_due_at is not null and ticket.sla_due_at <= ?'

/** Where tickets stand that are so far. */
const statusesOf = (phases: readonly string[]): string[] =>
  Object.values(TicketStatus).filter(status => phases.includes(phaseOf(status)))

/** As the index has it: words in any language, as they are written. */
const WORDS = `to_tsvector('simple', ticket.subject) @@ websearch_to_tsquery('simple', ?)`

/** Conditions on columns, but for those whose value was left out. */
const where = (...conditions: [sql: string, value: unknown][]): Condition[] =>
  conditions.filter(([, value]) => value != null).map(([sql, value]) => [`ticket.${sql}`, value])

const negated = (condition: Condition, yes: boolean): Condition =>
  yes ? condition : [`not (${condition[0]})`, ...condition.slice(1)]

/**
 * The conditions of a filter.
 * @throws GraphQLError FORBIDDEN when a customer filters by what they may not read
 */
export function conditionsOf(filter: TicketFilter, context: Context): Condition[] {
  requireReadable(filter, context)
  const { services, identity } = context
  const now = services.clock()
  const whether: [condition: Condition, wanted: boolean | null | undefined][] = [
    [['ticket.assignee_id is null'], filter.unassigned],
    [['ticket.snoozed_until is not null'], filter.snoozed],
    [[COVERED, identity.personId], filter.coveredByMe],
    [[UNADDRESSED], filter.unaddressed],
    [needsAttention(now), filter.needsAttention],
    [[LATE, now], filter.overdue],
  ]
  return [
    ...where(
      ['priority = ?', filter.priority],
      ['category = ?', filter.category],
      ['assignee_id = ?', filter.assigneeId],
      ['organization_id = ?', filter.organizationId],
      ['requester_id = ?', filter.requesterId],
      ['safety_sensitive = ?', filter.safetySensitive],
      ['filter_state = ?', filter.filterState],
    ),
    ...whether
      .filter(([, wanted]) => wanted != null)
      .map(([condition, wanted]) => negated(condition, wanted!)),
    ...where(
      ['status = any(?)', filter.statuses],
      ['status = any(?)', filter.phases && statusesOf(filter.phases)],
      ['channel = any(?)', filter.channels],
      ['created_at >= ?', filter.createdFrom],
      ['created_at < ?', filter.createdUntil],
      [isCustomer(identity) ? 'touched_at >= ?' : 'updated_at >= ?', filter.updatedFrom],
      ['linked_entity_ids @> array[?]', filter.linkedEntityId],
      ['queue_id = any(?)', filter.queueIds],
      ['tags && ?', filter.tags && tagsOf(filter.tags, 'tags')],
    ),
    ...(filter.slaState ? [standingSo(filter.slaState, now)] : []),
    ...(filter.text ? [[WORDS, filter.text] as Condition] : []),
  ]
}

/** A filter as SQL, of a table that is called `ticket` there. */
export const filterOf = (filter: TicketFilter | null | undefined, context: Context): Filter =>
  allOf(conditionsOf(filter ?? {}, context))

/** Of what a filter takes, what needs attention. `before`: values that the statement has besides, from `$1` on. */
export const attentionOf = (
  filter: TicketFilter | null | undefined,
  context: Context,
  before: readonly unknown[],
): Filter => allOf([...conditionsOf(filter ?? {}, context), needsAttention(context.services.clock())], before)

/** The inbox: what is to be worked on now, unless the filter asks for what is not. */
export function inboxOf(filter: TicketFilter | null | undefined, context: Context): Filter {
  const given = filter ?? {}
  const conditions = conditionsOf(given, context)
  if (given.filterState == null) conditions.push([`ticket.filter_state = 'INBOX'`])
  if (given.snoozed == null) conditions.push(['ticket.snoozed_until is null'])
  if (given.statuses == null && given.phases == null)
    conditions.push([`ticket.status not in ('RESOLVED', 'CLOSED')`])
  return allOf(conditions)
}
