import { aggregate } from '#shared/aggregate.js'
import type { OrderEvents } from '#shared/events/orders.js'
import { minus, none, plus, type Sum } from '#shared/money.js'

export type Status = OrderEvents['OrderRecorded']['status'] | 'REFUNDED'

/** What decisions about an order rest on. `status` null: there is no such order. */
export interface OrderState {
  status: Status | null
  currency: string
  /** Captured shares by payment; null until the order was recorded. */
  payments: Record<string, Sum>
  paid: Sum
  refunded: Sum
  refundable: Sum
}

const nothing = none('XXX')

const balanced = (state: Omit<OrderState, 'paid' | 'refundable'>): OrderState => {
  const paid = Object.values(state.payments)
    .filter(share => share.currency === state.currency)
    .reduce(plus, none(state.currency))
  const refundable = minus(paid, state.refunded)
  const status =
    state.status !== null && paid.amount > 0 && refundable.amount <= 0 ? 'REFUNDED' : state.status
  return { ...state, status, paid, refundable }
}

export const order = aggregate<OrderState, OrderEvents>({
  type: 'Order',
  prefix: 'ord',
  initial: {
    status: null,
    currency: 'XXX',
    payments: {},
    paid: nothing,
    refunded: nothing,
    refundable: nothing,
  },
  evolve: {
    OrderRecorded: (state, { status, total }) =>
      balanced({
        ...state,
        status: state.status === 'CANCELED' ? 'CANCELED' : status,
        currency: total.currency,
        refunded: state.refunded.amount ? state.refunded : none(total.currency),
      }),
    PaymentAllocated: (state, { paymentId, amount, captured }) =>
      balanced({
        ...state,
        currency: state.status === null ? amount.currency : state.currency,
        refunded: state.refunded.amount ? state.refunded : none(amount.currency),
        payments: { ...state.payments, [paymentId]: captured ? amount : none(amount.currency) },
      }),
    RefundIssued: (state, { amount }) => balanced({ ...state, refunded: plus(state.refunded, amount) }),
    OrderCanceled: state => ({ ...state, status: 'CANCELED' }),
  },
})
