import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { type FakeRefund, stripeEvent, tell } from '#kit/stripe.js'
import { idOf, type Json, paidOrder, until, usd } from '#kit/world.js'
import { Desk } from './kit.js'

/** R13, A15: what Stripe tells at POST /webhooks/stripe. */
let desk: Desk

beforeAll(async () => {
  desk = await Desk.open('webhooks_of_stripe')
})
afterAll(() => desk.close())
beforeEach(() => {
  desk.stripe.plans = []
})

const SECOND = Math.floor(Date.now() / 1000)

const received = (id: string): Promise<Json[]> =>
  desk.world.sql(
    `select id, payload from log.event where type = 'ProviderEventReceived' and payload ->> 'providerEventId' = $1`,
    [id],
  )

/** Told, and everything that follows from it done. */
async function handled(event: Json): Promise<void> {
  expect((await tell(desk.world, event)).status).toBe(200)
  await until(async () => {
    const [job] = await desk.world.sql(
      `select state from log.reaction_job j join log.event e on e.id = j.event_id
       where reaction = 'handle-provider-event' and e.payload ->> 'providerEventId' = $1`,
      [event.id],
    )
    return job?.state === 'DONE'
  })
}

/** A refund that Stripe took on and has not done yet. */
async function submitted(): Promise<{ refundId: string; there: FakeRefund }> {
  const { orderId } = await desk.order()
  desk.stripe.plans = [{ status: 'pending' }]
  const refundId = await desk.refund(orderId)
  const share = await desk.share(refundId, 'SUBMITTED')
  const there = desk.stripe.refunds.find(({ id }) => id === share.providerRefundId)!
  expect((await desk.read(refundId)).status).toBe('PENDING')
  return { refundId, there }
}

describe('what is believed', () => {
  const update = () =>
    stripeEvent('refund.updated', { id: 're_none', object: 'refund', metadata: {}, status: 'succeeded' })

  test('a signature that does not fit is 400 with a word on what to compare, and leaves nothing', async () => {
    const event = update()
    const foreign = await tell(desk.world, event, { secret: 'whsec_foreign' })
    expect(foreign).toMatchObject({ status: 400, said: expect.stringContaining('STRIPE_WEBHOOK_SECRET') })
    const changed = await tell(desk.world, event, {
      body: JSON.stringify({ ...event, type: 'refund.failed' }),
    })
    expect(changed.status).toBe(400)
    expect(await received(event.id)).toEqual([])
  })

  test.each([-301, -3_600, -86_400])('a signature of %d s ago is 400', async ago => {
    const event = update()
    const answer = await tell(desk.world, event, { at: Math.floor(Date.now() / 1000) + ago })
    expect(answer).toMatchObject({ status: 400, said: expect.stringContaining('older than 300 seconds') })
    expect(await received(event.id)).toEqual([])
  })

  test('by the real clock, whatever the product’s says', async () => {
    desk.world.advance(86_400_000)
    const event = update()
    await handled(event)
    expect(await received(event.id)).toHaveLength(1)
  })

  test('no signature, no body, no JSON, another method, far too much: each by name', async () => {
    const post = (init: RequestInit) =>
      fetch(`${desk.world.url}/webhooks/stripe`, { method: 'POST', ...init })
    expect(await (await post({ body: '{}' })).json()).toMatchObject({
      errors: [
        {
          message: expect.stringContaining('Stripe-Signature is missing'),
          extensions: { code: 'BAD_REQUEST' },
        },
      ],
    })
    expect((await post({ headers: { 'stripe-signature': 't=1,v1=00' } })).status).toBe(400)
    expect((await post({ headers: { 'stripe-signature': 'nonsense' }, body: 'x' })).status).toBe(400)
    expect((await fetch(`${desk.world.url}/webhooks/stripe`)).status).toBe(405)
    expect((await post({ body: 'x'.repeat(600 * 1024) })).status).toBe(413)
  })

  test('what is not needed is answered and not kept; of the rest nothing personal is', async () => {
    const other = stripeEvent('customer.created', {
      id: 'cus_1',
      object: 'customer',
      email: 'jo@example.com',
    })
    expect((await tell(desk.world, other)).status).toBe(200)
    expect(await received(other.id)).toEqual([])

    const { there } = await submitted()
    const event = stripeEvent('refund.updated', {
      ...there,
      status: 'pending',
      charge: { id: there.charge, billing_details: { email: 'jo@example.com' } },
      metadata: { ...there.metadata, note_of_agent: 'Jo of Elm Street' },
      destination_details: { card: { reference: '123' } },
      instructions_email: 'jo@example.com',
    })
    await handled(event)
    const [{ payload }] = (await received(event.id)) as [Json]
    expect(payload.object).toMatchObject({ id: there.id, charge: there.charge, metadata: there.metadata })
    expect(JSON.stringify(payload)).not.toMatch(/example\.com|Elm Street|reference/)
  })

  test('the same event again, ten times at once, is 200 and leaves no second event', async () => {
    const { refundId, there } = await submitted()
    const event = stripeEvent('refund.updated', { ...there, status: 'succeeded' })
    const answers = await Promise.all(Array.from({ length: 10 }, () => tell(desk.world, event)))
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
    await desk.standing(refundId, 'SETTLED')
    await handled(event)
    expect(await received(event.id)).toHaveLength(1)
    expect(await desk.events(refundId)).toEqual(['RefundIssued', 'RefundSubmitted', 'RefundSettled'])
  })
})

/** What the ledger says is still owed to the buyer of a refund. */
const owed = async (refundId: string): Promise<number> => {
  const [row] = await desk.world.sql(
    `select coalesce(-sum(minor), 0)::int as owed from orders.ledger_entry where account = 'REFUNDS' and refund_id = $1`,
    [refundId],
  )
  return row!.owed
}

describe('what becomes of a refund', () => {
  test('pending, then done; what is told late or again changes nothing', async () => {
    const { refundId, there } = await submitted()
    await handled(stripeEvent('refund.updated', { ...there, status: 'succeeded' }))
    await desk.standing(refundId, 'SETTLED')
    await handled(stripeEvent('refund.created', { ...there, status: 'pending' }))
    await handled(stripeEvent('charge.refund.updated', { ...there, status: 'requires_action' }))
    await handled(stripeEvent('charge.refund.updated', { ...there, status: 'succeeded' }))
    expect(await desk.events(refundId)).toEqual(['RefundIssued', 'RefundSubmitted', 'RefundSettled'])
  })

  test('a failure lands in the worklist, also after success; sent again it is another one, and the old one’s news count no more', async () => {
    const { refundId, there } = await submitted()
    await handled(stripeEvent('refund.updated', { ...there, status: 'succeeded' }))
    await desk.standing(refundId, 'SETTLED')
    Object.assign(there, { status: 'failed', failure_reason: 'expired_or_canceled_card' })
    await handled(stripeEvent('refund.failed', there))
    const failed = await desk.standing(refundId, 'FAILED')
    expect(await owed(refundId)).toBe(40_00)
    expect(failed.shares).toMatchObject([
      {
        failureCode: 'expired_or_canceled_card',
        providerRefundId: there.id,
        failureMessage: expect.stringContaining('card has expired'),
      },
    ])
    expect((await desk.worklist()).map(({ id }) => id)).toContain(refundId)
    // Both events tell of one failure, and success was told late.
    await handled(stripeEvent('charge.refund.updated', there))
    await handled(stripeEvent('refund.updated', { ...there, status: 'succeeded' }, { created: SECOND - 60 }))
    expect((await desk.read(refundId)).status).toBe('FAILED')

    await desk.retry(refundId)
    const settled = await desk.standing(refundId, 'SETTLED')
    expect(settled.providerRefundId).not.toBe(there.id)
    expect(await owed(refundId)).toBe(0)
    await handled(stripeEvent('refund.failed', there))
    expect((await desk.read(refundId)).status).toBe('SETTLED')
    expect(await desk.events(refundId)).toEqual([
      'RefundIssued',
      'RefundSubmitted',
      'RefundSettled',
      'RefundFailed',
      'RefundRetried',
      'RefundSettled',
    ])
    expect(desk.stripe.livingFor(refundId)).toHaveLength(1)
  })

  test.each([
    ['succeeded', 'SETTLED', ['RefundIssued', 'RefundSubmitted', 'RefundSettled']],
    ['failed', 'FAILED', ['RefundIssued', 'RefundSubmitted', 'RefundFailed']],
  ])('when no webhook comes, it is looked up every day: %s', async (status, standing, events) => {
    const { refundId, there } = await submitted()
    const looked = () => desk.stripe.asked.length
    for (let day = 0; day < 2; day++) {
      const before = looked()
      // What is looked up notes the next day when it is through, which may be after the clock was moved.
      await until(() => {
        desk.world.advance(3_600_000)
        return looked() > before
      })
    }
    expect((await desk.read(refundId)).status).toBe('PENDING')
    Object.assign(there, { status })
    await until(async () => {
      desk.world.advance(86_400_000)
      return (await desk.read(refundId)).status === standing
    })
    expect(await desk.events(refundId)).toEqual(events)
    expect(
      desk.stripe.posts.filter(({ form }) => form['metadata[opsgraph_refund_id]'] === refundId),
    ).toHaveLength(1)
  })

  test('one that was given up as unknown settles when Stripe tells of it', async () => {
    const { orderId } = await desk.order()
    desk.stripe.plans = [{ hang: true, after: false }]
    const refundId = await desk.refund(orderId)
    for (let tries = 1; tries <= 7; tries++) await desk.tryAgain(refundId, tries)
    await desk.standing(refundId, 'FAILED')
    desk.stripe.finish()
    const [there] = desk.stripe.livingFor(refundId)
    await handled(stripeEvent('refund.created', there!))
    expect(await desk.standing(refundId, 'SETTLED')).toMatchObject({ providerRefundId: there!.id })
    expect(desk.stripe.livingFor(refundId)).toHaveLength(1)
  })

  test('one that was settled by hand and that Stripe made after all is loud: the money left twice', async () => {
    const { orderId } = await desk.order()
    desk.stripe.plans = [{ hang: true, after: false }]
    const refundId = await desk.refund(orderId)
    for (let tries = 1; tries <= 7; tries++) await desk.tryAgain(refundId, tries)
    const { shares } = await desk.standing(refundId, 'FAILED')
    const { fay, finn } = desk.people
    const { approval } = await fay.act('settleRefundByHand', {
      refundId,
      paymentId: shares[0].payment.id,
      reason: 'BANK_TRANSFER',
      reference: 'SEPA 1',
      idempotencyKey: refundId,
    })
    await finn.act('approveSettleRefundByHand', { approvalId: approval.id })
    desk.stripe.finish()
    const event = stripeEvent('refund.created', desk.stripe.livingFor(refundId)[0]!)
    await tell(desk.world, event)
    await until(async () => (await desk.jobs('handle-provider-event', event.id))[0]?.attempts > 0)
    const [job] = await desk.jobs('handle-provider-event', event.id)
    expect(job!.last_error).toMatch(/SETTLED as SEPA 1, and the provider also has it as re_/)
    expect(await desk.read(refundId)).toMatchObject({ status: 'SETTLED', providerRefundId: 'SEPA 1' })
  })

  test('one told of before our own answer came is not told twice', async () => {
    const { orderId } = await desk.order()
    desk.stripe.plans = [{ break: true, after: true }]
    const refundId = await desk.refund(orderId)
    await desk.tried(refundId, 1)
    await handled(stripeEvent('refund.created', desk.stripe.livingFor(refundId)[0]!))
    await desk.standing(refundId, 'SETTLED')
    desk.world.advance(6_000)
    await until(async () => (await desk.jobs('send-refund', refundId)).every(({ state }) => state === 'DONE'))
    expect(await desk.events(refundId)).toEqual(['RefundIssued', 'RefundSettled'])
  })

  test('refunds that are not ours are left alone', async () => {
    await handled(
      stripeEvent('refund.updated', { id: 're_x', object: 'refund', metadata: {}, status: 'succeeded' }),
    )
    const metadata = { opsgraph_refund_id: 'rfd_x', opsgraph_payment_id: 'pay_x', opsgraph_attempt: '1' }
    await handled(stripeEvent('refund.updated', { id: 're_y', object: 'refund', metadata, status: 'failed' }))
  })

  test('over another sum it is loud: nothing settles, and the job is there to be looked at', async () => {
    const { refundId, there } = await submitted()
    const event = stripeEvent('refund.updated', { ...there, amount: there.amount + 1, status: 'succeeded' })
    expect((await tell(desk.world, event)).status).toBe(200)
    const [job] = await until(async () => {
      const jobs = await desk.jobs('handle-provider-event', event.id)
      return jobs[0]?.attempts > 0 ? jobs : null
    }).then(jobs => jobs!)
    expect(job!.last_error).toMatch(/40\.01|4001/)
    expect((await desk.read(refundId)).status).toBe('PENDING')
  })
})

describe('disputes', () => {
  let count = 0
  const disputeOf = (intent: string, more: Json = {}): Json => ({
    id: `dp_${++count}`,
    object: 'dispute',
    amount: 150_00,
    currency: 'usd',
    status: 'needs_response',
    reason: 'fraudulent',
    payment_intent: intent,
    charge: null,
    created: SECOND,
    evidence: { customer_name: 'Jo Elm', customer_email_address: 'jo@example.com' },
    evidence_details: { due_by: SECOND + 7 * 86_400, has_evidence: false },
    ...more,
  })

  const ORDER = `query ($id: ID!) { order(id: $id) { chargedBack { amount } refundable { amount }
    disputes(first: 10) { nodes { state amount { amount } reason disputeId evidenceDueAt } } } }`
  const orderOf = async (id: string): Promise<Json> => (await desk.people.fay.ask(ORDER, { id })).order

  test('one opens on the order, moves on, and what is told late changes nothing', async () => {
    const { orderId, intent } = await desk.order()
    const dispute = disputeOf(intent)
    const at = (type: string, after: number, more: Json = {}) =>
      stripeEvent(type, { ...dispute, ...more }, { created: SECOND + after })
    const created = at('charge.dispute.created', 0)
    await handled(created)
    expect(await orderOf(orderId)).toMatchObject({
      chargedBack: { amount: 150_00 },
      refundable: { amount: 0 },
      disputes: {
        nodes: [
          {
            state: 'NEEDS_RESPONSE',
            amount: { amount: 150_00 },
            reason: 'fraudulent',
            disputeId: dispute.id,
          },
        ],
      },
    })
    await handled(at('charge.dispute.funds_withdrawn', 0))
    await handled(at('charge.dispute.closed', 30, { status: 'won' }))
    await handled(at('charge.dispute.updated', 20, { status: 'under_review' }))
    await handled(at('charge.dispute.funds_reinstated', 31, { status: 'won' }))
    await handled(created)
    expect(await orderOf(orderId)).toMatchObject({
      chargedBack: { amount: 0 },
      refundable: { amount: 150_00 },
      disputes: { nodes: [{ state: 'WON' }] },
    })
    const told = await desk.world.sql(
      `select payload ->> 'state' as state from log.event where type = 'ChargebackRecorded' and stream_id = $1 order by id`,
      [orderId],
    )
    expect(told.map(({ state }) => state)).toEqual(['NEEDS_RESPONSE', 'WON'])
    expect(JSON.stringify(await received(created.id))).not.toMatch(/Jo Elm|example\.com/)
  })

  test('within one second the one that is further counts', async () => {
    const { orderId, intent } = await desk.order()
    const dispute = disputeOf(intent)
    await handled(stripeEvent('charge.dispute.closed', { ...dispute, status: 'lost' }, { created: SECOND }))
    await handled(stripeEvent('charge.dispute.created', dispute, { created: SECOND }))
    expect((await orderOf(orderId)).disputes.nodes).toMatchObject([{ state: 'LOST' }])
  })

  test('a bank that only asks takes no money; when it does after all, it is taken', async () => {
    const { orderId, intent } = await desk.order()
    const dispute = disputeOf(intent, { status: 'warning_needs_response' })
    await handled(stripeEvent('charge.dispute.created', dispute, { created: SECOND }))
    expect(await orderOf(orderId)).toMatchObject({
      chargedBack: { amount: 0 },
      disputes: { nodes: [{ state: 'NEEDS_RESPONSE' }] },
    })
    const taken = { ...dispute, status: 'needs_response' }
    await handled(stripeEvent('charge.dispute.updated', taken, { created: SECOND + 9 }))
    expect(await orderOf(orderId)).toMatchObject({ chargedBack: { amount: 150_00 } })
    const over = { ...dispute, status: 'prevented' }
    await handled(stripeEvent('charge.dispute.closed', over, { created: SECOND + 20 }))
    expect(await orderOf(orderId)).toMatchObject({
      chargedBack: { amount: 0 },
      disputes: { nodes: [{ state: 'CLOSED' }] },
    })
  })

  test('one of a payment for several orders is spread over them to the cent', async () => {
    desk.stripe.paid('pi_many', 'ch_many', 100_01)
    const sums = [33_33, 33_33, 33_35]
    const record = {
      source: 'shop',
      externalId: 'c-many',
      buyer: 'buyer-1',
      placedAt: '2026-04-22T14:03:00.000Z',
      orders: sums.map((amount, n) => ({
        externalId: `many-${n}`,
        seller: `seller-${n}`,
        lines: [{ title: 'Lamp', unitPrice: usd(amount) }],
      })),
      payment: { externalId: 'p-many', amount: usd(100_01), paymentIntentId: 'pi_many', chargeId: 'ch_many' },
    }
    expect((await desk.people.shop.record('checkouts', [record])).problems).toEqual([])
    await handled(stripeEvent('charge.dispute.created', disputeOf('pi_many', { amount: 50_00 })))
    const taken = await Promise.all(
      sums.map(async (_, n) => (await orderOf(idOf('ord', `many-${n}`))).chargedBack.amount),
    )
    expect(taken).toEqual([16_67, 16_66, 16_67])
  })

  test('one that the marketplace recorded first is the same one', async () => {
    const { orderId, intent, external } = await desk.order()
    const dispute = disputeOf(intent)
    const record = {
      source: 'shop',
      externalId: `d-${external}`,
      order: external,
      amount: usd(150_00),
      reason: 'fraudulent',
      disputeId: dispute.id,
      openedAt: '2026-04-23T00:00:00.000Z',
    }
    expect(await desk.people.shop.record('disputes', [record])).toMatchObject({ created: 1 })
    await handled(stripeEvent('charge.dispute.closed', { ...dispute, status: 'lost' }))
    expect(await orderOf(orderId)).toMatchObject({
      chargedBack: { amount: 150_00 },
      disputes: { nodes: [{ state: 'LOST', disputeId: dispute.id }] },
    })
  })

  test('one that Stripe told first is not recorded a second time by the marketplace', async () => {
    const { orderId, intent, external } = await desk.order()
    const dispute = disputeOf(intent)
    await handled(stripeEvent('charge.dispute.created', dispute))
    const record = {
      source: 'shop',
      externalId: `d-${external}`,
      order: external,
      amount: usd(150_00),
      reason: 'fraudulent',
      disputeId: dispute.id,
      openedAt: '2026-04-23T00:00:00.000Z',
    }
    const { problems } = await desk.people.shop.record('disputes', [record])
    expect(problems).toMatchObject([
      { field: 'disputeId', message: expect.stringContaining('told by the provider itself') },
    ])
    expect(await orderOf(orderId)).toMatchObject({
      chargedBack: { amount: 150_00 },
      disputes: { nodes: [{}] },
    })
  })

  test('one of a payment that is recorded later waits for it', async () => {
    const event = stripeEvent('charge.dispute.created', disputeOf('pi_later', { amount: 20_00 }))
    expect((await tell(desk.world, event)).status).toBe(200)
    await until(async () => (await desk.jobs('handle-provider-event', event.id))[0]?.attempts > 0)
    const payment = { externalId: 'p-later', amount: usd(150_00), paymentIntentId: 'pi_later' }
    const orderId = await paidOrder(desk.people.shop, 'later', usd(150_00), { payment })
    desk.world.advance(6_000)
    await until(async () => (await orderOf(orderId)).chargedBack.amount === 20_00)
  })
})
