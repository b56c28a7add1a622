import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Plan } from '#kit/stripe.js'
import { stripeEvent, tell } from '#kit/stripe.js'
import { until } from '#kit/world.js'
import { Desk } from './kit.js'

/** Longer than a call that was cut off stays with who made it. */
const LEASE = 21_000

describe('a power cut', () => {
  let desk: Desk

  beforeAll(async () => {
    desk = await Desk.open('payments_cut', { process: 'own' })
  })
  afterAll(() => desk?.close())

  /** Kills the product while Stripe is at work, and starts it again. */
  async function cut(): Promise<void> {
    await until(() => desk.stripe.waiting > 0)
    await desk.world.kill()
    desk.world.advance(LEASE)
    await desk.world.start()
  }

  test('while Stripe has made the refund and not answered: it is found, and not sent again', async () => {
    const { orderId } = await desk.order()
    desk.stripe.plans = [{ hang: true, after: true }]
    const refundId = await desk.refund(orderId)
    await cut()
    await desk.standing(refundId, 'SETTLED', 20_000)
    expect(desk.stripe.livingFor(refundId)).toHaveLength(1)
    expect(await desk.events(refundId)).toEqual(['RefundIssued', 'RefundSettled'])
  })

  test('between a webhook that was answered and what follows from it', async () => {
    const { orderId } = await desk.order()
    desk.stripe.plans = [{ status: 'pending' }]
    const refundId = await desk.refund(orderId)
    const { providerRefundId } = await desk.share(refundId, 'SUBMITTED')
    const there = desk.stripe.refunds.find(({ id }) => id === providerRefundId)!
    const event = stripeEvent('refund.updated', { ...there, status: 'succeeded' })
    expect((await tell(desk.world, event)).status).toBe(200)
    await desk.world.kill()
    await desk.world.start()
    await desk.standing(refundId, 'SETTLED', 20_000)
    expect((await tell(desk.world, event)).status).toBe(200)
    expect(await desk.events(refundId)).toEqual(['RefundIssued', 'RefundSubmitted', 'RefundSettled'])
  })

  test('while Stripe is still at work: what it makes later is the only one', async () => {
    const { orderId } = await desk.order()
    desk.stripe.plans = [{ hang: true, after: false }]
    const refundId = await desk.refund(orderId)
    await cut()
    await desk.tried(refundId, 1)
    desk.stripe.finish()
    await desk.tryAgain(refundId, 1)
    await desk.standing(refundId, 'SETTLED', 20_000)
    expect(desk.stripe.livingFor(refundId)).toHaveLength(1)
  })

  test('while it was only looked up: it goes out once', async () => {
    const { orderId } = await desk.order()
    desk.stripe.listPlans = ['hang']
    const refundId = await desk.refund(orderId)
    await cut()
    await desk.standing(refundId, 'SETTLED', 20_000)
    expect(desk.stripe.livingFor(refundId)).toHaveLength(1)
    expect(
      desk.stripe.posts.filter(({ form }) => form['metadata[opsgraph_refund_id]'] === refundId),
    ).toHaveLength(1)
  })

  test('three times among 24 refunds that Stripe answers in every way: each goes out once', async () => {
    const ways: Plan[] = [
      { status: 'succeeded' },
      { limit: true },
      { break: true, after: true },
      { edge: true },
      { drop: true, after: true },
      { status: 'succeeded' },
    ]
    desk.stripe.plans = Array.from({ length: 24 }, (_, n) => ways[n % ways.length]!)
    const orders = await Promise.all(Array.from({ length: 8 }, () => desk.order()))
    const ids = (
      await Promise.all(
        orders.map(({ orderId }) => Promise.all([0, 1, 2].map(() => desk.refund(orderId, 20_00)))),
      )
    ).flat()
    for (const enough of [5, 12, 18]) {
      const before = desk.stripe.posts.length
      await until(() => desk.stripe.posts.length >= before + 2 || desk.stripe.refunds.length > enough)
      await desk.world.kill()
      desk.world.advance(LEASE)
      await desk.world.start()
    }
    for (const id of ids)
      await until(async () => {
        desk.world.advance(10_000)
        return (await desk.read(id)).status === 'SETTLED'
      })
    for (const id of ids) {
      expect(desk.stripe.livingFor(id)).toMatchObject([{ amount: 20_00 }])
      expect(await desk.events(id)).toEqual(['RefundIssued', 'RefundSettled'])
    }
  }, 180_000)
})
