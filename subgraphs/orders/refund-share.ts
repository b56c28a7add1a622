import { InputType } from 'type-graphql'
import type { EntityManager } from 'typeorm'
import { namedBy } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { count, given } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import type { OrderState, RefundState } from './order.js'
import { Refund } from './views/refund.js'

export type ShareOfRefund = RefundState['shares'][number]

/** Which payment's share of which refund. */
export interface WhichShare {
  refundId: string
  paymentId: string
}

/** What is told about a share by Opsgraph itself: from the provider's answer, or its webhook. */
@InputType()
export abstract class ShareNewsInput extends ActionInput {
  @given('Order', 'The order that was refunded.')
  orderId!: string

  @given('Refund', 'The refund.')
  refundId!: string

  @given('Payment', 'The payment whose share it is.')
  paymentId!: string

  @count('Which attempt it is about: news of an earlier one change nothing.')
  attempt!: number
}

/** @throws Refusal NOT_FOUND */
export function shareOf({ refunds }: OrderState, { refundId, paymentId }: WhichShare): ShareOfRefund {
  const refund = refunds[refundId]
  if (!refund) refuse('NOT_FOUND', 'There is no such refund.', 'refundId')
  const share = refund.shares.find(one => one.paymentId === paymentId)
  if (!share) refuse('NOT_FOUND', 'Nothing of this refund goes back to this payment.', 'paymentId')
  return share
}

/** That the provider's refund is the one that the share is known to be. */
export const isSame = ({ providerRefundId }: ShareOfRefund, id: string | null | undefined): boolean =>
  id != null && providerRefundId === id

/** Money that may have left twice must not go by unseen: who told us is told no, and somebody has to look. */
export function refuseSecond(share: ShareOfRefund, id: string): never {
  refuse(
    'INVALID_STATE',
    `This share is ${share.state} as ${share.providerRefundId ?? 'something else'}, and the provider also has it as ${id}.`,
    'providerRefundId',
    { state: share.state, providerRefundId: share.providerRefundId },
  )
}

/** Only what failed can be sent again or settled by hand: anything else may be under way. */
export function requireFailed(order: OrderState, which: WhichShare): ShareOfRefund {
  const share = shareOf(order, which)
  if (share.state !== 'FAILED')
    refuse('INVALID_STATE', `This share is ${share.state}; only one that failed is open.`, 'paymentId', {
      state: share.state,
    })
  return share
}

/** @throws Refusal NOT_FOUND */
export async function orderOfRefund(tx: EntityManager, refundId: string): Promise<string> {
  const [row] = await tx.query('select order_id from orders.refund where id = $1', [refundId])
  if (!row) refuse('NOT_FOUND', 'There is no such refund.', 'refundId')
  return row.order_id
}

/** The refund that an action's event is about. */
export const refundOf = namedBy(Refund, 'refundId')
