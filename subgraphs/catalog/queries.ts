import { Arg, Args, Ctx, Field, ID, InputType, Query, Resolver } from 'type-graphql'
import { connection, type Page, PageArgs } from '#shared/connection.js'
import type { Context } from '#shared/context.js'
import type { CatalogEvents } from '#shared/events/catalog.js'
import { where } from '#shared/loader.js'
import { Allow } from '#shared/permissions.js'
import { edge, lookup } from '#shared/queries.js'
import { READERS } from '#shared/roles.js'
import type { CatalogItemStatus as ItemStatus } from './catalog-item.js'
import { Organization, User } from './stubs.js'
import { Bid } from './views/bid.js'
import { CatalogItem, CatalogItemStatus } from './views/catalog-item.js'
import { Listing, ListingStatus } from './views/listing.js'

@InputType('ListingFilter', { description: 'Which listings.' })
export class ListingFilter {
  @Field(() => ListingStatus, { nullable: true, description: 'Only those that stand here at their source.' })
  status?: CatalogEvents['ListingRecorded']['status'] | null

  @Field(() => ID, { nullable: true, description: 'Only those of this organization.' })
  organizationId?: string | null

  @Field(() => ID, { nullable: true, description: 'Only those that offer this catalog item.' })
  catalogItemId?: string | null
}

@Resolver()
class Lists {
  @Query(() => connection(CatalogItem), { description: 'Items of the catalog, newest first.' })
  @Allow(...READERS)
  async catalogItems(
    @Args(() => PageArgs) page: PageArgs,
    @Arg('status', () => CatalogItemStatus, { nullable: true, description: 'Only those that stand here.' })
    status: ItemStatus | null,
    @Ctx() { loaders }: Context,
  ): Promise<Page<CatalogItem>> {
    return loaders.list(CatalogItem, where(['status = ?', status]), page)
  }

  @Query(() => connection(Listing), { description: 'Listings, newest first.' })
  @Allow(...READERS)
  async listings(
    @Args(() => PageArgs) page: PageArgs,
    @Arg('filter', () => ListingFilter, { nullable: true, description: 'Only some of them.' })
    filter: ListingFilter | null,
    @Ctx() { loaders }: Context,
  ): Promise<Page<Listing>> {
    const { status, organizationId, catalogItemId } = filter ?? {}
    return loaders.list(
      Listing,
      where(
        ['status = ?', status],
        ['organization_id = ?', organizationId],
        ['catalog_item_id = ?', catalogItemId],
      ),
      page,
    )
  }
}

export const queries = [
  Lists,
  ...[CatalogItem, Listing, Bid].map(lookup),
  edge(CatalogItem, 'listings', Listing, 'catalogItemId', 'Who offers it.'),
  edge(Listing, 'bids', Bid, 'listingId', 'What was bid for it.'),
  edge(Organization, 'listings', Listing, 'organizationId', 'What it offers.'),
  edge(User, 'bids', Bid, 'bidderId', 'What they bid.'),
]
