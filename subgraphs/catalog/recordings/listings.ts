import { InputType } from 'type-graphql'
import type { CatalogEvents } from '#shared/events/catalog.js'
import { count, instant, money, oneOf, part, text } from '#shared/fields.js'
import type { Sum } from '#shared/money.js'
import { type Recorded, RecordInput, recording } from '#shared/record.js'
import { ListingStatus } from '../views/listing.js'

@InputType('CatalogItemInput', { description: 'Something that can be sold, whoever lists it.' })
export class CatalogItemInput {
  @text("The marketplace's id of the item.")
  externalId!: string

  @text('What it is called.', { max: 500 })
  title!: string

  @text('Who makes it.', { nullable: true })
  brand?: string | null

  @text('What kind of thing it is.', { nullable: true })
  category?: string | null
}

@InputType('ListingRecordInput', { description: 'An offer of an organization.' })
export class ListingRecordInput extends RecordInput {
  @text('What is offered.', { max: 500 })
  title!: string

  @text('External id of the organization that offers it.')
  organization!: string

  @part(() => CatalogItemInput, 'What it is an offer of.', { nullable: true })
  catalogItem?: CatalogItemInput | null

  @money('Price of one; in an auction, what it begins with.')
  price!: Sum

  @oneOf(ListingStatus, 'Where it stands.', { default: 'LIVE' })
  status!: CatalogEvents['ListingRecorded']['status']

  @count('How many are on offer.', { default: 1 })
  quantity!: number

  @instant('When it was created at its source (UTC).')
  createdAt!: Date
}

type Id = (prefix: string, external: string) => string

const itemOf = (
  source: string,
  { externalId, title, brand = null, category = null }: CatalogItemInput,
  id: Id,
): Recorded => ({
  stream: { type: 'CatalogItem', id: id('cit', externalId) },
  event: { type: 'CatalogItemRecorded', data: { source, externalId, title, brand, category } },
})

/** E29. */
export const recordListings = recording({
  name: 'recordListings',
  plural: 'listings',
  description: 'Takes listings in, with the catalog items they offer.',
  record: ListingRecordInput,
  check: ({ price }) => (price.amount < 0 ? [{ field: 'price', message: 'must not be negative' }] : []),
  emits: ['ListingRecorded', 'CatalogItemRecorded'],
  streams({ source, externalId, title, organization, catalogItem, price, status, quantity, createdAt }, id) {
    const organizationId = id('org', organization)
    const catalogItemId = catalogItem ? id('cit', catalogItem.externalId) : null
    return [
      {
        stream: { type: 'Listing', id: id('lst', externalId) },
        event: {
          type: 'ListingRecorded',
          data: {
            source,
            externalId,
            title,
            organizationId,
            catalogItemId,
            price: { amount: price.amount, currency: price.currency },
            status: status ?? 'LIVE',
            quantity: quantity ?? 1,
            listedAt: createdAt.toISOString(),
          },
          refs: [organizationId, ...(catalogItemId ? [catalogItemId] : [])],
        },
      },
      ...(catalogItem ? [itemOf(source, catalogItem, id)] : []),
    ]
  },
})
