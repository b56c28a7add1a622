import type { LedgerAccountName } from '#shared/events/ledger.js'
import type { Sum } from '#shared/money.js'
import type { OrderState } from '../order.js'
import type { LedgerTransactionKind } from './accounts.js'

type Kind = keyof typeof LedgerTransactionKind

/** What an entry is about besides its account. */
interface About {
  organizationId: string | null
  paymentId: string | null
  refundId: string | null
  disputeId: string | null
  claimId: string | null
  payoutId: string | null
  shipmentId: string | null
}

/** One entry to be. `amount` in minor units, debit positive. */
export interface Line extends About {
  account: LedgerAccountName
  amount: number
  currency: string
}

/** One transaction to be; its lines add up to nothing in each currency. */
export interface Posting {
  kind: Kind
  orderId: string | null
  lines: Line[]
}

const NOTHING: About = {
  organizationId: null,
  paymentId: null,
  refundId: null,
  disputeId: null,
  claimId: null,
  payoutId: null,
  shipmentId: null,
}

export const line = (
  account: LedgerAccountName,
  amount: number,
  currency: string,
  about: Partial<About> = {},
): Line => ({ ...NOTHING, ...about, account, amount, currency })

const keyOf = (one: Line): string =>
  `${one.account} ${one.currency} ${one.organizationId} ${one.paymentId} ${one.refundId} ${one.disputeId} ${one.claimId} ${one.payoutId} ${one.shipmentId}`

/** What has to be posted so that `before` becomes `after`, debits first: nothing where both are the same. */
export function difference(before: readonly Line[], after: readonly Line[]): Line[] {
  const sums = new Map<string, Line>()
  const add = (one: Line, amount: number) => {
    if (amount === 0) return
    const key = keyOf(one)
    const held = sums.get(key)
    if (held) held.amount += amount
    else sums.set(key, { ...one, amount })
  }
  for (const one of after) add(one, one.amount)
  for (const one of before) add(one, -one.amount)
  // By nothing but the lines themselves, so that a replay numbers them alike.
  const keys = [...sums.keys()].sort().map(key => sums.get(key)!)
  return [...keys.filter(({ amount }) => amount > 0), ...keys.filter(({ amount }) => amount < 0)]
}

const STEPS = ['CAPTURE', 'ALLOCATION', 'REFUND', 'SETTLEMENT', 'CHARGEBACK'] as const
type Step = (typeof STEPS)[number]

/** What of an order's state the ledger follows from. */
export type Money = Pick<
  OrderState,
  'sellerId' | 'payments' | 'booked' | 'refunds' | 'chargebacks' | 'uncovered'
>

/** Where an order's money lies, step by step: whatever happened, its entries add up to this. */
export const standing = (order: Money): Record<Step, Line[]> => ({
  CAPTURE: captured(order),
  ALLOCATION: allocated(order),
  REFUND: refunded(order),
  SETTLEMENT: settled(order),
  CHARGEBACK: chargedBack(order),
})

const captured = ({ payments }: Money): Line[] =>
  Object.entries(payments).flatMap(
    ([
      paymentId,
      {
        captured: { amount, currency },
      },
    ]) => [
      line('PROVIDER_CLEARING', amount, currency, { paymentId }),
      line('BUYER_FUNDS', -amount, currency, { paymentId }),
    ],
  )

/** What no allocation covered is a loss of the platform's. */
function allocated({ sellerId: organizationId, payments, booked, uncovered }: Money): Line[] {
  const shares = Object.entries(booked).flatMap(([paymentId, { seller, fee, tax, shipping }]) => {
    const { currency } = payments[paymentId]!.captured
    const about = { paymentId, organizationId }
    return [
      line('BUYER_FUNDS', seller + fee + tax + shipping, currency, { paymentId }),
      line('SELLER_PAYABLE', -seller, currency, about),
      line('PLATFORM_FEES', -fee, currency, about),
      line('TAX_PAYABLE', -tax, currency, about),
      line('SHIPPING_CREDIT', -shipping, currency, about),
    ]
  })
  const { amount, currency } = uncovered
  return [...shares, line('ADJUSTMENTS', amount, currency), line('BUYER_FUNDS', -amount, currency)]
}

const sharesOf = ({ refunds }: Money) => Object.values(refunds).flatMap(refund => refund.shares)

const refunded = (order: Money): Line[] =>
  sharesOf(order).flatMap(({ paymentId, amount: { amount, currency } }) => [
    line('BUYER_FUNDS', amount, currency, { paymentId }),
    line('REFUNDS', -amount, currency, { paymentId }),
  ])

/** What failed is still owed: it stays in REFUNDS. */
const settled = (order: Money): Line[] =>
  sharesOf(order)
    .filter(({ state }) => state === 'SETTLED')
    .flatMap(({ paymentId, amount: { amount, currency } }) => [
      line('REFUNDS', amount, currency, { paymentId }),
      line('PROVIDER_CLEARING', -amount, currency, { paymentId }),
    ])

/** What was won or came to nothing leaves nothing; what was lost is paid out of the allocations. */
const chargedBack = ({ chargebacks }: Money): Line[] =>
  Object.values(chargebacks).flatMap(({ state, amount: { amount, currency } }) => {
    if (state === 'WON' || state === 'CLOSED') return []
    const owner = state === 'LOST' ? 'BUYER_FUNDS' : 'CHARGEBACKS'
    return [line(owner, amount, currency), line('PROVIDER_CLEARING', -amount, currency)]
  })

/** Shared out, taken back, or moved to another seller: the buyers' funds tell. */
function kindOf(step: Step, lines: readonly Line[]): Kind {
  if (step !== 'ALLOCATION') return step
  const funds = lines.filter(({ account }) => account === 'BUYER_FUNDS')
  const change = funds.reduce((total, { amount }) => total + amount, 0)
  return change > 0 ? 'ALLOCATION' : change < 0 ? 'UNWIND' : 'TRANSFER'
}

/** What an event of an order names. */
export interface Cause {
  orderId: string
  refundId?: string | null
  disputeId?: string | null
  claimId?: string | null
}

/**
 * The transactions that an event of an order leaves: the difference it makes to where the order's money lies. Pure, so that a replay
 * of the log posts the same; balanced, since where the money lies is.
 */
export function orderPostings(cause: Cause, before: Money, after: Money): Posting[] {
  const { orderId, refundId = null, disputeId = null, claimId = null } = cause
  const [was, is] = [standing(before), standing(after)]
  return STEPS.flatMap(step => {
    const lines = difference(was[step], is[step])
    if (lines.length === 0) return []
    const about = lines.map(one => ({ ...one, refundId, disputeId, claimId }))
    return [{ kind: kindOf(step, lines), orderId, lines: about }]
  })
}

/** A parcel, as far as money goes. */
export interface Parcel {
  id: string
  sellerId: string | null
  shippingCredit: Sum | null
  labelCost: Sum | null
}

/** Where the money of a parcel lies: what its seller is credited, and what its label cost. */
export function shipmentStanding(parcel: Parcel): Record<'SHIPPING_CREDIT' | 'LABEL', Line[]> {
  const { id: shipmentId, sellerId: organizationId, shippingCredit: credit, labelCost: cost } = parcel
  const about = { shipmentId, organizationId }
  return {
    SHIPPING_CREDIT: credit
      ? [
          line('SHIPPING_CREDIT', credit.amount, credit.currency, about),
          line('SELLER_PAYABLE', -credit.amount, credit.currency, about),
        ]
      : [],
    LABEL: cost
      ? [
          line('LABEL_COST', cost.amount, cost.currency, about),
          line('CARRIER_PAYABLE', -cost.amount, cost.currency, { shipmentId }),
        ]
      : [],
  }
}

/** Where the money of a payout lies: with the seller once it was sent, and here again when that failed. */
export function payoutStanding(payout: {
  id: string
  organizationId: string
  amount: Sum
  status: string
}): Line[] {
  const { id: payoutId, organizationId, amount, status } = payout
  if (status !== 'IN_TRANSIT' && status !== 'PAID') return []
  return [
    line('SELLER_PAYABLE', amount.amount, amount.currency, { payoutId, organizationId }),
    line('PROVIDER_CLEARING', -amount.amount, amount.currency, { payoutId }),
  ]
}
