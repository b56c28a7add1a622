import { aggregate } from '#shared/aggregate.js'
import type { LedgerEvents } from '#shared/events/ledger.js'

/** A correction by hand: it happens once and is never changed, so there is nothing to decide about it. */
export const ledgerAdjustment = aggregate<null, LedgerEvents>({
  type: 'LedgerAdjustment',
  prefix: 'adj',
  initial: null,
  evolve: {},
})
