import type { EntityManager } from 'typeorm'
import type { Outcome } from '#shared/outcome.js'
import type { ShareOfRefund } from '../refund-share.js'
import { fromStripe } from './stripe-money.js'
import { wordsFor } from './stripe-words.js'

/** What news of a provider are handled with. */
export interface Handling {
  createdAt: Date
  tx: EntityManager
  act: (name: string, input: Record<string, unknown>) => Promise<Outcome>
}

/** What is kept of a refund that Stripe speaks of. */
export interface RefundObject {
  object: 'refund'
  id: string
  amount: number
  currency: string
  status: string | null
  failure_reason?: string | null
  payment_intent: string | null
  charge: string | null
  metadata: Record<string, string> | null
}

interface Found {
  orderId: string
  refundId: string
  share: ShareOfRefund
  attempt: number
}

/** A refund at Stripe moved on: so does the share that it is. Refunds that are not ours are left alone. */
export async function refundNews(refund: RefundObject, { tx, act }: Handling): Promise<void> {
  const found = await shareOf(refund, tx)
  if (!found) return
  const { orderId, refundId, share, attempt } = found
  const news = { orderId, refundId, paymentId: share.paymentId, attempt, providerRefundId: refund.id }
  const { status, failure_reason } = refund
  if (status === 'failed' || status === 'canceled') {
    const code = failure_reason ?? `refund_${status}`
    await act('failRefund', { ...news, code, message: wordsFor(code), attempts: 1 })
    return
  }
  requireSameSum(refund, share)
  await act(status === 'succeeded' ? 'settleRefund' : 'submitRefundShare', news)
}

/** By the marks that we gave it, else by its id where a person wrote that down. */
async function shareOf({ id, metadata }: RefundObject, tx: EntityManager): Promise<Found | null> {
  const { opsgraph_refund_id, opsgraph_payment_id, opsgraph_attempt } = metadata ?? {}
  const [row] = await tx.query(
    `select r.id, r.order_id, s.share from orders.refund r cross join jsonb_array_elements(r.shares) as s(share)
     where ${opsgraph_refund_id ? `r.id = $1 and s.share ->> 'paymentId' = $2` : `r.shares @> $1 and s.share ->> 'providerRefundId' = $2`}`,
    opsgraph_refund_id
      ? [opsgraph_refund_id, opsgraph_payment_id ?? '']
      : [JSON.stringify([{ providerRefundId: id }]), id],
  )
  if (!row) return null
  const share: ShareOfRefund = row.share
  // Its id says more than the attempt that once made it: sending again may have found it.
  const isKnown = share.providerRefundId === id && share.state !== 'PENDING'
  const attempt = isKnown ? share.attempt : Number(opsgraph_attempt ?? 1)
  return { orderId: row.order_id, refundId: row.id, share, attempt }
}

function requireSameSum({ id, amount, currency }: RefundObject, share: ShareOfRefund): void {
  const there = fromStripe(amount, currency)
  if (there.amount === share.amount.amount && there.currency === share.amount.currency) return
  throw new Error(`${id} is ${there.amount} ${there.currency} at Stripe, and not what was decided`)
}
