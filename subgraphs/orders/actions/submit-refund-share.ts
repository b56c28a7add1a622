import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { text } from '#shared/fields.js'
import { Role } from '#shared/roles.js'
import { order } from '../order.js'
import { isSame, refundOf, refuseSecond, ShareNewsInput, shareOf } from '../refund-share.js'

@InputType('SubmitRefundShareInput', { description: 'Which share of a refund the provider took on.' })
export class SubmitRefundShareInput extends ShareNewsInput {
  @text("The provider's own id of it, re_….")
  providerRefundId!: string
}

/** R13: it will say later what became of it. News that are older than what is known change nothing. */
export const submitRefundShare = action({
  name: 'submitRefundShare',
  description: 'Notes that the payment provider took a share of a refund on. Done by Opsgraph itself.',
  input: SubmitRefundShareInput,

  on: order,
  target: input => input.orderId,

  allow: [Role.SYSTEM],

  decide(state, { refundId, paymentId, attempt, providerRefundId }) {
    const share = shareOf(state, { refundId, paymentId })
    if (attempt !== share.attempt) return []
    if (share.state === 'SETTLED' || (share.state !== 'PENDING' && isSame(share, providerRefundId))) return []
    if (share.state === 'SUBMITTED') refuseSecond(share, providerRefundId)
    const data = { refundId, paymentId, providerRefundId }
    return { type: 'RefundSubmitted', data, refs: [refundId, paymentId] }
  },

  emits: ['RefundSubmitted'],
  returns: { refund: refundOf },
})
