import type { RefundShare } from '#shared/events/orders.js'
import { exceeds, format, none, plus, type Sum, sum } from '#shared/money.js'
import { refuse } from '#shared/refusal.js'
import { allocate } from './allocate.js'
import { type LineState, type OrderState, sharesOf } from './order.js'

/** What somebody asks to be given back: a sum, or lines and shipping. */
export interface RefundAsked {
  amount?: Sum | null
  lines?: readonly { lineId: string; quantity: number }[] | null
  shipping?: boolean | null
}

/** What a refund comes to. */
export interface RefundWorkedOut {
  amount: Sum
  goods: Sum
  tax: Sum
  shipping: Sum
  lines: { lineId: string; quantity: number }[]
  shares: RefundShare[]
}

/**
 * Works out what is to be given back (E39).
 * @throws Refusal when it is nothing, of another currency or order, or more than is left
 */
export function workOutRefund(state: OrderState, asked: RefundAsked): RefundWorkedOut {
  const { status, paid, refundable } = state
  if (status === null) refuse('NOT_FOUND', 'There is no such order.', 'orderId')
  const parts = partsOf(state, asked)
  const field = asked.amount ? 'amount' : asked.lines?.length ? 'lines' : 'shipping'
  if (paid.amount === 0) refuse('NOT_PAID', 'Nothing was paid for this order.', 'orderId')
  if (parts.amount.amount <= 0)
    refuse(
      'NOT_POSITIVE',
      field === 'shipping' ? NO_SHIPPING : 'A refund has to be more than nothing.',
      field,
      {
        shipping: state.shipping,
        shippingRefunded: state.shippingRefunded,
      },
    )
  if (exceeds(parts.amount, refundable))
    refuse('REFUND_EXCEEDS_PAYMENT', tooMuch(state, parts.amount), field, {
      refundable,
      asked: parts.amount,
      chargedBack: state.chargedBack,
    })
  return { ...parts, shares: sharesOf(state, parts.amount) }
}

const NO_SHIPPING = 'Nothing is left of the shipping: it was given back already, or there was none.'

function tooMuch({ refundable, chargedBack }: OrderState, asked: Sum): string {
  const why = chargedBack.amount ? `, ${format(chargedBack)} is with a bank by chargeback` : ''
  return `${format(asked)} is more than the ${format(refundable)} that is left to refund${why}.`
}

function partsOf(
  state: OrderState,
  { amount, lines, shipping }: RefundAsked,
): Omit<RefundWorkedOut, 'shares'> {
  const nothing = none(state.currency)
  if (amount && (lines?.length || shipping))
    refuse('INVALID', 'Give an amount, or lines and shipping: not both.', 'amount')
  if (amount) {
    if (amount.currency !== state.currency)
      refuse('CURRENCY_MISMATCH', `This order was paid in ${state.currency}.`, 'amount', {
        currency: state.currency,
      })
    return { amount, goods: amount, tax: nothing, shipping: nothing, lines: [] }
  }
  if (!lines?.length && !shipping)
    refuse('INVALID', 'Say how much: an amount, lines, or shipping: true.', 'amount')
  requireDistinct(lines ?? [])
  const wanted = (lines ?? []).map((line, at) => ({ ...line, of: lineOf(state, line, at) }))
  const goods = wanted.map(({ of, quantity }) => sum(of.unitPrice.amount * quantity, state.currency))
  const taxes = taxOfLines(state)
  const tax = wanted.map(({ of, quantity }) => taxFor(of, taxes.get(of.id) ?? 0, quantity, state.currency))
  const freight = shipping ? shippingLeft(state) : nothing
  const total = [...goods, ...tax, freight].reduce(plus, nothing)
  return {
    amount: total,
    goods: goods.reduce(plus, nothing),
    tax: tax.reduce(plus, nothing),
    shipping: freight,
    lines: wanted.map(({ lineId, quantity }) => ({ lineId, quantity })),
  }
}

/** A line named twice would pass each check alone. */
export function requireDistinct(lines: readonly { lineId: string }[]): void {
  const twice = lines.findIndex((line, at) => lines.findIndex(({ lineId }) => lineId === line.lineId) < at)
  if (twice >= 0) refuse('INVALID', `Line ${lines[twice]!.lineId} is named twice.`, `lines.${twice}.lineId`)
}

/** @throws Refusal NOT_FOUND, naming the order's own lines; `at` is its place in the input */
export function orderLine({ lines }: OrderState, lineId: string, at: number): LineState {
  const line = lines.find(({ id }) => id === lineId)
  if (line) return line
  return refuse('NOT_FOUND', `This order has no line ${lineId}.`, `lines.${at}.lineId`, {
    lines: lines.map(({ id }) => id),
  })
}

function lineOf(state: OrderState, asked: { lineId: string; quantity: number }, at: number): LineState {
  const line = orderLine(state, asked.lineId, at)
  if (asked.quantity <= 0) refuse('NOT_POSITIVE', 'Give at least one back.', `lines.${at}.quantity`)
  const left = line.quantity - line.refunded
  if (asked.quantity > left)
    refuse('REFUND_EXCEEDS_PAYMENT', `${left} of this line are left to give back.`, `lines.${at}.quantity`, {
      ordered: line.quantity,
      refunded: line.refunded,
      left,
    })
  return line
}

/** The order's tax by line, in proportion to what each costs. */
function taxOfLines({ lines, tax }: OrderState): Map<string, number> {
  const worth = lines.map(({ quantity, unitPrice }) => quantity * unitPrice.amount)
  const shares = lines.length ? allocate(tax, worth) : []
  return new Map(lines.map(({ id }, at) => [id, shares[at]!.amount]))
}

/** Tax on the next so many of a line. Counted up from the first, so that all of a line together give exactly its tax. */
function taxFor({ quantity, refunded }: LineState, tax: number, more: number, currency: string): Sum {
  const upTo = (count: number) => Number((BigInt(tax) * BigInt(count)) / BigInt(quantity))
  return sum(upTo(refunded + more) - upTo(refunded), currency)
}

const shippingLeft = ({ shipping, shippingRefunded }: OrderState): Sum =>
  sum(Math.max(0, shipping.amount - shippingRefunded.amount), shipping.currency)
