import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { addBusinessHours } from '#shared/calendar.js'
import { POLICIES } from '#shared/policies.js'
import { type Json, until, World } from '../kit/world.js'
import { ClaimDesk, DAY, HOUR } from './desk.js'

/** E49, X5: what is promised on a claim runs in business hours, and what runs out does so by itself. */
describe('timers of claims', () => {
  let world: World
  let desk: ClaimDesk
  let people: ClaimDesk['people']

  beforeAll(async () => {
    world = await World.open('claim_timers')
    people = await world.people()
    desk = new ClaimDesk(world, people)
  })
  afterAll(() => world?.close())

  const reaches = async (claimId: string, wanted: (claim: Json) => boolean): Promise<Json> => {
    await until(async () => wanted(await desk.claim(claimId)), 15_000)
    return desk.claim(claimId)
  }

  const afterHours = (hours: number) =>
    addBusinessHours(world.now, hours, POLICIES['calendar.holidays'].default).getTime()

  test('an answer is due after 24 business hours, evidence after 72', async () => {
    const wanted = [afterHours(24), afterHours(72)]
    const { claimId } = await desk.opened('t1')
    const first = (await desk.claim(claimId)).sla
    const asked = (await desk.ask(people.sam, claimId)).claim
    const given = [new Date(first.dueAt).getTime(), new Date(asked.checklist[0].dueAt).getTime()]
    given.forEach((at, n) => {
      expect(Math.abs(at - wanted[n]!)).toBeLessThan(30_000)
    })
    expect(asked.sla).toMatchObject({ metric: 'EVIDENCE', dueAt: asked.checklist[0].dueAt, state: 'RUNNING' })
  })

  test('what nobody answered is late by itself, what was answered is not; late evidence stays visible as late', async () => {
    const { claimId: silent, orderId } = await desk.opened('t2')
    const { claimId: answered } = await desk.opened('t3')
    const { claimId: brought } = await desk.opened('t4')
    await people.sam.act('addClaimNote', { claimId: answered, visibility: 'PARTIES', body: 'We look.' })
    const dueAt = new Date(world.now.getTime() + 2 * HOUR).toISOString()
    const { id } = (await desk.ask(people.sam, brought, { dueAt })).claim.checklist[0]
    const inTime = (await desk.ask(people.sam, brought, { dueAt, from: 'SELLER' })).claim.checklist[1]
    await desk.satisfy(people.sam, brought, inTime.id)

    world.advance(7 * DAY)
    const late = await reaches(silent, claim => claim.sla.state === 'BREACHED')
    expect(late).toMatchObject({
      status: 'OPEN',
      sla: { metric: 'FIRST_RESPONSE', breachedAt: late.sla.dueAt },
    })
    expect(await reaches(brought, claim => claim.sla.state === 'BREACHED')).toMatchObject({
      status: 'AWAITING_BUYER',
      checklist: [{ state: 'OVERDUE' }, { state: 'SATISFIED' }],
    })
    const overdue = await people.sam.ask(
      'query ($orderId: ID!) { claims(filter: { orderId: $orderId, overdue: true }) { nodes { id } } }',
      { orderId },
    )
    expect(overdue.claims.nodes).toEqual([{ id: silent }])
    await desk.settled()
    expect((await desk.claim(answered)).slas).toMatchObject([{ state: 'MET' }])
    expect(await desk.events(answered, 'ClaimSlaBreached')).toEqual([])
    expect(await desk.events(brought, 'ClaimSlaBreached')).toMatchObject([
      { payload: { metric: 'EVIDENCE', requirementId: id } },
    ])

    const { claim } = await desk.satisfy(people.sam, brought, id)
    expect(claim).toMatchObject({
      status: 'UNDER_REVIEW',
      checklist: [{ state: 'SATISFIED' }, { state: 'SATISFIED' }],
      sla: { metric: 'EVIDENCE', state: 'BREACHED' },
    })
    const { claim: asked } = await desk.ask(people.sam, silent)
    expect(asked.slas).toMatchObject([
      { metric: 'FIRST_RESPONSE', state: 'BREACHED' },
      { metric: 'EVIDENCE', state: 'RUNNING' },
    ])
  })

  test('a decided claim closes after two days, also when the process died meanwhile', async () => {
    const { claimId } = await desk.opened('t5')
    await desk.resolve(people.sam, claimId, { outcome: 'SELLER' })
    await desk.settled()
    await world.kill()
    world.advance(2 * DAY)
    await world.start()
    expect(await reaches(claimId, ({ status }) => status === 'CLOSED')).toMatchObject({
      closedAt: expect.any(String),
    })
    expect(await desk.events(claimId, 'ClaimClosed')).toMatchObject([{ actor: 'system' }])
  })

  test('not while something is owed: it is looked at again each day', async () => {
    const { claimId, orderId } = await desk.opened('t6')
    await desk.resolve(people.sam, claimId, { outcome: 'BUYER' })
    await desk.settled()
    world.advance(2 * DAY + HOUR)
    await desk.settled()
    expect((await desk.claim(claimId)).status).toBe('RESOLVED')
    const { userErrors } = await desk.refund(people.fay, orderId, 150_00, { claimId })
    expect(userErrors).toEqual([])
    expect(await desk.claim(claimId)).toMatchObject({
      status: 'RESOLVED',
      owed: { amount: 0 },
      refunds: { nodes: [{ amount: { amount: 150_00 } }] },
    })
    world.advance(DAY)
    await reaches(claimId, ({ status }) => status === 'CLOSED')
  })
})
