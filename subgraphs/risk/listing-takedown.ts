import { aggregate } from '#shared/aggregate.js'
import type { RiskEvents } from '#shared/events/risk.js'
import { derivedId } from './subject.js'

/** Whether a listing is down. */
export interface ListingTakedownState {
  /** Null: it never was. */
  state: 'APPLIED' | 'REINSTATED' | null
  /** When it ends by itself, ISO 8601. */
  until: string | null
}

export const listingTakedown = aggregate<ListingTakedownState, RiskEvents>({
  type: 'ListingTakedown',
  prefix: 'tkd',
  initial: { state: null, until: null },
  evolve: {
    ListingTakedownApplied: (_, { until }) => ({ state: 'APPLIED', until }),
    ListingReinstated: () => ({ state: 'REINSTATED', until: null }),
  },
})

/** One history for each listing, so that two who take it down at once meet. */
export const takedownIdOf = (listingId: string): string => derivedId(listingTakedown.prefix, listingId)
