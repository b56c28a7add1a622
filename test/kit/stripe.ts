import { createHash, createHmac, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Json, World } from './world.js'

/** Neither is anybody's: they only have the form. */
export const SECRET_KEY = ['sk', 'test', 'opsgraphlocal'].join('_')
export const WEBHOOK_SECRET = ['whsec', 'opsgraphlocal'].join('_')

/**
 * How the next refund is answered. `after: true`: the work is done, and the answer is lost or wrong.
 * - `status`: made, in this state
 * - `refuse`: an error of Stripe's: 402 card_error, 400 invalid_request_error
 * - `limit`: 429, before idempotency is looked at
 * - `strange`: 401, quoting the key as Stripe quotes part of it
 * - `break`: 500, kept for this idempotency key
 * - `edge`: 503 of a machine in front, not kept
 * - `hang`: no answer at all, until the client gives up; without `after` it stays at work until `finish()`
 * - `drop`: the connection is cut
 */
export type Plan =
  | { status: 'succeeded' | 'pending' | 'requires_action' | 'failed'; failureReason?: string }
  | { refuse: number; type: string; code: string; message?: string }
  | { limit: true }
  | { strange: true }
  | { break: true; after: boolean }
  | { edge: true }
  | { hang: true; after: boolean }
  | { drop: true; after: boolean }

export interface FakeRefund {
  id: string
  object: 'refund'
  amount: number
  currency: string
  status: string
  failure_reason?: string
  payment_intent: string | null
  charge: string | null
  metadata: Record<string, string>
  created: number
}

interface Payment {
  intent: string | null
  charge: string
  amount: number
  currency: string
}

interface Kept {
  digest: string
  /** Null while the first request with this key is still at work. */
  answer: { status: number; body: object } | null
}

interface Asked {
  method: string
  path: string
  key: string | null
  version: string | null
  form: Record<string, string>
}

/** A server on this machine that speaks as Stripe's public API reference says, as far as refunds go. */
export class FakeStripe {
  readonly refunds: FakeRefund[] = []
  readonly asked: Asked[] = []
  /** The next POSTs, in order; after them, everything succeeds. */
  plans: Plan[] = []
  /** What the next look-ups are answered with, instead of a list. */
  listPlans: ('break' | 'hang' | 'limit')[] = []
  /** Refunds shown on one page, at most what is asked for. */
  pageSize = 100
  readonly #payments: Payment[] = []
  readonly #keys = new Map<string, Kept>()
  readonly #hanging = new Set<ServerResponse>()
  readonly #working: (() => void)[] = []
  #server: Server | null = null
  url = ''

  static async start(): Promise<FakeStripe> {
    const fake = new FakeStripe()
    fake.#server = createServer((request, response) => void fake.#handle(request, response))
    await new Promise<void>(resolve => fake.#server!.listen(0, '127.0.0.1', resolve))
    fake.url = `http://127.0.0.1:${(fake.#server.address() as AddressInfo).port}`
    return fake
  }

  async stop(): Promise<void> {
    for (const response of this.#hanging) response.destroy()
    this.#server?.closeAllConnections()
    await new Promise(resolve => this.#server?.close(resolve))
  }

  /** What the product is started with to meet it. */
  get env(): Record<string, string> {
    return {
      PAYMENT_PROVIDER: 'stripe',
      STRIPE_SECRET_KEY: SECRET_KEY,
      STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET,
      STRIPE_API_URL: this.url,
    }
  }

  /** A payment that was captured there. */
  paid(intent: string | null, charge: string, amount: number, currency = 'usd'): void {
    this.#payments.push({ intent, charge, amount, currency })
  }

  /** Idempotency keys are forgotten after a day. */
  forgetKeys(): void {
    this.#keys.clear()
  }

  /** What hung and was not done is done now: a client that gave up is late to know. */
  finish(): void {
    for (const work of this.#working.splice(0)) work()
  }

  /** Requests that wait for an answer. */
  get waiting(): number {
    return [...this.#hanging].filter(response => !response.destroyed).length
  }

  /** The POSTs so far, those that were refused included. */
  get posts(): Asked[] {
    return this.asked.filter(({ method }) => method === 'POST')
  }

  /** Those that hold money, for one refund of ours. */
  livingFor(refundId: string): FakeRefund[] {
    return this.refunds.filter(
      ({ status, metadata }) =>
        metadata.opsgraph_refund_id === refundId && status !== 'failed' && status !== 'canceled',
    )
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
    const url = new URL(request.url ?? '/', this.url)
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const form = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()))
    const header = (name: string) => (request.headers[name] as string | undefined) ?? null
    const key = header('idempotency-key')
    this.asked.push({
      method: request.method!,
      path: url.pathname + url.search,
      key,
      version: header('stripe-version'),
      form,
    })
    if (header('authorization') !== `Bearer ${SECRET_KEY}`) return refused(response)
    if (url.pathname !== '/v1/refunds')
      return answer(
        response,
        404,
        error('invalid_request_error', 'resource_missing', 'Unrecognized request URL'),
      )
    if (request.method === 'GET') return this.#list(url.searchParams, response)
    return this.#create(form, key, response)
  }

  #list(query: URLSearchParams, response: ServerResponse): unknown {
    const plan = this.listPlans.shift()
    if (plan === 'break') return answer(response, 500, error('api_error', null, 'An unknown error occurred'))
    if (plan === 'limit')
      return answer(response, 429, error('invalid_request_error', 'rate_limit', 'Too many requests'))
    if (plan === 'hang') return this.#hanging.add(response)
    const newestFirst = this.refunds
      .filter(one => !query.has('payment_intent') || one.payment_intent === query.get('payment_intent'))
      .filter(one => !query.has('charge') || one.charge === query.get('charge'))
      .reverse()
    const after = newestFirst.findIndex(({ id }) => id === query.get('starting_after')) + 1
    const size = Math.min(this.pageSize, Number(query.get('limit') ?? 10))
    const data = newestFirst.slice(after, after + size)
    const has_more = after + size < newestFirst.length
    answer(response, 200, { object: 'list', url: '/v1/refunds', has_more, data })
  }

  #create(form: Record<string, string>, key: string | null, response: ServerResponse): unknown {
    const [next] = this.plans
    // Limits and machines in front come before idempotency, so they are not remembered.
    if (next && ('limit' in next || 'edge' in next || 'strange' in next)) {
      this.plans.shift()
      if ('strange' in next) return refused(response)
      if ('limit' in next)
        return answer(response, 429, error('invalid_request_error', 'rate_limit', 'Too many requests'))
      return answer(response, 503, error('api_error', null, 'Service unavailable'))
    }
    const digest = createHash('sha256').update(JSON.stringify(form)).digest('hex')
    const kept = key ? this.#keys.get(key) : undefined
    if (kept && kept.digest !== digest)
      return answer(
        response,
        400,
        error(
          'idempotency_error',
          null,
          'Keys for idempotent requests can only be used with the same parameters they were first used with.',
        ),
      )
    if (kept && !kept.answer)
      return answer(
        response,
        409,
        error(
          'idempotency_error',
          'idempotency_key_in_use',
          'There is currently another in-progress request using this key',
        ),
      )
    if (kept?.answer)
      return answer(response, kept.answer.status, kept.answer.body, { 'idempotent-replayed': 'true' })
    this.#perform(form, key, digest, response)
  }

  #perform(
    form: Record<string, string>,
    key: string | null,
    digest: string,
    response: ServerResponse,
  ): unknown {
    const plan = this.plans.shift() ?? { status: 'succeeded' as const }
    const keep = (status: number, body: object) => {
      if (key) this.#keys.set(key, { digest, answer: { status, body } })
      return { status, body }
    }
    if ('refuse' in plan) {
      const { status, body } = keep(plan.refuse, error(plan.type, plan.code, plan.message ?? plan.code))
      return answer(response, status, body)
    }
    if ('break' in plan) {
      if (plan.after) this.#make(form, 'succeeded')
      const { status, body } = keep(500, error('api_error', null, 'An unknown error occurred'))
      return answer(response, status, body)
    }
    if ('hang' in plan && !plan.after) {
      if (key) this.#keys.set(key, { digest, answer: null })
      this.#working.push(() => keep(200, this.#make(form, 'succeeded')))
      return this.#hanging.add(response)
    }
    if ('hang' in plan || 'drop' in plan) {
      if (plan.after) keep(200, this.#make(form, 'succeeded'))
      if ('drop' in plan) return response.destroy()
      return this.#hanging.add(response)
    }
    const refusal = this.#refusalOf(form)
    const { status, body } = refusal
      ? keep(400, refusal)
      : keep(
          200,
          this.#make(
            form,
            'status' in plan ? plan.status : 'succeeded',
            'failureReason' in plan ? plan.failureReason : undefined,
          ),
        )
    answer(response, status, body)
  }

  #paymentOf(form: Record<string, string>): Payment | undefined {
    return this.#payments.find(({ intent, charge }) =>
      form.payment_intent ? intent === form.payment_intent : charge === form.charge,
    )
  }

  #refusalOf(form: Record<string, string>): object | null {
    const payment = this.#paymentOf(form)
    if (!payment)
      return error(
        'invalid_request_error',
        'resource_missing',
        `No such payment_intent: '${form.payment_intent}'`,
      )
    const given = this.refunds
      .filter(
        ({ charge, status }) => charge === payment.charge && status !== 'failed' && status !== 'canceled',
      )
      .reduce((total, { amount }) => total + amount, 0)
    if (given >= payment.amount)
      return error(
        'invalid_request_error',
        'charge_already_refunded',
        `Charge ${payment.charge} has already been refunded.`,
      )
    if (given + Number(form.amount) > payment.amount)
      return error(
        'invalid_request_error',
        'amount_too_large',
        'Refund amount is greater than unrefunded amount on charge',
      )
    return null
  }

  #make(form: Record<string, string>, status: string, failureReason?: string): FakeRefund {
    const payment = this.#paymentOf(form)!
    const metadata = Object.entries(form).flatMap(([name, value]) => {
      const key = /^metadata\[(\w+)\]$/.exec(name)?.[1]
      return key ? [[key, value] as const] : []
    })
    const refund: FakeRefund = {
      id: `re_${randomBytes(8).toString('hex')}`,
      object: 'refund',
      amount: Number(form.amount),
      currency: payment.currency,
      status,
      ...(failureReason && { failure_reason: failureReason }),
      payment_intent: payment.intent,
      charge: payment.charge,
      metadata: Object.fromEntries(metadata),
      created: Math.floor(Date.now() / 1000),
    }
    this.refunds.push(refund)
    return refund
  }
}

const error = (type: string, code: string | null, message: string): object => ({
  error: { type, ...(code && { code }), message },
})

function answer(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Record<string, string> = {},
): undefined {
  response.writeHead(status, {
    'content-type': 'application/json',
    'request-id': `req_${randomBytes(6).toString('hex')}`,
    ...headers,
  })
  response.end(JSON.stringify(body))
}

const refused = (response: ServerResponse) =>
  answer(response, 401, error('invalid_request_error', null, `Invalid API Key provided: ${SECRET_KEY}`))

/** An event as Stripe sends it. */
export const stripeEvent = (type: string, object: object, more: Json = {}): Json => ({
  id: `evt_${randomBytes(8).toString('hex')}`,
  object: 'event',
  api_version: '2026-08-26.dahlia',
  created: Math.floor(Date.now() / 1000),
  type,
  livemode: false,
  pending_webhooks: 1,
  request: { id: null, idempotency_key: null },
  data: { object },
  ...more,
})

/** Tells an event, signed as Stripe signs: `t=<seconds>,v1=<HMAC-SHA256 of "t.body">`. */
export async function tell(
  world: World,
  event: Json,
  { secret = WEBHOOK_SECRET, at = Math.floor(Date.now() / 1000), body = JSON.stringify(event) } = {},
): Promise<{ status: number; said: string }> {
  const signature = createHmac('sha256', secret)
    .update(`${at}.${JSON.stringify(event)}`)
    .digest('hex')
  const response = await fetch(`${world.url}/webhooks/stripe`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'stripe-signature': `t=${at},v1=${signature}`,
    },
    body,
  })
  return { status: response.status, said: await response.text() }
}
