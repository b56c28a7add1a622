import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { idOf, type Json, type Person, paidOrder, until, usd, World } from '../kit/world.js'
import { countsAbout, Gate, isAt, isOver, parcel, WORKFLOW, whenIt, workflowOf } from './kit.js'

/** E69, E99, E100: what may be called off and given back, by whom, and what happens when it may not any more. */
describe('refund before shipping', () => {
  let world: World
  let people: Awaited<ReturnType<World['people']>>
  let keys = 0

  beforeAll(async () => {
    world = await World.open('refund_before_shipping_rules')
    people = await world.people()
  })
  afterAll(() => world?.close())

  const start = (who: Person, orderIds: string[], more: Json = {}) =>
    who.act(
      'refundBeforeShipping',
      { orderIds, reason: 'OUT_OF_STOCK', idempotencyKey: `k${++keys}`, ...more },
      `workflow { ${WORKFLOW} }`,
    )

  /** A checkout of several paid orders, one for each sum. */
  const checkout = async (external: string, ...paid: number[]): Promise<string[]> => {
    const orders = paid.map((amount, n) => ({
      externalId: `${external}-${n}`,
      seller: `seller-${n}`,
      lines: [{ title: 'Lamp', unitPrice: usd(amount) }],
    }))
    const total = paid.reduce((all, amount) => all + amount, 0)
    await paidOrder(people.shop, external, usd(total), { orders })
    return orders.map(order => idOf('ord', order.externalId))
  }

  test('several orders of a checkout, one after the other, each refunded once', async () => {
    const orderIds = await checkout('m1', 30_00, 20_00, 10_00)
    const { workflow } = await start(people.sam, orderIds)
    expect(workflow.steps.map(({ key }: Json) => key).slice(3, 7)).toEqual([
      'NOTIFY_BUYER/1',
      'NOTIFY_SELLER/1',
      'CANCEL_ORDER/2',
      'ISSUE_REFUND/2',
    ])
    const done = await whenIt(people.sam, workflow.id, isOver)
    expect(done.state).toBe('DONE')
    for (const [n, amount] of [30_00, 20_00, 10_00].entries()) {
      const { order } = await people.sam.ask(
        'query ($id: ID!) { order(id: $id) { refunds { nodes { amount { amount } } } } }',
        { id: orderIds[n] },
      )
      expect(order.refunds.nodes).toEqual([{ amount: { amount } }])
    }
  })

  test('is refused before anything happens, naming which order and why', async () => {
    const { sam, shop, fay } = people
    const good = await paidOrder(shop, 'g1', usd(10_00))
    const shipped = await paidOrder(shop, 'g2', usd(10_00))
    await parcel(shop, 'g2', 'IN_TRANSIT')
    const canceled = await paidOrder(shop, 'g3', usd(10_00))
    await sam.act('cancelOrder', { orderId: canceled, reason: 'DUPLICATE' })
    const unpaid = await paidOrder(shop, 'g4', usd(10_00), { payment: undefined })
    const refunded = await paidOrder(shop, 'g5', usd(10_00))
    await fay.act('issueRefund', {
      orderId: refunded,
      amount: usd(10_00),
      reason: 'GOODWILL',
      idempotencyKey: 'g5',
    })
    const refusal = async (ids: string[]) => (await start(sam, ids)).userErrors[0]
    expect(await refusal([])).toMatchObject({ code: 'INVALID', field: 'orderIds' })
    expect(await refusal([good, good])).toMatchObject({ code: 'INVALID', field: 'orderIds.1' })
    expect(await refusal(['ord_nothing'])).toMatchObject({ code: 'NOT_FOUND', field: 'orderIds.0' })
    expect(await refusal([good, shipped])).toMatchObject({
      code: 'ALREADY_SHIPPED',
      field: 'orderIds.1',
      facts: { orderId: shipped, shipments: [idOf('shp', 's-g2')] },
    })
    expect(await refusal([canceled])).toMatchObject({ code: 'INVALID_STATE', facts: { status: 'CANCELED' } })
    expect(await refusal([unpaid])).toMatchObject({ code: 'NOT_PAID', facts: { orderId: unpaid } })
    expect(await refusal([refunded])).toMatchObject({ code: 'INVALID_STATE', facts: { orderId: refunded } })
    const disputed = await paidOrder(shop, 'g7', usd(10_00))
    await shop.record('disputes', [
      {
        source: 'shop',
        externalId: 'g7',
        order: 'g7',
        amount: usd(4_00),
        reason: 'fraudulent',
        openedAt: '2026-04-23T00:00:00.000Z',
      },
    ])
    expect(await refusal([disputed])).toMatchObject({ code: 'INVALID_STATE', facts: { orderId: disputed } })
    const other = await paidOrder(shop, 'g6', usd(10_00))
    expect(await refusal([good, other])).toMatchObject({
      code: 'INVALID',
      field: 'orderIds.1',
      facts: { orderId: other, checkoutIds: [idOf('chk', 'c-g1'), idOf('chk', 'c-g6')] },
    })
    expect(await refusal(Array.from({ length: 21 }, (_, n) => `ord_${n}`))).toMatchObject({
      code: 'INVALID',
      field: 'orderIds',
    })
    expect((await start(sam, [good], { idempotencyKey: null })).userErrors).toMatchObject([
      { code: 'IDEMPOTENCY_KEY_REQUIRED' },
    ])
    const counts = await countsAbout(world, good)
    expect(counts).not.toHaveProperty('WorkflowStarted')
    expect(counts).not.toHaveProperty('OrderCanceled')
    const dry = await start(sam, [good], { dryRun: true })
    expect(dry).toMatchObject({
      dryRun: true,
      userErrors: [],
      events: [{ id: null, type: 'WorkflowStarted' }],
    })
    expect(await countsAbout(world, good)).not.toHaveProperty('WorkflowStarted')
  })

  test('counts as much as the refunds would: above the limit a second person starts it, on today’s state', async () => {
    const { sam, fay, shop } = people
    const orderId = await paidOrder(shop, 'l1', usd(100_01))
    const asked = await start(sam, [orderId])
    expect(asked).toMatchObject({
      userErrors: [],
      workflow: null,
      approval: { id: expect.stringMatching(/^apr_/) },
    })
    const before = await countsAbout(world, orderId)
    expect(before).not.toHaveProperty('OrderCanceled')
    expect(before).toMatchObject({ ApprovalRequested: 1 })
    const approved = await fay.act(
      'approveRefundBeforeShipping',
      { approvalId: asked.approval.id },
      'workflow { id }',
    )
    expect(approved.userErrors).toEqual([])
    expect((await whenIt(sam, approved.workflow.id, isOver)).state).toBe('DONE')

    const partly = await paidOrder(shop, 'l2', usd(90_00))
    await sam.act('issueRefund', {
      orderId: partly,
      amount: usd(60_00),
      reason: 'GOODWILL',
      idempotencyKey: 'l2',
    })
    const rest = await start(sam, [partly])
    expect(rest.userErrors).toEqual([])
    expect((await whenIt(sam, rest.workflow.id, isOver)).state).toBe('DONE')

    const late = await paidOrder(shop, 'l3', usd(150_00))
    const waiting = await start(sam, [late])
    await parcel(shop, 'l3', 'IN_TRANSIT')
    expect(
      (await fay.act('approveRefundBeforeShipping', { approvalId: waiting.approval.id })).userErrors,
    ).toMatchObject([{ code: 'ALREADY_SHIPPED', facts: { orderId: late } }])
  })

  test('twelve people who start it at once for the same order: one does', async () => {
    const orderId = await paidOrder(people.shop, 'r1', usd(20_00))
    const started = await Promise.all(
      Array.from({ length: 12 }, (_, n) => start(n % 2 ? people.sam : people.lea, [orderId])),
    )
    const begun = started.filter(({ userErrors }) => userErrors.length === 0)
    expect(begun).toHaveLength(1)
    const codes = started.flatMap(({ userErrors }) => userErrors.map(({ code }: Json) => code))
    expect(new Set(codes)).toEqual(new Set(['ALREADY_EXISTS']))
    await whenIt(people.sam, begun[0]!.workflow.id, isOver)
    expect(await countsAbout(world, orderId)).toMatchObject({ OrderCanceled: 1, RefundIssued: 1 })
  })

  /** A workflow that failed: its parcel left after it was started, before the order was called off. */
  const failed = async (external: string): Promise<{ id: string; orderId: string }> => {
    const orderId = await paidOrder(people.shop, external, usd(20_00))
    const gate = await Gate.shut(world)
    const starting = start(people.sam, [orderId])
    await gate.caught()
    await parcel(people.shop, external, 'IN_TRANSIT')
    await gate.open()
    const { workflow } = await starting
    await whenIt(people.sam, workflow.id, isAt('CANCEL_ORDER/1', 'FAILED'))
    return { id: workflow.id, orderId }
  }

  test('a label that is scanned between start and cancel: it stands, loudly, and no money has moved', async () => {
    const { id, orderId } = await failed('f1')
    const counts = await countsAbout(world, orderId)
    expect(counts).not.toHaveProperty('OrderCanceled')
    expect(counts).not.toHaveProperty('RefundIssued')
    const { workflows } = await people.sam.ask(
      `query ($orderId: ID!) { workflows(filter: { state: FAILED, kind: REFUND_BEFORE_SHIPPING, orderId: $orderId }) {
        totalCount nodes { id state error { code message } step } } }`,
      { orderId },
    )
    expect(workflows).toMatchObject({
      totalCount: 1,
      nodes: [{ id, state: 'FAILED', step: 'CANCEL_ORDER/1', error: { code: 'ALREADY_SHIPPED' } }],
    })
    const { workItems } = await people.sam.ask(
      '{ workItems(filter: { kinds: [WORKFLOW] }, first: 100) { nodes { phase becauseOf node { id } } } }',
    )
    expect(workItems.nodes).toContainEqual({ phase: 'ACTIVE', becauseOf: 'FAILED', node: { id } })
  })

  test('it is resumed when the cause is removed, and goes on from the step that failed', async () => {
    const { id, orderId } = await failed('f2')
    const again = await people.sam.act('resumeWorkflow', { workflowId: id, reason: 'CAUSE_REMOVED' })
    expect(again.userErrors).toEqual([])
    await whenIt(people.sam, id, isAt('CANCEL_ORDER/1', 'FAILED'))
    expect(await countsAbout(world, id)).toMatchObject({ WorkflowStepFailed: 2, WorkflowResumed: 1 })

    await parcel(people.shop, 'f2', 'PENDING')
    await people.sam.act('resumeWorkflow', { workflowId: id, reason: 'CAUSE_REMOVED' })
    expect((await whenIt(people.sam, id, isOver)).state).toBe('DONE')
    expect(await countsAbout(world, orderId)).toMatchObject({ OrderCanceled: 1, RefundIssued: 1 })
    expect(
      (await people.sam.act('resumeWorkflow', { workflowId: id, reason: 'OTHER' })).userErrors,
    ).toMatchObject([{ code: 'INVALID_STATE', facts: { state: 'DONE' } }])
  })

  test('or given up, with a reason; then the order is free again', async () => {
    const { id, orderId } = await failed('f3')
    expect((await start(people.sam, [orderId])).userErrors).toMatchObject([{ code: 'ALREADY_SHIPPED' }])
    const { userErrors } = await people.lea.act('abandonWorkflow', { workflowId: id, reason: 'DONE_BY_HAND' })
    expect(userErrors).toEqual([])
    expect(await workflowOf(people.sam, id)).toMatchObject({
      state: 'ABANDONED',
      error: null,
      because: 'Given up at CANCEL_ORDER/1: DONE_BY_HAND.',
    })
    await parcel(people.shop, 'f3', 'PENDING')
    expect((await start(people.sam, [orderId])).userErrors).toEqual([])
  })

  test('a step that cannot even be tried shows as trouble, is tried again by itself, and by a person', async () => {
    const orderId = await paidOrder(people.shop, 't1', usd(20_00))
    await world.sql(`create function public.broken() returns trigger language plpgsql as $$
      begin raise exception 'broken on purpose'; end $$`)
    await world.sql(
      `create trigger broken before insert on orders.refund for each row execute function public.broken()`,
    )
    const { workflow } = await start(people.sam, [orderId])
    const trouble =
      'query ($id: ID!) { workflow(id: $id) { state step trouble { jobId attempts error nextAttemptAt } } }'
    const seen = async () => (await people.sam.ask(trouble, { id: workflow.id })).workflow
    let stuck: Json = {}
    for (let n = 0; n < 200 && !stuck.trouble; n++) {
      stuck = await seen()
      await new Promise(resolve => setTimeout(resolve, 50))
    }
    expect(stuck).toMatchObject({ state: 'RUNNING', step: 'ISSUE_REFUND/1', trouble: { attempts: 1 } })
    expect(stuck.trouble.error).toContain('broken on purpose')
    expect(stuck.trouble.nextAttemptAt).not.toBeNull()
    expect(
      (await people.sam.act('resumeWorkflow', { workflowId: workflow.id, reason: 'OTHER' })).userErrors,
    ).toMatchObject([{ code: 'INVALID_STATE' }])

    await world.sql(
      `update log.reaction_job set state = 'DEAD', ended_at = now() where state = 'PENDING' and attempts > 0`,
    )
    expect((await seen()).trouble.nextAttemptAt).toBeNull()
    await world.sql('drop trigger broken on orders.refund')
    const again = await people.sam.act('resumeWorkflow', { workflowId: workflow.id, reason: 'OUTAGE_OVER' })
    expect(again.userErrors).toEqual([])
    expect((await whenIt(people.sam, workflow.id, isOver)).state).toBe('DONE')
    expect(await countsAbout(world, orderId)).toMatchObject({ OrderCanceled: 1, RefundIssued: 1 })
  })

  test('only those may who may give money back', async () => {
    const orderId = await paidOrder(people.shop, 'p1', usd(20_00))
    const input = { orderIds: [orderId], reason: 'FRAUD', idempotencyKey: 'p1' }
    for (const who of [people.cato, people.rita, people.aldo])
      expect(
        (
          await who.send(
            'mutation ($i: RefundBeforeShippingInput!) { refundBeforeShipping(input: $i) { workflow { id } } }',
            { i: input },
          )
        ).errors,
      ).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
    const step = await people.ada.send(
      'mutation ($i: StepWorkflowInput!) { stepWorkflow(input: $i) { workflow { id } } }',
      { i: { workflowId: 'wfl_1', happened: [] } },
    )
    expect(step.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
  })

  test('every row follows from the events, and the log is whole', async () => {
    await until(async () => (await world.sql('select from log.event_unsealed')).length === 0)
    expect(await world.command('rebuild')).toMatchObject({ code: 0 })
    expect(await world.command('verify')).toMatchObject({
      code: 0,
      said: expect.stringContaining('nothing found'),
    })
  })
})
