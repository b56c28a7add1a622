import { InputType } from 'type-graphql'
import type { EntityManager } from 'typeorm'
import type { PaymentState } from '#shared/events/orders.js'
import { instant, money, oneOf, type Problem, parts, text } from '#shared/fields.js'
import { plus, type Sum } from '#shared/money.js'
import { type Recorded, type RecordInput, recording } from '#shared/record.js'
import { type Booked, totalOf } from '../booking.js'
import { PaymentStatus } from '../views/payment.js'

@InputType('AllocationInput', { description: "A payment's share of one order." })
export class AllocationInput {
  @text('External id of the order.')
  order!: string

  @money('How much of the payment is for it.')
  amount!: Sum
}

@InputType('PaymentInput', { description: 'How a checkout was paid.' })
export class PaymentDetails {
  @text("The marketplace's id of the payment.")
  externalId!: string

  @text('Who moved the money.', { default: 'stripe' })
  provider!: string

  @text('How: card, bank transfer, voucher, …', { nullable: true })
  method?: string | null

  @oneOf(PaymentStatus, 'Where it stands.', { default: 'CAPTURED' })
  status!: PaymentState

  @money('How much.')
  amount!: Sum

  @text('Payment intent, pi_…', { nullable: true })
  paymentIntentId?: string | null

  @text('Charge, ch_…', { nullable: true })
  chargeId?: string | null

  @text('Customer, cus_…', { nullable: true })
  customerId?: string | null

  @instant('When it was paid (UTC).', { nullable: true })
  paidAt?: Date | null

  @parts(() => AllocationInput, 'Its shares; left out: in proportion to the orders.', {
    nullable: true,
    max: 100,
  })
  allocations?: AllocationInput[] | null
}

@InputType('PaymentRecordInput', { description: 'A payment of orders that were recorded before.' })
export class PaymentRecordInput extends PaymentDetails implements RecordInput {
  @text('The system it comes from, e.g. `shop`; with externalId it makes the record unique.', { max: 60 })
  source!: string

  @text('External id of the checkout.', { nullable: true })
  checkout?: string | null

  @text('External id of the order it is for; for several, give allocations.', { nullable: true })
  order?: string | null
}

/** States in which the money was taken, and so can be given back. */
const CAPTURED: readonly PaymentState[] = ['CAPTURED', 'REFUNDED', 'DISPUTED']

type Shared = Omit<PaymentDetails, 'allocations'> & { source: string }
type Share = { orderId: string; amount: Sum }

/** What a payment says: of itself, and of each order it pays. */
export function paymentParts(
  record: Shared,
  checkoutId: string | null,
  allocations: Share[],
  id: (prefix: string, external: string) => string,
): Recorded[] {
  const {
    source,
    externalId,
    provider,
    method = null,
    status,
    amount,
    paymentIntentId = null,
    chargeId = null,
    customerId = null,
    paidAt,
  } = record
  const paymentId = id('pay', externalId)
  return [
    {
      stream: { type: 'Payment', id: paymentId },
      event: {
        type: 'PaymentRecorded',
        data: {
          source,
          externalId,
          checkoutId,
          provider,
          method,
          status,
          amount,
          paymentIntentId,
          chargeId,
          customerId,
          allocations,
          paidAt: paidAt?.toISOString() ?? null,
        },
        refs: [...allocations.map(share => share.orderId), ...(checkoutId ? [checkoutId] : [])],
      },
    },
    ...allocations.map(share => ({
      stream: { type: 'Order', id: share.orderId },
      event: {
        type: 'PaymentAllocated',
        data: { paymentId, amount: share.amount, captured: CAPTURED.includes(status) },
        refs: [paymentId],
      },
      about: paymentId,
    })),
  ]
}

/** What a record says of one order's money. */
export interface PaidClaim {
  index: number
  field: string
  orderId: string
  paymentId: string
  amount: Sum
  status: PaymentState
}

interface Held {
  id: string
  currency: string
  paid: string
  refunded: string
  captured: Record<string, { captured: Sum }>
  booked: Record<string, Booked>
}

/**
 * What a payment may not say of an order: another currency, less than was given back of it already or lost to a bank, or more than
 * can be held exactly. In order of the batch, since several records may be about one order.
 */
export async function contradictions(
  tx: EntityManager,
  claims: readonly PaidClaim[],
): Promise<(Problem & { index: number })[]> {
  const rows: Held[] = await tx.query(
    `select id, paid ->> 'currency' as currency, paid ->> 'amount' as paid, refunded ->> 'amount' as refunded,
       state -> 'payments' as captured, state -> 'booked' as booked from orders."order" where id = any($1)`,
    [[...new Set(claims.map(({ orderId }) => orderId))]],
  )
  const orders = new Map(rows.map(row => [row.id, { ...row, total: Number(row.paid) }]))
  return claims.flatMap(({ index, field, orderId, paymentId, amount, status }) => {
    const known = orders.get(orderId)
    if (!known) return []
    if (amount.currency !== known.currency)
      return [{ index, field, message: `is in ${amount.currency}, its order in ${known.currency}` }]
    const taken = CAPTURED.includes(status) ? amount.amount : 0
    const before = known.captured[paymentId]?.captured.amount ?? 0
    const total = known.total - before + taken
    if (total < Number(known.refunded))
      return [
        { index, field, message: `leaves ${total} paid of the order, and ${known.refunded} was refunded` },
      ]
    const left = totalOf(known.booked[paymentId]) + taken - before
    if (left < 0)
      return [
        {
          index,
          field,
          message: `leaves ${taken} of this payment, and ${taken - left} of it was given back or lost`,
        },
      ]
    if (!Number.isSafeInteger(total))
      return [{ index, field, message: `makes the order's payments ${total}, more than can be held exactly` }]
    known.total = total
    known.captured[paymentId] = { captured: { amount: taken, currency: amount.currency } }
    known.booked[paymentId] = { seller: left, fee: 0, tax: 0, shipping: 0 }
    return []
  })
}

const sharesOf = ({ order, amount, allocations }: PaymentRecordInput): AllocationInput[] =>
  allocations?.length ? allocations : order ? [{ order, amount }] : []

export const recordPayments = recording({
  name: 'recordPayments',
  plural: 'payments',
  description: 'Takes payments in, of orders that were recorded before.',
  record: PaymentRecordInput,
  emits: ['PaymentRecorded', 'PaymentAllocated'],
  check(record) {
    const shares = sharesOf(record)
    if (shares.length === 0) return [{ field: 'order', message: 'is needed, or allocations' }]
    if (record.amount.amount < 0) return [{ field: 'amount', message: 'must not be negative' }]
    const foreign = shares.findIndex(
      share => share.amount.currency !== record.amount.currency || share.amount.amount < 0,
    )
    if (foreign >= 0)
      return [
        {
          field: `allocations.${foreign}.amount`,
          message: 'must be in the currency of the payment and not negative',
        },
      ]
    const allocated = shares.map(share => share.amount).reduce(plus)
    return allocated.amount === record.amount.amount
      ? []
      : [
          {
            field: 'allocations',
            message: `add up to ${allocated.amount}, the payment is ${record.amount.amount}`,
          },
        ]
  },
  against: (tx, records) =>
    contradictions(
      tx,
      records.flatMap(({ index, record, id }) =>
        sharesOf(record).map(({ order, amount }) => ({
          index,
          field: 'amount',
          orderId: id('ord', order),
          paymentId: id('pay', record.externalId),
          amount,
          status: record.status,
        })),
      ),
    ),
  requires: (record, id) =>
    sharesOf(record).map(({ order }) => ({
      field: 'order',
      stream: { type: 'Order', id: id('ord', order) },
    })),
  streams: (record, id) =>
    paymentParts(
      record,
      record.checkout ? id('chk', record.checkout) : null,
      sharesOf(record).map(({ order, amount }) => ({ orderId: id('ord', order), amount })),
      id,
    ),
})
