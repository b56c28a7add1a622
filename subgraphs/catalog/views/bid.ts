import { RecordedRow } from '#shared/entity.js'
import type { CatalogEvents } from '#shared/events/catalog.js'
import { entity, instant, money, oneOf, ref } from '#shared/fields.js'
import type { Sum } from '#shared/money.js'
import { READERS } from '#shared/roles.js'
import { states } from '#shared/states.js'
import { view } from '#shared/view.js'
import { bid } from '../mirrored.js'
import { User } from '../stubs.js'
import { Listing } from './listing.js'

export const BidStatus = states('BidStatus', 'Where a bid stands.', {
  ACTIVE: 'The highest so far.',
  OUTBID: 'Somebody bid more.',
  WON: 'It bought the thing.',
  LOST: 'It did not.',
  RETRACTED: 'Taken back.',
})

@entity('Bid', {
  description: 'What somebody would give for a listing.',
  allow: READERS,
  schema: 'catalog',
  prefix: 'bid',
  sort: 'placedAt',
})
export class Bid extends RecordedRow {
  @ref(() => Listing, 'For what.')
  listingId!: string

  @ref(() => User, 'Who bid.')
  bidderId!: string

  @money('How much.')
  amount!: Sum

  @oneOf(BidStatus, 'Where it stands.')
  status!: CatalogEvents['BidRecorded']['status']

  @instant('When it was placed (UTC).')
  placedAt!: Date
}

export const bids = view(Bid, {
  of: bid,
  on: { BidRecorded: ({ data }) => ({ ...data, placedAt: new Date(data.placedAt) }) },
})
