import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { paidOrder, until, usd, World } from '../kit/world.js'
import { ClaimDesk } from './desk.js'

/** E52: what a bank does opens a claim or joins the one that is open, and moves it. */
describe('chargebacks and claims', () => {
  let world: World
  let desk: ClaimDesk
  let people: ClaimDesk['people']

  beforeAll(async () => {
    world = await World.open('claim_chargebacks')
    people = await world.people()
    desk = new ClaimDesk(world, people)
  })
  afterAll(() => world?.close())

  const claimOf = (disputeId: string) => until(async () => (await desk.dispute(disputeId)).claim)

  test('one opens a claim of its own, which it is linked to both ways', async () => {
    const orderId = await paidOrder(people.shop, 'c1')
    const disputeId = await desk.chargeback('cb1', 'c1', 'NEEDS_RESPONSE')
    const { id } = await claimOf(disputeId)
    expect(await desk.claim(id)).toMatchObject({
      kind: 'CHARGEBACK',
      status: 'OPEN',
      amount: usd(150_00),
      openedById: 'system',
      order: { id: orderId },
      chargeback: { id: disputeId, state: 'NEEDS_RESPONSE' },
      chargebacks: [{ id: disputeId }],
    })
    expect(await desk.events(orderId, 'ChargebackRecorded')).toMatchObject([
      { payload: { disputeId, amount: usd(150_00), state: 'NEEDS_RESPONSE' } },
    ])
    const { timeline } = await desk.claim(id)
    expect(timeline.nodes.map(({ type }: { type: string }) => type)).toEqual(
      expect.arrayContaining(['ClaimChargebackLinked', 'ClaimOpened']),
    )
  })

  test('one joins the claim that is open', async () => {
    const { claimId, orderId } = await desk.opened('c2', { amount: usd(100_00) })
    const disputeId = await desk.chargeback('cb2', 'c2', 'UNDER_REVIEW')
    expect(await claimOf(disputeId)).toMatchObject({ id: claimId, kind: 'DAMAGED' })
    expect(await desk.claimsOf(orderId)).toHaveLength(1)
  })

  test('one that is won is noted; people decide', async () => {
    await paidOrder(people.shop, 'c3')
    const disputeId = await desk.chargeback('cb3', 'c3', 'NEEDS_RESPONSE')
    const { id } = await claimOf(disputeId)
    await desk.chargeback('cb3', 'c3', 'WON')
    const claim = await until(async () => {
      const found = await desk.claim(id)
      return found.notes.totalCount && found
    })
    expect(claim).toMatchObject({
      status: 'OPEN',
      chargeback: { state: 'WON' },
      notes: { totalCount: 1, nodes: [{ visibility: 'INTERNAL', authorId: 'system' }] },
    })
  })

  test('one that is lost decides the claim for the buyer, and nothing is owed twice', async () => {
    await paidOrder(people.shop, 'c4')
    const disputeId = await desk.chargeback('cb4', 'c4', 'NEEDS_RESPONSE', usd(90_00))
    const { id } = await claimOf(disputeId)
    await desk.chargeback('cb4', 'c4', 'LOST', usd(90_00))
    await until(async () => (await desk.claim(id)).status === 'RESOLVED')
    expect(await desk.claim(id)).toMatchObject({
      outcome: 'BUYER',
      buyerAmount: { amount: 90_00 },
      owed: { amount: 0 },
      chargeback: { state: 'LOST' },
    })
  })

  test('one that was lost before we heard of it opens a decided claim; one that was won opens none', async () => {
    const lost = await paidOrder(people.shop, 'c5')
    const won = await paidOrder(people.shop, 'c6')
    await desk.chargeback('cb5', 'c5', 'LOST')
    await desk.chargeback('cb6', 'c6', 'WON')
    await desk.settled()
    expect(await desk.claimsOf(lost)).toMatchObject([{ kind: 'CHARGEBACK', status: 'RESOLVED' }])
    expect(await desk.claimsOf(won)).toEqual([])
  })

  test('records that repeat or come late change nothing', async () => {
    const orderId = await paidOrder(people.shop, 'c7')
    const disputeId = await desk.chargeback('cb7', 'c7', 'NEEDS_RESPONSE')
    const { id } = await claimOf(disputeId)
    for (const state of ['NEEDS_RESPONSE', 'LOST', 'LOST']) await desk.chargeback('cb7', 'c7', state)
    for (const late of ['UNDER_REVIEW', 'NEEDS_RESPONSE'])
      await expect(desk.chargeback('cb7', 'c7', late)).rejects.toThrow('is LOST already')
    await desk.chargeback('cb7', 'c7', 'LOST')
    await desk.settled()
    expect(await desk.claimsOf(orderId)).toHaveLength(1)
    expect(await desk.events(id, 'ClaimResolved')).toHaveLength(1)
    const states = (await desk.events(id, 'ClaimChargebackLinked')).map(({ payload }) => payload.state)
    // What is open may go to and fro; nothing repeats, and nothing comes after the end.
    expect(states.filter((state, at) => state === states[at + 1])).toEqual([])
    expect(states.indexOf('LOST')).toBe(states.length - 1)
  })

  test('one joins, whoever is quicker: twelve people and three chargebacks of one order make one claim', async () => {
    const orderId = await paidOrder(people.shop, 'c8')
    const [, ...opened] = await Promise.all([
      Promise.all(
        ['a', 'b', 'c'].map(one => desk.chargeback(`cb8${one}`, 'c8', 'NEEDS_RESPONSE', usd(10_00))),
      ),
      ...Array.from({ length: 12 }, () => desk.open(people.sam, orderId)),
    ])
    await desk.settled()
    const claims = await desk.claimsOf(orderId)
    expect(claims).toHaveLength(1)
    expect(claims[0]!.chargebacks).toHaveLength(3)
    expect(opened.filter(({ claim }) => claim).length).toBeLessThanOrEqual(1)
    expect(
      await world.sql(
        `select last_error from log.reaction_job where state <> 'DONE' and last_error is not null`,
      ),
    ).toEqual([])
  })

  test('what was decided already is not decided again', async () => {
    const { claimId } = await desk.opened('c9')
    const disputeId = await desk.chargeback('cb9', 'c9', 'NEEDS_RESPONSE', usd(50_00))
    await claimOf(disputeId)
    await desk.resolve(people.sam, claimId, { outcome: 'SPLIT', buyerAmount: usd(60_00) })
    await desk.chargeback('cb9', 'c9', 'LOST', usd(50_00))
    await until(async () => (await desk.claim(claimId)).chargeback.state === 'LOST')
    await desk.settled()
    expect(await desk.claim(claimId)).toMatchObject({
      outcome: 'SPLIT',
      status: 'RESOLVED',
      owed: { amount: 10_00 },
    })
    expect(await desk.events(claimId, 'ClaimResolved')).toHaveLength(1)
  })

  test('disputes are found by order and by until when evidence is taken', async () => {
    const orderId = await paidOrder(people.shop, 'c10')
    const disputeId = await desk.chargeback('cb10', 'c10', 'NEEDS_RESPONSE')
    const found = async (filter: object) => {
      const query = 'query ($filter: DisputeFilter) { disputes(filter: $filter) { nodes { id } } }'
      return (await people.sam.ask(query, { filter })).disputes.nodes
    }
    expect(await found({ orderId, state: 'NEEDS_RESPONSE' })).toEqual([{ id: disputeId }])
    expect(await found({ orderId, state: 'WON' })).toEqual([])
    expect(await found({ orderId, evidenceDueBefore: '2030-01-01T00:00:00.000Z' })).toEqual([])
  })

  test('winning one leaves nothing behind in the ledger; losing one takes it from the seller', async () => {
    await paidOrder(people.shop, 'c11')
    await paidOrder(people.shop, 'c12')
    const won = await desk.chargeback('cb11', 'c11', 'NEEDS_RESPONSE', usd(90_00))
    const lost = await desk.chargeback('cb12', 'c12', 'NEEDS_RESPONSE', usd(90_00))
    const [kept, gone] = [(await claimOf(won)).id, (await claimOf(lost)).id]
    const taken = { CHARGEBACKS: 90_00, PROVIDER_CLEARING: -90_00 }
    expect([await desk.unwound(kept), await desk.unwound(gone)]).toEqual([taken, taken])
    await desk.chargeback('cb11', 'c11', 'WON', usd(90_00))
    await desk.chargeback('cb12', 'c12', 'LOST', usd(90_00))
    expect(await desk.unwound(kept)).toEqual({ CHARGEBACKS: 0, PROVIDER_CLEARING: 0 })
    expect(await desk.unwound(gone)).toEqual({
      CHARGEBACKS: 0,
      PROVIDER_CLEARING: -90_00,
      SELLER_PAYABLE: 90_00,
      BUYER_FUNDS: 0,
    })
  })

  test("a claim's refund shows in its ledger, and no other refund of the order does", async () => {
    const { claimId, orderId } = await desk.opened('c13')
    await desk.refund(people.fay, orderId, 10_00)
    await desk.refund(people.fay, orderId, 25_00, { claimId })
    await desk.settled()
    const left = await desk.unwound(claimId)
    expect(left).toEqual({ SELLER_PAYABLE: 25_00, BUYER_FUNDS: 0, REFUNDS: 0, PROVIDER_CLEARING: -25_00 })
  })
})
