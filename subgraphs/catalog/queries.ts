import { InputType } from 'type-graphql'
import type { CatalogEvents } from '#shared/events/catalog.js'
import { given, oneOf } from '#shared/fields.js'
import { edge, listOf, lookup } from '#shared/queries.js'
import type { CatalogItemStatus as ItemStatus } from './catalog-item.js'
import { Organization, User } from './stubs.js'
import { Bid } from './views/bid.js'
import { CatalogItem, CatalogItemStatus } from './views/catalog-item.js'
import { Listing, ListingStatus } from './views/listing.js'

@InputType('CatalogItemFilter', {
  description: 'Which items of the catalog; what is left out does not matter.',
})
export class CatalogItemFilter {
  @oneOf(CatalogItemStatus, 'Those that stand here.', { nullable: true })
  status?: ItemStatus | null
}

@InputType('ListingFilter', { description: 'Which listings; what is left out does not matter.' })
export class ListingFilter {
  @oneOf(ListingStatus, 'Those that stand here at their source.', { nullable: true })
  status?: CatalogEvents['ListingRecorded']['status'] | null

  @given('Organization', 'Those of this organization.', { nullable: true })
  organizationId?: string | null

  @given('CatalogItem', 'Those that offer this catalog item.', { nullable: true })
  catalogItemId?: string | null
}

export const queries = [
  listOf({
    name: 'catalogItems',
    type: CatalogItem,
    description: 'Items of the catalog, newest first.',
    filter: CatalogItemFilter,
  }),
  listOf({ name: 'listings', type: Listing, description: 'Listings, newest first.', filter: ListingFilter }),
  ...[CatalogItem, Listing, Bid].map(lookup),
  edge(CatalogItem, 'listings', Listing, 'catalogItemId', 'Who offers it.'),
  edge(Listing, 'bids', Bid, 'listingId', 'What was bid for it.'),
  edge(Organization, 'listings', Listing, 'organizationId', 'What it offers.'),
  edge(User, 'bids', Bid, 'bidderId', 'What they bid.'),
]
