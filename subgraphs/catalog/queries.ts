import { Arg, Args, Ctx, Field, FieldResolver, ID, InputType, Query, Resolver, Root } from 'type-graphql'
import { connection, type Page, PageArgs } from '#shared/connection.js'
import type { Context } from '#shared/context.js'
import type { CatalogEvents } from '#shared/events/catalog.js'
import type { Filter } from '#shared/loader.js'
import { Allow } from '#shared/permissions.js'
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

/** Conditions for the columns that a filter gives a value for. */
function where(columns: Record<string, string | null | undefined>): Filter {
  const given = Object.entries(columns).filter(([, value]) => value !== undefined && value !== null)
  return {
    where: given.map(([column], i) => `${column} = $${i + 1}`).join(' and ') || 'true',
    values: given.map(([, value]) => value),
  }
}

@Resolver()
export class CatalogQueries {
  @Query(() => CatalogItem, { nullable: true, description: 'One item of the catalog.' })
  @Allow(...READERS)
  async catalogItem(
    @Arg('id', () => ID, { description: 'Its global id.' }) id: string,
    @Ctx() { loaders }: Context,
  ) {
    return loaders.one(CatalogItem, id)
  }

  @Query(() => connection(CatalogItem), { description: 'Items of the catalog, newest first.' })
  @Allow(...READERS)
  async catalogItems(
    @Args(() => PageArgs) page: PageArgs,
    @Arg('status', () => CatalogItemStatus, { nullable: true, description: 'Only those that stand here.' })
    status: ItemStatus | null,
    @Ctx() { loaders }: Context,
  ): Promise<Page<CatalogItem>> {
    return loaders.list(CatalogItem, where({ status }), page)
  }

  @Query(() => Listing, { nullable: true, description: 'One listing.' })
  @Allow(...READERS)
  async listing(
    @Arg('id', () => ID, { description: 'Its global id.' }) id: string,
    @Ctx() { loaders }: Context,
  ) {
    return loaders.one(Listing, id)
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
      where({ status, organization_id: organizationId, catalog_item_id: catalogItemId }),
      page,
    )
  }

  @Query(() => Bid, { nullable: true, description: 'One bid.' })
  @Allow(...READERS)
  async bid(@Arg('id', () => ID, { description: 'Its global id.' }) id: string, @Ctx() { loaders }: Context) {
    return loaders.one(Bid, id)
  }
}

type Parent = { id: string }

@Resolver(() => CatalogItem)
export class CatalogItemFields {
  @FieldResolver(() => connection(Listing), { description: 'Who offers it.' })
  async listings(
    @Root() { id }: Parent,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { loaders }: Context,
  ): Promise<Page<Listing>> {
    return loaders.children(Listing, 'catalogItemId', id, page)
  }
}

@Resolver(() => Listing)
export class ListingFields {
  @FieldResolver(() => connection(Bid), { description: 'What was bid for it.' })
  async bids(
    @Root() { id }: Parent,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { loaders }: Context,
  ): Promise<Page<Bid>> {
    return loaders.children(Bid, 'listingId', id, page)
  }
}

@Resolver(() => Organization)
export class OrganizationFields {
  @FieldResolver(() => connection(Listing), { nullable: true, description: 'What it offers.' })
  @Allow(...READERS)
  async listings(
    @Root() { id }: Parent,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { loaders }: Context,
  ): Promise<Page<Listing>> {
    return loaders.children(Listing, 'organizationId', id, page)
  }
}

@Resolver(() => User)
export class UserFields {
  @FieldResolver(() => connection(Bid), { nullable: true, description: 'What they bid.' })
  @Allow(...READERS)
  async bids(
    @Root() { id }: Parent,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { loaders }: Context,
  ): Promise<Page<Bid>> {
    return loaders.children(Bid, 'bidderId', id, page)
  }
}
