import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { idOf, until, usd, World } from '../kit/world.js'

/** E33–E36, E51, E52, A13–A16: what a person at the order console sees of a checkout, all in one query. */
let world: World
let people: Awaited<ReturnType<World['people']>>

beforeAll(async () => {
  world = await World.open('console')
  people = await world.people()
})
afterAll(() => world?.close())

/** Real line items have odd prices: two sellers, three parcels, freight, tax, fees, and a payment that is $0.01 short of round. */
const CHECKOUT = {
  source: 'shop',
  externalId: 'c-9001',
  buyer: 'b-1',
  placedAt: '2026-04-22T14:03:00.000Z',
  orders: [
    {
      externalId: 'o-9001-1',
      number: '9001-1',
      seller: 's-1',
      lines: [
        { externalId: 'l1', title: 'Charizard ex 199/165', unitPrice: usd(89_99) },
        { externalId: 'l2', title: 'Penny sleeves, 100', unitPrice: usd(1_49), quantity: 3 },
      ],
      shipping: usd(5_95),
      tax: usd(8_27),
      fee: usd(9_91),
    },
    {
      externalId: 'o-9001-2',
      number: '9001-2',
      seller: 's-2',
      lines: [{ externalId: 'l3', title: 'Booster box', unitPrice: usd(143_33) }],
      shipping: usd(12_07),
      fee: usd(15_05),
    },
  ],
  payment: { externalId: 'p-9001', amount: usd(264_08), paymentIntentId: 'pi_9001', chargeId: 'ch_9001' },
}

const organizations = ['s-1', 's-2'].map(externalId => ({
  source: 'shop',
  externalId,
  name: `Seller ${externalId}`,
}))

const parcel = (externalId: string, order: string, more: object) => ({
  source: 'shop',
  externalId,
  order,
  ...more,
})

const PARCELS = [
  parcel('p1', 'o-9001-1', {
    carrier: 'USPS',
    trackingNumber: '9400111899223197428490',
    status: 'DELIVERED',
    labelCost: usd(4_63),
    shippingCredit: usd(5_10),
    deliveredAt: '2026-04-25T10:00:00.000Z',
  }),
  parcel('p2', 'o-9001-2', { origin: 'Reno, NV', status: 'LABEL_CREATED', labelCost: usd(6_01) }),
  parcel('p3', 'o-9001-2', { origin: 'Tampa, FL', status: 'PENDING' }),
]

const QUERY = `query ($id: ID!) { checkout(id: $id) {
  total { amount } buyer { id }
  shipments(first: 10) { nodes { id status origin labelCost { amount } shippingCredit { amount } variance { amount } seller { id } } }
  payments(first: 5) { nodes { status amount { amount } allocations { order { id } amount { amount } seller { amount } fee { amount } tax { amount } shipping { amount } } } }
  orders(first: 10) { nodes {
    id number status seller { id name payoutHolds(first: 5) { nodes { id amount { amount } } } balance { pending { amount } } }
    lines { id title quantity unitPrice { formatted } }
    fees { kind agreed { amount } booked { amount } }
    refunds(first: 5) { nodes { status amount { amount } } }
    disputes(first: 5) { nodes { state amount { amount } claim { id } } }
    claims(first: 5) { nodes { kind status ledgerUnwind(first: 5) { nodes { account } } } }
    tickets(first: 5) { nodes { number } }
    trustCases(first: 5) { nodes { id } }
    refundAllowance { alone { amount } why }
    shipmentIssues(first: 5) { nodes { kind } }
    ledger(first: 40) { nodes { account side amount { amount } } }
    timeline(first: 20) { nodes { type } }
  } } } }`

test('a checkout with everything that touches it, in one query', async () => {
  const { shop, sam, rita, fay } = people
  await shop.record('organizations', organizations)
  expect((await shop.record('checkouts', [CHECKOUT])).problems).toEqual([])
  expect((await shop.record('shipments', PARCELS)).problems).toEqual([])
  const [first, second] = [idOf('ord', 'o-9001-1'), idOf('ord', 'o-9001-2')]

  await sam.act('openTicket', {
    subject: 'Sleeves missing',
    description: 'Only two packs came.',
    linkedEntityIds: [first],
  })
  await sam.act('issueRefund', {
    orderId: first,
    lines: [{ lineId: `${first}/2`, quantity: 1 }],
    reason: 'WRONG_ITEM',
    idempotencyKey: 'console-1',
  })
  await rita.act('applyPayoutHold', {
    organizationId: idOf('org', 's-2'),
    amount: usd(50_00),
    reason: 'CHARGEBACK_EXPOSURE',
    idempotencyKey: 'console-2',
  })
  await shop.record('disputes', [
    {
      source: 'shop',
      externalId: 'd-1',
      order: 'o-9001-2',
      amount: usd(155_40),
      reason: 'product_not_received',
      openedAt: '2026-04-29T00:00:00.000Z',
    },
  ])
  await until(async () => {
    const [row] = await world.sql(
      `select count(distinct type)::int as n from log.event where type in ('ClaimOpened', 'RefundSettled')`,
    )
    return row?.n === 2
  })

  const { checkout } = await fay.ask(QUERY, { id: idOf('chk', 'c-9001') })
  // 89.99 + 3 × 1.49 + 5.95 + 8.27 = 108.68 and 143.33 + 12.07 = 155.40.
  expect(checkout.total).toEqual({ amount: 264_08 })
  expect(checkout.shipments.nodes).toHaveLength(3)
  expect(checkout.shipments.nodes).toContainEqual({
    id: idOf('shp', 'p1'),
    status: 'DELIVERED',
    origin: null,
    labelCost: { amount: 4_63 },
    shippingCredit: { amount: 5_10 },
    variance: { amount: 47 },
    seller: { id: idOf('org', 's-1') },
  })
  const [payment] = checkout.payments.nodes
  expect(payment.allocations).toContainEqual({
    order: { id: second },
    amount: { amount: 155_40 },
    seller: { amount: 128_28 },
    fee: { amount: 15_05 },
    tax: { amount: 0 },
    shipping: { amount: 12_07 },
  })
  const orders = Object.fromEntries(checkout.orders.nodes.map((order: { id: string }) => [order.id, order]))
  expect(orders[first]).toMatchObject({
    number: '9001-1',
    seller: { name: 'Seller s-1', payoutHolds: { nodes: [] } },
    // A pack at 1.49 with a third of the 0.39 that its line bears of 8.27 tax.
    refunds: { nodes: [{ status: 'SETTLED', amount: { amount: 1_49 + 13 } }] },
    disputes: { nodes: [] },
    tickets: { nodes: [{ number: expect.stringMatching(/^TKT-/) }] },
    refundAllowance: { alone: { amount: 108_68 - 1_62 }, why: null },
  })
  expect(orders[second]).toMatchObject({
    seller: { payoutHolds: { nodes: [{ amount: { amount: 50_00 } }] } },
    disputes: { nodes: [{ state: 'NEEDS_RESPONSE', claim: { id: expect.anything() } }] },
    claims: { nodes: [{ kind: 'CHARGEBACK' }] },
    refundAllowance: { alone: { amount: 0 }, why: 'Nothing is left to refund.' },
  })
  for (const order of checkout.orders.nodes) {
    const sum = order.ledger.nodes.reduce(
      (total: number, entry: { side: string; amount: { amount: number } }) =>
        total + (entry.side === 'DEBIT' ? entry.amount.amount : -entry.amount.amount),
      0,
    )
    expect(sum).toBe(0)
    expect(order.timeline.nodes.length).toBeGreaterThan(0)
  }
})

test('twelve people refund, cancel and claim the same orders at once: no cent is lost or made', async () => {
  const { shop, sam, lea, fay, finn } = people
  const ids = await Promise.all(
    Array.from({ length: 4 }, async (_, n) => {
      const record = {
        ...CHECKOUT,
        externalId: `c-race-${n}`,
        orders: [{ ...CHECKOUT.orders[0], externalId: `o-race-${n}`, number: null }],
        payment: { externalId: `p-race-${n}`, amount: usd(108_68) },
      }
      await shop.record('checkouts', [record])
      return idOf('ord', `o-race-${n}`)
    }),
  )
  const clients = [sam, lea, fay, finn, sam, lea, fay, finn, sam, lea, fay, finn]
  const answers = await Promise.all(
    clients.flatMap((who, client) =>
      ids.map((orderId, n) => {
        const key = `race-${client}-${n}`
        if (client % 3 === 0 && (who === sam || who === lea))
          return who.act('cancelOrder', { orderId, reason: 'BUYER_REQUEST', idempotencyKey: key })
        if (client % 3 === 1)
          return who.act('openClaim', { orderId, kind: 'DAMAGED', summary: 'Torn.', idempotencyKey: key })
        const amount = usd(17_77 + client)
        return who.act('issueRefund', { orderId, amount, reason: 'GOODWILL', idempotencyKey: key })
      }),
    ),
  )
  expect(answers.filter(({ events }) => events.length > 0).length).toBeGreaterThan(ids.length * 2)
  const [money] = await world.sql(
    `select count(*) filter (where (refunded ->> 'amount')::int > (paid ->> 'amount')::int)::int as over,
       count(*) filter (where (refunded ->> 'amount')::int <> (select coalesce(sum((payload -> 'amount' ->> 'amount')::int), 0)
         from log.event e where e.type = 'RefundIssued' and e.stream_id = o.id))::int as wrong
     from orders."order" o where o.id = any($1)`,
    [ids],
  )
  expect(money).toEqual({ over: 0, wrong: 0 })
  const claims = await world.sql(
    'select count(*)::int as n from orders.claim where order_id = any($1) group by order_id',
    [ids],
  )
  expect(claims.every(({ n }) => n === 1)).toBe(true)
  const [ledger] = await world.sql(
    `select count(*)::int as unbalanced from (
       select transaction_id from orders.ledger_entry group by transaction_id, currency having sum(minor) <> 0) t`,
  )
  expect(ledger).toEqual({ unbalanced: 0 })
})
