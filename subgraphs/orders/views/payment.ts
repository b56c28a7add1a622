import { Extensions, Field, ObjectType } from 'type-graphql'
import { RecordedRow } from '#shared/entity.js'
import type { PaymentState } from '#shared/events/orders.js'
import { entity, instant, money, oneOf, parts, ref, text } from '#shared/fields.js'
import { IdentifierKind } from '#shared/identifier.js'
import { Money, type Sum } from '#shared/money.js'
import { READERS } from '#shared/roles.js'
import { states } from '#shared/states.js'
import { view } from '#shared/view.js'
import { payment } from '../mirrored.js'
import { Checkout } from './checkout.js'
import { Order } from './order.js'

export const PaymentStatus = states('PaymentStatus', 'Where a payment stands.', {
  PENDING: 'Not taken yet.',
  CAPTURED: 'Taken.',
  FAILED: 'Could not be taken.',
  REFUNDED: 'Taken, and given back at the provider.',
  DISPUTED: 'Taken, and disputed by the card holder.',
})

@ObjectType('PaymentAllocation', { description: "A payment's share of one order." })
@Extensions({ value: true })
export class PaymentAllocation {
  @ref(() => Order, 'The order.')
  orderId!: string

  @money('How much of the payment is for it.')
  amount!: Sum

  /** From here on not kept in the row: the ledger says it. */
  @Field(() => Money, {
    nullable: true,
    description: 'What of it is for the seller, once the payment was taken.',
  })
  seller?: Sum

  @Field(() => Money, { nullable: true, description: "What of it is the platform's fee." })
  fee?: Sum

  @Field(() => Money, { nullable: true, description: 'What of it is tax.' })
  tax?: Sum

  @Field(() => Money, { nullable: true, description: 'What of it is for shipping.' })
  shipping?: Sum

  @Field(() => Money, { nullable: true, description: 'What of it was taken back from them since.' })
  returned?: Sum
}

@entity('Payment', {
  description: 'Money that a buyer paid, and how it is split over orders.',
  allow: READERS,
  schema: 'orders',
  prefix: 'pay',
})
export class Payment extends RecordedRow {
  @ref(() => Checkout, 'What it pays.', { nullable: true })
  checkoutId!: string | null

  @text('Who moved the money.')
  provider!: string

  @text('How: card, bank transfer, voucher, …', { nullable: true })
  method!: string | null

  @oneOf(PaymentStatus, 'Where it stands.')
  status!: PaymentState

  @money('How much.')
  amount!: Sum

  @text('Payment intent at the provider.', { nullable: true, find: IdentifierKind.STRIPE })
  paymentIntentId!: string | null

  @text('Charge at the provider.', { nullable: true, find: IdentifierKind.STRIPE })
  chargeId!: string | null

  @text('Customer at the provider.', { nullable: true, find: IdentifierKind.STRIPE })
  customerId!: string | null

  @parts(() => PaymentAllocation, 'How it is split; the parts add up to it.')
  allocations!: PaymentAllocation[]

  @instant('When it was paid (UTC).', { nullable: true })
  paidAt!: Date | null
}

export const payments = view(Payment, {
  of: payment,
  on: {
    PaymentRecorded: ({ data }) => ({
      ...data,
      allocations: data.allocations as PaymentAllocation[],
      paidAt: data.paidAt ? new Date(data.paidAt) : null,
    }),
  },
})
