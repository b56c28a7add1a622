import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given } from '#shared/fields.js'
import { Role } from '#shared/roles.js'
import { cancellation, parcelsGone } from '../cancellation.js'
import { order } from '../order.js'
import { Order } from '../views/order.js'
import { CANCEL_REASONS } from './cancel-order.js'

@InputType('CancelOrderWithinInput', { description: 'Which order a workflow calls off.' })
export class CancelOrderWithinInput extends ActionInput {
  @given('Order', 'The order to call off.')
  orderId!: string

  @given('Workflow', 'The workflow that was allowed to do it, when it was started.')
  workflowId!: string
}

/** E69, E75: a step of a workflow; the same conditions as cancelOrder, looked at again. */
export const cancelOrderWithin = action({
  name: 'cancelOrderWithin',
  description: 'Calls an order off as a step of a workflow. Done by Opsgraph itself.',
  input: CancelOrderWithinInput,
  risk: 'SENSITIVE',
  reasons: CANCEL_REASONS,

  on: order,
  target: input => input.orderId,
  prepare: ({ orderId }, tx) => parcelsGone(orderId, tx),

  allow: [Role.SYSTEM],

  decide: (state, { workflowId }, { read: gone }) => cancellation(state, gone, null, workflowId),

  emits: ['OrderCanceled'],
  returns: { order: Order },
})
