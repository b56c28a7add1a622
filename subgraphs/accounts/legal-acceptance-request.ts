import { aggregate } from '#shared/aggregate.js'
import type { AccountEvents } from '#shared/events/accounts.js'

/** Asked once, never changed: whether it is still open, what users accepted since tells. */
export const legalAcceptanceRequest = aggregate<null, AccountEvents>({
  type: 'LegalAcceptanceRequest',
  prefix: 'lgr',
  initial: null,
  evolve: {},
})
