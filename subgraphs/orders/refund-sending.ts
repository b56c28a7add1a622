import type { EntityManager } from 'typeorm'
import type { Sum } from '#shared/money.js'
import type { ShareState } from './order.js'
import { ProviderFailure, type RefundAnswer, type RefundRequest } from './providers/provider.js'

/** One share, and what the provider said of it. */
export interface Sent {
  request: RefundRequest
  /** Nobody knows yet what became of it when it failed and that is not final. */
  outcome: RefundAnswer | ProviderFailure
}

export const isKnown = ({ outcome }: Sent): boolean => !(outcome instanceof ProviderFailure) || outcome.final

/** Which action writes an outcome down, and with what. */
export function newsOf({ request, outcome }: Sent, attempts: number): [string, Record<string, unknown>] {
  const { orderId, refundId, payment, attempt } = request
  const { providerRefundId } = outcome
  const share = { orderId, refundId, paymentId: payment.id, attempt, providerRefundId }
  if (outcome instanceof ProviderFailure) {
    const { code, message } = outcome
    return ['failRefund', { ...share, code, message, attempts }]
  }
  return [outcome.state === 'SETTLED' ? 'settleRefund' : 'submitRefundShare', share]
}

interface ShareRow {
  order_id: string
  amount: Sum
  attempt: number
  payment_id: string
  provider: string
  payment_intent_id: string | null
  charge_id: string | null
}

/** Which shares of a refund; null: of any payment, of any attempt. */
interface Which {
  refundId: string
  paymentId: string | null
  attempt: number | null
}

/** The shares that stand there, as a provider is asked about them. */
export async function sharesIn(
  db: EntityManager,
  state: ShareState,
  { refundId, paymentId, attempt }: Which,
): Promise<RefundRequest[]> {
  const rows: ShareRow[] = await db.query(
    `select r.order_id, s.amount, s.attempt, p.id as payment_id, p.provider, p.payment_intent_id, p.charge_id
     from orders.refund r
     cross join jsonb_to_recordset(r.shares) as s("paymentId" text, amount jsonb, state text, attempt int)
     join orders.payment p on p.id = s."paymentId"
     where r.id = $1 and s.state = $2 and ($3::int is null or s.attempt = $3) and ($4::text is null or p.id = $4)
     order by p.id`,
    [refundId, state, attempt, paymentId],
  )
  return rows.map(row => ({
    orderId: row.order_id,
    refundId,
    amount: row.amount,
    attempt: row.attempt,
    payment: {
      id: row.payment_id,
      provider: row.provider,
      paymentIntentId: row.payment_intent_id,
      chargeId: row.charge_id,
    },
  }))
}
