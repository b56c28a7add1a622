import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { idOf, type Json, type Person, paidOrder, usd, World } from '../kit/world.js'

/** E38: called off before anything left, whole or by lines. */
let world: World
let people: Awaited<ReturnType<World['people']>>

beforeAll(async () => {
  world = await World.open('cancel')
  people = await world.people()
})
afterAll(() => world?.close())

const cancel = (who: Person, orderId: string, more: Json = {}) =>
  who.act(
    'cancelOrder',
    { orderId, reason: 'BUYER_REQUEST', ...more },
    'order { status lines { id quantity canceled } }',
  )

const two = (external: string) =>
  paidOrder(people.shop, external, usd(50_00), {
    orders: [
      {
        externalId: external,
        seller: 'seller-1',
        lines: [
          { title: 'Cup', unitPrice: usd(10_00), quantity: 4 },
          { title: 'Plate', unitPrice: usd(10_00) },
        ],
      },
    ],
  })

test('whole', async () => {
  const orderId = await two('c1')
  const done = await cancel(people.sam, orderId)
  expect(done).toMatchObject({ events: [{ type: 'OrderCanceled' }], order: { status: 'CANCELED' } })
  const again = await cancel(people.sam, orderId)
  expect(again.userErrors).toMatchObject([{ code: 'INVALID_STATE', facts: { status: 'CANCELED' } }])
})

test('by lines; the last line called off is the whole order', async () => {
  const orderId = await two('c2')
  const first = await cancel(people.sam, orderId, { lines: [{ lineId: `${orderId}/1`, quantity: 3 }] })
  expect(first).toMatchObject({
    events: [{ type: 'OrderLinesCanceled' }],
    order: { status: 'PAID', lines: [{ canceled: 3 }, { canceled: 0 }] },
  })
  const tooMany = await cancel(people.sam, orderId, { lines: [{ lineId: `${orderId}/1`, quantity: 2 }] })
  expect(tooMany.userErrors).toMatchObject([
    { code: 'INVALID', field: 'lines.0.quantity', facts: { left: 1 } },
  ])
  const rest = await cancel(people.sam, orderId, {
    lines: [
      { lineId: `${orderId}/1`, quantity: 1 },
      { lineId: `${orderId}/2`, quantity: 1 },
    ],
  })
  expect(rest).toMatchObject({
    events: [{ type: 'OrderCanceled' }],
    order: { status: 'CANCELED', lines: [{ canceled: 4 }, { canceled: 1 }] },
  })
})

test('naming no line at all is a mistake, and calls nothing off', async () => {
  const orderId = await two('c5')
  const refused = await cancel(people.sam, orderId, { lines: [] })
  expect(refused).toMatchObject({ events: [], userErrors: [{ code: 'INVALID', field: 'lines' }] })
})

test('not once a parcel has left: the refusal names it', async () => {
  const orderId = await two('c3')
  await people.shop.record('shipments', [
    {
      source: 'shop',
      externalId: 's3',
      order: 'c3',
      status: 'IN_TRANSIT',
      trackingNumber: '1Z999AA10123456784',
    },
  ])
  const refused = await cancel(people.sam, orderId, { lines: [{ lineId: `${orderId}/1`, quantity: 1 }] })
  expect(refused).toMatchObject({
    events: [],
    userErrors: [{ code: 'ALREADY_SHIPPED', facts: { shipments: [idOf('shp', 's3')] } }],
  })
})

test('twelve people call one order off and give it back at once: one cancels, and no more than was paid goes back', async () => {
  const orderId = await two('c4')
  const { sam, lea, fay, finn } = people
  const answers = await Promise.all([
    ...Array.from({ length: 6 }, (_, n) => cancel(n % 2 ? sam : lea, orderId)),
    ...Array.from({ length: 6 }, (_, n) =>
      (n % 2 ? fay : finn).act('issueRefund', {
        orderId,
        amount: usd(20_00),
        reason: 'CANCELED',
        idempotencyKey: `c4-${n}`,
      }),
    ),
  ])
  const done = answers.flatMap(({ events }) => events.map((event: Json) => event.type))
  expect(done.filter(type => type === 'OrderCanceled')).toHaveLength(1)
  expect(done.filter(type => type === 'RefundIssued')).toHaveLength(2)
  const codes = new Set(answers.flatMap(({ userErrors }) => userErrors.map((error: Json) => error.code)))
  expect([...codes].sort()).toEqual(expect.arrayContaining(['INVALID_STATE', 'REFUND_EXCEEDS_PAYMENT']))
  const [row] = await world.sql(
    `select sum((payload -> 'amount' ->> 'amount')::int)::int as given from log.event where type = 'RefundIssued' and stream_id = $1`,
    [orderId],
  )
  expect(row).toEqual({ given: 40_00 })
})
