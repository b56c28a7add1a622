import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given, parts } from '#shared/fields.js'
import { Role } from '#shared/roles.js'
import { cancellation, parcelsGone } from '../cancellation.js'
import { order } from '../order.js'
import { Order } from '../views/order.js'
import { LineQuantityInput } from './issue-refund.js'

@InputType('CancelOrderInput', { description: 'Which order to call off, or which lines of it.' })
export class CancelOrderInput extends ActionInput {
  @given('Order', 'The order to call off.')
  orderId!: string

  @parts(() => LineQuantityInput, 'Only these lines; left out: all of it.', { nullable: true, max: 500 })
  lines?: LineQuantityInput[] | null
}

export const CANCEL_REASONS = {
  BUYER_REQUEST: 'The buyer asked for it.',
  SELLER_REQUEST: 'The seller asked for it.',
  OUT_OF_STOCK: 'It cannot be delivered.',
  FRAUD: 'It should never have been placed.',
  DUPLICATE: 'It was placed twice.',
}

/** E38: only before anything left; the refusal names the parcels that did. */
export const cancelOrder = action({
  name: 'cancelOrder',
  description:
    'Calls an order, or lines of it, off before anything of it has left. Money goes back by issueRefund.',
  input: CancelOrderInput,
  risk: 'SENSITIVE',
  reasons: CANCEL_REASONS,

  on: order,
  target: input => input.orderId,
  prepare: ({ orderId }, tx) => parcelsGone(orderId, tx),

  allow: [Role.SUPPORT_AGENT, Role.SUPPORT_LEAD, Role.SUPER_ADMIN],

  decide: (state, { lines }, { read: gone }) => cancellation(state, gone, lines),

  emits: ['OrderCanceled', 'OrderLinesCanceled'],
  returns: { order: Order },
})
