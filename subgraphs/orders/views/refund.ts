import { Row } from '#shared/entity.js'
import type { StoredEvent } from '#shared/event.js'
import { entity, instant, money, ref, stub, text } from '#shared/fields.js'
import type { Sum } from '#shared/money.js'
import { READERS } from '#shared/roles.js'
import { view } from '#shared/view.js'
import { order } from '../order.js'
import { Order } from './order.js'

const Approval = stub('Approval')

@entity('Refund', {
  description: 'Money that was given back on an order.',
  allow: READERS,
  schema: 'orders',
  prefix: 'rfd',
  sort: 'issuedAt',
})
export class Refund extends Row {
  @ref(() => Order, 'The order it was given back on.')
  orderId!: string

  @money('How much.')
  amount!: Sum

  @text('Why, as a reason code of issueRefund.')
  reasonCode!: string

  @text('Who issued it: open with node(id).')
  issuedById!: string

  @ref(() => Approval, 'The request that a second person approved, if it took one.', { nullable: true })
  approvalId!: string | null

  @instant('When (UTC).')
  issuedAt!: Date
}

export const refunds = view(Refund, {
  of: order,
  key: (event: StoredEvent) => event.data.refundId,
  on: {
    RefundIssued: ({ data, stream, reasonCode, actor, occurredAt }) => ({
      orderId: stream.id,
      amount: data.amount,
      approvalId: data.approvalId,
      reasonCode,
      issuedById: actor.id,
      issuedAt: occurredAt,
    }),
  },
})
