import { sum } from '#shared/money.js'
import { allocate } from './allocate.js'

/** Where money of one payment lies, in minor units: with the seller, as the platform's fee, as tax, for shipping. */
export interface Booked {
  seller: number
  fee: number
  tax: number
  shipping: number
}

const PARTS = ['seller', 'fee', 'tax', 'shipping'] as const
const NONE: Booked = { seller: 0, fee: 0, tax: 0, shipping: 0 }

const bookedOf = (amounts: readonly number[]): Booked =>
  Object.fromEntries(PARTS.map((part, at) => [part, amounts[at]!])) as unknown as Booked

export const totalOf = (booked: Booked = NONE): number =>
  PARTS.reduce((total, part) => total + booked[part], 0)

interface Composed {
  lines: readonly { quantity: number; unitPrice: { amount: number } }[]
  fee: { amount: number }
  tax: { amount: number }
  shipping: { amount: number }
}

/** What an order is made of: the fee comes out of what the seller's goods cost. An order that costs nothing is all the seller's. */
export function weightsOf({ lines, fee, tax, shipping }: Composed): Booked {
  const goods = lines.reduce((total, { quantity, unitPrice }) => total + quantity * unitPrice.amount, 0)
  const taken = Math.min(fee.amount, goods)
  const weights = { seller: goods - taken, fee: taken, tax: tax.amount, shipping: shipping.amount }
  return totalOf(weights) > 0 ? weights : { ...NONE, seller: 1 }
}

const split = (amount: number, weights: Booked): number[] =>
  // The currency does not matter for splitting whole units.
  allocate(
    sum(amount, 'XXX'),
    PARTS.map(part => weights[part]),
  ).map(part => part.amount)

/**
 * Books more of a payment by the order's weights, or takes some of it back by what is left in each part, so that a payment that is
 * given back in full leaves nothing anywhere. Largest remainder both ways; exact to the unit.
 */
export function book(booked: Booked = NONE, change: number, weights: Booked): Booked {
  if (change === 0) return booked
  if (change > 0) {
    const more = split(change, weights)
    return bookedOf(PARTS.map((part, at) => booked[part] + more[at]!))
  }
  const less = split(-change, booked)
  return bookedOf(PARTS.map((part, at) => booked[part] - less[at]!))
}

/** What a refund by lines and shipping is for, in minor units. */
export interface RefundFor {
  goods: number
  tax: number
  shipping: number
}

/** Out of the parts that it names, as far as each reaches; what is not there any more, in proportion to what is. */
function takeNamed(booked: Booked, { goods, tax, shipping }: RefundFor): Booked {
  const [seller, fee] = allocate(sum(goods, 'XXX'), [booked.seller, booked.fee]).map(part => part.amount)
  const wanted: Booked = { seller: seller!, fee: fee!, tax, shipping }
  const taken = bookedOf(PARTS.map(part => Math.min(wanted[part], booked[part])))
  const left = bookedOf(PARTS.map(part => booked[part] - taken[part]))
  return book(left, totalOf(taken) - totalOf(wanted), NONE)
}

/**
 * Takes a refund out of the payments that it goes back to: what it is for where it says so, else in proportion to what is left.
 * @param named null for a bare amount
 */
export function unwind(
  all: Record<string, Booked>,
  shares: readonly { paymentId: string; amount: { amount: number } }[],
  named: RefundFor | null,
): Record<string, Booked> {
  const booked = { ...all }
  let left = named
  for (const { paymentId, amount } of shares) {
    const before = booked[paymentId] ?? NONE
    if (!left) {
      booked[paymentId] = book(before, -amount.amount, NONE)
      continue
    }
    const weights = [left.goods, left.tax, left.shipping]
    const [goods, tax, shipping] = allocate(sum(amount.amount, 'XXX'), weights).map(part => part.amount) as [
      number,
      number,
      number,
    ]
    booked[paymentId] = takeNamed(before, { goods, tax, shipping })
    left = { goods: left.goods - goods, tax: left.tax - tax, shipping: left.shipping - shipping }
  }
  return booked
}

/**
 * Takes a lost chargeback out of the payments in order of their ids, or puts one back that was won after all.
 * @param uncovered what earlier losses cost beyond what was there
 * @returns the parts afterwards, and what is uncovered now
 */
export function takeBack(
  all: Record<string, Booked>,
  uncovered: number,
  lost: number,
  weights: Booked,
): { booked: Record<string, Booked>; rest: number } {
  const booked = { ...all }
  const ids = Object.keys(all).sort()
  if (lost <= 0) {
    const covered = Math.min(uncovered, -lost)
    const [first] = ids
    if (first) booked[first] = book(booked[first], -lost - covered, weights)
    return { booked, rest: uncovered - covered }
  }
  let left = lost
  for (const id of ids) {
    const take = Math.min(left, totalOf(booked[id]!))
    booked[id] = book(booked[id], -take, weights)
    left -= take
  }
  return { booked, rest: uncovered + left }
}
