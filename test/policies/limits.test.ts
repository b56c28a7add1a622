import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Json, type Person, paidOrder, usd, World } from '../kit/world.js'

const HOUR = 3_600_000
const eur = (amount: number) => ({ amount, currency: 'EUR' })

/** E79, E99, E100, X13, X14: who gives how much back alone is data, and is counted over refunds, orders and days. */
describe('refund limits', () => {
  let world: World
  let people: Awaited<ReturnType<World['people']>>
  let keys = 0

  beforeAll(async () => {
    world = await World.open('limits')
    people = await world.people()
  })
  afterAll(() => world?.close())

  const refund = (who: Person, orderId: string, amount: Json, more: Json = {}): Promise<Json> =>
    who.act('issueRefund', {
      ...{ orderId, amount, reason: 'GOODWILL', idempotencyKey: `limits-${++keys}` },
      ...more,
    })

  const effect = ({ userErrors, approval, events }: Json): string =>
    userErrors[0]?.code ?? (approval ? 'APPROVAL' : events[0].type)

  const change = async (key: string, value: unknown, more: Json = {}): Promise<void> => {
    const { approval } = await people.ada.act('changePolicy', {
      key,
      value,
      reason: 'RULES_CHANGED',
      ...more,
    })
    const { userErrors } = await people.otto.act('approveChangePolicy', { approvalId: approval.id })
    expect(userErrors).toEqual([])
  }

  const decide = async (who: Person, target: string | null, input?: Json): Promise<Json> =>
    (
      await who.ask(
        `query ($target: ID, $input: JSONObject) { decision(action: "issueRefund", target: $target, input: $input) {
          effect reasons { code message } approvers
          limits { scope policy policyVersion targetId currency limit used asked remaining } } }`,
        { target, input },
      )
    ).decision

  const anOtherDay = () => world.advance(24 * HOUR + 1000)

  test('one agent on many orders at once: five times $100 alone, whatever races', async () => {
    const orders = await Promise.all(
      Array.from({ length: 12 }, (_, n) => paidOrder(people.shop, `race-${n}`, usd(150_00))),
    )
    const answers = await Promise.all(orders.map(orderId => refund(people.sam, orderId, usd(100_00))))
    const effects = answers.map(effect)
    expect(effects.filter(one => one === 'RefundIssued')).toHaveLength(5)
    expect(effects.filter(one => one === 'APPROVAL')).toHaveLength(7)
    const [used] = await world.sql(
      `select sum(amount)::int as sum, count(*)::int as n from approval.limit_use where person_id = 'stf_sam'`,
    )
    expect(used).toEqual({ sum: 500_00, n: 5 })

    const waiting = answers.find(({ approval }) => approval)!
    const { approval } = await people.sam.ask(
      'query ($id: ID!) { approval(id: $id) { why approverRoles } }',
      {
        id: waiting.approval.id,
      },
    )
    expect(approval).toEqual({
      why: '$100.00 is above the limit of $500.00 for a person within 24 hours, of which $500.00 is used.',
      approverRoles: ['FINANCE_ADMIN', 'SUPER_ADMIN'],
    })
    // What a second person approves is not counted; somebody else has a day of their own.
    expect(
      (await people.fay.act('approveIssueRefund', { approvalId: waiting.approval.id })).userErrors,
    ).toEqual([])
    const other = await paidOrder(people.shop, 'race-lea')
    expect(effect(await refund(people.lea, other, usd(100_00)))).toBe('RefundIssued')

    expect(await decide(people.sam, other, { amount: usd(1) })).toMatchObject({
      effect: 'ALLOW_WITH_APPROVAL',
      limits: [
        { scope: 'PER_REFUND', targetId: other, limit: 100_00, used: 0, remaining: 100_00 },
        { scope: 'PER_ORDER_CUMULATIVE', targetId: other, limit: 100_00, used: 100_00, remaining: 0 },
        {
          scope: 'PER_AGENT_ROLLING_24H',
          policy: 'refund.limit.perAgentDay',
          targetId: null,
          ...{ limit: 500_00, used: 500_00, asked: 1, remaining: 0 },
        },
      ],
    })
  })

  test('24 hours later the day is over, the order is not', async () => {
    const orderId = await paidOrder(people.shop, 'later')
    world.advance(23 * HOUR)
    expect(effect(await refund(people.sam, orderId, usd(1_00)))).toBe('APPROVAL')
    world.advance(HOUR + 1000)
    expect(effect(await refund(people.sam, orderId, usd(100_00)))).toBe('RefundIssued')
    anOtherDay()
    expect(effect(await refund(people.sam, orderId, usd(1)))).toBe('APPROVAL')
  })

  test('many refunds of one order at once never give more than its limit alone', async () => {
    anOtherDay()
    const orderId = await paidOrder(people.shop, 'one-order', usd(500_00))
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, n) => refund(n % 2 ? people.sam : people.lea, orderId, usd(15_00))),
    )
    expect(answers.map(effect).filter(one => one === 'RefundIssued')).toHaveLength(6)
  })

  test('what counts is what is given back, also when it was asked for by lines', async () => {
    anOtherDay()
    const orderId = await paidOrder(people.shop, 'by-lines', usd(240_00), {
      orders: [
        {
          externalId: 'by-lines',
          seller: 'seller-1',
          lines: [
            { title: 'Lamp', unitPrice: usd(120_00) },
            { title: 'Shade', unitPrice: usd(60_00), quantity: 2 },
          ],
        },
      ],
    })
    const lines = (n: number, quantity: number) => ({
      amount: null,
      lines: [{ lineId: `${orderId}/${n}`, quantity }],
    })
    expect(effect(await refund(people.sam, orderId, usd(0), lines(1, 1)))).toBe('APPROVAL')
    expect(effect(await refund(people.sam, orderId, usd(0), lines(2, 1)))).toBe('RefundIssued')
    expect(effect(await refund(people.sam, orderId, usd(0), lines(2, 1)))).toBe('APPROVAL')
    const { limits } = await decide(people.sam, orderId, lines(2, 1))
    expect(limits).toMatchObject([
      { scope: 'PER_REFUND', asked: 0, remaining: 100_00 },
      { scope: 'PER_ORDER_CUMULATIVE', used: 60_00, asked: 0, remaining: 40_00 },
      { scope: 'PER_AGENT_ROLLING_24H', used: 60_00, asked: 0, remaining: 440_00 },
    ])
  })

  test('another limit holds from its day on', async () => {
    anOtherDay()
    const effectiveFrom = new Date(world.now.getTime() + 48 * HOUR).toISOString()
    await change('refund.limit.SUPPORT_AGENT', { USD: 50_00 }, { effectiveFrom })
    const [before, after] = [await paidOrder(people.shop, 'before'), await paidOrder(people.shop, 'after')]
    expect(effect(await refund(people.sam, before, usd(100_00)))).toBe('RefundIssued')
    world.advance(48 * HOUR + 1000)
    expect((await decide(people.sam, after)).limits).toMatchObject([
      { policy: 'refund.limit.SUPPORT_AGENT', policyVersion: 1, limit: 50_00, remaining: 50_00 },
      { policyVersion: 1, limit: 50_00 },
      { policy: 'refund.limit.perAgentDay', policyVersion: 0, remaining: 500_00 },
    ])
    expect(effect(await refund(people.sam, after, usd(50_01)))).toBe('APPROVAL')
    expect(effect(await refund(people.sam, after, usd(50_00)))).toBe('RefundIssued')
    expect(effect(await refund(people.lea, after, usd(50_00)))).toBe('RefundIssued')
    await change('refund.limit.SUPPORT_AGENT', { USD: 100_00 })
  })

  test('a currency without a limit takes a second person, until one is set', async () => {
    anOtherDay()
    const orderId = await paidOrder(people.shop, 'euro', eur(300_00))
    const first = await refund(people.sam, orderId, eur(1))
    expect(effect(first)).toBe('APPROVAL')
    expect((await decide(people.sam, orderId, { amount: eur(1) })).limits).toMatchObject([
      { scope: 'PER_REFUND', currency: 'EUR', limit: null, remaining: 0 },
      { scope: 'PER_ORDER_CUMULATIVE', limit: null },
      { scope: 'PER_AGENT_ROLLING_24H', limit: null },
    ])
    await change('refund.limit.SUPPORT_AGENT', { USD: 100_00, EUR: 90_00 })
    expect(effect(await refund(people.sam, orderId, eur(1)))).toBe('APPROVAL')
    await change('refund.limit.perAgentDay', { USD: 500_00, EUR: 120_00 })
    expect(effect(await refund(people.sam, orderId, eur(90_00)))).toBe('RefundIssued')
    const other = await paidOrder(people.shop, 'euro-2', eur(300_00))
    expect(effect(await refund(people.sam, other, eur(30_01)))).toBe('APPROVAL')
    expect(effect(await refund(people.sam, other, eur(30_00)))).toBe('RefundIssued')
    await change('refund.limit.perAgentDay', 'UNLIMITED')
    expect(effect(await refund(people.sam, other, eur(60_00)))).toBe('RefundIssued')
    expect((await decide(people.sam, other)).limits.map((limit: Json) => limit.scope)).not.toContain(
      'PER_AGENT_ROLLING_24H',
    )
    await change('refund.limit.perAgentDay', { USD: 500_00 })
  })

  test('a role without a limit gives alone what there is; one that gets a limit no longer', async () => {
    const orderId = await paidOrder(people.shop, 'finance', usd(9_000_00))
    expect(await decide(people.fay, orderId, { amount: usd(9_000_00) })).toMatchObject({
      effect: 'ALLOW',
      limits: [],
    })
    expect(effect(await refund(people.fay, orderId, usd(4_000_00)))).toBe('RefundIssued')
    await change('refund.limit.FINANCE_ADMIN', { USD: 1_000_00 })
    expect(effect(await refund(people.fay, orderId, usd(1_000_01)))).toBe('APPROVAL')
    const capped = await refund(people.fay, orderId, usd(1_000_00))
    expect(effect(capped)).toBe('APPROVAL')
    await change('refund.limit.perAgentDay', 'UNLIMITED')
    expect(effect(await refund(people.fay, orderId, usd(1_000_00)))).toBe('RefundIssued')
    await change('refund.limit.perAgentDay', { USD: 500_00 })
    await change('refund.limit.FINANCE_ADMIN', 'UNLIMITED')
    // Finance approves what finance asked for, but nobody what they asked for themselves.
    const { approval } = capped
    expect(
      (await people.fay.act('approveIssueRefund', { approvalId: approval.id })).userErrors,
    ).toMatchObject([{ code: 'SAME_PERSON' }])
    expect((await people.finn.act('approveIssueRefund', { approvalId: approval.id })).userErrors).toEqual([])
  })

  test('a support lead approves nothing until a policy says how much, and then no more', async () => {
    anOtherDay()
    const orderId = await paidOrder(people.shop, 'lead', usd(900_00))
    const asked = async (who: Person, amount: number): Promise<string> =>
      (await refund(who, orderId, usd(amount))).approval.id
    const approve = (approvalId: string, who = people.lea) => who.act('approveIssueRefund', { approvalId })
    const rolesOf = async (id: string) =>
      (await people.lea.ask('query ($id: ID!) { approval(id: $id) { approverRoles iCanVote } }', { id }))
        .approval

    const first = await asked(people.sam, 150_00)
    expect(await rolesOf(first)).toEqual({ approverRoles: ['FINANCE_ADMIN', 'SUPER_ADMIN'], iCanVote: false })
    expect((await approve(first)).userErrors).toMatchObject([
      {
        code: 'ABOVE_APPROVAL_LIMIT',
        message: 'A SUPPORT_LEAD may approve nothing in USD; this is $150.00.',
        field: 'approvalId',
        facts: { policy: 'refund.approve.SUPPORT_LEAD', limit: null, asked: usd(150_00) },
      },
    ])

    await change('refund.approve.SUPPORT_LEAD', { USD: 200_00 })
    const second = await asked(people.sam, 200_00)
    expect(await rolesOf(second)).toEqual({
      approverRoles: ['FINANCE_ADMIN', 'SUPER_ADMIN', 'SUPPORT_LEAD'],
      iCanVote: true,
    })
    expect((await approve(second)).userErrors).toEqual([])
    const third = await asked(people.sam, 200_01)
    expect(await rolesOf(third)).toMatchObject({ iCanVote: false })
    expect((await approve(third)).userErrors).toMatchObject([
      { code: 'ABOVE_APPROVAL_LIMIT', facts: { limit: 200_00, asked: usd(200_01) } },
    ])
    expect((await decide(people.sam, orderId, { amount: usd(150_00) })).approvers).toEqual([
      'FINANCE_ADMIN',
      'SUPER_ADMIN',
      'SUPPORT_LEAD',
    ])
    expect((await decide(people.sam, orderId, { amount: usd(200_01) })).approvers).toEqual([
      'FINANCE_ADMIN',
      'SUPER_ADMIN',
    ])
    const own = await asked(people.lea, 120_00)
    expect((await approve(own)).userErrors).toMatchObject([{ code: 'SAME_PERSON' }])
    expect((await approve(own, people.finn)).userErrors).toEqual([])
  })

  test('what was used stands beside the events that used it', async () => {
    const rows = await world.sql(
      `select count(*)::int as n from approval.limit_use u join log.event e on e.id = u.event_id
       where e.stream_id = u.target_id and e.type = 'RefundIssued' and (e.payload -> 'amount' ->> 'amount')::int = u.amount`,
    )
    const all = await world.sql('select count(*)::int as n from approval.limit_use')
    expect(rows).toEqual(all)
  })
})
