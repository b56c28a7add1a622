import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { Role } from '#shared/roles.js'
import { order } from '../order.js'
import { Order } from '../views/order.js'
import { LEFT } from '../views/shipment.js'

@InputType('CancelOrderInput', { description: 'Which order to call off.' })
export class CancelOrderInput extends ActionInput {
  @given('Order', 'The order to call off.')
  orderId!: string
}

/** E38: only before anything left; the refusal names the parcels that did. */
export const cancelOrder = action({
  name: 'cancelOrder',
  description: 'Calls an order off before anything of it has left. Money goes back by issueRefund.',
  input: CancelOrderInput,
  risk: 'SENSITIVE',
  reasons: {
    BUYER_REQUEST: 'The buyer asked for it.',
    SELLER_REQUEST: 'The seller asked for it.',
    OUT_OF_STOCK: 'It cannot be delivered.',
    FRAUD: 'It should never have been placed.',
    DUPLICATE: 'It was placed twice.',
  },

  on: order,
  target: input => input.orderId,
  prepare: async ({ orderId }, tx): Promise<string[]> => {
    const rows = await tx.query(
      'select id from orders.shipment where order_id = $1 and status = any($2) order by id',
      [orderId, LEFT],
    )
    return rows.map((row: { id: string }) => row.id)
  },

  allow: [Role.SUPPORT_AGENT, Role.SUPPORT_LEAD, Role.SUPER_ADMIN],

  decide({ status, refundable }, _input, { read: left }) {
    if (status === null) refuse('NOT_FOUND', 'There is no such order.', 'orderId')
    if (left.length || status === 'SHIPPED' || status === 'DELIVERED')
      refuse('ALREADY_SHIPPED', 'It has left already; refund or claim instead.', 'orderId', {
        shipments: left,
      })
    if (status === 'CANCELED') refuse('INVALID_STATE', 'It is called off already.', 'orderId', { status })
    return { type: 'OrderCanceled', data: { refundable } }
  },

  emits: ['OrderCanceled'],
  returns: { order: Order },
})
