import { aggregate } from '#shared/aggregate.js'
import type { CatalogEvents } from '#shared/events/catalog.js'

export type CatalogItemStatus = 'ACTIVE' | 'DEPRECATED'

/** What decisions about an item rest on. `status` null: there is no such item. */
export interface CatalogItemState {
  status: CatalogItemStatus | null
  /** What stands in for it while it is deprecated. */
  replacementId: string | null
}

export const catalogItem = aggregate<CatalogItemState, CatalogEvents>({
  type: 'CatalogItem',
  prefix: 'cit',
  initial: { status: null, replacementId: null },
  evolve: {
    // The source describes an item; whether it may be listed is decided here (E21).
    CatalogItemRecorded: state => ({ ...state, status: state.status ?? 'ACTIVE' }),
    CatalogItemDeprecated: (_, { replacementId }) => ({ status: 'DEPRECATED', replacementId }),
    CatalogItemReactivated: () => ({ status: 'ACTIVE', replacementId: null }),
  },
})
