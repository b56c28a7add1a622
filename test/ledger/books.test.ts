import { afterAll, beforeAll, expect, test } from '@jest/globals'
import pg from 'pg'
import { Random } from '../../cli/demo/random.js'
import { idOf, type Json, until, World } from '../kit/world.js'
import { DIFFERENCES, RECOUNT } from './recount.js'

const SEED = process.env.LEDGER_SEED ?? String(Date.now())
const ORDERS = 60
const STEPS = 260
const CURRENCIES = ['USD', 'JPY', 'KWD', 'EUR']

/** A random marketplace of odd prices, through the gateway; the same for the same seed (LEDGER_SEED). */
let world: World
let people: Awaited<ReturnType<World['people']>>
const random = new Random('books', SEED)
const made: Record<string, number> = {}

interface Placed {
  external: string
  id: string
  record: Json
  currency: string
  total: number
}
const orders: Placed[] = []

beforeAll(async () => {
  world = await World.open('books', { env: { LOG_LEVEL: 'error' } })
  people = await world.people()
  await people.shop.record(
    'organizations',
    [1, 2, 3].map(n => ({ source: 'shop', externalId: `s${n}`, name: `Seller ${n}` })),
  )
})
afterAll(() => world?.close())

const money = (amount: number, currency: string) => ({ amount, currency })

function checkout(n: number): Placed {
  const currency = random.pick(CURRENCIES)
  const some = (most: number) => (random.chance(0.4) ? null : money(random.whole(0, most), currency))
  const lines = Array.from({ length: random.whole(1, 3) }, () => ({
    title: 'Thing',
    quantity: random.whole(1, 3),
    unitPrice: money(
      random.weighted([
        [1, 1],
        [random.whole(1, 99_999), 5],
      ]),
      currency,
    ),
  }))
  const goods = lines.reduce((total, line) => total + line.quantity * line.unitPrice.amount, 0)
  const [shipping, tax, fee] = [some(1_999), some(999), some(Math.ceil(goods / 8))]
  const total = goods + (shipping?.amount ?? 0) + (tax?.amount ?? 0)
  const external = `b${n}`
  const order = {
    externalId: external,
    seller: random.pick(['s1', 's2', 's3', null]),
    lines,
    shipping,
    tax,
    fee,
  }
  const record = {
    source: 'shop',
    externalId: `c-${external}`,
    buyer: 'b',
    placedAt: '2026-04-22T14:03:00.000Z',
    orders: [order],
    payment: { externalId: `p-${external}`, amount: money(total, currency) },
  }
  return { external, id: idOf('ord', external), record, currency, total }
}

type Deed = (order: Placed) => Promise<string[]>
const problems = ({ problems }: Json): string[] => problems.map(({ message }: Json) => message)
let keys = 0
const key = () => ({ idempotencyKey: `${SEED}-${++keys}` })

/** The same order for another seller, or at another fee. */
const recordAnew: Deed = async ({ record, currency }) => {
  Object.assign(record.orders[0], {
    seller: random.pick(['s1', 's2', 's3']),
    fee: money(random.whole(0, 9), currency),
  })
  return problems(await people.shop.record('checkouts', [record]))
}
const pay: Deed = async ({ external, currency, total }) => {
  const payment = {
    source: 'shop',
    externalId: random.pick([`p-${external}`, `q-${external}`]),
    order: external,
    amount: money(random.whole(0, total + 50), currency),
    status: random.pick(['CAPTURED', 'CAPTURED', 'PENDING']),
  }
  return problems(await people.shop.record('payments', [payment]))
}
const refund: Deed = async ({ id, currency, total }) => {
  const amount = money(random.whole(1, Math.max(1, Math.ceil(total / 2))), currency)
  const { userErrors } = await people.fay.act('issueRefund', {
    orderId: id,
    amount,
    reason: 'GOODWILL',
    ...key(),
  })
  return userErrors.map(({ code }: Json) => code)
}
const dispute: Deed = async ({ external, currency, total }) =>
  problems(
    await people.shop.record('disputes', [
      {
        source: 'shop',
        externalId: `d-${external}`,
        order: external,
        amount: money(random.whole(1, total), currency),
        reason: 'fraudulent',
        state: random.pick(['NEEDS_RESPONSE', 'UNDER_REVIEW', 'WON', 'LOST', 'CLOSED']),
        openedAt: '2026-05-01T00:00:00.000Z',
      },
    ]),
  )
const ship: Deed = async order => {
  const some = () => (random.chance(0.3) ? null : money(random.whole(0, 1_999), order.currency))
  return problems(
    await people.shop.record('shipments', [
      {
        source: 'shop',
        externalId: `s-${order.external}`,
        order: order.external,
        status: random.pick(['LABEL_CREATED', 'IN_TRANSIT', 'DELIVERED']),
        labelCost: some(),
        shippingCredit: some(),
      },
    ]),
  )
}
const payOut: Deed = async ({ currency }) =>
  problems(
    await people.shop.record('payouts', [
      {
        source: 'shop',
        externalId: `po-${random.whole(1, 8)}-${currency}`,
        organization: random.pick(['s1', 's2', 's3']),
        amount: money(random.whole(1, 99_999), currency),
        status: random.pick(['PENDING', 'IN_TRANSIT', 'PAID', 'FAILED', 'CANCELED']),
      },
    ]),
  )
const adjust: Deed = async ({ currency }) => {
  const [one, two] = [random.whole(1, 500), random.whole(1, 500)]
  const organizationId = idOf('org', 's1')
  const lines = [
    { account: 'SELLER_PAYABLE', organizationId, side: 'CREDIT', amount: money(one + two, currency) },
    { account: 'PLATFORM_FEES', organizationId, side: 'DEBIT', amount: money(one, currency) },
    { account: 'ADJUSTMENTS', side: 'DEBIT', amount: money(two, currency) },
  ]
  const asked = await people.fay.act('adjustLedger', { lines, reason: 'GOODWILL', ...key() })
  const done = await people.finn.act('approveAdjustLedger', { approvalId: asked.approval.id })
  return done.userErrors.map(({ code }: Json) => code)
}

const DEEDS: readonly (readonly [Deed, number])[] = [
  [recordAnew, 2],
  [pay, 4],
  [refund, 8],
  [dispute, 3],
  [ship, 4],
  [payOut, 3],
  [adjust, 1],
]

/** What may be refused in a random history: money that is not there. */
const LEGAL =
  /REFUND_EXCEEDS_PAYMENT|NOT_PAID|NOT_POSITIVE|leaves .* (paid of the order|of this payment)|the dispute is (WON|LOST|CLOSED) already/

test(`some hundred random deeds, by LEDGER_SEED=${SEED}`, async () => {
  for (let n = 1; n <= ORDERS; n++) orders.push(checkout(n))
  expect(
    problems(
      await people.shop.record(
        'checkouts',
        orders.map(({ record }) => record),
      ),
    ),
  ).toEqual([])
  for (let n = 0; n < STEPS; n++) {
    const deed = random.weighted(DEEDS)
    const refused = (await deed(random.pick(orders))).filter(why => !LEGAL.test(why))
    expect({ deed: deed.name, refused }).toEqual({ deed: deed.name, refused: [] })
    made[deed.name] = (made[deed.name] ?? 0) + 1
  }
  // Refunds are settled by a reaction.
  await until(async () => {
    const open = await world.sql(`select from orders.refund where status <> 'SETTLED'`)
    return open.length === 0
  })
}, 240_000)

test('the trial balance is nothing in every currency', async () => {
  const { ledgerBalances } = await people.fay.ask(
    '{ ledgerBalances { account balance { amount currency } } }',
  )
  const sums: Record<string, number> = {}
  for (const { balance } of ledgerBalances)
    sums[balance.currency] = (sums[balance.currency] ?? 0) + balance.amount
  expect(Object.keys(sums).sort()).toEqual([...CURRENCIES].sort())
  expect(new Set(Object.values(sums))).toEqual(new Set([0]))
  const funds = ledgerBalances.filter(({ account }: Json) => account === 'BUYER_FUNDS')
  expect(new Set(funds.map(({ balance }: Json) => balance.amount))).toEqual(new Set([0]))
})

test('every sum is what the log says, counted by somebody else', async () => {
  const client = new pg.Client(world.databaseUrl)
  await client.connect()
  try {
    await client.query(RECOUNT)
    expect((await client.query('select count(distinct account)::int as n from posted')).rows).toEqual([
      { n: 10 },
    ])
    expect((await client.query(DIFFERENCES)).rows).toEqual([])
    await client.query(`insert into posted values ('REFUNDS', null, 'USD', 1)`)
    expect((await client.query(DIFFERENCES)).rows).toMatchObject([{ account: 'REFUNDS', currency: 'USD' }])
  } finally {
    await client.end()
  }
})

test('refunds never exceed what was captured, and what is shared out adds up to what is left', async () => {
  const over = await world.sql(
    `select e.order_id from orders.ledger_entry e join orders.ledger_transaction t on t.id = e.transaction_id
     group by e.order_id, e.currency
     having -sum(minor) filter (where kind = 'REFUND' and account = 'REFUNDS')
       > sum(minor) filter (where kind = 'CAPTURE' and account = 'PROVIDER_CLEARING')`,
  )
  expect(over).toEqual([])
  const unshared = await world.sql(
    `select o.id from orders."order" o cross join lateral (select coalesce(-sum(minor), 0) as shared from orders.ledger_entry
       where order_id = o.id and payment_id is not null
         and account in ('SELLER_PAYABLE', 'PLATFORM_FEES', 'TAX_PAYABLE', 'SHIPPING_CREDIT')) l
     where shared <> (select coalesce(sum((p.value ->> 'seller')::numeric + (p.value ->> 'fee')::numeric
       + (p.value ->> 'tax')::numeric + (p.value ->> 'shipping')::numeric), 0) from jsonb_each(o.state -> 'booked') p)`,
  )
  expect(unshared).toEqual([])
})

test('what an order keeps and how its payments were split add up', async () => {
  const split =
    '{ amount { amount } seller { amount } fee { amount } tax { amount } shipping { amount } returned { amount } }'
  for (const { id } of orders.slice(0, 20)) {
    const { order } = await people.sam.ask(
      `query ($id: ID!) { order(id: $id) { fees { kind agreed { amount } booked { amount } } checkout { payments { nodes { status allocations ${split} } } } } }`,
      { id },
    )
    expect(order.fees).toHaveLength(3)
    for (const { status, allocations } of order.checkout.payments.nodes)
      for (const { amount, seller, fee, tax, shipping } of allocations)
        expect(seller.amount + fee.amount + tax.amount + shipping.amount).toBe(
          status === 'CAPTURED' ? amount.amount : 0,
        )
  }
})

test('sellers are owed what the ledger says', async () => {
  const part = '{ amount currency }'
  for (const seller of ['s1', 's2', 's3']) {
    const id = idOf('org', seller)
    const { organization } = await people.rita.ask(
      `query ($id: ID!) { organization(id: $id) { balance { total ${part} available ${part} pending ${part} negativeExposure ${part} } } }`,
      { id },
    )
    const rows = await world.sql(
      `select currency, -sum(minor)::bigint as owed from orders.ledger_entry
       where organization_id = $1 and account = 'SELLER_PAYABLE' group by currency order by currency`,
      [id],
    )
    expect(organization.balance.map(({ total }: Json) => total)).toEqual(
      rows.map(({ currency, owed }) => money(Number(owed), currency)),
    )
    for (const { total, available, pending, negativeExposure } of organization.balance) {
      expect(available.amount + pending.amount).toBe(total.amount)
      expect(negativeExposure.amount).toBe(Math.max(0, -available.amount))
    }
  }
})

test('folding the log anew gives the same entries, beside the database and in place', async () => {
  await world.close()
  expect(await world.command('rebuild')).toMatchObject({
    code: 0,
    said: expect.stringMatching(/orders\.ledger_entry\s+[\d,]+\s+0\b/),
  })
  expect(await world.command('rebuild', '--replace')).toMatchObject({ code: 0 })
  expect(await world.command('rebuild')).toMatchObject({ code: 0 })
  await expect(world.sql('truncate orders.ledger_entry')).rejects.toThrow(/append-only/)
})
