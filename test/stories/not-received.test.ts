import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { idOf, type Json, paidOrder, usd, World } from '../kit/world.js'
import {
  countsAbout,
  crashOnce,
  daysAfter,
  Gate,
  goTo,
  isAt,
  isOver,
  noonOf,
  parcel,
  setPolicy,
  WORKFLOW,
  whenIt,
  workflowOf,
} from '../workflows/kit.js'

const THURSDAY = 4
const MINUTE = 60_000

/** E70, E71: the carrier, the parties, risk, the claim: in this order, each once. */
describe('not received', () => {
  let world: World
  let people: Awaited<ReturnType<World['people']>>

  beforeAll(async () => {
    world = await World.open('not_received')
    people = await world.people()
    await people.shop.record('organizations', [{ source: 'shop', externalId: 'seller-1', name: 'Lamps' }])
  })
  afterAll(() => world?.close())

  /** An order whose parcel is there, says the carrier. */
  const delivered = async (external: string, more: Json = {}): Promise<string> => {
    const orderId = await paidOrder(people.shop, external, usd(70_00))
    const deliveredAt = new Date(world.now.getTime() - 3_600_000)
    await parcel(people.shop, external, 'DELIVERED', {
      carrier: 'UPS',
      trackingNumber: `1Z-${external}`,
      deliveredAt,
      ...more,
    })
    return orderId
  }

  const start = (orderId: string, more: Json = {}) =>
    people.sam.act('startNotReceivedCase', { orderId, ...more }, `workflow { ${WORKFLOW} }`)

  const provide = (workflowId: string, requirement: Json, more: Json = {}) =>
    people.sam.act('provideCaseEvidence', {
      workflowId,
      requirementId: requirement.id,
      description: `What the ${requirement.from} says.`,
      evidence: ['https://example.org/photo.jpg'],
      ...more,
    })

  const claimsOf = async (orderId: string): Promise<Json[]> => {
    const { order } = await people.sam.ask(
      `query ($id: ID!) { order(id: $id) { claims { nodes { id kind status summary
        checklist { id kind from state evidence description } } } } }`,
      { id: orderId },
    )
    return order.claims.nodes
  }

  test('delivered, says the carrier; the product dies, or its connections do, in the middle of each step: each effect once', async () => {
    const { rita, sam } = people
    const orderId = await delivered('d1')
    const gate = await Gate.shut(world)
    const starting = start(orderId)
    await gate.caught()
    await gate.pass()
    const { workflow, userErrors } = await starting
    expect(userErrors).toEqual([])
    const { id } = workflow
    expect(workflow.steps.map(({ name }: Json) => name)).toEqual([
      'CONFIRM_CARRIER_STATUS',
      'COLLECT_EVIDENCE',
      'RISK_HOLD',
      'OPEN_CLAIM',
    ])
    // The carrier asked, its answer; the parties asked.
    for (let writes = 0; writes < 3; writes++) await crashOnce(world, gate, writes)
    await gate.open()

    const collecting = await whenIt(sam, id, isAt('COLLECT_EVIDENCE', 'WAITING'))
    expect(collecting.evidence.map(({ from, kind, state }: Json) => [from, kind, state])).toEqual([
      ['BUYER', 'STATEMENT', 'REQUESTED'],
      ['SELLER', 'PROOF_OF_DELIVERY', 'REQUESTED'],
    ])
    const [buyer, seller] = collecting.evidence
    expect((await provide(id, buyer)).userErrors).toEqual([])
    expect((await provide(id, buyer)).userErrors).toMatchObject([
      { code: 'INVALID_STATE', facts: { state: 'SATISFIED' } },
    ])
    expect((await provide(id, seller, { evidence: ['ord_nothing'] })).userErrors).toMatchObject([
      { code: 'UNKNOWN_REFERENCE', field: 'evidence', facts: { unknown: ['ord_nothing'] } },
    ])
    expect((await workflowOf(sam, id)).step).toBe('COLLECT_EVIDENCE')
    expect(await claimsOf(orderId)).toEqual([])

    const second = await Gate.shut(world)
    const providing = provide(id, seller)
    await second.caught()
    await second.pass()
    expect((await providing).userErrors).toEqual([])
    // All evidence is there; risk is waited for.
    for (let writes = 0; writes < 2; writes++) await crashOnce(world, second, writes)
    await whenIt(sam, id, isAt('RISK_HOLD', 'WAITING'))

    const hold = await rita.act('applyPayoutHold', {
      organizationId: idOf('org', 'seller-1'),
      amount: usd(70_00),
      reason: 'CHARGEBACK_EXPOSURE',
      idempotencyKey: 'd1',
    })
    expect(hold.userErrors).toEqual([])
    // Held; the claim opened.
    for (let writes = 0; writes < 2; writes++) await crashOnce(world, second, writes)
    await second.open()

    const done = await whenIt(sam, id, isOver)
    expect(done).toMatchObject({ state: 'DONE', error: null })
    expect(done.steps.map(({ state }: Json) => state)).toEqual(Array(4).fill('DONE'))
    const claims = await claimsOf(orderId)
    expect(claims).toMatchObject([
      {
        kind: 'NOT_RECEIVED',
        status: 'UNDER_REVIEW',
        checklist: [
          { id: buyer.id, from: 'BUYER', state: 'SATISFIED', description: 'What the BUYER says.' },
          { id: seller.id, from: 'SELLER', state: 'SATISFIED', evidence: ['https://example.org/photo.jpg'] },
        ],
      },
    ])
    expect(await countsAbout(world, id)).toMatchObject({
      NotReceivedCaseStarted: 1,
      CarrierStatusRequested: 1,
      CarrierStatusConfirmed: 1,
      // Each once by the workflow, and once taken over by the claim.
      EvidenceRequested: 4,
      EvidenceSatisfied: 4,
      ClaimOpened: 1,
      WorkflowEnded: 1,
    })
    const order = await world.sql(
      `select type from log.event where $1 = any(refs) and type in ('CarrierStatusConfirmed', 'EvidenceRequested', 'ClaimOpened')
       order by id`,
      [orderId],
    )
    expect(order.map(({ type }) => type)).toEqual([
      'CarrierStatusConfirmed',
      'EvidenceRequested',
      'EvidenceRequested',
      'ClaimOpened',
      'EvidenceRequested',
      'EvidenceRequested',
    ])
    expect(await world.sql(`select from log.reaction_job where state = 'DEAD'`)).toEqual([])
  }, 600_000)

  test('on its way still, says the carrier: it ends with a suggestion', async () => {
    const orderId = await delivered('d2', { status: 'IN_TRANSIT', deliveredAt: null })
    const { workflow } = await start(orderId)
    const done = await whenIt(people.sam, workflow.id, isOver)
    expect(done).toMatchObject({
      state: 'DONE',
      because: expect.stringMatching(/^IN_TRANSIT.*startShipmentInvestigation/),
    })
    expect(done.steps.map(({ state }: Json) => state)).toEqual(['DONE', 'SKIPPED', 'SKIPPED', 'SKIPPED'])
    expect(await claimsOf(orderId)).toEqual([])
  })

  test('lost, says the carrier: straight to the claim', async () => {
    const orderId = await delivered('d3', { status: 'LOST', deliveredAt: null })
    const { workflow } = await start(orderId)
    const done = await whenIt(people.sam, workflow.id, isOver)
    expect(done.steps.map(({ state }: Json) => state)).toEqual(['DONE', 'SKIPPED', 'SKIPPED', 'DONE'])
    expect(await claimsOf(orderId)).toMatchObject([{ kind: 'NOT_RECEIVED', checklist: [] }])
  })

  test('evidence that does not come is waited for until its date, over a week-end and a holiday, and no hold is needed', async () => {
    const { lea, sam } = people
    const thursday = noonOf(THURSDAY, daysAfter(world.now, 1))
    await setPolicy(people, 'calendar.holidays', [daysAfter(thursday, 4).toISOString().slice(0, 10)])
    goTo(world, thursday)
    const { workflow } = await start(await delivered('d4'))
    const { id } = workflow
    const waiting = await whenIt(sam, id, isAt('COLLECT_EVIDENCE', 'WAITING'))
    // 72 business hours from Thursday noon: 12, 24 on Friday, none until Tuesday 00:00, 24, and 12 on Wednesday.
    const wednesday = daysAfter(thursday, 6)
    expect(Math.abs(new Date(waiting.dueAt).getTime() - wednesday.getTime())).toBeLessThan(MINUTE)
    await provide(id, waiting.evidence[0])
    goTo(world, new Date(wednesday.getTime() - MINUTE))
    await sleep(2_500)
    expect((await workflowOf(sam, id)).step).toBe('COLLECT_EVIDENCE')
    goTo(world, new Date(wednesday.getTime() + MINUTE))
    const held = await whenIt(sam, id, isAt('RISK_HOLD', 'WAITING'))
    expect(held.steps[1].result).toBe('1 of 2 came in time.')

    const wrong = await lea.act('continueWorkflow', {
      workflowId: id,
      decision: 'ENOUGH_EVIDENCE',
      reason: 'SUFFICIENT',
    })
    expect(wrong.userErrors).toMatchObject([{ code: 'INVALID_STATE', facts: { step: 'RISK_HOLD' } }])
    const go = await lea.act('continueWorkflow', { workflowId: id, decision: 'NO_HOLD', reason: 'LOW_RISK' })
    expect(go.userErrors).toEqual([])
    const done = await whenIt(sam, id, isOver)
    expect(done.steps.map(({ state }: Json) => state)).toEqual(['DONE', 'DONE', 'SKIPPED', 'DONE'])
  })

  test('only about a parcel of the order that has left, once at a time', async () => {
    const { shop } = people
    const unsent = await paidOrder(shop, 'd5')
    expect((await start(unsent)).userErrors).toMatchObject([{ code: 'INVALID_STATE', field: 'orderId' }])
    expect((await start('ord_nothing')).userErrors).toMatchObject([{ code: 'NOT_FOUND', field: 'orderId' }])
    const orderId = await delivered('d6')
    await parcel(shop, 'd6', 'IN_TRANSIT', { externalId: 'another' })
    const both = [idOf('shp', 's-d6'), idOf('shp', 'another')].sort()
    expect((await start(orderId)).userErrors).toMatchObject([
      { code: 'INVALID', field: 'shipmentId', facts: { shipments: both } },
    ])
    expect((await start(orderId, { shipmentId: idOf('shp', 's-d1') })).userErrors).toMatchObject([
      { code: 'NOT_FOUND', field: 'shipmentId', facts: { shipments: both } },
    ])
    const started = await Promise.all(
      [1, 2, 3].map(() => start(orderId, { shipmentId: idOf('shp', 's-d6') })),
    )
    const begun = started.filter(({ userErrors }) => userErrors.length === 0)
    expect(begun).toHaveLength(1)
    const { id } = begun[0]!.workflow
    expect(started.flatMap(({ userErrors }) => userErrors)).toMatchObject(
      Array(2).fill({ code: 'ALREADY_EXISTS', facts: { workflowId: id } }),
    )
    await whenIt(people.sam, id, isAt('COLLECT_EVIDENCE', 'WAITING'))
    const given = await people.sam.act('abandonWorkflow', { workflowId: id, reason: 'STARTED_BY_MISTAKE' })
    expect(given.userErrors).toEqual([])
    const over = await workflowOf(people.sam, id)
    expect(over.state).toBe('ABANDONED')
    expect(over.evidence.map(({ state }: Json) => state)).toEqual(['WAIVED', 'WAIVED'])
  })
})
