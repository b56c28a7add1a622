import { aggregate } from '#shared/aggregate.js'
import type { CatalogEvents } from '#shared/events/catalog.js'

/** Aggregates that only mirror the marketplace: nothing is decided about them here, so their rows say it all. */
export const listing = aggregate<null, CatalogEvents>({
  type: 'Listing',
  prefix: 'lst',
  initial: null,
  evolve: {},
})
export const bid = aggregate<null, CatalogEvents>({ type: 'Bid', prefix: 'bid', initial: null, evolve: {} })
