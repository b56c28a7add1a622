import type { IncomingMessage, ServerResponse } from 'node:http'
import type Stripe from 'stripe'
import { gatewayError } from '#gateway/errors.js'
import { readBody, sendJson } from '#gateway/http.js'
import type { Run } from '#gateway/live-hub.js'
import type { PaymentConfig } from '#shared/config.js'
import { systemIdentity } from '#shared/identity.js'
import { Role } from '#shared/roles.js'

/** Where Stripe tells what became of refunds and disputes. */
export const STRIPE_PATH = '/webhooks/stripe'
/** Far above any event of Stripe's, far below what a stranger may make us read elsewhere. */
const MAX_BODY_BYTES = 512 * 1024
/** How old a signature may be, s: what was overheard cannot be told again later. By the real clock, whatever ours is set to. */
const TOLERANCE = 300

/** What is taken of each kind of object: ids, sums and states. Names, addresses and evidence stay at Stripe. */
const KEPT = {
  refund: [
    'id',
    'object',
    'amount',
    'currency',
    'status',
    'failure_reason',
    'payment_intent',
    'charge',
    'created',
  ],
  dispute: ['id', 'object', 'amount', 'currency', 'status', 'reason', 'payment_intent', 'charge', 'created'],
} as const
type Kind = keyof typeof KEPT

/** What is taken in; of anything else Stripe only hears that it arrived. */
const TYPES: ReadonlySet<string> = new Set([
  'refund.created',
  'refund.updated',
  'refund.failed',
  'charge.refund.updated',
  'charge.dispute.created',
  'charge.dispute.updated',
  'charge.dispute.closed',
  'charge.dispute.funds_withdrawn',
  'charge.dispute.funds_reinstated',
])

const RECEIVE = `mutation ($input: ReceiveProviderEventInput!) {
  receiveProviderEvent(input: $input) { events { type } userErrors { message } } }`

/**
 * Takes in what Stripe tells: checked against its signature, written down once by the orders subgraph wherever that runs, handled
 * by a reaction. Whatever is not answered with 200 Stripe tells again, for days.
 */
export class Webhooks {
  constructor(
    readonly payments: PaymentConfig,
    readonly run: Run,
  ) {}

  /** @throws GraphQLError with the status: 404 not configured, 405, 413, 400 not Stripe's, 503 try again */
  async stripe(request: IncomingMessage, response: ServerResponse, requestId: string): Promise<void> {
    const { payments } = this
    if (payments.provider !== 'stripe' || !payments.webhookSecret)
      throw gatewayError(
        'NOT_FOUND',
        'Webhooks of Stripe are not taken here: PAYMENT_PROVIDER is not stripe.',
        404,
      )
    if (request.method !== 'POST') {
      response.setHeader('allow', 'POST')
      throw gatewayError('BAD_REQUEST', `Webhooks come by POST, not by ${request.method}.`, 405)
    }
    const body = await readBody(request, MAX_BODY_BYTES)
    const event = await verified(body, request.headers['stripe-signature'], payments.webhookSecret)
    const taken = takenOf(event)
    if (taken) await this.#receive(taken, requestId)
    sendJson(response, 200, { received: true })
  }

  async #receive(input: object, requestId: string): Promise<void> {
    const identity = systemIdentity(Role.SYSTEM)
    const { data, errors } = await this.run(
      { query: RECEIVE, variables: { input } },
      { identity, requestId, surface: 'stripe', site: null },
    )
    const payload = data?.receiveProviderEvent as { userErrors: { message: string }[] } | null | undefined
    if (!errors?.length && payload?.userErrors.length === 0) return
    throw gatewayError('SUBGRAPH_UNAVAILABLE', 'It could not be written down right now. Tell it again.', 503)
  }
}

/** @throws GraphQLError BAD_REQUEST saying what is wrong with the signature */
async function verified(
  body: Buffer,
  signature: string | string[] | undefined,
  secret: string,
): Promise<Stripe.Event> {
  const { default: StripeApi } = await import('stripe')
  if (typeof signature !== 'string')
    throw gatewayError('BAD_REQUEST', 'The header Stripe-Signature is missing: only Stripe speaks here.')
  try {
    return StripeApi.webhooks.constructEvent(body, signature, secret, TOLERANCE)
  } catch (error) {
    throw gatewayError('BAD_REQUEST', refusalOf(error as Error))
  }
}

const refusalOf = ({ message }: Error): string =>
  message.includes('Timestamp outside')
    ? `The signature is older than ${TOLERANCE} seconds: compare the clocks, or tell it anew.`
    : 'The signature does not fit the body: compare STRIPE_WEBHOOK_SECRET with the endpoint at Stripe, and let no proxy change the body.'

const isKind = (kind: unknown): kind is Kind => kind === 'refund' || kind === 'dispute'

/** The event as it is written down; null when there is nothing in it for us. */
function takenOf({ id, type, created, data }: Stripe.Event): object | null {
  const object = data?.object as unknown as Record<string, unknown> | undefined
  const kind = object?.object
  if (!TYPES.has(type) || !object || !isKind(kind)) return null
  return {
    provider: 'stripe',
    providerEventId: id,
    type,
    createdAt: new Date(created * 1000).toISOString(),
    object: { ...kept(object, kind), ...(kind === 'refund' ? marks(object) : deadline(object)) },
  }
}

const kept = (object: Record<string, unknown>, kind: Kind): object =>
  Object.fromEntries(KEPT[kind].map(key => [key, idOf(object[key])]))

/** An expanded object is its id to us. */
const idOf = (value: unknown): unknown =>
  value && typeof value === 'object' ? ((value as { id?: unknown }).id ?? null) : (value ?? null)

/** Of the metadata only what we put there. */
function marks({ metadata }: Record<string, unknown>): object {
  const ours = Object.entries(metadata ?? {}).filter(([key]) => key.startsWith('opsgraph_'))
  return { metadata: Object.fromEntries(ours) }
}

const deadline = ({ evidence_details }: Record<string, unknown>): object => ({
  evidence_due_by: (evidence_details as { due_by?: number | null } | undefined)?.due_by ?? null,
})
