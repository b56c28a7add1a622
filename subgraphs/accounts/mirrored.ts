import { aggregate } from '#shared/aggregate.js'
import type { AccountEvents } from '#shared/events/accounts.js'

/** Aggregates that only mirror the marketplace: nothing is decided about them here, so their rows say it all. */
export const user = aggregate<null, AccountEvents>({ type: 'User', prefix: 'usr', initial: null, evolve: {} })
export const organization = aggregate<null, AccountEvents>({
  type: 'Organization',
  prefix: 'org',
  initial: null,
  evolve: {},
})
export const membership = aggregate<null, AccountEvents>({
  type: 'Membership',
  prefix: 'mbr',
  initial: null,
  evolve: {},
})
export const legalAcceptance = aggregate<null, AccountEvents>({
  type: 'LegalAcceptance',
  prefix: 'lga',
  initial: null,
  evolve: {},
})
