import { aggregate } from '#shared/aggregate.js'
import type { OrderEvents, RefundShare } from '#shared/events/orders.js'
import { minus, none, plus, type Sum, sum } from '#shared/money.js'
import { type Booked, book, takeBack, totalOf, unwind, weightsOf } from './booking.js'

export type Status = OrderEvents['OrderRecorded']['status'] | 'REFUNDED'
export type ShareState = 'PENDING' | 'SUBMITTED' | 'SETTLED' | 'FAILED'

/** A line, as far as decisions need it. */
export interface LineState {
  /** `<order>/<n>`, n from 1. */
  id: string
  quantity: number
  unitPrice: Sum
  canceled: number
  refunded: number
}

/** One payment's share of the order. */
export interface PaidShare {
  captured: Sum
  refunded: Sum
}

export interface RefundState {
  amount: Sum
  shares: (RefundShare & { state: ShareState; attempt: number; providerRefundId: string | null })[]
}

export interface ChargebackState {
  amount: Sum
  state: OrderEvents['ChargebackRecorded']['state']
}

/** What decisions about an order rest on. `status` null: there is no such order. */
export interface OrderState {
  status: Status | null
  currency: string
  checkoutId: string | null
  buyerId: string | null
  sellerId: string | null
  lines: LineState[]
  shipping: Sum
  shippingRefunded: Sum
  tax: Sum
  fee: Sum
  /** By payment id. Keys are stored in no order: sort them where order matters. */
  payments: Record<string, PaidShare>
  /** Where each payment's share lies, net of what was taken back. */
  booked: Record<string, Booked>
  refunds: Record<string, RefundState>
  chargebacks: Record<string, ChargebackState>
  /** What lost chargebacks cost beyond what was left in the allocations. */
  uncovered: Sum
  paid: Sum
  refunded: Sum
  /** Taken back by banks, or disputed right now. */
  chargedBack: Sum
  refundable: Sum
}

const nothing = none('XXX')

const lineIdOf = (orderId: string, at: number): string => `${orderId}/${at + 1}`

const summed = (sums: readonly Sum[], currency: string): Sum =>
  sums.filter(one => one.currency === currency).reduce(plus, none(currency))

const isTaken = ({ state }: ChargebackState): boolean => state !== 'WON' && state !== 'CLOSED'

/** The sums that follow from the parts. */
function balanced(state: OrderState): OrderState {
  const { currency } = state
  const shares = Object.values(state.payments)
  const paid = summed(
    shares.map(({ captured }) => captured),
    currency,
  )
  const chargedBack = summed(
    Object.values(state.chargebacks)
      .filter(isTaken)
      .map(({ amount }) => amount),
    currency,
  )
  const unreturned = minus(paid, state.refunded)
  const refundable = sum(Math.max(0, unreturned.amount - chargedBack.amount), currency)
  const returned = state.status !== null && paid.amount > 0 && unreturned.amount <= 0
  return { ...state, paid, chargedBack, refundable, status: returned ? 'REFUNDED' : state.status }
}

/** Every sum that stands at nothing takes the order's currency, known from its first record or payment on. */
const inCurrency = (state: OrderState, currency: string): OrderState =>
  state.currency === currency || state.status !== null
    ? state
    : {
        ...state,
        currency,
        shipping: none(currency),
        shippingRefunded: none(currency),
        tax: none(currency),
        fee: none(currency),
        uncovered: none(currency),
        refunded: state.refunded.amount ? state.refunded : none(currency),
      }

function recorded(state: OrderState, data: OrderEvents['OrderRecorded'], orderId: string): OrderState {
  const known = new Map(state.lines.map(line => [line.id, line]))
  const lines = data.lines.map(({ quantity, unitPrice }, at): LineState => {
    const id = lineIdOf(orderId, at)
    const { canceled = 0, refunded = 0 } = known.get(id) ?? {}
    return { id, quantity, unitPrice, canceled, refunded }
  })
  const { checkoutId, buyerId, sellerId, shipping, tax, fee } = data
  const status = state.status === 'CANCELED' ? 'CANCELED' : data.status
  const before = inCurrency(state, data.total.currency)
  return balanced({ ...before, status, checkoutId, buyerId, sellerId, lines, shipping, tax, fee })
}

function allocated(state: OrderState, data: OrderEvents['PaymentAllocated']): OrderState {
  const { paymentId, amount } = data
  const before = inCurrency(state, amount.currency)
  const captured = data.captured ? amount : none(amount.currency)
  const share = before.payments[paymentId] ?? {
    captured: none(amount.currency),
    refunded: none(amount.currency),
  }
  const booked = book(before.booked[paymentId], captured.amount - share.captured.amount, weightsOf(before))
  return balanced({
    ...before,
    payments: { ...before.payments, [paymentId]: { ...share, captured } },
    booked: { ...before.booked, [paymentId]: booked },
  })
}

/** From which payments a refund goes back: the first that has something left, by id; what a bank took back is not left. */
export function sharesOf({ payments, booked }: OrderState, amount: Sum): RefundShare[] {
  let left = amount.amount
  return Object.keys(payments)
    .sort()
    .flatMap(paymentId => {
      const { captured, refunded } = payments[paymentId]!
      const unreturned = Math.min(captured.amount - refunded.amount, totalOf(booked[paymentId]))
      const take = Math.max(0, Math.min(left, unreturned))
      left -= take
      return take > 0 ? [{ paymentId, amount: sum(take, amount.currency) }] : []
    })
}

/** What a refund by lines and shipping is for; null for a bare amount. */
export function namedIn({
  amount,
  tax,
  shipping,
}: Pick<OrderEvents['RefundIssued'], 'amount' | 'tax' | 'shipping'>) {
  if (!tax || !shipping) return null
  return { goods: amount.amount - tax.amount - shipping.amount, tax: tax.amount, shipping: shipping.amount }
}

function refunded(state: OrderState, data: OrderEvents['RefundIssued']): OrderState {
  // Before shares were kept, refunds were only written down.
  const given = data.shares ?? sharesOf(state, data.amount)
  const first = data.shares ? 'PENDING' : 'SETTLED'
  const payments = { ...state.payments }
  for (const { paymentId, amount } of given) {
    const share = payments[paymentId]!
    payments[paymentId] = { ...share, refunded: plus(share.refunded, amount) }
  }
  const booked = unwind(state.booked, given, namedIn(data))
  const quantities = new Map(data.lines?.map(({ lineId, quantity }) => [lineId, quantity]))
  const shares = given.map(one => ({
    ...one,
    state: first as ShareState,
    attempt: 1,
    providerRefundId: null,
  }))
  return balanced({
    ...state,
    payments,
    booked,
    lines: state.lines.map(line => ({ ...line, refunded: line.refunded + (quantities.get(line.id) ?? 0) })),
    shippingRefunded: data.shipping ? plus(state.shippingRefunded, data.shipping) : state.shippingRefunded,
    refunded: plus(state.refunded, data.amount),
    refunds: { ...state.refunds, [data.refundId]: { amount: data.amount, shares } },
  })
}

/** One share of one refund moved on. */
const moved =
  (state: ShareState) =>
  (
    order: OrderState,
    data: { refundId: string; paymentId: string; providerRefundId?: string | null; attempt?: number },
  ): OrderState => {
    const refund = order.refunds[data.refundId]
    if (!refund) return order
    const shares = refund.shares.map(share =>
      share.paymentId === data.paymentId
        ? {
            ...share,
            state,
            attempt: data.attempt ?? share.attempt,
            providerRefundId: data.providerRefundId ?? share.providerRefundId,
          }
        : share,
    )
    return { ...order, refunds: { ...order.refunds, [data.refundId]: { ...refund, shares } } }
  }

/** A chargeback that is lost is taken out of the allocations, as far as they reach; one that is given back after all, put in again. */
function chargedBack(state: OrderState, data: OrderEvents['ChargebackRecorded']): OrderState {
  const { disputeId, amount } = data
  const before = state.chargebacks[disputeId]
  const chargebacks = { ...state.chargebacks, [disputeId]: { amount, state: data.state } }
  const lost = data.state === 'LOST' ? amount.amount : 0
  const lostBefore = before?.state === 'LOST' ? before.amount.amount : 0
  const { booked, rest } = takeBack(state.booked, state.uncovered.amount, lost - lostBefore, weightsOf(state))
  return balanced({ ...state, chargebacks, booked, uncovered: sum(rest, amount.currency) })
}

function linesCanceled(state: OrderState, data: OrderEvents['OrderLinesCanceled']): OrderState {
  const quantities = new Map(data.lines.map(({ lineId, quantity }) => [lineId, quantity]))
  const lines = state.lines.map(line => ({
    ...line,
    canceled: line.canceled + (quantities.get(line.id) ?? 0),
  }))
  return { ...state, lines }
}

export const order = aggregate<OrderState, OrderEvents>({
  type: 'Order',
  prefix: 'ord',
  initial: {
    status: null,
    currency: 'XXX',
    checkoutId: null,
    buyerId: null,
    sellerId: null,
    lines: [],
    shipping: nothing,
    shippingRefunded: nothing,
    tax: nothing,
    fee: nothing,
    payments: {},
    booked: {},
    refunds: {},
    chargebacks: {},
    uncovered: nothing,
    paid: nothing,
    refunded: nothing,
    chargedBack: nothing,
    refundable: nothing,
  },
  evolve: {
    OrderRecorded: (state, data, { stream }) => recorded(state, data, stream.id),
    PaymentAllocated: allocated,
    RefundIssued: refunded,
    RefundSubmitted: moved('SUBMITTED'),
    RefundSettled: moved('SETTLED'),
    RefundFailed: moved('FAILED'),
    RefundRetried: moved('PENDING'),
    ChargebackRecorded: chargedBack,
    OrderCanceled: state => ({
      ...state,
      status: 'CANCELED',
      lines: state.lines.map(line => ({ ...line, canceled: line.quantity })),
    }),
    OrderLinesCanceled: linesCanceled,
  },
})
