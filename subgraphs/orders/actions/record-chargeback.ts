import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { OrderEvents } from '#shared/events/orders.js'
import { flag, given, money, oneOf } from '#shared/fields.js'
import type { Sum } from '#shared/money.js'
import { refuse } from '#shared/refusal.js'
import { Role } from '#shared/roles.js'
import { order } from '../order.js'
import { DisputeState } from '../views/dispute.js'
import { Order } from '../views/order.js'

@InputType('RecordChargebackInput', { description: 'What a bank took back of an order, or gave again.' })
export class RecordChargebackInput extends ActionInput {
  @given('Order', 'The order.')
  orderId!: string

  @given('Dispute', 'The dispute that it follows from.')
  disputeId!: string

  @money("How much of it is this order's.")
  amount!: Sum

  @oneOf(DisputeState, 'Where it stands.')
  state!: OrderEvents['ChargebackRecorded']['state']

  @flag('Money was taken; without, only one that was recorded before moves on.')
  isTaken!: boolean
}

/** A15: the money that a bank takes back is no longer there to refund. */
export const recordChargeback = action({
  name: 'recordChargeback',
  description:
    "Notes that a card holder's bank took money back, or what became of that. Done by Opsgraph itself.",
  input: RecordChargebackInput,

  on: order,
  target: input => input.orderId,

  allow: [Role.SYSTEM],

  decide({ status, chargebacks }, { disputeId, amount, state, isTaken }) {
    if (status === null) refuse('NOT_FOUND', 'There is no such order.', 'orderId')
    const before = chargebacks[disputeId]
    if (!before && !isTaken) return []
    if (before?.state === state && before.amount.amount === amount.amount) return []
    return { type: 'ChargebackRecorded', data: { disputeId, amount, state }, refs: [disputeId] }
  },

  emits: ['ChargebackRecorded'],
  returns: { order: Order },
})
