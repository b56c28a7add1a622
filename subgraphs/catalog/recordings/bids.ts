import { InputType } from 'type-graphql'
import type { CatalogEvents } from '#shared/events/catalog.js'
import { instant, money, oneOf, text } from '#shared/fields.js'
import type { Sum } from '#shared/money.js'
import { RecordInput, recording } from '#shared/record.js'
import { BidStatus } from '../views/bid.js'

@InputType('BidRecordInput', { description: 'A bid for a listing that was recorded before.' })
export class BidRecordInput extends RecordInput {
  @text('External id of the listing.')
  listing!: string

  @text('External id of the user who bid.')
  bidder!: string

  @money('How much.')
  amount!: Sum

  @oneOf(BidStatus, 'Where it stands.', { default: 'ACTIVE' })
  status!: CatalogEvents['BidRecorded']['status']

  @instant('When it was placed (UTC).')
  placedAt!: Date
}

/** E29. */
export const recordBids = recording({
  name: 'recordBids',
  plural: 'bids',
  description: 'Takes bids in, for listings that were recorded before.',
  record: BidRecordInput,
  check: ({ amount }) =>
    amount.amount <= 0 ? [{ field: 'amount', message: 'must be more than nothing' }] : [],
  requires: ({ listing }, id) => [{ field: 'listing', stream: { type: 'Listing', id: id('lst', listing) } }],
  emits: ['BidRecorded'],
  streams({ source, externalId, listing, bidder, amount, status, placedAt }, id) {
    const listingId = id('lst', listing)
    const bidderId = id('usr', bidder)
    return [
      {
        stream: { type: 'Bid', id: id('bid', externalId) },
        event: {
          type: 'BidRecorded',
          data: {
            source,
            externalId,
            listingId,
            bidderId,
            amount: { amount: amount.amount, currency: amount.currency },
            status: status ?? 'ACTIVE',
            placedAt: placedAt.toISOString(),
          },
          refs: [listingId, bidderId],
        },
      },
    ]
  },
})
