import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Json, paidOrder, until, usd, World } from '../kit/world.js'
import {
  countsAbout,
  crashOnce,
  daysAfter,
  Gate,
  goTo,
  happened,
  isAt,
  isOver,
  noonOf,
  parcel,
  setPolicy,
  WORKFLOW,
  whenIt,
  workflowOf,
} from '../workflows/kit.js'

const FRIDAY = 5
const MINUTE = 60_000
const later = (at: Date, ms: number) => new Date(at.getTime() + ms)

/** The workflow about an order's overdue label is named after the order. */
const aboutLabelOf = (orderId: string) => orderId.replace('ord_', 'wfl_')

/** E72 to E75: no label in time, a reminder, a grace over a week-end and a holiday, a person's decision, and its consequences. */
describe('seller non-fulfilment', () => {
  let world: World
  let people: Awaited<ReturnType<World['people']>>
  /** Noon of a Friday; the Monday after it is a holiday. */
  let friday: Date

  beforeAll(async () => {
    world = await World.open('non_fulfilment')
    people = await world.people()
    friday = noonOf(FRIDAY, daysAfter(world.now, 1))
    await setPolicy(people, 'calendar.holidays', [daysAfter(friday, 3).toISOString().slice(0, 10)])
    goTo(world, friday)
  })
  afterAll(() => world?.close())

  const eventsOf = async (orderId: string) => Object.keys(await countsAbout(world, aboutLabelOf(orderId)))

  test('from the deadline to the strike, the product dies, or its connections do, in the middle of each step: each effect once', async () => {
    const { sam, shop } = people
    const orderId = await paidOrder(shop, 'n1', usd(60_00))
    const id = aboutLabelOf(orderId)
    const healthy = await paidOrder(shop, 'n2', usd(60_00))
    await parcel(shop, 'n2', 'LABEL_CREATED')

    // 72 business hours from Friday noon: 12 on Friday, none until Tuesday 00:00, 24, 24, and 12 on Thursday.
    const thursday = daysAfter(friday, 6)
    goTo(world, later(thursday, -5 * MINUTE))
    await sleep(2_500)
    expect(await eventsOf(orderId)).toEqual([])

    const gate = await Gate.shut(world)
    goTo(world, later(thursday, 5 * MINUTE))
    // Started; the seller told: asked for, done; waiting for the label.
    for (let writes = 0; writes < 4; writes++) await crashOnce(world, gate, writes)
    await gate.open()
    const inGrace = await whenIt(sam, id, isAt('GRACE', 'WAITING'))
    expect(inGrace.waitsFor).toBe('LabelPurchased')
    const [breach] = await world.sql(`select payload from log.event where type = 'FulfilmentSlaBreached'`)
    const dueAt = new Date(breach!.payload.dueAt)
    expect(Math.abs(dueAt.getTime() - thursday.getTime())).toBeLessThan(5 * MINUTE)
    expect(await eventsOf(healthy)).toEqual([])

    // More time, once: until Saturday, which a person may say although nobody works then.
    const saturday = daysAfter(thursday, 2)
    const extend = (until: Date) =>
      sam.act('extendFulfilmentGrace', { workflowId: id, until, reason: 'SELLER_REQUEST' })
    expect((await extend(later(thursday, 6 * MINUTE))).userErrors).toMatchObject([
      { code: 'INVALID', field: 'until' },
    ])
    expect((await extend(saturday)).userErrors).toEqual([])
    expect((await extend(daysAfter(saturday, 1))).userErrors).toMatchObject([
      { code: 'INVALID_STATE', facts: { until: saturday.toISOString() } },
    ])
    goTo(world, later(saturday, -MINUTE))
    await sleep(2_500)
    expect(await workflowOf(sam, id)).toMatchObject({ step: 'GRACE', state: 'WAITING', graceExtended: true })

    const second = await Gate.shut(world)
    goTo(world, later(saturday, MINUTE))
    // Grace over; proposed.
    for (let writes = 0; writes < 2; writes++) await crashOnce(world, second, writes)
    await second.open()
    await whenIt(sam, id, isAt('PROPOSE', 'WAITING'))
    expect(await happened(world, [orderId])).not.toContain('OrderCanceled')

    const conclude = (dryRun = false) =>
      sam.act(
        'concludeNonFulfilment',
        { workflowId: id, strike: true, reason: 'NO_ANSWER', dryRun, idempotencyKey: 'n1' },
        `workflow { ${WORKFLOW} }`,
      )
    expect(await conclude(true)).toMatchObject({
      dryRun: true,
      events: [{ id: null, type: 'WorkflowStepDone' }],
    })
    expect((await workflowOf(sam, id)).step).toBe('PROPOSE')

    const third = await Gate.shut(world)
    const concluding = conclude()
    await third.caught()
    await third.pass()
    expect((await concluding).userErrors).toEqual([])
    // Cancel, refund, unwind; strike: asked for, done; the buyer told: asked for, done.
    for (let writes = 0; writes < 7; writes++) await crashOnce(world, third, writes)
    await third.open()

    const done = await whenIt(sam, id, isOver)
    expect(done).toMatchObject({ state: 'DONE', error: null })
    expect(done.steps.map(({ name, state }: Json) => [name, state])).toEqual([
      ['NOTIFY_SELLER', 'DONE'],
      ['GRACE', 'DONE'],
      ['PROPOSE', 'DONE'],
      ['CANCEL_ORDER', 'DONE'],
      ['ISSUE_REFUND', 'DONE'],
      ['UNWIND_ALLOCATION', 'DONE'],
      ['STRIKE', 'DONE'],
      ['NOTIFY_BUYER', 'DONE'],
    ])
    expect(await countsAbout(world, orderId)).toMatchObject({
      FulfilmentSlaBreached: 1,
      FulfilmentGraceGranted: 1,
      NonFulfilmentProposed: 1,
      NonFulfilmentConcluded: 1,
      OrderCanceled: 1,
      RefundIssued: 1,
      AllocationUnwound: 1,
      StrikeIssued: 1,
      NotificationRequested: 3,
      NotificationSent: 3,
      WorkflowEnded: 1,
    })
    const { order } = await sam.ask(
      'query ($id: ID!) { order(id: $id) { refunded { amount } refundable { amount } } }',
      {
        id: orderId,
      },
    )
    expect(order).toEqual({ refunded: { amount: 60_00 }, refundable: { amount: 0 } })
    expect(await eventsOf(healthy)).toEqual([])
    expect(await world.sql(`select from log.reaction_job where state = 'DEAD'`)).toEqual([])
  }, 600_000)

  /** An order whose seller was late just now. */
  const overdue = async (external: string, paid = usd(50_00)): Promise<string> => {
    const orderId = await paidOrder(people.shop, external, paid)
    goTo(world, daysAfter(world.now, 7))
    await whenIt(people.sam, aboutLabelOf(orderId), isAt('GRACE', 'WAITING'))
    return orderId
  }

  const proposed = async (external: string, paid = usd(50_00)): Promise<string> => {
    const orderId = await overdue(external, paid)
    goTo(world, daysAfter(world.now, 5))
    await whenIt(people.sam, aboutLabelOf(orderId), isAt('PROPOSE', 'WAITING'))
    return orderId
  }

  test('a label that is bought within the grace settles it: nothing else happens', async () => {
    const orderId = await overdue('n3')
    await parcel(people.shop, 'n3', 'LABEL_CREATED')
    const done = await whenIt(people.sam, aboutLabelOf(orderId), isOver)
    expect(done).toMatchObject({ state: 'DONE', because: 'The seller bought a label.' })
    expect(done.steps.slice(2).map(({ state }: Json) => state)).toEqual(Array(6).fill('SKIPPED'))
    const types = Object.keys(await countsAbout(world, orderId))
    expect(types).not.toContain('NonFulfilmentProposed')
    expect(types).not.toContain('OrderCanceled')
  })

  test('of two people who decide at once, one does, and the other learns that it is decided', async () => {
    const orderId = await proposed('n4')
    const id = aboutLabelOf(orderId)
    const conclude = (who: keyof typeof people) =>
      people[who].act('concludeNonFulfilment', {
        workflowId: id,
        strike: false,
        reason: 'OUT_OF_STOCK',
        idempotencyKey: `n4-${who}`,
      })
    const answers = await Promise.all([conclude('sam'), conclude('lea')])
    expect(answers.map(({ userErrors }) => userErrors.map(({ code }: Json) => code)).sort()).toEqual([
      [],
      ['INVALID_STATE'],
    ])
    const done = await whenIt(people.sam, id, isOver)
    expect(done.steps.find(({ name }: Json) => name === 'STRIKE')).toMatchObject({
      state: 'SKIPPED',
      result: 'No strike is wanted.',
    })
    expect(await countsAbout(world, orderId)).toMatchObject({ RefundIssued: 1, NonFulfilmentConcluded: 1 })
    expect(await countsAbout(world, orderId)).not.toHaveProperty('StrikeIssued')
  })

  test('a parcel that leaves after the decision calls everything off, loudly, before money moves', async () => {
    const orderId = await proposed('n5')
    const id = aboutLabelOf(orderId)
    const gate = await Gate.shut(world)
    const input = { workflowId: id, strike: true, reason: 'NO_ANSWER', idempotencyKey: 'n5' }
    const concluding = people.sam.act('concludeNonFulfilment', input)
    await gate.caught()
    await parcel(people.shop, 'n5', 'IN_TRANSIT')
    await gate.open()
    expect((await concluding).userErrors).toEqual([])
    const over = await whenIt(people.sam, id, isOver)
    expect(over.state).toBe('COMPENSATED')
    expect(over.steps.map(({ name, state }: Json) => [name, state]).slice(2, 5)).toEqual([
      ['PROPOSE', 'COMPENSATED'],
      ['CANCEL_ORDER', 'FAILED'],
      ['ISSUE_REFUND', 'SKIPPED'],
    ])
    const counts = await countsAbout(world, orderId)
    for (const type of ['OrderCanceled', 'RefundIssued', 'StrikeIssued', 'NonFulfilmentConcluded'])
      expect(counts).not.toHaveProperty(type)
  })

  test('above the limit, a decision takes a second person', async () => {
    const orderId = await proposed('n6', usd(150_00))
    const id = aboutLabelOf(orderId)
    const asked = await people.sam.act('concludeNonFulfilment', {
      workflowId: id,
      strike: false,
      reason: 'NO_ANSWER',
      idempotencyKey: 'n6',
    })
    expect(asked).toMatchObject({ userErrors: [], approval: { id: expect.stringMatching(/^apr_/) } })
    expect((await workflowOf(people.sam, id)).step).toBe('PROPOSE')
    const approved = await people.fay.act('approveConcludeNonFulfilment', { approvalId: asked.approval.id })
    expect(approved.userErrors).toEqual([])
    expect((await whenIt(people.sam, id, isOver)).state).toBe('DONE')
    expect(await countsAbout(world, orderId)).toMatchObject({ RefundIssued: 1 })
  })

  test('a proposal can be turned down, and nothing follows', async () => {
    const orderId = await proposed('n7')
    const id = aboutLabelOf(orderId)
    const { userErrors } = await people.lea.act('dismissNonFulfilment', {
      workflowId: id,
      reason: 'ARRANGED',
    })
    expect(userErrors).toEqual([])
    expect((await whenIt(people.sam, id, isOver)).state).toBe('DONE')
    expect(await countsAbout(world, orderId)).not.toHaveProperty('OrderCanceled')
    const late = await people.sam.act('concludeNonFulfilment', {
      workflowId: id,
      strike: true,
      reason: 'NO_ANSWER',
      idempotencyKey: 'n7',
    })
    expect(late.userErrors).toMatchObject([{ code: 'INVALID_STATE', facts: { state: 'DONE' } }])
  })

  test('a rule that changes meanwhile moves deadlines both ways', async () => {
    const orderId = await paidOrder(people.shop, 'n8')
    await until(
      async () =>
        (
          await world.sql(
            `select from log.reaction_job j join log.event e on e.id = j.event_id
      where j.reaction = 'watch-fulfilment' and e.stream_id = $1`,
            [orderId],
          )
        ).length === 1,
    )
    await setPolicy(people, 'fulfilment.labelDeadlineHours', 480)
    goTo(world, daysAfter(world.now, 8))
    await sleep(2_500)
    expect(await eventsOf(orderId)).toEqual([])
    await setPolicy(people, 'fulfilment.labelDeadlineHours', 24)
    await whenIt(people.sam, aboutLabelOf(orderId), isAt('GRACE', 'WAITING'))
    await setPolicy(people, 'fulfilment.labelDeadlineHours', 72)
  })
})
