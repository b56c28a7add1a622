import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given } from '#shared/fields.js'
import { Role } from '#shared/roles.js'
import { order } from '../order.js'
import { orderOfRefund, refundOf, requireFailed } from '../refund-share.js'

@InputType('RetryRefundInput', { description: 'Which share of a refund to send once more.' })
export class RetryRefundInput extends ActionInput {
  @given('Refund', 'The refund.')
  refundId!: string

  @given('Payment', 'The payment whose share failed.')
  paymentId!: string
}

/** E3, R13: a person has looked why. The provider is asked first whether it has it after all, so nothing goes out twice. */
export const retryRefund = action({
  name: 'retryRefund',
  description: 'Sends a share of a refund that failed to the payment provider once more.',
  input: RetryRefundInput,
  risk: 'SENSITIVE',
  idempotent: 'REQUIRED',
  reasons: {
    CAUSE_MENDED: 'What stood in the way is mended, e.g. there is money in the account again.',
    PROVIDER_RECOVERED: 'The provider did not answer, and does again.',
    CHECKED_AT_PROVIDER: 'Somebody looked there: it was not given back.',
    OTHER: 'Another reason; the note says which.',
  },

  on: order,
  target: (_, orderId: string) => orderId,
  prepare: ({ refundId }, tx) => orderOfRefund(tx, refundId),

  allow: [Role.FINANCE_ADMIN, Role.SUPER_ADMIN],

  decide(state, { refundId, paymentId }) {
    const share = requireFailed(state, { refundId, paymentId })
    const data = { refundId, paymentId, attempt: share.attempt + 1 }
    return { type: 'RefundRetried', data, refs: [refundId, paymentId] }
  },

  emits: ['RefundRetried'],
  returns: { refund: refundOf },
})
