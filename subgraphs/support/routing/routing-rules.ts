import { aggregate } from '#shared/aggregate.js'
import type { RoutingRuleShape, SupportEvents } from '#shared/events/support.js'

/** The one set of rules. */
export const RULES_ID = 'rrs_support'

/** Rules as they were last changed; null: those to begin with. */
export interface RoutingRulesState {
  rules: RoutingRuleShape[] | null
}

export const routingRules = aggregate<RoutingRulesState, SupportEvents>({
  type: 'RoutingRuleSet',
  prefix: 'rrs',
  initial: { rules: null },
  evolve: { RoutingRulesChanged: (_, { rules }) => ({ rules }) },
})
