import Stripe from 'stripe'
import type { StripeConfig } from '#shared/config.js'
import { format, type Sum } from '#shared/money.js'
import { type PaymentProvider, ProviderFailure, type RefundAnswer, type RefundRequest } from './provider.js'
import { failureOf } from './stripe-failure.js'
import { fromStripe, toStripe } from './stripe-money.js'
import { wordsFor } from './stripe-words.js'

/** Pinned: an update of the package must not change what Stripe answers. */
const API_VERSION = '2026-08-26.dahlia'
/** Looking up and sending together stay below what a call of a reaction may take, ms. */
const LOOK_UP_MS = 5_000
const SEND_MS = 8_000
const PAGE = 100

/** What a refund at Stripe bears, so that it can be found again, by us and in the Dashboard. */
export interface Marks {
  opsgraph_order_id: string
  opsgraph_refund_id: string
  opsgraph_payment_id: string
  opsgraph_attempt: string
}

const marksOf = ({ orderId, refundId, payment, attempt }: RefundRequest): Marks & Record<string, string> => ({
  opsgraph_order_id: orderId,
  opsgraph_refund_id: refundId,
  opsgraph_payment_id: payment.id,
  opsgraph_attempt: String(attempt),
})

/** The same for every technical repetition, another one when a person sends it again. */
const keyOf = ({ refundId, payment, attempt }: RefundRequest): string =>
  `opsgraph/${refundId}/${payment.id}/${attempt}`

/** Where the client goes, when it is not Stripe itself. */
function addressOf(apiUrl: string | undefined): Partial<Stripe.StripeConfig> {
  if (!apiUrl) return {}
  const { protocol, hostname, port } = new URL(apiUrl)
  const plain = protocol === 'http:'
  return { host: hostname, protocol: plain ? 'http' : 'https', port: port || (plain ? '80' : '443') }
}

const clientOf = ({ secretKey, apiUrl }: StripeConfig): Stripe =>
  new Stripe(secretKey, {
    apiVersion: API_VERSION,
    // Waiting and trying again is the reaction's work: it looks first whether the money has moved. The package still repeats, with the same
    // key, what a kept connection lost by being closed.
    maxNetworkRetries: 0,
    timeout: LOOK_UP_MS,
    telemetry: false,
    ...addressOf(apiUrl),
  })

/**
 * Gives money back by Stripe. No refund goes out twice: before anything is sent, Stripe is asked for refunds that bear our marks
 * (its idempotency keys are forgotten after a day), and what is sent bears a key that follows from the refund.
 */
export function stripe(config: StripeConfig): PaymentProvider {
  const client = clientOf(config)
  const find = async (request: RefundRequest): Promise<RefundAnswer | null> => {
    const found = await lookUp(client, request)
    return found && answerOf(found, request)
  }
  return {
    find: request => find(request).catch(fail),
    async refund(request) {
      try {
        return (await find(request)) ?? answerOf(await send(client, request), request)
      } catch (error) {
        return fail(error)
      }
    },
  }
}

const fail = (error: unknown): never => {
  throw failureOf(error)
}

/** How Stripe knows the payment. */
function paymentOf({ payment }: RefundRequest): { payment_intent: string } | { charge: string } {
  if (payment.paymentIntentId) return { payment_intent: payment.paymentIntentId }
  if (payment.chargeId) return { charge: payment.chargeId }
  const why = `The payment ${payment.id} was recorded without a payment intent or charge of Stripe: record it with one.`
  throw new ProviderFailure('NO_PAYMENT_ID', why, true)
}

const isDead = ({ status }: Stripe.Refund): boolean => status === 'failed' || status === 'canceled'

/** What Stripe already has of it: one that lives, of any attempt, or one of this very attempt that failed there. */
async function lookUp(client: Stripe, request: RefundRequest): Promise<Stripe.Refund | null> {
  const marks = marksOf(request)
  const ours: Stripe.Refund[] = []
  for await (const refund of client.refunds.list({ ...paymentOf(request), limit: PAGE }))
    if (
      refund.metadata?.opsgraph_refund_id === marks.opsgraph_refund_id &&
      refund.metadata.opsgraph_payment_id === marks.opsgraph_payment_id
    )
      ours.push(refund)
  const living = ours.filter(refund => !isDead(refund))
  if (living.length > 1)
    throw new ProviderFailure(
      'DUPLICATE',
      `Stripe has it ${living.length} times: ${living.map(({ id }) => id).join(', ')}. Look there before anything else.`,
      true,
      living[0]!.id,
    )
  return (
    living[0] ?? ours.find(({ metadata }) => metadata!.opsgraph_attempt === marks.opsgraph_attempt) ?? null
  )
}

const send = (client: Stripe, request: RefundRequest): Promise<Stripe.Refund> =>
  client.refunds.create(
    { ...paymentOf(request), amount: toStripe(request.amount).amount, metadata: marksOf(request) },
    { idempotencyKey: keyOf(request), timeout: SEND_MS },
  )

function answerOf(refund: Stripe.Refund, request: RefundRequest): RefundAnswer {
  const { id, status } = refund
  requireSame(fromStripe(refund.amount, refund.currency), request.amount, id)
  if (isDead(refund)) {
    const code = refund.failure_reason ?? `refund_${status}`
    throw new ProviderFailure(code, wordsFor(code), true, id)
  }
  return { state: status === 'succeeded' ? 'SETTLED' : 'SUBMITTED', providerRefundId: id }
}

/** @throws ProviderFailure MISMATCH: somebody has to look before anything else happens */
function requireSame(there: Sum, here: Sum, id: string): void {
  if (there.amount === here.amount && there.currency === here.currency) return
  const why = `Stripe has ${format(there)} as ${id}, but ${format(here)} was decided. Look there before anything else.`
  throw new ProviderFailure('MISMATCH', why, true, id)
}
