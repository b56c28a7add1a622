import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { idOf, type Json, type Person, paidOrder, until, usd, World } from '../kit/world.js'

/** E18, E80, X6 and what people see of money (A13, A14, A16, E52, E58). */
let world: World
let people: Awaited<ReturnType<World['people']>>
let org: string

beforeAll(async () => {
  world = await World.open('adjust')
  people = await world.people()
  const seller = (n: number) => ({ source: 'shop', externalId: `seller-${n}`, name: `Seller ${n}` })
  await people.shop.record('organizations', [seller(1), seller(2), seller(3)])
  org = idOf('org', 'seller-1')
})
afterAll(() => world?.close())

let keys = 0
const line = (account: string, side: string, amount: Json = usd(5_00), more: Json = {}) => ({
  account,
  side,
  amount,
  ...more,
})
const fair = () => [
  line('SELLER_PAYABLE', 'CREDIT', usd(5_00), { organizationId: org }),
  line('ADJUSTMENTS', 'DEBIT'),
]
const adjust = (who: Person, lines: Json[], more: Json = {}) =>
  who.act(
    'adjustLedger',
    { lines, reason: 'PROVIDER_DIFFERENCE', idempotencyKey: `a${++keys}`, ...more },
    'adjustment { id reasonCode order { id } transactions { nodes { kind entryCount entries { nodes { account side amount { amount } organization { id } } } } } }',
  )
const posted = async () => Number((await world.sql('select count(*) as n from orders.ledger_entry'))[0]!.n)

describe('adjustLedger', () => {
  test('takes two people of finance, and posts once', async () => {
    const { fay, finn } = people
    const before = await posted()
    const asked = await adjust(fay, fair())
    expect(asked).toMatchObject({ userErrors: [], adjustment: null, events: [{ type: 'ApprovalRequested' }] })
    expect(await posted()).toBe(before)
    const approvalId = asked.approval.id
    expect((await fay.act('approveAdjustLedger', { approvalId })).userErrors).toMatchObject([
      { code: 'SAME_PERSON' },
    ])
    const answers = await Promise.all(
      [1, 2, 3].map(() => finn.act('approveAdjustLedger', { approvalId }, 'adjustment { id reasonCode }')),
    )
    expect(answers.filter(({ userErrors }) => userErrors.length === 0)).toHaveLength(1)
    expect(await posted()).toBe(before + 2)
    const { adjustment } = answers.find(({ userErrors }) => userErrors.length === 0)!
    expect(adjustment).toMatchObject({
      id: expect.stringMatching(/^adj_/),
      reasonCode: 'PROVIDER_DIFFERENCE',
    })
    const { node } = await people.aldo.ask(
      `query ($id: ID!) { node(id: $id) { ... on LedgerAdjustment { approval { id }
        transactions { nodes { kind eventId entries { nodes { account side amount { amount } organization { id } } } } } } } }`,
      { id: adjustment.id },
    )
    expect(node).toMatchObject({
      approval: { id: approvalId },
      transactions: { nodes: [{ kind: 'ADJUSTMENT', eventId: expect.stringMatching(/^evt_/) }] },
    })
    const entries = node.transactions.nodes[0].entries.nodes
    expect(entries).toHaveLength(2)
    expect(entries).toContainEqual({
      account: 'SELLER_PAYABLE',
      side: 'CREDIT',
      amount: { amount: 5_00 },
      organization: { id: org },
    })
  })

  test('a Super Admin may ask and approve as well; nobody else may do either', async () => {
    const { ada, fay, sam, lea, rita, aldo, cato, shop } = people
    const asked = await adjust(ada, fair())
    for (const who of [sam, lea, rita, aldo, cato, shop]) {
      const refused = { errors: [{ extensions: { code: 'FORBIDDEN' } }] }
      const variables = { i: { lines: fair(), reason: 'ROUNDING', idempotencyKey: 'x' } }
      const mutation = 'mutation ($i: AdjustLedgerInput!) { adjustLedger(input: $i) { approval { id } } }'
      expect(await who.send(mutation, variables)).toMatchObject(refused)
      const approval = 'mutation ($i: ApproveInput!) { approveAdjustLedger(input: $i) { approval { id } } }'
      expect(await who.send(approval, { i: { approvalId: asked.approval.id } })).toMatchObject(refused)
    }
    expect((await fay.act('approveAdjustLedger', { approvalId: asked.approval.id })).events).toMatchObject([
      { type: 'LedgerAdjusted' },
    ])
    const again = await adjust(fay, fair())
    expect((await ada.act('approveAdjustLedger', { approvalId: again.approval.id })).userErrors).toEqual([])
  })

  const payable = (more: Json) => [
    line('SELLER_PAYABLE', 'CREDIT', usd(5_00), more),
    line('ADJUSTMENTS', 'DEBIT'),
  ]
  test.each<[string, () => Json[], Json, Json]>([
    ['no line', () => [], {}, { code: 'INVALID', field: 'lines' }],
    ['a single line', () => [line('REFUNDS', 'DEBIT')], {}, { code: 'INVALID', field: 'lines' }],
    [
      'one cent too much',
      () => [line('REFUNDS', 'DEBIT', usd(5_01)), line('ADJUSTMENTS', 'CREDIT')],
      {},
      { code: 'UNBALANCED', field: 'lines', facts: { difference: { USD: 1 } } },
    ],
    [
      'both on one side',
      () => [line('REFUNDS', 'CREDIT'), line('ADJUSTMENTS', 'CREDIT')],
      {},
      { code: 'UNBALANCED', facts: { difference: { USD: -10_00 } } },
    ],
    [
      'two currencies against each other',
      () => [line('REFUNDS', 'DEBIT'), line('ADJUSTMENTS', 'CREDIT', { amount: 5_00, currency: 'JPY' })],
      {},
      { code: 'UNBALANCED', facts: { difference: { USD: 5_00, JPY: -5_00 } } },
    ],
    [
      'nothing',
      () => [line('REFUNDS', 'DEBIT', usd(0)), line('ADJUSTMENTS', 'CREDIT', usd(0))],
      {},
      { code: 'NOT_POSITIVE', field: 'lines.0.amount' },
    ],
    [
      'less than nothing',
      () => [line('REFUNDS', 'DEBIT'), line('ADJUSTMENTS', 'CREDIT', usd(-5_00))],
      {},
      { code: 'NOT_POSITIVE', field: 'lines.1.amount' },
    ],
    ['nobody’s payable', () => payable({}), {}, { code: 'INVALID', field: 'lines.0.organizationId' }],
    [
      'a seller that there is not',
      () => payable({ organizationId: 'org_nobody' }),
      {},
      { code: 'UNKNOWN_REFERENCE', field: 'lines.0.organizationId' },
    ],
    [
      'a seller that is an order',
      () => payable({ organizationId: idOf('ord', 'r1') }),
      {},
      { code: 'UNKNOWN_REFERENCE', field: 'lines.0.organizationId' },
    ],
    [
      'an order that there is not',
      fair,
      { orderId: 'ord_nothing' },
      { code: 'UNKNOWN_REFERENCE', field: 'orderId' },
    ],
    ['no key', fair, { idempotencyKey: null }, { code: 'IDEMPOTENCY_KEY_REQUIRED' }],
    [
      'more than can be held',
      () => [line('REFUNDS', 'DEBIT', usd(2e15)), line('ADJUSTMENTS', 'CREDIT', usd(2e15))],
      {},
      { code: 'INVALID', field: 'lines.0.amount' },
    ],
  ])('refuses %s', async (_what, lines, more, error) => {
    const before = await posted()
    const answer = await adjust(people.fay, lines(), more)
    expect(answer.approval).toBeNull()
    expect(answer.userErrors[0]).toMatchObject(error)
    expect(await posted()).toBe(before)
  })

  test('an account or a side that there is not is no input', async () => {
    for (const wrong of [line('PETTY_CASH', 'DEBIT'), line('REFUNDS', 'LEFT')]) {
      const variables = {
        i: { lines: [wrong, line('REFUNDS', 'CREDIT')], reason: 'ROUNDING', idempotencyKey: 'x' },
      }
      const { errors } = await people.fay.send(
        'mutation ($i: AdjustLedgerInput!) { adjustLedger(input: $i) { approval { id } } }',
        variables,
      )
      expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
    }
  })

  test('several currencies, each balanced, about an order without a seller', async () => {
    const { fay, finn, shop } = people
    const orders = [{ externalId: 'nobody', lines: [{ title: 'Lamp', unitPrice: usd(10_00) }] }]
    const orderId = await paidOrder(shop, 'nobody', usd(10_00), { orders })
    const yen = { amount: 7, currency: 'JPY' }
    const lines = [
      line('SELLER_PAYABLE', 'DEBIT', usd(1_00)),
      line('PLATFORM_FEES', 'CREDIT', usd(1_00)),
      line('ADJUSTMENTS', 'DEBIT', yen),
      line('REFUNDS', 'CREDIT', yen),
    ]
    const dry = await adjust(fay, lines, { orderId, dryRun: true })
    expect(dry).toMatchObject({ userErrors: [], dryRun: true })
    const asked = await adjust(fay, lines, { orderId })
    expect((await finn.act('approveAdjustLedger', { approvalId: asked.approval.id })).userErrors).toEqual([])
    const { order } = await people.sam.ask(
      'query ($id: ID!) { order(id: $id) { ledger(first: 50) { nodes { account organization { id } amount { amount currency } transaction { kind } } } } }',
      { id: orderId },
    )
    const adjusted = order.ledger.nodes.filter(({ transaction }: Json) => transaction.kind === 'ADJUSTMENT')
    expect(adjusted).toHaveLength(4)
    expect(order.ledger.nodes).toHaveLength(2 + 2 + 4)
  })
})

describe('what people see of money', () => {
  const balance = async (who: Person, seller: string) => {
    const sums = '{ amount }'
    const { organization } = await who.ask(
      `query ($id: ID!) { organization(id: $id) { balance { available ${sums} pending ${sums} negativeExposure ${sums} total ${sums} } } }`,
      { id: idOf('org', seller) },
    )
    return organization.balance.map((one: Json) =>
      Object.fromEntries(Object.entries<Json>(one).map(([name, value]) => [name, value.amount])),
    )
  }
  const placed = (external: string, seller: string, status: string) => ({
    orders: [
      {
        externalId: external,
        seller,
        status,
        lines: [{ title: 'Lamp', unitPrice: usd(80_00) }],
        fee: usd(8_00),
        tax: usd(5_00),
        shipping: usd(15_00),
      },
    ],
  })

  test('a balance: pending until it arrives, then available, then paid out, then owed back', async () => {
    const { shop, rita, fay } = people
    const at = (status: string) => paidOrder(shop, 'o1', usd(100_00), placed('o1', 'seller-2', status))
    const orderId = await at('PAID')
    expect(await balance(rita, 'seller-2')).toEqual([
      { available: 0, pending: 72_00, negativeExposure: 0, total: 72_00 },
    ])
    await at('DELIVERED')
    expect(await balance(rita, 'seller-2')).toEqual([
      { available: 72_00, pending: 0, negativeExposure: 0, total: 72_00 },
    ])
    const payout = (status: string, amount = 72_00) =>
      shop.record('payouts', [
        {
          source: 'shop',
          externalId: 'po1',
          organization: 'seller-2',
          amount: usd(amount),
          status,
          arrivalAt: '2026-05-05T00:00:00.000Z',
        },
      ])
    await payout('PENDING')
    const next = 'query ($id: ID!) { organization(id: $id) { nextPayout { status amount { amount } } } }'
    const about = { id: idOf('org', 'seller-2') }
    expect((await people.sam.ask(next, about)).organization.nextPayout).toEqual({
      status: 'PENDING',
      amount: { amount: 72_00 },
    })
    expect(await balance(rita, 'seller-2')).toMatchObject([{ available: 72_00 }])
    for (const status of ['IN_TRANSIT', 'PAID', 'PAID']) await payout(status)
    expect((await people.sam.ask(next, about)).organization.nextPayout).toBeNull()
    expect(await balance(rita, 'seller-2')).toEqual([
      { available: 0, pending: 0, negativeExposure: 0, total: 0 },
    ])
    await fay.act('issueRefund', { orderId, amount: usd(50_00), reason: 'GOODWILL', idempotencyKey: 'rf1' })
    expect(await balance(rita, 'seller-2')).toEqual([
      { available: -36_00, pending: 0, negativeExposure: 36_00, total: -36_00 },
    ])
    await payout('FAILED')
    expect(await balance(fay, 'seller-2')).toMatchObject([{ available: 36_00, negativeExposure: 0 }])
  })

  test('what a bank disputes is pending until it is decided; shipping credit and label of a parcel', async () => {
    const { shop, rita, sam } = people
    await paidOrder(shop, 'o2', usd(100_00), placed('o2', 'seller-3', 'DELIVERED'))
    const dispute = (state: string) =>
      shop.record('disputes', [
        {
          source: 'shop',
          externalId: 'd2',
          order: 'o2',
          amount: usd(100_00),
          reason: 'fraudulent',
          state,
          openedAt: '2026-05-01T00:00:00.000Z',
        },
      ])
    await dispute('NEEDS_RESPONSE')
    expect(await balance(rita, 'seller-3')).toMatchObject([{ available: 0, pending: 72_00 }])
    await dispute('LOST')
    expect(await balance(rita, 'seller-3')).toMatchObject([{ available: 0, pending: 0 }])
    const { dispute: found } = await sam.ask(
      'query ($id: ID!) { dispute(id: $id) { ledgerUnwind { nodes { account side amount { amount } transaction { kind } } } claim { ledgerUnwind { totalCount } } } }',
      { id: idOf('dsp', 'd2') },
    )
    const unwound = found.ledgerUnwind.nodes.filter(({ transaction }: Json) => transaction.kind === 'UNWIND')
    expect(unwound).toHaveLength(5)
    await dispute('WON')
    const parcel = (credit: number | null, cost: number | null) =>
      shop.record('shipments', [
        {
          source: 'shop',
          externalId: 's2',
          order: 'o2',
          status: 'DELIVERED',
          shippingCredit: credit && usd(credit),
          labelCost: cost && usd(cost),
        },
      ])
    for (const [credit, cost] of [
      [10_00, 9_00],
      [12_00, 9_50],
      [12_00, 9_50],
    ] as const)
      await parcel(credit, cost)
    expect(await balance(rita, 'seller-3')).toMatchObject([{ available: 84_00 }])
    const { shipment } = await sam.ask(
      'query ($id: ID!) { shipment(id: $id) { ledger { nodes { account side amount { amount } } } } }',
      { id: idOf('shp', 's2') },
    )
    const sums: Record<string, number> = {}
    for (const { account, side, amount } of shipment.ledger.nodes)
      sums[account] = (sums[account] ?? 0) + (side === 'DEBIT' ? amount.amount : -amount.amount)
    expect(sums).toEqual({
      SHIPPING_CREDIT: 12_00,
      SELLER_PAYABLE: -12_00,
      LABEL_COST: 9_50,
      CARRIER_PAYABLE: -9_50,
    })
  })

  test('fees and refunds of a seller, by the day orders were placed', async () => {
    const { fay, sam } = people
    const id = idOf('org', 'seller-2')
    const fees = `feeSummary(from: $from, to: $to) { orders charged { amount } returned { amount } adjusted { amount } net { amount } }`
    const ask = (who: Person, what: string, from: string | null, to: string | null = null) =>
      who.ask(`query ($id: ID!, $from: DateTime, $to: DateTime) { organization(id: $id) { ${what} } }`, {
        id,
        from,
        to,
      })
    const all = [
      {
        orders: 1,
        charged: { amount: 8_00 },
        returned: { amount: 4_00 },
        adjusted: { amount: 0 },
        net: { amount: 4_00 },
      },
    ]
    expect((await ask(fay, fees, null)).organization.feeSummary).toEqual(all)
    expect(
      (await ask(fay, fees, '2026-04-01T00:00:00Z', '2026-05-01T00:00:00Z')).organization.feeSummary,
    ).toEqual(all)
    expect((await ask(fay, fees, '2026-05-01T00:00:00Z')).organization.feeSummary).toEqual([])
    const refunds = `refundStats(from: $from, to: $to) { orders refundedOrders paid { amount } refunded { amount } rate }`
    expect((await ask(sam, refunds, null)).organization.refundStats).toEqual([
      { orders: 1, refundedOrders: 1, paid: { amount: 100_00 }, refunded: { amount: 50_00 }, rate: 0.5 },
    ])
    expect((await ask(sam, refunds, '2026-05-01T00:00:00Z')).organization.refundStats).toEqual([])
  })

  test('an order shows what is kept of it, and a claim what its refunds moved', async () => {
    const { fay, sam } = people
    const orderId = await paidOrder(people.shop, 'o4', usd(100_00), placed('o4', 'seller-3', 'DELIVERED'))
    const { claim } = await sam.act(
      'openClaim',
      { orderId, kind: 'DAMAGED', summary: 'In pieces.' },
      'claim { id }',
    )
    const { userErrors } = await fay.act('issueRefund', {
      orderId,
      amount: usd(25_00),
      claimId: claim.id,
      reason: 'ITEM_DAMAGED',
      idempotencyKey: 'rf4',
    })
    expect(userErrors).toEqual([])
    const kinds = async () => {
      const { claim: found } = await sam.ask(
        'query ($id: ID!) { claim(id: $id) { ledgerUnwind(first: 50) { nodes { claim { id } transaction { kind } } } } }',
        { id: claim.id },
      )
      return found.ledgerUnwind.nodes.map(({ transaction }: Json) => transaction.kind).sort()
    }
    const unwound = [...Array(2).fill('REFUND'), ...Array(2).fill('SETTLEMENT'), ...Array(5).fill('UNWIND')]
    expect(await until(async () => ((await kinds()).length === 9 ? kinds() : null))).toEqual(unwound)
    const { order } = await sam.ask(
      'query ($id: ID!) { order(id: $id) { fees { kind agreed { amount } booked { amount } } } }',
      { id: orderId },
    )
    expect(order.fees).toEqual([
      { kind: 'PLATFORM_FEE', agreed: { amount: 8_00 }, booked: { amount: 6_00 } },
      { kind: 'TAX', agreed: { amount: 5_00 }, booked: { amount: 3_75 } },
      { kind: 'SHIPPING', agreed: { amount: 15_00 }, booked: { amount: 11_25 } },
    ])
  })

  test('the ledger is listed by account, seller, order and time', async () => {
    const ledger = async (filter: Json, first = 100) => {
      const { ledger } = await people.rita.ask(
        'query ($filter: LedgerFilter, $first: Int!) { ledger(filter: $filter, first: $first) { totalCount nodes { account order { id } organization { id } occurredAt } } }',
        { filter, first },
      )
      return ledger
    }
    const all = await ledger({}, 1)
    const fees = await ledger({ account: 'PLATFORM_FEES', organizationId: idOf('org', 'seller-2') })
    expect(fees.nodes.length).toBeGreaterThan(1)
    expect(new Set(fees.nodes.map(({ account }: Json) => account))).toEqual(new Set(['PLATFORM_FEES']))
    expect((await ledger({ orderId: idOf('ord', 'o4') })).totalCount).toBe(2 + 5 + 9)
    expect((await ledger({ from: '2000-01-01T00:00:00Z' }, 1)).totalCount).toBe(all.totalCount)
    expect((await ledger({ to: '2000-01-01T00:00:00Z' }, 1)).totalCount).toBe(0)
    const { ledgerBalances } = await people.aldo.ask(
      '{ ledgerBalances(account: REFUNDS, currency: "JPY") { account balance { amount currency } } }',
    )
    expect(ledgerBalances).toEqual([{ account: 'REFUNDS', balance: { amount: -7, currency: 'JPY' } }])
  })

  test('records that the ledger cannot hold are named, and the others are taken', async () => {
    const { shop, rita } = people
    const orderId = await paidOrder(shop, 'o5', usd(100_00), placed('o5', 'seller-3', 'DELIVERED'))
    await paidOrder(shop, 'o6', usd(100_00), placed('o6', 'seller-3', 'DELIVERED'))
    const dispute = (external: string, order: string, amount: Json, state = 'LOST') => ({
      source: 'shop',
      externalId: external,
      order,
      amount,
      reason: 'fraudulent',
      state,
      openedAt: '2026-05-01T00:00:00.000Z',
    })
    const euro = { amount: 60_00, currency: 'EUR' }
    expect(
      await shop.record('disputes', [dispute('d5', 'o5', usd(60_00)), dispute('d6', 'o6', euro)]),
    ).toMatchObject({
      created: 1,
      problems: [{ index: 1, field: 'amount', message: 'is in EUR, its order in USD' }],
    })
    expect(await shop.record('disputes', [dispute('d5', 'o6', usd(60_00))])).toMatchObject({
      problems: [{ field: 'order', message: `is another one than before, ${orderId}` }],
    })
    const paid = (amount: number, status = 'CAPTURED') => ({
      source: 'shop',
      externalId: 'p-o5',
      order: 'o5',
      amount: usd(amount),
      status,
    })
    const message = 'leaves 5999 of this payment, and 6000 of it was given back or lost'
    expect(await shop.record('payments', [paid(59_99)])).toMatchObject({
      problems: [{ field: 'amount', message }],
    })
    expect(await shop.record('payments', [paid(60_00)])).toMatchObject({ updated: 1, problems: [] })
    const owed = await balance(rita, 'seller-3')
    await shop.record('disputes', [dispute('d5', 'o5', usd(60_00), 'WON')])
    expect((await balance(rita, 'seller-3'))[0].total - owed[0].total).toBe(43_20)
  })

  test('each for those whom it concerns', async () => {
    const { sam, rita, fay, cato, shop, aldo, ada } = people
    const can = async (who: Person, query: string) =>
      !(await who.send(query, { id: org })).errors?.some(({ extensions }) => extensions.code === 'FORBIDDEN')
    const of = (field: string) => `query ($id: ID!) { organization(id: $id) { ${field} { __typename } } }`
    const table = async (query: string) => {
      const all = { sam, rita, fay, cato, shop, aldo, ada }
      const may = await Promise.all(
        Object.entries(all).map(async ([name, who]) => ((await can(who, query)) ? name : [])),
      )
      return may.flat()
    }
    expect(await table('{ ledger { totalCount } }')).toEqual(['sam', 'rita', 'fay', 'aldo', 'ada'])
    expect(await table('{ ledgerBalances { account } }')).toEqual(['sam', 'rita', 'fay', 'aldo', 'ada'])
    expect(await table(of('balance'))).toEqual(['rita', 'fay', 'aldo', 'ada'])
    expect(await table(of('feeSummary'))).toEqual(['fay', 'aldo', 'ada'])
    expect(await table(of('refundStats'))).toEqual(['sam', 'rita', 'fay', 'aldo', 'ada'])
    expect(await table(of('nextPayout'))).toEqual(['sam', 'rita', 'fay', 'aldo', 'ada'])
  })
})
