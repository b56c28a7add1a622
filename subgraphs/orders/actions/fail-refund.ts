import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { count, text } from '#shared/fields.js'
import { Role } from '#shared/roles.js'
import { order } from '../order.js'
import { isSame, refundOf, ShareNewsInput, shareOf } from '../refund-share.js'

@InputType('FailRefundInput', { description: 'Which share of a refund could not be given back, and why.' })
export class FailRefundInput extends ShareNewsInput {
  @text("The provider's code, or one of ours.")
  code!: string

  @text('Why, for people.', { max: 500 })
  message!: string

  @count('How often it was tried.')
  attempts!: number

  @text("The provider's own id of it, re_…; null when there is none.", { nullable: true })
  providerRefundId?: string | null
}

/** R13: also after it succeeded, when the provider takes that back (a closed account): the money is still owed. */
export const failRefund = action({
  name: 'failRefund',
  description: 'Notes that a share of a refund could not be given back. Done by Opsgraph itself.',
  input: FailRefundInput,

  on: order,
  target: input => input.orderId,

  allow: [Role.SYSTEM],

  decide(state, { refundId, paymentId, attempt, code, message, attempts, providerRefundId = null }) {
    const share = shareOf(state, { refundId, paymentId })
    if (attempt !== share.attempt || share.state === 'FAILED') return []
    if (share.state !== 'PENDING' && !isSame(share, providerRefundId)) return []
    const data = { refundId, paymentId, code, message, attempts, providerRefundId }
    return { type: 'RefundFailed', data, refs: [refundId, paymentId] }
  },

  emits: ['RefundFailed'],
  returns: { refund: refundOf },
})
