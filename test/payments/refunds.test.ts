import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { type Plan, SECRET_KEY, WEBHOOK_SECRET } from '#kit/stripe.js'
import { idOf, paidOrder, usd } from '#kit/world.js'
import { Desk } from './kit.js'

/** E39, R13: no refund is ever sent twice, whatever the other side does. */
let desk: Desk

beforeAll(async () => {
  desk = await Desk.open('refunds_by_stripe')
})
afterAll(async () => {
  const { output } = desk.world
  await desk.close()
  expect(output).not.toContain(SECRET_KEY)
  expect(output).not.toContain(WEBHOOK_SECRET)
})
beforeEach(() => {
  desk.stripe.plans = []
  desk.stripe.listPlans = []
})

const postsOf = (refundId: string) =>
  desk.stripe.posts.filter(({ form }) => form['metadata[opsgraph_refund_id]'] === refundId)

async function expectOnce(refundId: string, amount = 40_00): Promise<void> {
  expect(desk.stripe.livingFor(refundId)).toMatchObject([{ amount }])
}

describe('a refund that Stripe gives back', () => {
  test('goes out once, with marks, a key that follows from them and a pinned version, and settles', async () => {
    const { orderId, intent } = await desk.order()
    const refundId = await desk.refund(orderId)
    const refund = await desk.standing(refundId, 'SETTLED')
    const [there] = desk.stripe.livingFor(refundId)
    expect(there).toMatchObject({ amount: 40_00, payment_intent: intent })
    expect(refund).toMatchObject({ providerRefundId: there!.id, shares: [{ state: 'SETTLED', attempt: 1 }] })
    const paymentId = refund.shares[0].payment.id
    expect(postsOf(refundId)).toMatchObject([
      {
        key: `opsgraph/${refundId}/${paymentId}/1`,
        version: '2026-08-26.dahlia',
        form: {
          payment_intent: intent,
          amount: '4000',
          'metadata[opsgraph_refund_id]': refundId,
          'metadata[opsgraph_payment_id]': paymentId,
          'metadata[opsgraph_order_id]': orderId,
          'metadata[opsgraph_attempt]': '1',
        },
      },
    ])
    expect(await desk.events(refundId)).toEqual(['RefundIssued', 'RefundSettled'])
  })

  test('is found by the charge where there is no payment intent', async () => {
    const { orderId, charge } = await desk.order({ paymentIntentId: null })
    const refundId = await desk.refund(orderId)
    await desk.standing(refundId, 'SETTLED')
    expect(postsOf(refundId)).toMatchObject([{ form: { charge } }])
  })

  test('goes out once for each of 12 people who refund the same order at the same time', async () => {
    const { orderId } = await desk.order()
    const ids = await Promise.all(Array.from({ length: 12 }, () => desk.refund(orderId, 10_00)))
    for (const id of ids) await desk.standing(id, 'SETTLED', 30_000)
    for (const id of ids) await expectOnce(id, 10_00)
  })

  test('is recorded only where somebody else moved the money', async () => {
    const { orderId } = await desk.order({ provider: 'voucher' })
    const refundId = await desk.refund(orderId)
    expect(await desk.standing(refundId, 'SETTLED')).toMatchObject({ providerRefundId: null })
    expect(postsOf(refundId)).toEqual([])
  })
})

describe('an answer that says no', () => {
  test.each<[string, Plan, string, RegExp]>([
    [
      'the payment is given back already',
      { refuse: 400, type: 'invalid_request_error', code: 'charge_already_refunded' },
      'charge_already_refunded',
      /given back in full already/,
    ],
    [
      'the account is empty',
      { refuse: 400, type: 'invalid_request_error', code: 'balance_insufficient' },
      'balance_insufficient',
      /top it up/,
    ],
    [
      'the card expired',
      { refuse: 402, type: 'card_error', code: 'expired_card' },
      'expired_card',
      /card has expired/,
    ],
    [
      'anything else, whose words hold a key',
      { refuse: 400, type: 'invalid_request_error', code: 'odd', message: `Not\nwith ${SECRET_KEY}.` },
      'odd',
      /^Stripe says: Not with \(hidden\)/,
    ],
    [
      'it failed there at once',
      { status: 'failed', failureReason: 'lost_or_stolen_card' },
      'lost_or_stolen_card',
      /lost or stolen/,
    ],
  ])(
    '%s: it lands in the worklist with the reason, and a retry sends it anew',
    async (_, plan, code, message) => {
      const { orderId } = await desk.order()
      desk.stripe.plans = [plan]
      const refundId = await desk.refund(orderId)
      const { shares } = await desk.standing(refundId, 'FAILED')
      expect(shares).toMatchObject([
        { state: 'FAILED', attempt: 1, failureCode: code, failureMessage: expect.stringMatching(message) },
      ])
      expect(shares[0].failureMessage).not.toContain(SECRET_KEY)
      expect((await desk.worklist()).map(({ id }) => id)).toContain(refundId)
      expect(await desk.work()).toContainEqual({
        phase: 'ACTIVE',
        workspace: 'REVENUE',
        node: { id: refundId },
      })
      expect(await desk.retry(refundId)).toMatchObject({ userErrors: [], refund: { status: 'PENDING' } })
      expect(await desk.standing(refundId, 'SETTLED')).toMatchObject({
        shares: [{ attempt: 2, failureCode: null, failureMessage: null }],
      })
      expect((await desk.worklist()).map(({ id }) => id)).not.toContain(refundId)
      expect(JSON.stringify(await desk.work())).not.toContain(refundId)
      expect(postsOf(refundId).map(({ key }) => key!.split('/').at(-1))).toEqual(['1', '2'])
      expect(await desk.events(refundId)).toEqual([
        'RefundIssued',
        'RefundFailed',
        'RefundRetried',
        'RefundSettled',
      ])
      await expectOnce(refundId)
    },
  )

  test('a payment that was recorded without an id fails by name, and goes out when it has one', async () => {
    const { orderId, intent, external } = await desk.order({ paymentIntentId: null, chargeId: null })
    const refundId = await desk.refund(orderId)
    const { shares } = await desk.standing(refundId, 'FAILED')
    expect(shares).toMatchObject([
      { failureCode: 'NO_PAYMENT_ID', failureMessage: expect.stringContaining('without a payment intent') },
    ])
    const payment = {
      source: 'shop',
      externalId: `p-${external}`,
      checkout: `c-${external}`,
      order: external,
      amount: usd(150_00),
      paymentIntentId: intent,
    }
    expect(await desk.people.shop.record('payments', [payment])).toMatchObject({ updated: 1 })
    await desk.retry(refundId)
    await desk.standing(refundId, 'SETTLED')
    await expectOnce(refundId)
  })

  test('a refund under our marks over another sum is loud, and nothing is sent', async () => {
    const { orderId, intent, charge } = await desk.order()
    desk.stripe.listPlans = ['break']
    const refundId = await desk.refund(orderId)
    await desk.tried(refundId, 1)
    const [{ payment }] = (await desk.read(refundId)).shares
    desk.stripe.refunds.push({
      id: 're_other',
      object: 'refund',
      amount: 41_00,
      currency: 'usd',
      status: 'succeeded',
      payment_intent: intent,
      charge,
      metadata: { opsgraph_refund_id: refundId, opsgraph_payment_id: payment.id, opsgraph_attempt: '1' },
      created: 1,
    })
    await desk.tryAgain(refundId, 1)
    const { shares } = await desk.standing(refundId, 'FAILED')
    expect(shares).toMatchObject([
      { failureCode: 'MISMATCH', failureMessage: expect.stringMatching(/\$41\.00 as re_other.*\$40\.00/) },
    ])
    expect(postsOf(refundId)).toEqual([])
  })
})

describe('no answer, or one that leaves it open', () => {
  test('429: it waits, and goes out once', async () => {
    const { orderId } = await desk.order()
    desk.stripe.plans = [{ limit: true }, { limit: true }]
    const refundId = await desk.refund(orderId)
    await desk.tryAgain(refundId, 1)
    await desk.tryAgain(refundId, 2)
    await desk.standing(refundId, 'SETTLED')
    expect(postsOf(refundId)).toHaveLength(3)
    await expectOnce(refundId)
  })

  test('a key that is not taken: it waits, and no word of the key gets out', async () => {
    const { orderId } = await desk.order()
    desk.stripe.plans = [{ strange: true }]
    const refundId = await desk.refund(orderId)
    await desk.tried(refundId, 1)
    const [job] = await desk.jobs('send-refund', refundId)
    expect(job!.last_error).toContain('look at STRIPE_SECRET_KEY')
    expect(job!.last_error).not.toContain(SECRET_KEY)
    await desk.tryAgain(refundId, 1)
    await desk.standing(refundId, 'SETTLED')
    await expectOnce(refundId)
  })

  test.each<[string, Plan]>([
    ['500 after the money moved', { break: true, after: true }],
    ['a time-out after the money moved', { hang: true, after: true }],
  ])(
    '%s: it is found there, and not sent again',
    async (_, plan) => {
      const { orderId } = await desk.order()
      desk.stripe.plans = [plan]
      const refundId = await desk.refund(orderId)
      await desk.tried(refundId, 1)
      expect((await desk.read(refundId)).status).toBe('PENDING')
      desk.stripe.forgetKeys()
      await desk.tryAgain(refundId, 1)
      await desk.standing(refundId, 'SETTLED')
      expect(postsOf(refundId)).toHaveLength(1)
      await expectOnce(refundId)
    },
    60_000,
  )

  test.each([true, false])(
    'a connection that is cut, the money moved: %s: the same key, and one refund',
    async after => {
      const { orderId } = await desk.order()
      desk.stripe.plans = [{ drop: true, after }]
      const refundId = await desk.refund(orderId)
      await desk.standing(refundId, 'SETTLED')
      expect(new Set(postsOf(refundId).map(({ key }) => key)).size).toBe(1)
      await expectOnce(refundId)
    },
  )

  test('it is found among many other refunds of the payment, over several pages', async () => {
    const { orderId, intent, charge } = await desk.order()
    desk.stripe.plans = [{ break: true, after: true }]
    const refundId = await desk.refund(orderId, 20_00)
    await desk.tried(refundId, 1)
    for (let n = 0; n < 5; n++)
      desk.stripe.refunds.push({
        id: `re_elsewhere_${n}`,
        object: 'refund',
        amount: 1,
        currency: 'usd',
        status: 'succeeded',
        payment_intent: intent,
        charge,
        metadata: {},
        created: 1,
      })
    desk.stripe.pageSize = 2
    desk.stripe.forgetKeys()
    await desk.tryAgain(refundId, 1)
    await desk.standing(refundId, 'SETTLED')
    desk.stripe.pageSize = 100
    await expectOnce(refundId, 20_00)
    expect(postsOf(refundId)).toHaveLength(1)
  })

  test('a look-up that fails sends nothing', async () => {
    const { orderId } = await desk.order()
    desk.stripe.listPlans = ['break', 'limit']
    const refundId = await desk.refund(orderId)
    await desk.tryAgain(refundId, 1)
    await desk.tried(refundId, 2)
    expect(postsOf(refundId)).toEqual([])
    await desk.tryAgain(refundId, 2)
    await desk.standing(refundId, 'SETTLED')
    await expectOnce(refundId)
  })

  test('503 of a machine in front, which is not remembered: the same key goes through', async () => {
    const { orderId } = await desk.order()
    desk.stripe.plans = [{ edge: true }]
    const refundId = await desk.refund(orderId)
    await desk.tryAgain(refundId, 1)
    await desk.standing(refundId, 'SETTLED')
    expect(new Set(postsOf(refundId).map(({ key }) => key)).size).toBe(1)
    await expectOnce(refundId)
  })

  test('one that is still at work there is not sent beside it, and is found when it is done', async () => {
    const { orderId } = await desk.order()
    desk.stripe.plans = [{ hang: true, after: false }]
    const refundId = await desk.refund(orderId)
    await desk.tried(refundId, 1)
    await desk.tryAgain(refundId, 1)
    await desk.tried(refundId, 2)
    expect(desk.stripe.livingFor(refundId)).toEqual([])
    desk.stripe.finish()
    await desk.tryAgain(refundId, 2)
    await desk.standing(refundId, 'SETTLED')
    await expectOnce(refundId)
  })

  test('a 500 that is replayed to the end is UNDETERMINED, and a person sends it anew', async () => {
    const { orderId } = await desk.order()
    desk.stripe.plans = [{ break: true, after: false }]
    const refundId = await desk.refund(orderId)
    for (let tries = 1; tries <= 7; tries++) await desk.tryAgain(refundId, tries)
    const { shares } = await desk.standing(refundId, 'FAILED')
    expect(shares).toMatchObject([
      { failureCode: 'UNDETERMINED', failureMessage: expect.stringMatching(/status 500.*Tried 8 times/) },
    ])
    expect(new Set(postsOf(refundId).map(({ key }) => key)).size).toBe(1)
    await desk.retry(refundId)
    await desk.standing(refundId, 'SETTLED')
    await expectOnce(refundId)
  })

  test('given up as UNDETERMINED though the money moved late: the retry finds it and sends nothing', async () => {
    const { orderId } = await desk.order()
    desk.stripe.plans = [{ hang: true, after: false }]
    const refundId = await desk.refund(orderId)
    for (let tries = 1; tries <= 7; tries++) await desk.tryAgain(refundId, tries)
    await desk.standing(refundId, 'FAILED')
    const sent = postsOf(refundId).length
    desk.stripe.finish()
    await desk.retry(refundId)
    await desk.standing(refundId, 'SETTLED')
    expect(postsOf(refundId)).toHaveLength(sent)
    await expectOnce(refundId)
  })
})

describe('several payments', () => {
  const two = async (external: string, first: object, second: object) => {
    for (const of of ['a', 'b']) desk.stripe.paid(`pi_${external}-${of}`, `ch_${external}-${of}`, 50_00)
    const orderId = await paidOrder(desk.people.shop, external, usd(100_00), { payment: null })
    const pay = (of: string, more: object) => ({
      source: 'shop',
      externalId: `${external}-${of}`,
      order: external,
      amount: usd(50_00),
      paymentIntentId: `pi_${external}-${of}`,
      ...more,
    })
    await desk.people.shop.record('payments', [pay('a', first), pay('b', second)])
    return orderId
  }

  test('one share that waits does not send the other again', async () => {
    const orderId = await two('m1', {}, {})
    desk.stripe.plans = [{ status: 'succeeded' }, { limit: true }, { limit: true }]
    const refundId = await desk.refund(orderId, 100_00)
    const states = async () =>
      (await desk.read(refundId)).shares.map(({ state }: { state: string }) => state).sort()
    while ((await states()).join() !== 'PENDING,SETTLED') desk.world.advance(0)
    while ((await desk.read(refundId)).status !== 'SETTLED') {
      desk.world.advance(6_000)
      await new Promise(resolve => setTimeout(resolve, 100))
    }
    expect(desk.stripe.livingFor(refundId)).toHaveLength(2)
    const keys = postsOf(refundId).map(({ key }) => key)
    expect(new Set(keys).size).toBe(2)
    expect(keys).toHaveLength(4)
  })

  test('one share that fails is retried alone', async () => {
    const orderId = await two('m2', { provider: 'voucher' }, {})
    desk.stripe.plans = [{ refuse: 402, type: 'card_error', code: 'expired_card' }]
    const refundId = await desk.refund(orderId, 100_00)
    const { shares } = await desk.standing(refundId, 'FAILED')
    const failed = shares.find(({ state }: { state: string }) => state === 'FAILED')
    expect(failed.payment.id).toBe(idOf('pay', 'm2-b'))
    const other = await desk.retry(refundId, { paymentId: idOf('pay', 'm2-a') })
    expect(other.userErrors).toMatchObject([
      { code: 'INVALID_STATE', field: 'paymentId', facts: { state: 'SETTLED' } },
    ])
    await desk.retry(refundId, { paymentId: idOf('pay', 'm2-b') })
    await desk.standing(refundId, 'SETTLED')
    await expectOnce(refundId, 50_00)
  })
})

describe('people', () => {
  const failing = async () => {
    const { orderId } = await desk.order()
    desk.stripe.plans = [{ refuse: 402, type: 'card_error', code: 'expired_card' }]
    const refundId = await desk.refund(orderId)
    const { shares } = await desk.standing(refundId, 'FAILED')
    return { refundId, paymentId: shares[0].payment.id as string }
  }

  test('retry only what failed, with a reason and a key, and only who moves money', async () => {
    const { refundId, paymentId } = await failing()
    const { fay, sam, ada } = desk.people
    const retry = (input: object) => ({ refundId, paymentId, reason: 'CAUSE_MENDED', ...input })
    expect((await fay.act('retryRefund', retry({}))).userErrors).toMatchObject([
      { code: 'IDEMPOTENCY_KEY_REQUIRED' },
    ])
    const nobody = await fay.act('retryRefund', retry({ refundId: 'rfd_none', idempotencyKey: 'n' }))
    expect(nobody.userErrors).toMatchObject([{ code: 'NOT_FOUND', field: 'refundId' }])
    const elsewhere = await fay.act('retryRefund', retry({ paymentId: 'pay_none', idempotencyKey: 'e' }))
    expect(elsewhere.userErrors).toMatchObject([{ code: 'NOT_FOUND', field: 'paymentId' }])
    const { errors } = await sam.send(
      'mutation ($input: RetryRefundInput!) { retryRefund(input: $input) { replayed } }',
      { input: retry({ idempotencyKey: 's' }) },
    )
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
    const dry = await ada.act('retryRefund', retry({ dryRun: true }))
    expect(dry).toMatchObject({ dryRun: true, events: [{ type: 'RefundRetried', id: null }] })
    const first = await ada.act('retryRefund', retry({ idempotencyKey: `${refundId}-go` }))
    const again = await ada.act('retryRefund', retry({ idempotencyKey: `${refundId}-go` }))
    expect(again).toMatchObject({ replayed: true, events: first.events })
    await desk.standing(refundId, 'SETTLED')
    const late = await ada.act('retryRefund', retry({ idempotencyKey: `${refundId}-late` }))
    expect(late.userErrors).toMatchObject([{ code: 'INVALID_STATE', facts: { state: 'SETTLED' } }])
    await expectOnce(refundId)
  })

  test('settle by hand what failed: two of them, with a reference; it is not sent any more', async () => {
    const { refundId, paymentId } = await failing()
    const { fay, finn } = desk.people
    const input = {
      refundId,
      paymentId,
      reason: 'BANK_TRANSFER',
      reference: 'SEPA 2026-04711',
      idempotencyKey: `${refundId}-hand`,
    }
    const bare = await fay.act('settleRefundByHand', { ...input, reference: '  ' })
    expect(bare.userErrors).toMatchObject([{ code: 'INVALID', field: 'reference' }])
    const { approval } = await fay.act('settleRefundByHand', input)
    expect((await desk.read(refundId)).status).toBe('FAILED')
    const alone = await fay.act('approveSettleRefundByHand', { approvalId: approval.id })
    expect(alone.userErrors).toMatchObject([{ code: 'SAME_PERSON' }])
    const done = await finn.act('approveSettleRefundByHand', { approvalId: approval.id }, 'refund { status }')
    expect(done).toMatchObject({
      userErrors: [],
      events: [{ type: 'RefundSettled' }],
      refund: { status: 'SETTLED' },
    })
    expect(await desk.read(refundId)).toMatchObject({ providerRefundId: 'SEPA 2026-04711' })
    expect(await desk.retry(refundId)).toMatchObject({ userErrors: [{ code: 'INVALID_STATE' }] })
    expect(desk.stripe.livingFor(refundId)).toEqual([])
  })
})
