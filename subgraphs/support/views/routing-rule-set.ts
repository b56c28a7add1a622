import { Extensions, ObjectType } from 'type-graphql'
import { Row } from '#shared/entity.js'
import type {
  FilterState as Filter,
  TicketPriority as Priority,
  RoutingConditions,
  RoutingRuleShape,
} from '#shared/events/support.js'
import { entity, flag, oneOf, part, parts, ref, several, text } from '#shared/fields.js'
import { READERS } from '#shared/roles.js'
import { view } from '#shared/view.js'
import { FilterState, TicketCategory, TicketChannel, TicketPriority } from '../enums.js'
import { routingRules } from '../routing/routing-rules.js'
import { StaffMember } from '../stubs.js'
import { Queue } from './queue.js'

@ObjectType('RoutingWhen', {
  description: 'What a ticket has to be like: all that is said, one of each list.',
})
@Extensions({ value: true })
export class RoutingWhen {
  @several(TicketCategory, 'It is of one of these categories.', { nullable: true })
  categories!: string[] | null

  @several(TicketChannel, 'It came by one of these ways.', { nullable: true })
  channels!: string[] | null

  @several(String, 'It is about something of one of these types, e.g. Order.', { nullable: true })
  linkTypes!: string[] | null

  @several(String, 'Subject or description has one of these words, or words in this order.', {
    nullable: true,
  })
  words!: string[] | null

  @several(String, 'The account has one of these plans.', { nullable: true })
  plans!: string[] | null
}

@ObjectType('RoutingRule', {
  description: 'When a new ticket is like this, then that becomes of it, because … (C11).',
})
@Extensions({ value: true })
export class RoutingRule {
  @text('What it is called.')
  name!: string

  @part(() => RoutingWhen, 'Which tickets.')
  when!: RoutingConditions

  @ref(() => Queue, 'Where they go, unless a rule before says otherwise.', { nullable: true })
  thenQueueId!: string | null

  @several(String, 'Tags that they get.')
  tags!: string[]

  @oneOf(TicketPriority, 'At least this urgent.', { nullable: true })
  priority!: Priority | null

  @flag('Somebody may come to harm.')
  safetySensitive!: boolean

  @oneOf(FilterState, 'Kept apart from the inbox, unless a rule before says otherwise.', { nullable: true })
  filter!: Filter | null

  @text('Why.')
  because!: string
}

@entity('RoutingRuleSet', {
  description: 'The rules that choose queue, tags and urgency of new tickets, in their order.',
  allow: READERS,
  schema: 'support',
  prefix: 'rrs',
})
export class RoutingRuleSet extends Row {
  @parts(
    () => RoutingRule,
    'The rules: every one that fits adds its tags; the first that names a queue decides it.',
  )
  rules!: RoutingRuleShape[]

  @ref(() => StaffMember, 'Who changed them last; null while they are those to begin with.', {
    nullable: true,
  })
  changedById!: string | null
}

export const routingRuleSets = view(RoutingRuleSet, {
  of: routingRules,
  on: {
    RoutingRulesChanged: ({ data: { rules }, actor }) => ({
      rules,
      changedById: actor.kind === 'STAFF' ? actor.id : null,
    }),
  },
})
