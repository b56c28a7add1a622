import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { SECRET_KEY, WEBHOOK_SECRET } from '#kit/stripe.js'
import { Desk } from './kit.js'

describe('refunds that Stripe gives back', () => {
  let desk: Desk

  beforeAll(async () => {
    desk = await Desk.open('refunds_by_stripe')
  }, 60_000)
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

  test('go out once, with marks, a key that follows from them and a pinned version, and settle', async () => {
    const { orderId, intent } = await desk.order()
    const refundId = await desk.refund(orderId)
    const refund = await desk.standing(refundId, 'SETTLED')
    const [there] = desk.stripe.livingFor(refundId)
    expect(there).toMatchObject({ amount: 40_00, payment_intent: intent })
    expect(refund).toMatchObject({ providerRefundId: there!.id, shares: [{ state: 'SETTLED', attempt: 1 }] })
    const [post] = desk.stripe.posts.slice(-1)
    const paymentId = refund.shares[0].payment.id
    expect(post).toMatchObject({
      key: `opsgraph/${refundId}/${paymentId}/1`,
      version: '2026-08-26.dahlia',
      form: {
        payment_intent: intent,
        amount: '4000',
        'metadata[opsgraph_refund_id]': refundId,
        'metadata[opsgraph_payment_id]': paymentId,
        'metadata[opsgraph_order_id]': orderId,
      },
    })
    expect(await desk.events(refundId)).toEqual(['RefundIssued', 'RefundSettled'])
  })
})
