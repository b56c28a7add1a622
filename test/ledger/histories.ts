import type { OrderEvents } from '#shared/events/orders.js'
import { none, type Sum, sum } from '#shared/money.js'
import { totalOf as bookedTotal } from '#subgraphs/orders/booking.js'
import { type OrderState, order, sharesOf } from '#subgraphs/orders/order.js'
import type { Random } from '../../cli/demo/random.js'

export const ORDER = 'ord_1'

/** Something that happened to an order, with the state before and after. */
export interface Step {
  type: keyof OrderEvents
  // biome-ignore lint/suspicious/noExplicitAny: the shape depends on the type
  data: any
  before: OrderState
  after: OrderState
}

type Maker = (state: OrderState, random: Random) => [type: keyof OrderEvents, data: object] | null

const CURRENCIES = ['USD', 'EUR', 'JPY', 'KWD']

/** Odd prices, freight, no fees, whole orders of one cent. */
function recorded(random: Random, currency: string, sellerId: string | null): OrderEvents['OrderRecorded'] {
  const price = () =>
    random.weighted([
      [1, 1],
      [random.whole(2, 999), 4],
      [random.whole(1_000, 9_999_999), 3],
    ])
  const some = (most: number) => (random.chance(0.4) ? 0 : random.whole(1, most))
  const lines = Array.from({ length: random.whole(1, 4) }, () => ({
    externalId: null,
    listingId: null,
    title: 'Something',
    sku: null,
    quantity: random.whole(1, 3),
    unitPrice: sum(price(), currency),
  }))
  const goods = lines.reduce((total, { quantity, unitPrice }) => total + quantity * unitPrice.amount, 0)
  const [shipping, tax, fee] = [some(49_999), some(Math.ceil(goods / 5)), some(Math.ceil(goods / 4))]
  return {
    source: 'shop',
    externalId: '1',
    checkoutId: 'chk_1',
    buyerId: 'usr_1',
    sellerId,
    number: null,
    status: 'PAID',
    lines,
    shipping: sum(shipping, currency),
    tax: sum(tax, currency),
    fee: sum(fee, currency),
    total: sum(goods + shipping + tax, currency),
    placedAt: '2026-04-22T14:03:00.000Z',
  }
}

const totalOf = (state: OrderState) =>
  state.lines.reduce((total, { quantity, unitPrice }) => total + quantity * unitPrice.amount, 0) +
  state.tax.amount +
  state.shipping.amount

const pay: Maker = (state, random) => {
  const paymentId = `pay_${Object.keys(state.payments).length + 1}`
  if (paymentId === 'pay_4') return null
  const missing = Math.max(0, totalOf(state) - state.paid.amount)
  const amount = random.chance(0.6) ? missing : random.whole(0, missing + 2)
  const captured = random.chance(0.9)
  return ['PaymentAllocated', { paymentId, amount: sum(amount, state.currency), captured }]
}

/** A payment recorded anew, with more or less; never below what was given back or lost of it, which the recording refuses. */
const payAnew: Maker = (state, random) => {
  const [paymentId] = Object.keys(state.payments)
  if (!paymentId) return null
  const { captured } = state.payments[paymentId]!
  const gone = captured.amount - bookedTotal(state.booked[paymentId])
  const amount = random.whole(Math.max(0, gone), captured.amount + 500)
  return ['PaymentAllocated', { paymentId, amount: sum(amount, state.currency), captured: true }]
}

const refund: Maker = (state, random) => {
  const { refundable, currency, refunds } = state
  if (refundable.amount === 0) return null
  const wanted = random.chance(0.25) ? refundable.amount : random.whole(1, refundable.amount)
  const shares = sharesOf(state, sum(wanted, currency))
  const amount = shares.reduce((total, share) => total + share.amount.amount, 0)
  if (amount === 0) return null
  const data = { refundId: `rfd_${Object.keys(refunds).length + 1}`, amount: sum(amount, currency), shares }
  return [
    'RefundIssued',
    { ...data, remaining: none(currency), approvalId: null, claimId: random.pick([null, 'clm_1']) },
  ]
}

/** A share of a refund moves on, or back, as payment providers do. */
const answer: Maker = ({ refunds }, random) => {
  const [refundId, found] =
    Object.entries(refunds).at(random.whole(0, 9) % (Object.keys(refunds).length || 1)) ?? []
  if (!found) return null
  const { paymentId } = random.pick(found.shares)
  const type = random.weighted([
    ['RefundSubmitted', 1],
    ['RefundSettled', 4],
    ['RefundFailed', 2],
    ['RefundRetried', 1],
  ] as const)
  return [type, { refundId, paymentId, providerRefundId: 're_1', attempt: 2 }]
}

const chargeback: Maker = ({ chargebacks, paid, currency }, random) => {
  if (paid.amount === 0) return null
  const disputeId = random.pick(['dsp_1', 'dsp_2'])
  const known: Sum | undefined = chargebacks[disputeId]?.amount
  const amount = known ?? sum(random.chance(0.5) ? paid.amount : random.whole(1, paid.amount), currency)
  return [
    'ChargebackRecorded',
    { disputeId, amount, state: random.pick(['NEEDS_RESPONSE', 'UNDER_REVIEW', 'WON', 'LOST', 'CLOSED']) },
  ]
}

const anew: Maker = ({ currency, sellerId }, random) => [
  'OrderRecorded',
  recorded(random, currency, random.chance(0.2) ? random.pick(['org_1', 'org_2', null]) : sellerId),
]

const cancel: Maker = ({ refundable }) => ['OrderCanceled', { refundable }]

const MAKERS: readonly (readonly [Maker, number])[] = [
  [pay, 3],
  [payAnew, 2],
  [refund, 6],
  [answer, 6],
  [chargeback, 1],
  [anew, 1],
  [cancel, 1],
]

export const ABOUT = { occurredAt: new Date(0), actor: {} as never, stream: { type: 'Order', id: ORDER } }

/** What could have happened to an order: legal, one step after the other, the same for the same seed. */
export function history(random: Random, { chargebacks = true } = {}): Step[] {
  const makers = MAKERS.filter(([make]) => chargebacks || make !== chargeback)
  const steps: Step[] = []
  let state = order.initial
  const happen = (type: keyof OrderEvents, data: object) => {
    const after = order.evolve[type]!(state, data as never, ABOUT)
    steps.push({ type, data, before: state, after })
    state = after
  }
  happen('OrderRecorded', recorded(random, random.pick(CURRENCIES), random.pick(['org_1', 'org_1', null])))
  happen(...pay(state, random)!)
  for (let left = random.whole(0, 14); left > 0; left--) {
    const made = random.weighted(makers)(state, random)
    if (made) happen(...made)
  }
  return steps
}
