import { InputType } from 'type-graphql'
import type { LineRecorded } from '#shared/events/orders.js'
import { count, instant, money, oneOf, type Problem, part, parts, text } from '#shared/fields.js'
import { none, plus, type Sum, sum } from '#shared/money.js'
import { type Identified, type Recorded, RecordInput, recording } from '#shared/record.js'
import { states } from '#shared/states.js'
import { allocate } from '../allocate.js'
import { contradictions, type PaidClaim, PaymentDetails, paymentParts } from './payments.js'

const SourceOrderStatus = states('SourceOrderStatus', 'Where an order stands at its source.', {
  PLACED: 'Ordered, not paid yet.',
  PAID: 'Paid, nothing has left.',
  SHIPPED: 'On its way.',
  DELIVERED: 'Arrived.',
  CANCELED: 'Called off.',
})

@InputType('OrderLineInput', { description: 'One thing of an order.' })
export class OrderLineInput {
  @text("The marketplace's id of the line.", { nullable: true })
  externalId?: string | null

  @text('What was sold.', { max: 500 })
  title!: string

  @text("The seller's stock number.", { nullable: true })
  sku?: string | null

  @text('External id of the listing.', { nullable: true })
  listing?: string | null

  @count('How many.', { default: 1 })
  quantity!: number

  @money('Price of one.')
  unitPrice!: Sum
}

@InputType('OrderInput', { description: "One seller's order of a checkout." })
export class OrderInput {
  @text("The marketplace's id of the order.")
  externalId!: string

  @text('The number that people say.', { nullable: true })
  number?: string | null

  @text('External id of the selling organization.', { nullable: true })
  seller?: string | null

  @oneOf(SourceOrderStatus, 'Where it stands.', { default: 'PAID' })
  status!: keyof typeof SourceOrderStatus

  @parts(() => OrderLineInput, 'What was ordered.', { max: 500 })
  lines!: OrderLineInput[]

  @money('Shipping that the buyer paid.', { nullable: true })
  shipping?: Sum | null

  @money('Tax that the buyer paid.', { nullable: true })
  tax?: Sum | null

  @money("The platform's fee.", { nullable: true })
  fee?: Sum | null
}

@InputType('CheckoutRecordInput', {
  description: 'A checkout with its orders, their lines, and its payment.',
})
export class CheckoutRecordInput extends RecordInput {
  @text('External id of the user who bought.', { nullable: true })
  buyer?: string | null

  @instant('When it was placed (UTC).')
  placedAt!: Date

  @parts(() => OrderInput, 'Its orders, one for each seller.', { max: 100 })
  orders!: OrderInput[]

  @part(() => PaymentDetails, 'How it was paid; further payments by recordPayments.', { nullable: true })
  payment?: PaymentDetails | null
}

const currencyOf = ({ orders }: CheckoutRecordInput): string | undefined =>
  orders[0]?.lines[0]?.unitPrice.currency

const sums = ({ orders, payment }: CheckoutRecordInput): { at: string; value: Sum | null | undefined }[] => [
  ...orders.flatMap((order, i) => [
    ...order.lines.map((line, j) => ({ at: `orders.${i}.lines.${j}.unitPrice`, value: line.unitPrice })),
    { at: `orders.${i}.shipping`, value: order.shipping },
    { at: `orders.${i}.tax`, value: order.tax },
    { at: `orders.${i}.fee`, value: order.fee },
  ]),
  { at: 'payment.amount', value: payment?.amount },
  ...(payment?.allocations ?? []).map((share, i) => ({
    at: `payment.allocations.${i}.amount`,
    value: share.amount,
  })),
]

/** What GraphQL's types cannot say: one currency, no negative sums, at least one line, allocations that add up. */
function problemsOf(record: CheckoutRecordInput): Problem[] {
  const currency = currencyOf(record)
  const problems: Problem[] = record.orders.length
    ? []
    : [{ field: 'orders', message: 'must hold at least one order' }]
  record.orders.forEach((order, i) => {
    if (order.lines.length === 0)
      problems.push({ field: `orders.${i}.lines`, message: 'must hold at least one line' })
  })
  for (const { at, value } of sums(record)) {
    if (value && value.currency !== currency)
      problems.push({ field: at, message: `is in ${value.currency}, the checkout in ${currency}` })
    if (value && value.amount < 0) problems.push({ field: at, message: 'must not be negative' })
  }
  const { payment } = record
  if (problems.length || !payment?.allocations?.length) return problems
  const allocated = payment.allocations.map(share => share.amount).reduce(plus)
  if (allocated.amount !== payment.amount.amount)
    problems.push({
      field: 'payment.allocations',
      message: `add up to ${allocated.amount}, the payment is ${payment.amount.amount}`,
    })
  payment.allocations.forEach(({ order }, i) => {
    if (!record.orders.some(({ externalId }) => externalId === order))
      problems.push({
        field: `payment.allocations.${i}.order`,
        message: `"${order}" is not an order of this checkout`,
      })
  })
  return problems
}

const linesTotal = (lines: readonly OrderLineInput[], currency: string): Sum =>
  lines.map(line => sum(line.unitPrice.amount * line.quantity, currency)).reduce(plus, none(currency))

const totalOf = ({ lines, shipping, tax }: OrderInput, currency: string): Sum =>
  [linesTotal(lines, currency), shipping, tax].flatMap(part => part ?? []).reduce(plus)

/** What of the payment is for each order: as it says, or in proportion to what they cost. */
function sharesOf(record: CheckoutRecordInput): { order: string; amount: Sum }[] {
  const { payment, orders } = record
  if (!payment) return []
  if (payment.allocations?.length) return payment.allocations
  const totals = orders.map(order => totalOf(order, currencyOf(record)!).amount)
  return allocate(payment.amount, totals).map((amount, at) => ({ order: orders[at]!.externalId, amount }))
}

/** An order keeps its currency, and what is paid of it reaches what was given back. */
const claimsOf = ({ index, record, id }: Identified<CheckoutRecordInput>): PaidClaim[] =>
  sharesOf(record).map(({ order, amount }) => ({
    index,
    field: 'payment.amount',
    orderId: id('ord', order),
    paymentId: id('pay', record.payment!.externalId),
    amount,
    status: record.payment!.status,
  }))

export const recordCheckouts = recording({
  name: 'recordCheckouts',
  plural: 'checkouts',
  description: 'Takes checkouts in, with their orders for each seller, lines and payment.',
  record: CheckoutRecordInput,
  check: problemsOf,
  against: (tx, records) => contradictions(tx, records.flatMap(claimsOf)),
  emits: ['CheckoutRecorded', 'OrderRecorded', 'PaymentRecorded', 'PaymentAllocated'],
  streams(record, id) {
    const { source, externalId, payment } = record
    const currency = currencyOf(record)!
    const checkoutId = id('chk', externalId)
    const buyerId = record.buyer ? id('usr', record.buyer) : null
    const placedAt = record.placedAt.toISOString()
    const orders = record.orders.map(order => {
      const lines: LineRecorded[] = order.lines.map(
        ({ externalId = null, title, sku = null, listing, quantity, unitPrice }) => ({
          externalId,
          title,
          sku,
          quantity,
          unitPrice,
          listingId: listing ? id('lst', listing) : null,
        }),
      )
      const { shipping, tax, fee } = order
      const total = totalOf(order, currency)
      const sellerId = order.seller ? id('org', order.seller) : null
      return { order, orderId: id('ord', order.externalId), lines, total, sellerId, shipping, tax, fee }
    })
    const parts: Recorded[] = [
      {
        stream: { type: 'Checkout', id: checkoutId },
        event: {
          type: 'CheckoutRecorded',
          data: {
            source,
            externalId,
            buyerId,
            orderIds: orders.map(o => o.orderId),
            total: orders.map(o => o.total).reduce(plus),
            placedAt,
          },
          refs: [...orders.map(o => o.orderId), ...(buyerId ? [buyerId] : [])],
        },
      },
      ...orders.map(({ order, orderId, lines, total, sellerId, shipping, tax, fee }) => ({
        stream: { type: 'Order', id: orderId },
        event: {
          type: 'OrderRecorded',
          data: {
            source,
            externalId: order.externalId,
            checkoutId,
            buyerId,
            sellerId,
            number: order.number ?? null,
            status: order.status,
            lines,
            shipping: shipping ?? none(currency),
            tax: tax ?? none(currency),
            fee: fee ?? none(currency),
            total,
            placedAt,
          },
          refs: [checkoutId, buyerId, sellerId, ...lines.map(line => line.listingId)].filter(
            ref => ref !== null,
          ),
        },
      })),
    ]
    if (!payment) return parts
    const shares = sharesOf(record).map(({ order, amount }) => ({ orderId: id('ord', order), amount }))
    return [...parts, ...paymentParts({ ...payment, source }, checkoutId, shares, id)]
  },
})
