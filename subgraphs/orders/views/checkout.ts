import { RecordedRow } from '#shared/entity.js'
import { entity, instant, money, ref } from '#shared/fields.js'
import type { Sum } from '#shared/money.js'
import { READERS } from '#shared/roles.js'
import { view } from '#shared/view.js'
import { checkout } from '../mirrored.js'
import { User } from '../stubs.js'

@entity('Checkout', {
  description: 'What a buyer paid at once: one order for each seller.',
  allow: READERS,
  schema: 'orders',
  prefix: 'chk',
  sort: 'placedAt',
})
export class Checkout extends RecordedRow {
  @ref(() => User, 'Who bought.', { nullable: true })
  buyerId!: string | null

  @money('All orders of it together.')
  total!: Sum

  @instant('When it was placed (UTC).')
  placedAt!: Date
}

export const checkouts = view(Checkout, {
  of: checkout,
  on: { CheckoutRecorded: ({ data }) => ({ ...data, placedAt: new Date(data.placedAt) }) },
})
