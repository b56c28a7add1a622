import { aggregate } from '#shared/aggregate.js'
import type { RiskEvents } from '#shared/events/risk.js'
import { derivedId } from './subject.js'

/** Whether an organization may do business. */
export interface OrgFreezeState {
  state: 'FROZEN' | 'ACTIVE'
}

export const orgFreeze = aggregate<OrgFreezeState, RiskEvents>({
  type: 'OrgFreeze',
  prefix: 'frz',
  initial: { state: 'ACTIVE' },
  evolve: {
    OrgFrozen: () => ({ state: 'FROZEN' }),
    OrgUnfrozen: () => ({ state: 'ACTIVE' }),
  },
})

/** One history for each organization, so that two who freeze it at once meet. */
export const freezeIdOf = (organizationId: string): string => derivedId(orgFreeze.prefix, organizationId)
