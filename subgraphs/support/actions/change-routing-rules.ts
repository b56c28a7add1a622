import { Field, InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { RoutingRuleShape } from '#shared/events/support.js'
import { given, oneOf, part, parts, several, text } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { FilterState, TicketCategory, TicketChannel, TicketPriority } from '../enums.js'
import { type RoutableQueue, readQueues } from '../routing/routing.js'
import { RULES_ID, routingRules } from '../routing/routing-rules.js'
import { LEADS } from '../staff.js'
import { tagsOf } from '../tags.js'
import { RoutingRuleSet } from '../views/routing-rule-set.js'

const MAX_RULES = 200

@InputType('RoutingWhenInput', {
  description: 'What a ticket has to be like: all that is said, one of each list.',
})
export class RoutingWhenInput {
  @several(TicketCategory, 'It is of one of these categories.', { nullable: true, max: 20 })
  categories?: (keyof typeof TicketCategory)[] | null

  @several(TicketChannel, 'It came by one of these ways.', { nullable: true, max: 20 })
  channels?: (keyof typeof TicketChannel)[] | null

  @several(String, 'It is about something of one of these types, e.g. Order.', { nullable: true, max: 20 })
  linkTypes?: string[] | null

  @several(String, 'Subject or description has one of these words, or words in this order.', {
    nullable: true,
    max: 200,
  })
  words?: string[] | null

  @several(String, 'The account has one of these plans.', { nullable: true, max: 20 })
  plans?: string[] | null
}

@InputType('RoutingRuleInput', {
  description: 'When a new ticket is like this, then that becomes of it, because … (C11).',
})
export class RoutingRuleInput {
  @text('What it is called; no two rules alike.', { max: 80 })
  name!: string

  @part(() => RoutingWhenInput, 'Which tickets.')
  when!: RoutingWhenInput

  @given('Queue', 'Where they go, unless a rule before says otherwise.', { nullable: true })
  thenQueueId?: string | null

  @several(String, 'Tags that they get.', { nullable: true, max: 10 })
  tags?: string[] | null

  @oneOf(TicketPriority, 'At least this urgent.', { nullable: true })
  priority?: keyof typeof TicketPriority | null

  @Field(() => Boolean, { defaultValue: false, description: 'Somebody may come to harm.' })
  safetySensitive?: boolean

  @oneOf(FilterState, 'Kept apart from the inbox: SPAM or FILTERED.', { nullable: true })
  filter?: keyof typeof FilterState | null

  @text('Why; explainRouting says it.', { max: 300 })
  because!: string
}

@InputType('ChangeRoutingRulesInput', { description: 'The rules from now on, in their order.' })
export class ChangeRoutingRulesInput extends ActionInput {
  @parts(() => RoutingRuleInput, `All rules, at most ${MAX_RULES}.`, { max: MAX_RULES })
  rules!: RoutingRuleInput[]
}

const listed = (texts: readonly string[] | null | undefined): string[] | null =>
  texts?.length ? texts.map(text => text.trim()).filter(Boolean) : null

function shapeOf(rule: RoutingRuleInput, at: number, queues: readonly RoutableQueue[]): RoutingRuleShape {
  const {
    name,
    when,
    thenQueueId = null,
    tags,
    priority = null,
    safetySensitive = false,
    filter = null,
    because,
  } = rule
  const wanted = {
    categories: when.categories?.length ? when.categories : null,
    channels: when.channels?.length ? when.channels : null,
    linkTypes: listed(when.linkTypes),
    words: listed(when.words),
    plans: listed(when.plans),
  }
  if (Object.values(wanted).every(list => list === null))
    refuse('INVALID', 'A rule says which tickets it is for.', `rules.${at}.when`)
  if (thenQueueId !== null && !queues.some(({ id, isActive }) => id === thenQueueId && isActive))
    refuse('UNKNOWN_REFERENCE', 'There is no such queue that takes tickets.', `rules.${at}.thenQueueId`)
  if (!thenQueueId && !tags?.length && !priority && !safetySensitive && !filter)
    refuse('INVALID', 'A rule says what becomes of the ticket.', `rules.${at}`)
  return {
    name,
    when: wanted,
    thenQueueId,
    tags: tagsOf(tags ?? [], `rules.${at}.tags`),
    priority,
    safetySensitive,
    filter,
    because,
  }
}

/** C11, D55: data, in versions; every change counts for tickets opened from then on, and each ticket keeps what it was routed by. */
export const changeRoutingRules = action({
  name: 'changeRoutingRules',
  description:
    'Changes the rules that choose queue, tags and urgency of new tickets; expectedVersion keeps two leads from undoing each other.',
  input: ChangeRoutingRulesInput,

  on: routingRules,
  target: () => RULES_ID,
  prepare: (_input, tx): Promise<RoutableQueue[]> => readQueues(tx),

  allow: LEADS,

  decide(_state, { rules }, { read: queues }) {
    const shapes = rules.map((rule, at) => shapeOf(rule, at, queues))
    const names = shapes.map(({ name }) => name.toLowerCase())
    const twice = names.findIndex((name, at) => names.indexOf(name) !== at)
    if (twice >= 0) refuse('INVALID', 'No two rules are called alike.', `rules.${twice}.name`)
    const refs = shapes.flatMap(({ thenQueueId }) => thenQueueId ?? [])
    return { type: 'RoutingRulesChanged', data: { rules: shapes }, refs }
  },

  emits: ['RoutingRulesChanged'],
  returns: { routingRules: RoutingRuleSet },
})
