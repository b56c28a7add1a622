import { RecordedRow } from '#shared/entity.js'
import type { CatalogEvents } from '#shared/events/catalog.js'
import { count, entity, instant, money, oneOf, ref, text } from '#shared/fields.js'
import { IdentifierKind } from '#shared/identifier.js'
import type { Sum } from '#shared/money.js'
import { READERS } from '#shared/roles.js'
import { states } from '#shared/states.js'
import { view } from '#shared/view.js'
import { listing } from '../mirrored.js'
import { Organization } from '../stubs.js'
import { CatalogItem } from './catalog-item.js'

export const ListingStatus = states(
  'ListingStatus',
  'Where a listing stands at its source; a takedown is told apart from it.',
  {
    DRAFT: 'Being written.',
    LIVE: 'On offer.',
    SOLD: 'All of it is sold.',
    ENDED: 'Ended unsold, or withdrawn.',
  },
)

@entity('Listing', {
  description: 'An offer of an organization.',
  allow: READERS,
  schema: 'catalog',
  prefix: 'lst',
  sort: 'listedAt',
})
export class Listing extends RecordedRow {
  @text('What is offered.', { find: IdentifierKind.NAME })
  title!: string

  @ref(() => Organization, 'Who offers it.')
  organizationId!: string

  @ref(() => CatalogItem, 'What it is an offer of.', { nullable: true })
  catalogItemId!: string | null

  @money('Price of one; in an auction, what it begins with.')
  price!: Sum

  @oneOf(ListingStatus, 'Where it stands at its source.')
  status!: CatalogEvents['ListingRecorded']['status']

  @count('How many are on offer.')
  quantity!: number

  @instant('When it was created at its source (UTC).')
  listedAt!: Date
}

export const listings = view(Listing, {
  of: listing,
  on: { ListingRecorded: ({ data }) => ({ ...data, listedAt: new Date(data.listedAt) }) },
})
