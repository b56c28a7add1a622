import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { idOf, type Json, type Person, paidOrder, usd, World } from '../kit/world.js'

/** E39, X14: what a refund comes to, and every way in which one is refused. */
let world: World
let people: Awaited<ReturnType<World['people']>>

beforeAll(async () => {
  world = await World.open('refunds')
  people = await world.people()
})
afterAll(() => world?.close())

const SELECTION = `order { refunded { amount } refundable { amount } lines { id refunded } }
  refund { id amount { amount } shipping { amount } lines { lineId quantity } shares { payment { id } amount { amount } } }`

const refund = (who: Person, orderId: string, more: Json) =>
  who.act(
    'issueRefund',
    { orderId, reason: 'ITEM_DAMAGED', idempotencyKey: Math.random().toString(), ...more },
    SELECTION,
  )

/** Two lines at odd prices, tax and freight: $33.33 × 3 + $0.07, tax $8.25, shipping $7.99. */
const odd = (external: string) =>
  paidOrder(people.shop, external, usd(116_30), {
    orders: [
      {
        externalId: external,
        seller: 'seller-1',
        lines: [
          { title: 'Vase', unitPrice: usd(33_33), quantity: 3 },
          { title: 'Pin', unitPrice: usd(7) },
        ],
        tax: usd(8_25),
        shipping: usd(7_99),
        fee: usd(10_01),
      },
    ],
  })

describe('by lines and shipping', () => {
  test('a line brings its share of the tax, and all lines and shipping together bring exactly what was paid', async () => {
    const { fay } = people
    const orderId = await odd('l1')
    const first = await refund(fay, orderId, { lines: [{ lineId: `${orderId}/1`, quantity: 1 }] })
    // Tax of the line: 8.25 of it all but the pin's share of 7/10006, which rounds to 1 cent: 8.24 / 3 = 2.74 and two thirds.
    expect(first.refund).toMatchObject({ amount: { amount: 33_33 + 2_74 }, shipping: { amount: 0 } })
    expect(first.order.lines).toMatchObject([{ refunded: 1 }, { refunded: 0 }])
    const rest = await refund(fay, orderId, {
      lines: [
        { lineId: `${orderId}/1`, quantity: 2 },
        { lineId: `${orderId}/2`, quantity: 1 },
      ],
      shipping: true,
    })
    expect(rest.refund).toMatchObject({ shipping: { amount: 7_99 } })
    expect(rest.order).toMatchObject({ refunded: { amount: 116_30 }, refundable: { amount: 0 } })
  })

  test('shipping goes back once', async () => {
    const orderId = await odd('l2')
    expect((await refund(people.sam, orderId, { shipping: true })).refund.amount).toEqual({ amount: 7_99 })
    const again = await refund(people.sam, orderId, { shipping: true })
    expect(again.userErrors).toMatchObject([{ code: 'NOT_POSITIVE', field: 'shipping' }])
  })

  test.each<[string, (orderId: string) => Json, Json]>([
    [
      'more of a line than was ordered',
      id => ({ lines: [{ lineId: `${id}/1`, quantity: 4 }] }),
      {
        code: 'REFUND_EXCEEDS_PAYMENT',
        field: 'lines.0.quantity',
        facts: { ordered: 3, refunded: 0, left: 3 },
      },
    ],
    [
      'a line of another order',
      () => ({ lines: [{ lineId: `${idOf('ord', 'l1')}/1`, quantity: 1 }] }),
      { code: 'NOT_FOUND', field: 'lines.0.lineId' },
    ],
    [
      'a line named twice',
      id => ({
        lines: [
          { lineId: `${id}/1`, quantity: 2 },
          { lineId: `${id}/1`, quantity: 2 },
        ],
      }),
      { code: 'INVALID', field: 'lines.1.lineId' },
    ],
    ['none of a line', id => ({ lines: [{ lineId: `${id}/1`, quantity: 0 }] }), { code: 'NOT_POSITIVE' }],
    [
      'less than none',
      id => ({ lines: [{ lineId: `${id}/1`, quantity: -1 }] }),
      { code: 'INVALID', field: 'lines.0.quantity' },
    ],
    [
      'an amount and lines',
      id => ({ amount: usd(1), lines: [{ lineId: `${id}/1`, quantity: 1 }] }),
      { code: 'INVALID', field: 'amount' },
    ],
    ['nothing at all', () => ({}), { code: 'INVALID', field: 'amount' }],
    ['zero', () => ({ amount: usd(0) }), { code: 'NOT_POSITIVE', field: 'amount' }],
    ['a negative sum', () => ({ amount: usd(-5) }), { code: 'NOT_POSITIVE', field: 'amount' }],
    [
      'another currency',
      () => ({ amount: { amount: 100, currency: 'EUR' } }),
      { code: 'CURRENCY_MISMATCH', field: 'amount', facts: { currency: 'USD' } },
    ],
    [
      'more than is left',
      () => ({ amount: usd(116_31) }),
      { code: 'REFUND_EXCEEDS_PAYMENT', field: 'amount', facts: { refundable: usd(116_30) } },
    ],
    ['a version that passed', () => ({ amount: usd(1), expectedVersion: 1 }), { code: 'CONFLICT' }],
  ])('refuses %s, and nothing is half done', async (what, input, refusal) => {
    const orderId = await odd(`bad-${what.replace(/\W/g, '-')}`)
    const answer = await refund(people.fay, orderId, input(orderId))
    expect(answer).toMatchObject({ events: [], refund: null, userErrors: [refusal] })
    const { order } = await people.fay.ask('query ($id: ID!) { order(id: $id) { refunded { amount } } }', {
      id: orderId,
    })
    expect(order.refunded).toEqual({ amount: 0 })
  })

  test('refuses an order that does not exist, and one that nobody paid', async () => {
    const none = await refund(people.fay, 'ord_none', { amount: usd(1) })
    expect(none.userErrors).toMatchObject([{ code: 'NOT_FOUND', field: 'orderId' }])
    const unpaid = await paidOrder(people.shop, 'unpaid', usd(10_00), { payment: null })
    const refused = await refund(people.fay, unpaid, { amount: usd(1) })
    expect(refused.userErrors).toMatchObject([{ code: 'NOT_PAID' }])
  })
})

describe('several payments', () => {
  const pay = (externalId: string, order: string, amount: number, more = {}) =>
    people.shop.record('payments', [{ source: 'shop', externalId, order, amount: usd(amount), ...more }])

  test('go back one after the other, each no further than it was paid', async () => {
    const orderId = await paidOrder(people.shop, 'm1', usd(100_00), { payment: null })
    await pay('m1-a', 'm1', 60_00)
    await pay('m1-b', 'm1', 40_00)
    const ids = [idOf('pay', 'm1-a'), idOf('pay', 'm1-b')].sort()
    const paid = Object.fromEntries(ids.map(id => [id, id === idOf('pay', 'm1-a') ? 60_00 : 40_00]))
    const { refund: given } = await refund(people.fay, orderId, { amount: usd(70_00) })
    expect(given.shares).toEqual([
      { payment: { id: ids[0] }, amount: { amount: paid[ids[0]!] } },
      { payment: { id: ids[1] }, amount: { amount: 70_00 - paid[ids[0]!]! } },
    ])
    const rest = await refund(people.fay, orderId, { amount: usd(30_00) })
    expect(rest.refund.shares).toEqual([{ payment: { id: ids[1] }, amount: { amount: 30_00 } }])
  })

  test('a record that leaves less paid than was given back is named, and the others are taken', async () => {
    const orderId = await paidOrder(people.shop, 'm2', usd(50_00), { payment: null })
    await pay('m2-a', 'm2', 50_00)
    await refund(people.fay, orderId, { amount: usd(30_00) })
    const { problems, created, updated } = await people.shop.record('payments', [
      { source: 'shop', externalId: 'm2-a', order: 'm2', amount: usd(20_00) },
      { source: 'shop', externalId: 'm2-b', order: 'm2', amount: { amount: 100, currency: 'EUR' } },
      { source: 'shop', externalId: 'm2-c', order: 'm2', amount: usd(5_00) },
      { source: 'shop', externalId: 'm2-d', order: 'm2', amount: usd(10 ** 15) },
    ])
    expect(problems).toMatchObject([
      {
        index: 0,
        externalId: 'm2-a',
        field: 'amount',
        message: expect.stringContaining('3000 was refunded'),
      },
      { index: 1, externalId: 'm2-b', field: 'amount', message: expect.stringContaining('USD') },
    ])
    expect({ created, updated }).toEqual({ created: 2, updated: 0 })
  })
})

describe('refundPreview', () => {
  const preview = async (who: Person, args: string) =>
    (
      await who.ask(`{ refundPreview(${args}) { problem { code message field } amount { amount } goods { amount } tax { amount }
        shipping { amount } remaining { amount } shares { paymentId amount { amount } }
        fromSeller { amount } fromFee { amount } fromTax { amount } fromShipping { amount } } }`)
    ).refundPreview

  test('says what would come of it, to whom, and does nothing', async () => {
    const orderId = await odd('p1')
    const shown = await preview(people.sam, `orderId: "${orderId}", amount: { amount: 11630, currency: USD }`)
    expect(shown).toMatchObject({ problem: null, amount: { amount: 116_30 }, remaining: { amount: 0 } })
    const parts = [shown.fromSeller, shown.fromFee, shown.fromTax, shown.fromShipping]
    // Goods of $100.06 less the fee, the fee, the tax, the shipping.
    expect(parts.map(part => part.amount)).toEqual([90_05, 10_01, 8_25, 7_99])
    const { order } = await people.sam.ask('query ($id: ID!) { order(id: $id) { refunded { amount } } }', {
      id: orderId,
    })
    expect(order.refunded).toEqual({ amount: 0 })
  })

  test('a refund by lines or shipping is taken back where it lies, and the rest comes to nothing anywhere', async () => {
    const orderId = await odd('p3')
    const shipping = await preview(people.sam, `orderId: "${orderId}", shipping: true`)
    const parts = ({ fromSeller, fromFee, fromTax, fromShipping }: Json) =>
      [fromSeller, fromFee, fromTax, fromShipping].map(part => part.amount)
    expect(parts(shipping)).toEqual([0, 0, 0, 7_99])
    await refund(people.fay, orderId, { shipping: true })
    const pin = await preview(
      people.sam,
      `orderId: "${orderId}", lines: [{ lineId: "${orderId}/2", quantity: 1 }]`,
    )
    // 7 cents of goods, of which a tenth or so is the fee, and a cent of tax.
    expect(parts(pin)).toEqual([6, 1, 1, 0])
    await refund(people.fay, orderId, { lines: [{ lineId: `${orderId}/2`, quantity: 1 }] })
    const rest = await preview(people.sam, `orderId: "${orderId}", amount: { amount: 10823, currency: USD }`)
    expect(parts(rest)).toEqual([90_05 - 6, 10_01 - 1, 8_25 - 1, 0])
    await refund(people.fay, orderId, { amount: usd(108_23) })
    const left = await world.sql(
      `select account, sum(minor)::int as left from orders.ledger_entry
       where order_id = $1 and account in ('SELLER_PAYABLE', 'PLATFORM_FEES', 'TAX_PAYABLE', 'SHIPPING_CREDIT', 'BUYER_FUNDS') group by 1`,
      [orderId],
    )
    expect(left.map(row => row.left)).toEqual([0, 0, 0, 0, 0])
  })

  test('says why it would be refused', async () => {
    const orderId = await odd('p2')
    expect(
      await preview(people.sam, `orderId: "${orderId}", lines: [{ lineId: "x/9", quantity: 1 }]`),
    ).toMatchObject({
      problem: { code: 'NOT_FOUND', field: 'lines.0.lineId' },
      amount: null,
      shares: [],
    })
    expect(await preview(people.sam, 'orderId: "ord_none", shipping: true')).toMatchObject({
      problem: { code: 'NOT_FOUND' },
    })
  })

  test('is for those who give money back', async () => {
    const { errors } = await people.cato.send(
      '{ refundPreview(orderId: "x", shipping: true) { amount { amount } } }',
    )
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
  })
})

describe('Order.refundAllowance', () => {
  const allowance = async (who: Person, orderId: string) =>
    (
      await who.ask(
        `query ($id: ID!) { order(id: $id) { refundAllowance { refundable { amount } alone { amount } why approvers
          limits { scope policy limit used remaining } } } }`,
        { id: orderId },
      )
    ).order.refundAllowance

  test('says what one may give back alone, and why not more', async () => {
    const { lea } = people
    const orderId = await paidOrder(people.shop, 'a1', usd(150_00))
    await refund(lea, orderId, { amount: usd(60_00) })
    const shown = await allowance(lea, orderId)
    expect(shown).toMatchObject({
      refundable: { amount: 90_00 },
      alone: { amount: 40_00 },
      why: '$90.00 is above the limit of $100.00 in total on one order, of which $60.00 is used.',
      approvers: ['FINANCE_ADMIN', 'SUPER_ADMIN'],
    })
    expect(shown.limits).toContainEqual({
      scope: 'PER_ORDER_CUMULATIVE',
      policy: 'refund.limit.SUPPORT_LEAD',
      limit: 100_00,
      used: 60_00,
      remaining: 40_00,
    })
    const within = await refund(lea, orderId, { amount: usd(40_00) })
    expect(within).toMatchObject({ approval: null, userErrors: [] })
    const above = await refund(lea, orderId, { amount: usd(1) })
    expect(above.approval).toMatchObject({ id: expect.stringMatching(/^apr_/) })
  })

  test('who is unlimited may give all that is left; a missing currency leaves nothing alone', async () => {
    const orderId = await paidOrder(people.shop, 'a2', { amount: 150_00, currency: 'EUR' })
    expect(await allowance(people.fay, orderId)).toMatchObject({
      alone: { amount: 150_00 },
      why: null,
      limits: [],
      approvers: [],
    })
    expect(await allowance(people.sam, orderId)).toMatchObject({
      alone: { amount: 0 },
      why: expect.stringContaining('EUR'),
    })
  })
})
