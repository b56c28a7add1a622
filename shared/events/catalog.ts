import type { Sum } from '#shared/money.js'

interface FromSource {
  source: string
  externalId: string
}

/** What can happen to catalog items, listings and bids. Shapes only ever grow. */
export interface CatalogEvents {
  CatalogItemRecorded: FromSource & { title: string; brand: string | null; category: string | null }
  CatalogItemDeprecated: { replacementId: string | null }
  CatalogItemReactivated: Record<string, never>
  ListingRecorded: FromSource & {
    title: string
    organizationId: string
    catalogItemId: string | null
    price: Sum
    status: 'DRAFT' | 'LIVE' | 'SOLD' | 'ENDED'
    quantity: number
    listedAt: string
  }
  BidRecorded: FromSource & {
    listingId: string
    bidderId: string
    amount: Sum
    status: 'ACTIVE' | 'OUTBID' | 'WON' | 'LOST' | 'RETRACTED'
    placedAt: string
  }
}

export const CATALOG_EVENTS = {
  CatalogItemRecorded: 'The marketplace recorded an item of the catalog, or recorded it anew.',
  CatalogItemDeprecated: 'An item should no longer be listed.',
  CatalogItemReactivated: 'An item may be listed again.',
  ListingRecorded: 'The marketplace recorded a listing, or a new state of it.',
  BidRecorded: 'The marketplace recorded a bid, or a new state of it.',
} satisfies Record<keyof CatalogEvents, string>
