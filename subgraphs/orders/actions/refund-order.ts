import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given, money } from '#shared/fields.js'
import { minus, type Sum } from '#shared/money.js'
import { Role } from '#shared/roles.js'
import { order } from '../order.js'
import { workOutRefund } from '../refund.js'
import { refundOf } from '../refund-share.js'
import { Order } from '../views/order.js'
import { REFUND_REASONS } from './issue-refund.js'

@InputType('RefundOrderInput', { description: 'What a workflow gives back.' })
export class RefundOrderInput extends ActionInput {
  @given('Order', 'The order to refund.')
  orderId!: string

  @money('How much; left out: all that is left.', { nullable: true })
  amount?: Sum | null

  @given('Workflow', 'The workflow that was allowed to do it, when it was started.')
  workflowId!: string
}

/** E69, E75: a step of a workflow whose start was judged by the refund limits, so they are not asked again. */
export const refundOrder = action({
  name: 'refundOrder',
  description: 'Gives the buyer money back as a step of a workflow. Done by Opsgraph itself.',
  input: RefundOrderInput,
  risk: 'DANGEROUS',
  idempotent: 'REQUIRED',
  reasons: REFUND_REASONS,

  on: order,
  target: input => input.orderId,

  allow: [Role.SYSTEM],

  decide(state, { amount, workflowId }, { newId }) {
    const worked = workOutRefund(state, { amount: amount ?? state.refundable })
    const refundId = newId('rfd')
    const data = {
      refundId,
      amount: worked.amount,
      remaining: minus(state.refundable, worked.amount),
      approvalId: null,
      shares: worked.shares,
      workflowId,
    }
    return { type: 'RefundIssued', data, refs: [refundId, ...worked.shares.map(share => share.paymentId)] }
  },

  emits: ['RefundIssued'],
  returns: {
    order: Order,
    refund: refundOf,
  },
})
