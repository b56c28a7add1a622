import { Extensions, ObjectType } from 'type-graphql'
import { RecordedRow } from '#shared/entity.js'
import type { LineRecorded } from '#shared/events/orders.js'
import { count, entity, instant, json, money, oneOf, parts, ref, text } from '#shared/fields.js'
import { IdentifierKind } from '#shared/identifier.js'
import type { Sum } from '#shared/money.js'
import { READERS } from '#shared/roles.js'
import { states } from '#shared/states.js'
import { view } from '#shared/view.js'
import { type OrderState, order, type Status } from '../order.js'
import { Listing, Organization, User } from '../stubs.js'
import { Checkout } from './checkout.js'

export const OrderStatus = states('OrderStatus', 'Where an order stands.', {
  PLACED: 'Ordered, not paid yet.',
  PAID: 'Paid, nothing has left.',
  SHIPPED: 'On its way.',
  DELIVERED: 'Arrived.',
  CANCELED: 'Called off.',
  REFUNDED: 'All that was paid was given back.',
})

@ObjectType('OrderLine', { description: 'One thing of an order, as it was sold.' })
@Extensions({ value: true })
export class OrderLine {
  @text('Its id, for refunds and cancellations by line: the id of the order, a slash, its place from 1.')
  id!: string

  @text("The marketplace's id of the line.", { nullable: true })
  externalId!: string | null

  @text('What was sold.')
  title!: string

  @text("The seller's stock number.", { nullable: true })
  sku!: string | null

  @count('How many.')
  quantity!: number

  @money('Price of one.')
  unitPrice!: Sum

  @ref(() => Listing, 'The listing it was bought from.', { nullable: true })
  listingId!: string | null

  @count('How many of it were called off.')
  canceled!: number

  @count('How many of it were given back by line.')
  refunded!: number
}

@entity('Order', {
  description: "One seller's part of a checkout.",
  allow: READERS,
  schema: 'orders',
  prefix: 'ord',
  sort: 'placedAt',
})
export class Order extends RecordedRow {
  @text('The number that people say.', { nullable: true, find: IdentifierKind.NUMBER })
  number!: string | null

  @oneOf(OrderStatus, 'Where it stands.')
  status!: Status

  @ref(() => Checkout, 'The checkout it is part of.')
  checkoutId!: string

  @ref(() => User, 'Who bought.', { nullable: true })
  buyerId!: string | null

  @ref(() => Organization, 'Who sells.', { nullable: true })
  sellerId!: string | null

  @parts(() => OrderLine, 'What was ordered.')
  lines!: OrderLine[]

  @money('Shipping that the buyer paid.')
  shipping!: Sum

  @money('Tax that the buyer paid.')
  tax!: Sum

  @money("The platform's fee on it.")
  fee!: Sum

  @money('All that it costs the buyer.')
  total!: Sum

  @money('What was captured for it.')
  paid!: Sum

  @money('What was given back.')
  refunded!: Sum

  @money('What banks took back by chargebacks, or dispute right now.')
  chargedBack!: Sum

  @money('What could still be given back.')
  refundable!: Sum

  @instant('When it was ordered (UTC).')
  placedAt!: Date

  @json('What decisions rest on, as the events left it.', { hidden: true })
  state!: OrderState
}

/** What the events left, of what a row shows. */
const left = (row: Order | null, state: OrderState, recorded?: readonly LineRecorded[]) => {
  const { status, paid, refunded, chargedBack, refundable } = state
  const lines = (recorded ?? row!.lines).map((line, at) => {
    const { id, canceled, refunded: returned } = state.lines[at]!
    return { ...line, id, canceled, refunded: returned } as OrderLine
  })
  return { status: status!, paid, refunded, chargedBack, refundable, lines }
}

const after = (_: unknown, row: Order | null, state: OrderState) => left(row, state)

/** The row shows what these change; the state keeps the rest. */
const unseen = () => ({})

export const orders = view(Order, {
  of: order,
  on: {
    OrderRecorded: ({ data }, row, state) => ({
      ...data,
      ...left(row, state, data.lines),
      placedAt: new Date(data.placedAt),
    }),
    PaymentAllocated: after,
    RefundIssued: after,
    RefundSubmitted: unseen,
    RefundSettled: unseen,
    RefundFailed: unseen,
    RefundRetried: unseen,
    ChargebackRecorded: after,
    OrderCanceled: after,
    OrderLinesCanceled: after,
  },
})
