import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given, text } from '#shared/fields.js'
import { dualControl } from '#shared/policy.js'
import { Role } from '#shared/roles.js'
import { order } from '../order.js'
import { orderOfRefund, refundOf, requireFailed } from '../refund-share.js'

@InputType('SettleRefundByHandInput', {
  description: 'Which share of a refund was given back elsewhere, and how to find it.',
})
export class SettleRefundByHandInput extends ActionInput {
  @given('Refund', 'The refund.')
  refundId!: string

  @given('Payment', 'The payment whose share failed.')
  paymentId!: string

  @text('Where it can be found: the reference of the transfer, or the id at the provider.', {
    min: 3,
    max: 100,
  })
  reference!: string
}

/** R13: for money that went back in another way. Two people, because nothing but their word shows it. */
export const settleRefundByHand = action({
  name: 'settleRefundByHand',
  description: 'Notes that a share of a refund that failed was given back in another way.',
  input: SettleRefundByHandInput,
  risk: 'DANGEROUS',
  idempotent: 'REQUIRED',
  reasons: {
    BANK_TRANSFER: 'It was sent to a bank account of the buyer.',
    AT_PROVIDER: "It was given back in the provider's own console.",
    OTHER: 'In another way; the note says how.',
  },

  on: order,
  target: (_, orderId: string) => orderId,
  prepare: ({ refundId }, tx) => orderOfRefund(tx, refundId),

  allow: [Role.FINANCE_ADMIN],
  policy: dualControl([Role.FINANCE_ADMIN, Role.SUPER_ADMIN]),

  decide(state, { refundId, paymentId, reference }, { now }) {
    requireFailed(state, { refundId, paymentId })
    const data = { refundId, paymentId, providerRefundId: reference, settledAt: now.toISOString() }
    return { type: 'RefundSettled', data, refs: [refundId, paymentId] }
  },

  emits: ['RefundSettled'],
  returns: { refund: refundOf },
})
