import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Person, paidOrder, usd, World } from '../kit/world.js'

/** E39, E99, E100, X13, X14: the refund road, in both topologies. */
describe.each(['single', 'distributed'] as const)('refunds (%s)', topology => {
  let world: World
  let people: Awaited<ReturnType<World['people']>>

  beforeAll(async () => {
    world = await World.open(`refund_${topology}`, { topology, process: 'own' })
    people = await world.people()
  })
  afterAll(() => world?.close())

  const refund = (who: Person, orderId: string, amount: number, more = {}) =>
    who.act(
      'issueRefund',
      {
        orderId,
        amount: usd(amount),
        reason: 'ITEM_DAMAGED',
        idempotencyKey: Math.random().toString(),
        ...more,
      },
      'order { id status refunded { amount } refundable { amount } } refund { id amount { formatted } }',
    )

  test('a support agent gives back $100 alone', async () => {
    const orderId = await paidOrder(people.shop, 'r1')
    const { order, events, userErrors, approval } = await refund(people.sam, orderId, 100_00)
    expect({ userErrors, approval }).toEqual({ userErrors: [], approval: null })
    expect(events).toMatchObject([{ type: 'RefundIssued' }])
    expect(order).toMatchObject({
      status: 'PAID',
      refunded: { amount: 100_00 },
      refundable: { amount: 50_00 },
    })
  })

  test('splitting a sum beats nothing: the limit is cumulative for an order', async () => {
    const orderId = await paidOrder(people.shop, 'r2')
    await refund(people.sam, orderId, 60_00)
    const second = await refund(people.lea, orderId, 40_01)
    expect(second.approval).toMatchObject({ id: expect.stringMatching(/^apr_/) })
    expect(second.order).toMatchObject({ refunded: { amount: 60_00 } })
  })

  test('above the limit somebody else has to approve, once', async () => {
    const { sam, fay, finn, shop } = people
    const orderId = await paidOrder(shop, 'r3')
    const asked = await refund(sam, orderId, 100_01)
    const approvalId = asked.approval.id
    expect(asked).toMatchObject({ events: [{ type: 'ApprovalRequested' }], refund: null })

    const own = await sam.send(
      'mutation ($i: ApproveInput!) { approveIssueRefund(input: $i) { approval { id } } }',
      { i: { approvalId } },
    )
    expect(own.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])

    const [first, second] = await Promise.all([
      fay.act('approveIssueRefund', { approvalId }, 'order { refunded { amount } }'),
      finn.act('approveIssueRefund', { approvalId }, 'order { refunded { amount } }'),
    ])
    const done = [first, second].filter(({ userErrors }) => userErrors.length === 0)
    const late = [first, second].filter(({ userErrors }) => userErrors.length > 0)
    expect(done).toMatchObject([
      { order: { refunded: { amount: 100_01 } }, events: [{ type: 'RefundIssued' }] },
    ])
    expect(late).toMatchObject([{ userErrors: [{ code: 'APPROVAL_NOT_PENDING' }] }])
  })

  test('nobody approves what they asked for, whatever role they were given since', async () => {
    const { ada, fay, lea, otto, shop } = people
    const orderId = await paidOrder(shop, 'r4', { amount: 500_00, currency: 'EUR' })
    const amount = { amount: 1_00, currency: 'EUR' }
    const asked = await lea.act('issueRefund', { orderId, amount, reason: 'GOODWILL', idempotencyKey: 'eur' })
    const approvalId = asked.approval.id
    const granted = await ada.act('grantRole', {
      staffId: lea.id,
      role: 'FINANCE_ADMIN',
      reason: 'COVER',
      idempotencyKey: 'g1',
    })
    expect((await otto.act('approveGrantRole', { approvalId: granted.approval.id })).userErrors).toEqual([])
    await new Promise(resolve => setTimeout(resolve, 1_500))
    expect((await lea.act('approveIssueRefund', { approvalId })).userErrors).toMatchObject([
      { code: 'SAME_PERSON' },
    ])
    expect((await fay.act('approveIssueRefund', { approvalId })).events).toMatchObject([
      { type: 'RefundIssued' },
    ])
    await ada.act('revokeRole', {
      staffId: lea.id,
      role: 'FINANCE_ADMIN',
      reason: 'DUTY_ENDED',
      idempotencyKey: 'g2',
    })
  })

  test('an approval is decided on today’s state', async () => {
    const { sam, fay, shop } = people
    const orderId = await paidOrder(shop, 'r5')
    const asked = await refund(sam, orderId, 120_00)
    await refund(fay, orderId, 100_00)
    const approved = await fay.act('approveIssueRefund', { approvalId: asked.approval.id })
    expect(approved.userErrors).toMatchObject([
      { code: 'REFUND_EXCEEDS_PAYMENT', facts: { refundable: { amount: 50_00 } } },
    ])
  })

  test('bad money is refused with code, field and facts', async () => {
    const orderId = await paidOrder(people.shop, 'r6')
    expect((await refund(people.fay, orderId, 0)).userErrors).toMatchObject([
      { code: 'NOT_POSITIVE', field: 'amount' },
    ])
    expect((await refund(people.fay, orderId, -5)).userErrors).toMatchObject([
      { code: 'NOT_POSITIVE', field: 'amount' },
    ])
    expect((await refund(people.fay, orderId, 150_01)).userErrors).toMatchObject([
      { code: 'REFUND_EXCEEDS_PAYMENT' },
    ])
    expect((await refund(people.fay, orderId, 9e15)).userErrors).toMatchObject([
      { code: 'INVALID', field: 'amount' },
    ])
    expect(
      (await refund(people.fay, orderId, 1, { amount: { amount: 1, currency: 'EUR' } })).userErrors,
    ).toMatchObject([{ code: 'CURRENCY_MISMATCH', facts: { currency: 'USD' } }])
    expect((await refund(people.fay, 'ord_nothing', 1)).userErrors).toMatchObject([
      { code: 'NOT_FOUND', field: 'orderId' },
    ])
    expect((await refund(people.fay, orderId, 1, { expectedVersion: 1 })).userErrors).toMatchObject([
      { code: 'CONFLICT' },
    ])
    expect((await refund(people.fay, orderId, 1, { idempotencyKey: null })).userErrors).toMatchObject([
      { code: 'IDEMPOTENCY_KEY_REQUIRED' },
    ])
  })

  test('the same key is one effect, however often and at once', async () => {
    const orderId = await paidOrder(people.shop, 'r7')
    const all = await Promise.all(
      Array.from({ length: 60 }, () => refund(people.fay, orderId, 10_00, { idempotencyKey: 'sixty' })),
    )
    expect(all.filter(({ replayed }) => !replayed)).toHaveLength(1)
    expect(new Set(all.map(({ events }) => events[0].id)).size).toBe(1)
    const other = await refund(people.fay, orderId, 11_00, { idempotencyKey: 'sixty' })
    expect(other.userErrors).toMatchObject([{ code: 'IDEMPOTENCY_MISMATCH' }])
  })

  test('a dry run says what would be and changes nothing', async () => {
    const orderId = await paidOrder(people.shop, 'r8')
    const dry = await refund(people.sam, orderId, 10_00, { dryRun: true })
    expect(dry).toMatchObject({
      dryRun: true,
      events: [{ id: null, type: 'RefundIssued' }],
      order: { refunded: { amount: 10_00 } },
    })
    const { order } = await people.sam.ask('query ($id: ID!) { order(id: $id) { refunded { amount } } }', {
      id: orderId,
    })
    expect(order.refunded.amount).toBe(0)
  })

  test('two hundred raced refunds: never more than was paid, and none that was legal is refused', async () => {
    const orderId = await paidOrder(people.shop, 'r9', usd(100_00))
    const answers = await Promise.all(Array.from({ length: 200 }, () => refund(people.fay, orderId, 1_00)))
    const done = answers.filter(({ userErrors }) => userErrors.length === 0)
    const refused = answers.flatMap(({ userErrors }) => userErrors.map((e: { code: string }) => e.code))
    expect(done).toHaveLength(100)
    expect(new Set(refused)).toEqual(new Set(['REFUND_EXCEEDS_PAYMENT']))
    const { order } = await people.fay.ask(
      'query ($id: ID!) { order(id: $id) { status refunded { amount } } }',
      { id: orderId },
    )
    expect(order).toEqual({ status: 'REFUNDED', refunded: { amount: 100_00 } })
  })

  test('sums beyond 2^31 minor units and any ISO currency', async () => {
    const huge = { amount: 900_000_000_000_00, currency: 'JPY' }
    const orderId = await paidOrder(people.shop, 'r10', huge)
    const { order } = await people.fay.act(
      'issueRefund',
      {
        orderId,
        amount: { amount: 5_000_000_000, currency: 'JPY' },
        reason: 'GOODWILL',
        idempotencyKey: 'jpy',
      },
      'order { refunded { amount formatted } }',
    )
    expect(order.refunded).toEqual({ amount: 5_000_000_000, formatted: '¥5,000,000,000' })
  })
})
