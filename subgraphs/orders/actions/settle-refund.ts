import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { text } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { Role } from '#shared/roles.js'
import { order } from '../order.js'
import { isSame, refundOf, refuseSecond, ShareNewsInput, shareOf } from '../refund-share.js'

@InputType('SettleRefundInput', { description: 'Which share of a refund is back with the buyer.' })
export class SettleRefundInput extends ShareNewsInput {
  @text("The provider's own id of it, re_…; null where nobody outside was asked.", { nullable: true })
  providerRefundId?: string | null
}

/**
 * R13: a share that failed without a word of the provider may turn out to be settled, also by an earlier attempt; one whose very refund
 * failed there does not come back to life.
 */
export const settleRefund = action({
  name: 'settleRefund',
  description: 'Notes that a share of a refund is back with the buyer. Done by Opsgraph itself.',
  input: SettleRefundInput,

  on: order,
  target: input => input.orderId,

  allow: [Role.SYSTEM],

  decide(state, { refundId, paymentId, attempt, providerRefundId = null }, { now }) {
    const share = shareOf(state, { refundId, paymentId })
    const same = isSame(share, providerRefundId)
    if (share.state === 'FAILED' && same) return []
    if (share.state === 'SETTLED' && (same || providerRefundId === null)) return []
    if (share.state === 'PENDING' && attempt < share.attempt)
      refuse('CONFLICT', 'It is being sent once more: what becomes of that has to be known first.', 'attempt')
    if (share.state === 'SETTLED' || (share.state === 'SUBMITTED' && !same))
      refuseSecond(share, providerRefundId ?? 'settled without an id')
    const data = { refundId, paymentId, providerRefundId, settledAt: now.toISOString() }
    return { type: 'RefundSettled', data, refs: [refundId, paymentId] }
  },

  emits: ['RefundSettled'],
  returns: { refund: refundOf },
})
