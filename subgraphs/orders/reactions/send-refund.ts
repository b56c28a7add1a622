import type { EntityManager } from 'typeorm'
import type { Act } from '#shared/act.js'
import type { StoredEvent } from '#shared/event.js'
import type { Sum } from '#shared/money.js'
import { type Reaction, reaction } from '#shared/reaction.js'
import { configuredProviders } from '../providers/configured.js'
import { ProviderFailure, type RefundAnswer, type RefundRequest } from '../providers/provider.js'

/** After so many tries, about five hours, a person has to look. */
const TRIES = 8
/** Shares that could not be sent are tried again after this, ms, when others of the same refund could. */
const SOON = 5_000

/** One share, and what the provider said of it. */
interface Sent {
  request: RefundRequest
  /** Nobody knows yet what became of it when it failed and that is not final. */
  outcome: RefundAnswer | ProviderFailure
}

interface Answered {
  sent: Sent[]
  tries: number
}

/**
 * E39, R13: what was decided is sent, each payment's share on its own. A share that was answered is written down even when another was
 * not, and is not sent again: only those that are PENDING are, and the provider is asked first whether it has them.
 */
export const sendRefund = reaction<Act, Answered>({
  name: 'send-refund',
  on: ['RefundIssued', 'RefundRetried'],

  // Refunds from before shares were kept were given back by hand.
  when: ({ type, data, occurredAt }) => (type === 'RefundIssued' && !data.shares ? null : occurredAt),

  async call({ event, db, attempt }) {
    const open = await openShares(db, event)
    const all = await Promise.all(open.map(request => send(request, attempt)))
    const sent = all.filter(isKnown)
    // Nothing was learnt: waiting longer each time is the kernel's.
    if (all.length && !sent.length) throw all[0]!.outcome
    return { sent, tries: attempt }
  },

  async run({ event, tx, act, now, answer: { sent, tries } }) {
    for (const one of sent) await act(...newsOf(one, tries), { tx, event })
    const left = await openShares(tx, event)
    if (left.length) return { again: new Date(now.getTime() + SOON) }
  },
}) as Reaction

const isKnown = ({ outcome }: Sent): boolean => !(outcome instanceof ProviderFailure) || outcome.final

/** Asks the provider; when its tries are used up, not knowing is an outcome too. */
async function send(request: RefundRequest, tries: number): Promise<Sent> {
  const providerOf = await configuredProviders()
  try {
    return { request, outcome: await providerOf(request.payment).refund(request) }
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error
    return { request, outcome: error.final || tries < TRIES ? error : givenUp(error) }
  }
}

const givenUp = ({ code, message, providerRefundId }: ProviderFailure): ProviderFailure => {
  const advice = `Tried ${TRIES} times. Sending it again asks first whether it was given back after all.`
  return new ProviderFailure(code, `${message} ${advice}`, true, providerRefundId)
}

/** Which action writes an outcome down, and with what. */
function newsOf({ request, outcome }: Sent, attempts: number): [string, Record<string, unknown>] {
  const { orderId, refundId, payment, attempt } = request
  const { providerRefundId } = outcome
  const share = { orderId, refundId, paymentId: payment.id, attempt, providerRefundId }
  if (outcome instanceof ProviderFailure) {
    const { code, message } = outcome
    return ['failRefund', { ...share, code, message, attempts }]
  }
  return [outcome.state === 'SETTLED' ? 'settleRefund' : 'submitRefundShare', share]
}

interface OpenShare {
  order_id: string
  amount: Sum
  payment_id: string
  provider: string
  payment_intent_id: string | null
  charge_id: string | null
}

/** The shares that this event asked for and that are still to be sent. */
async function openShares(db: EntityManager, event: StoredEvent): Promise<RefundRequest[]> {
  const { refundId, paymentId = null, attempt = 1 } = event.data
  const rows: OpenShare[] = await db.query(
    `select r.order_id, s.amount, p.id as payment_id, p.provider, p.payment_intent_id, p.charge_id
     from orders.refund r
     cross join jsonb_to_recordset(r.shares) as s("paymentId" text, amount jsonb, state text, attempt int)
     join orders.payment p on p.id = s."paymentId"
     where r.id = $1 and s.state = 'PENDING' and s.attempt = $2 and ($3::text is null or p.id = $3)
     order by p.id`,
    [refundId, attempt, paymentId],
  )
  return rows.map(row => ({
    orderId: row.order_id,
    refundId,
    amount: row.amount,
    attempt,
    payment: {
      id: row.payment_id,
      provider: row.provider,
      paymentIntentId: row.payment_intent_id,
      chargeId: row.charge_id,
    },
  }))
}
