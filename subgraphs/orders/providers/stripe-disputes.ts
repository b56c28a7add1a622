import type { EntityManager } from 'typeorm'
import type { OrderEvents } from '#shared/events/orders.js'
import { externalId } from '#shared/id.js'
import type { Sum } from '#shared/money.js'
import { allocate } from '../allocate.js'
import { fromStripe } from './stripe-money.js'
import type { Handling } from './stripe-refunds.js'

/** What is kept of a dispute that Stripe speaks of. */
export interface DisputeObject {
  object: 'dispute'
  id: string
  amount: number
  currency: string
  status: string
  reason: string
  created: number
  payment_intent: string | null
  charge: string | null
  evidence_due_by: number | null
}

type State = OrderEvents['DisputeRecorded']['state']

/** `warning_…` is a bank that only asks: no money was taken. */
const STATES: Record<string, { state: State; money: boolean }> = {
  warning_needs_response: { state: 'NEEDS_RESPONSE', money: false },
  warning_under_review: { state: 'UNDER_REVIEW', money: false },
  warning_closed: { state: 'CLOSED', money: false },
  prevented: { state: 'CLOSED', money: false },
  needs_response: { state: 'NEEDS_RESPONSE', money: true },
  under_review: { state: 'UNDER_REVIEW', money: true },
  won: { state: 'WON', money: true },
  lost: { state: 'LOST', money: true },
}

/** A dispute at Stripe opened or moved on: so it does on each order that the payment paid, in proportion. */
export async function disputeNews(object: DisputeObject, handling: Handling): Promise<void> {
  const known = STATES[object.status]
  if (!known)
    throw new Error(`Stripe says that the dispute ${object.id} is ${object.status}, which is not known`)
  const shares = await sharesOf(object, handling.tx)
  for (const share of shares) await tellOrder(object, share, known, handling)
}

interface OrderShare {
  orderId: string
  amount: Sum
  source: string
  isOnly: boolean
}

/** @throws Error when the payment was never recorded: it may be soon, and until then it is tried again */
async function sharesOf(
  { id, amount, currency, payment_intent, charge }: DisputeObject,
  tx: EntityManager,
): Promise<OrderShare[]> {
  const [payment] = await tx.query(
    `select source, allocations from orders.payment
     where payment_intent_id = $1 or charge_id = $2 order by payment_intent_id = $1 desc nulls last limit 1`,
    [payment_intent, charge],
  )
  if (!payment) throw new Error(`No payment is recorded as ${payment_intent ?? charge}, which ${id} disputes`)
  const allocations: { orderId: string; amount: Sum }[] = payment.allocations
  const paying = allocations.filter(one => one.amount.amount > 0)
  const amounts = allocate(
    fromStripe(amount, currency),
    paying.map(one => one.amount.amount),
  )
  return paying
    .map(({ orderId }, at) => ({
      orderId,
      amount: amounts[at]!,
      source: payment.source,
      isOnly: paying.length === 1,
    }))
    .filter(one => one.amount.amount > 0)
}

async function tellOrder(
  object: DisputeObject,
  { orderId, amount, isOnly }: OrderShare,
  { state, money }: { state: State; money: boolean },
  { createdAt, tx, act }: Handling,
): Promise<void> {
  const which = await disputeOf(object.id, orderId, isOnly, tx)
  const { events } = await act('recordProviderDispute', {
    ...which,
    orderId,
    amount,
    state,
    providerDisputeId: object.id,
    disputeReason: object.reason,
    evidenceDueAt: object.evidence_due_by ? new Date(object.evidence_due_by * 1000) : null,
    openedAt: new Date(object.created * 1000),
    reportedAt: createdAt,
  })
  if (events.length)
    await act('recordChargeback', { orderId, disputeId: which.disputeId, amount, state, isTaken: money })
}

/** The dispute as the marketplace recorded it, if it did; else one of our own. */
async function disputeOf(
  id: string,
  orderId: string,
  isOnly: boolean,
  tx: EntityManager,
): Promise<{ disputeId: string; source: string; externalId: string }> {
  const [row] = await tx.query(
    'select id, source, external_id from orders.dispute where dispute_id = $1 and order_id = $2 order by created_at limit 1',
    [id, orderId],
  )
  if (row) return { disputeId: row.id, source: row.source, externalId: row.external_id }
  const external = isOnly ? id : `${id}/${orderId}`
  return { disputeId: externalId('dsp', 'stripe', external), source: 'stripe', externalId: external }
}
