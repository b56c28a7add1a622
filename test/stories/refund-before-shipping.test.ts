import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Json, type Person, paidOrder, usd, World } from '../kit/world.js'
import { countsAbout, crashOnce, Gate, happened, isOver, WORKFLOW, whenIt } from '../workflows/kit.js'

/** E69: cancel, refund, unwind, tell both: each once, whenever the product dies. */
describe('refund before shipping', () => {
  let world: World
  let people: Awaited<ReturnType<World['people']>>

  beforeAll(async () => {
    world = await World.open('refund_before_shipping', { process: 'own' })
    people = await world.people()
  })
  afterAll(() => world?.close())

  const start = (who: Person, orderIds: string[], more: Json = {}) =>
    who.act(
      'refundBeforeShipping',
      { orderIds, reason: 'BUYER_REQUEST', idempotencyKey: orderIds.join(), ...more },
      `workflow { ${WORKFLOW} }`,
    )

  test('the product dies, or its connections do, in the middle of each step: every effect is there exactly once', async () => {
    // 41.99 twice, with freight and tax that split into no round shares.
    const orderId = await paidOrder(people.shop, 'b1', usd(97_37), {
      orders: [
        {
          externalId: 'b1',
          seller: 'seller-1',
          lines: [{ title: 'Lamp', quantity: 2, unitPrice: usd(41_99) }],
          shipping: usd(7_49),
          tax: usd(5_90),
          fee: usd(8_31),
        },
      ],
    })
    const gate = await Gate.shut(world)
    const starting = start(people.sam, [orderId])
    await gate.caught()
    await gate.pass()
    const { workflow, userErrors } = await starting
    expect(userErrors).toEqual([])
    expect(workflow.steps.map((step: Json) => step.name)).toEqual([
      'CANCEL_ORDER',
      'ISSUE_REFUND',
      'UNWIND_ALLOCATION',
      'NOTIFY_BUYER',
      'NOTIFY_SELLER',
    ])
    // Cancel, refund, unwind; and for each of the two to be told: asked for, done.
    for (let writes = 0; writes < 7; writes++) await crashOnce(world, gate, writes)
    await gate.open()

    const done = await whenIt(people.sam, workflow.id, isOver)
    expect(done).toMatchObject({ state: 'DONE', error: null })
    expect(done.steps.map((step: Json) => step.state)).toEqual(Array(5).fill('DONE'))
    expect(await countsAbout(world, orderId)).toMatchObject({
      OrderCanceled: 1,
      RefundIssued: 1,
      AllocationUnwound: 1,
      NotificationRequested: 2,
      NotificationSent: 2,
      WorkflowStarted: 1,
      WorkflowEnded: 1,
    })
    expect(await happened(world, [workflow.id])).toEqual([
      'WorkflowStarted',
      'WorkflowStepDone',
      'WorkflowStepDone',
      'AllocationUnwound',
      'WorkflowStepDone',
      'NotificationRequested',
      'WorkflowStepWaiting',
      'WorkflowStepDone',
      'NotificationRequested',
      'WorkflowStepWaiting',
      'WorkflowStepDone',
      'WorkflowEnded',
    ])
    const left = await world.sql(
      `select account, sum(minor)::int as minor from orders.ledger_entry where order_id = $1
       and account not in ('PROVIDER_CLEARING', 'REFUNDS') group by account having sum(minor) <> 0`,
      [orderId],
    )
    expect(left).toEqual([])
    const { order } = await people.sam.ask(
      `query ($id: ID!) { order(id: $id) { status refunded { amount } refundable { amount }
        refunds { nodes { amount { amount } } } workflows { nodes { id state } } } }`,
      { id: orderId },
    )
    expect(order).toMatchObject({
      refunded: { amount: 97_37 },
      refundable: { amount: 0 },
      refunds: { nodes: [{ amount: { amount: 97_37 } }] },
      workflows: { nodes: [{ id: workflow.id, state: 'DONE' }] },
    })
    expect(await world.sql(`select from log.reaction_job where state = 'DEAD'`)).toEqual([])
  }, 600_000)
})
