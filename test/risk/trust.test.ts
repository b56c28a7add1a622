import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { happened } from '../kit/happened.js'
import { idOf, type Json, type Person, paidOrder, until, usd, World } from '../kit/world.js'

/** Cases for Trust & Safety, strikes, and measures that support asks for (E40, E55, E63, E75, X16). */
let world: World
let people: Awaited<ReturnType<World['people']>>
let count = 0

const key = () => ({ idempotencyKey: `key-${++count}` })
const code = ({ userErrors: [error] }: Json): string | null => error?.code ?? null

beforeAll(async () => {
  world = await World.open('trust')
  people = await world.people()
  await people.shop.record('users', [
    { source: 'shop', externalId: 'buyer-1', name: 'Olga Frey', email: 'olga@example.com' },
  ])
})
afterAll(() => world?.close())

/** A seller of its own for each test, with one paid order. */
async function seller(): Promise<{ organizationId: string; orderId: string }> {
  const name = `seller-${++count}`
  const { problems } = await people.shop.record('organizations', [{ source: 'shop', externalId: name, name }])
  expect(problems).toEqual([])
  const orderId = await paidOrder(people.shop, `o-${name}`, usd(80_00), {
    orders: [{ externalId: `o-${name}`, seller: name, lines: [{ title: 'Lamp', unitPrice: usd(80_00) }] }],
  })
  return { organizationId: idOf('org', name), orderId }
}

/** What the caller is told who may not do something at all. */
async function codesOf(who: Person, mutation: string, input: Json): Promise<string[]> {
  const type = mutation.startsWith('approve')
    ? 'ApproveInput'
    : `${mutation[0]!.toUpperCase()}${mutation.slice(1)}Input`
  const { data, errors } = await who.send(
    `mutation ($input: ${type}!) { ${mutation}(input: $input) { events { id } } }`,
    { input },
  )
  expect(data?.[mutation] ?? null).toBeNull()
  return (errors ?? []).map(({ extensions }) => extensions.code)
}

async function decisionOf(who: Person, action: string, input: Json = {}): Promise<Json> {
  const { decision } = await who.ask(
    `query ($action: String!, $input: JSONObject) { decision(action: $action, input: $input) {
       effect handOff approvers reasons { code message } } }`,
    { action, input },
  )
  return decision
}

const timelineOf = async (id: string): Promise<string[]> => {
  const { timeline } = await people.ada.ask(
    'query ($ids: [ID!]!) { timeline(ids: $ids, first: 50) { nodes { type } } }',
    { ids: [id] },
  )
  return timeline.nodes.map(({ type }: Json) => type)
}

describe('a case for Trust & Safety', () => {
  const CASE = 'trustCase { id state fromId subjectIds reasonCode openedBy { id } assignee { id } outcome }'
  const WORDS = '{ trustCase(id: $id) { summary statement evidenceIds } }'
  const handOff = (who: Person, fromId: string, more: Json = {}) =>
    who.act('handOffToTrust', { fromId, summary: 'Same card as six others.', reason: 'FRAUD', ...more }, CASE)
  const assign = (who: Person, trustCaseId: string, giveBack = false) =>
    who.act('assignTrustCase', { trustCaseId, giveBack }, CASE)
  const decide = (who: Person, trustCaseId: string, more: Json = {}) =>
    who.act(
      'decideTrustCase',
      {
        trustCaseId,
        outcome: 'ACTION_TAKEN',
        statement: 'Two cards were stolen.',
        reason: 'SUBSTANTIATED',
        ...more,
      },
      CASE,
    )
  const opened = async (): Promise<string> =>
    (await handOff(people.sam, (await seller()).orderId)).trustCase.id

  test('shows on the order it came from and on all whom that concerns; its words are for risk', async () => {
    const { sam, rita, fay } = people
    const { organizationId, orderId } = await seller()
    const handed = await handOff(sam, orderId, { evidenceIds: [organizationId] })
    const buyerId = idOf('usr', 'buyer-1')
    expect(handed).toMatchObject({
      userErrors: [],
      events: [{ type: 'TrustCaseOpened' }],
      trustCase: {
        state: 'OPEN',
        fromId: orderId,
        reasonCode: 'FRAUD',
        openedBy: { id: sam.id },
        assignee: null,
        outcome: null,
      },
    })
    const { id, subjectIds } = handed.trustCase
    expect([...subjectIds].sort()).toEqual([buyerId, orderId, organizationId].sort())

    const seen = await fay.ask(
      `query ($order: ID!, $org: ID!, $user: ID!) {
         order(id: $order) { trustCases { totalCount nodes { id } } seller { trustCases { nodes { id } } } }
         organization(id: $org) { trustCases { nodes { id } } }
         user(id: $user) { trustCases { nodes { id } } } }`,
      { order: orderId, org: organizationId, user: buyerId },
    )
    const mine = expect.arrayContaining([{ id }])
    expect(seen).toMatchObject({
      order: { trustCases: { totalCount: 1, nodes: [{ id }] }, seller: { trustCases: { nodes: [{ id }] } } },
      organization: { trustCases: { nodes: [{ id }] } },
      user: { trustCases: { nodes: mine } },
    })
    for (const about of [orderId, organizationId, buyerId, id])
      expect(await timelineOf(about)).toContain('TrustCaseOpened')

    expect(await rita.ask(`query ($id: ID!) ${WORDS}`, { id })).toEqual({
      trustCase: {
        summary: 'Same card as six others.',
        statement: null,
        evidenceIds: [organizationId],
      },
    })
    const masked = await sam.send(`query ($id: ID!) ${WORDS}`, { id })
    expect(masked.data?.trustCase).toEqual({ summary: null, statement: null, evidenceIds: null })
    expect(masked.errors?.map(({ extensions }) => extensions.code)).toEqual(Array(3).fill('FORBIDDEN'))
  })

  test('comes from a shipment or a ticket, too, and then concerns the order’s seller', async () => {
    const { lea, shop } = people
    const { organizationId, orderId } = await seller()
    const { ticket } = await lea.act(
      'openTicket',
      { subject: 'Odd', description: 'Very odd.', linkedEntityIds: [orderId] },
      'ticket { id }',
    )
    const fromTicket = await handOff(lea, ticket.id)
    expect(fromTicket.trustCase.subjectIds).toEqual(
      expect.arrayContaining([ticket.id, orderId, organizationId]),
    )
    const shipment = { source: 'shop', externalId: `s-${++count}`, order: `o-seller-${count - 1}` }
    const { problems } = await shop.record('shipments', [{ ...shipment, status: 'IN_TRANSIT' }])
    expect(problems).toEqual([])
    const fromShipment = await handOff(lea, idOf('shp', shipment.externalId))
    expect(fromShipment.trustCase.subjectIds).toEqual(expect.arrayContaining([orderId, organizationId]))
    const { order } = await lea.ask(
      'query ($id: ID!) { order(id: $id) { shipments { nodes { trustCases { nodes { id } } } } trustCases { totalCount } tickets { nodes { trustCases { nodes { id } } } } } }',
      { id: orderId },
    )
    expect(order).toEqual({
      shipments: { nodes: [{ trustCases: { nodes: [{ id: fromShipment.trustCase.id }] } }] },
      trustCases: { totalCount: 2 },
      tickets: { nodes: [{ trustCases: { nodes: [{ id: fromTicket.trustCase.id }] } }] },
    })
  })

  test('comes from a claim, and shows on it and on its order', async () => {
    const { sam, rita } = people
    const { organizationId, orderId } = await seller()
    const { claim } = await sam.act(
      'openClaim',
      { orderId, kind: 'NOT_RECEIVED', summary: 'It never came.' },
      'claim { id }',
    )
    const { trustCase } = await handOff(sam, claim.id)
    expect(trustCase.subjectIds).toEqual(expect.arrayContaining([claim.id, orderId, organizationId]))
    const seen = await rita.ask(
      `query ($claim: ID!, $order: ID!) { claim(id: $claim) { trustCases { nodes { id } } }
         order(id: $order) { trustCases { nodes { id } } } }`,
      { claim: claim.id, order: orderId },
    )
    const cases = { trustCases: { nodes: [{ id: trustCase.id }] } }
    expect(seen).toEqual({ claim: cases, order: cases })

    const asked = await sam.act('requestPayoutHold', {
      organizationId,
      orderId,
      claimId: claim.id,
      reason: 'NON_FULFILMENT',
      ...key(),
    })
    expect(asked.userErrors).toEqual([])
    await rita.act('approveRequestPayoutHold', { approvalId: asked.approval.id })
    for (const id of [claim.id, orderId, organizationId]) expect(await timelineOf(id)).toContain('PayoutHeld')
  })

  test('is of something that exists, with evidence that exists, and wants a reason', async () => {
    const { sam, fay, cato, lea, shop, aldo, nobody } = people
    const { orderId } = await seller()
    expect(await handOff(sam, 'ord_nothing')).toMatchObject({
      userErrors: [{ code: 'UNKNOWN_REFERENCE', field: 'fromId' }],
      trustCase: null,
    })
    expect(await handOff(sam, orderId, { evidenceIds: [orderId, 'msg_nothing'] })).toMatchObject({
      userErrors: [{ code: 'UNKNOWN_REFERENCE', field: 'evidenceIds.1' }],
    })
    expect(await codesOf(sam, 'handOffToTrust', { fromId: orderId, summary: 'Odd' })).not.toEqual([])
    expect(code(await handOff(sam, orderId, { summary: ' ' }))).toBe('INVALID')
    for (const who of [aldo, shop])
      expect(
        await codesOf(who, 'handOffToTrust', { fromId: orderId, summary: 'Odd', reason: 'FRAUD' }),
      ).toEqual(['FORBIDDEN'])
    expect(
      await codesOf(nobody, 'handOffToTrust', { fromId: orderId, summary: 'Odd', reason: 'FRAUD' }),
    ).toEqual(['UNAUTHENTICATED'])
    for (const who of [lea, fay, cato]) expect(code(await handOff(who, orderId))).toBeNull()
  })

  test('of two who take it at once one has it, and the other learns who', async () => {
    const { rita, rolf, ada, sam, fay } = people
    for (let round = 0; round < 5; round++) {
      const id = await opened()
      const taken = await Promise.all([rita, rolf].map(who => assign(who, id)))
      const winner = taken.findIndex(outcome => code(outcome) === null)
      const [first, second] = winner === 0 ? [rita, rolf] : [rolf, rita]
      expect(taken[winner]).toMatchObject({
        events: [{ type: 'TrustCaseAssigned' }],
        trustCase: { state: 'IN_REVIEW', assignee: { id: first.id } },
      })
      expect(taken[1 - winner]).toMatchObject({
        userErrors: [
          { code: 'ALREADY_ASSIGNED', facts: { assigneeId: first.id, since: expect.any(String) } },
        ],
      })
      expect((await assign(first, id)).events).toEqual([])
      expect(code(await assign(second, id, true))).toBe('ALREADY_ASSIGNED')
      expect(code(await decide(second, id))).toBe('ALREADY_ASSIGNED')
    }
    const id = await opened()
    for (const who of [sam, fay])
      expect(await codesOf(who, 'assignTrustCase', { trustCaseId: id })).toEqual(['FORBIDDEN'])
    expect((await assign(rita, id, true)).events).toEqual([])
    await assign(rita, id)
    expect(await assign(rita, id, true)).toMatchObject({
      userErrors: [],
      trustCase: { state: 'OPEN', assignee: null },
    })
    await assign(rolf, id)
    expect(await assign(ada, id, true)).toMatchObject({ userErrors: [], trustCase: { state: 'OPEN' } })
    expect(code(await assign(rita, 'tcs_nothing'))).toBe('NOT_FOUND')
  })

  test('is decided once, by who took it', async () => {
    const { rita, rolf, sam } = people
    const id = await opened()
    expect(await decide(rita, id)).toMatchObject({
      userErrors: [{ code: 'INVALID_STATE', facts: { state: 'OPEN' } }],
    })
    await assign(rita, id)
    expect(
      await codesOf(sam, 'decideTrustCase', {
        trustCaseId: id,
        outcome: 'NO_ACTION',
        statement: 'x',
        reason: 'DUPLICATE',
      }),
    ).toEqual(['FORBIDDEN'])
    expect(await decide(rita, id)).toMatchObject({
      userErrors: [],
      events: [{ type: 'TrustCaseDecided' }],
      trustCase: { state: 'DECIDED', outcome: 'ACTION_TAKEN', assignee: { id: rita.id } },
    })
    for (const outcome of [await decide(rita, id), await assign(rolf, id), await assign(rita, id, true)])
      expect(code(outcome)).toBe('INVALID_STATE')
    const { trustCase } = await people.aldo.ask(
      'query ($id: ID!) { trustCase(id: $id) { statement decidedAt } }',
      { id },
    )
    expect(trustCase).toEqual({ statement: 'Two cards were stolen.', decidedAt: expect.any(String) })
  })

  test('is found by state, by who works on it, and by what it came from', async () => {
    const { rolf, sam } = people
    const { orderId } = await seller()
    const { trustCase } = await handOff(sam, orderId)
    await assign(rolf, trustCase.id)
    const list = async (filter: Json) =>
      (
        await sam.ask(
          'query ($filter: TrustCaseFilter) { trustCases(filter: $filter, first: 100) { nodes { id } } }',
          { filter },
        )
      ).trustCases.nodes.map(({ id }: Json) => id)
    expect(await list({ fromId: orderId })).toEqual([trustCase.id])
    expect(await list({ fromId: orderId, state: 'OPEN' })).toEqual([])
    expect(await list({ assigneeId: rolf.id, state: 'IN_REVIEW' })).toContain(trustCase.id)
    expect(await list({ assigneeId: people.rita.id, fromId: orderId })).toEqual([])
  })
})

describe('strikes', () => {
  const STRIKE =
    'strike { id state severity reasonCode issuedById expiresAt organization { id } order { id } workflowId revokedBy { id } }'
  const strike = (who: Person, organizationId: string, more: Json = {}) =>
    who.act(
      'issueStrike',
      {
        organizationId,
        severity: 'MAJOR',
        statement: 'Sold three fakes.',
        reason: 'COUNTERFEIT',
        ...key(),
        ...more,
      },
      STRIKE,
    )
  const revoke = (who: Person, strikeId: string) =>
    who.act('revokeStrike', { strikeId, reason: 'MISTAKE', ...key() }, STRIKE)
  const listed = async (filter: Json): Promise<string[]> =>
    (
      await people.sam.ask('query ($filter: StrikeFilter) { strikes(filter: $filter) { nodes { id } } }', {
        filter,
      })
    ).strikes.nodes.map(({ id }: Json) => id)

  test('are issued by risk, count for 180 days, and are taken back by another', async () => {
    const { rita, rolf, sam, fay } = people
    const { organizationId, orderId } = await seller()
    const input = {
      organizationId,
      severity: 'MAJOR',
      statement: 'x',
      reason: 'COUNTERFEIT',
      idempotencyKey: 'x',
    }
    for (const who of [sam, fay, people.lea, people.shop, people.aldo])
      expect(await codesOf(who, 'issueStrike', input)).toEqual(['FORBIDDEN'])
    expect(code(await strike(rita, organizationId, { idempotencyKey: null }))).toBe(
      'IDEMPOTENCY_KEY_REQUIRED',
    )

    const same = { orderId, ...key() }
    const issued = await strike(rita, organizationId, same)
    expect(issued).toMatchObject({
      userErrors: [],
      events: [{ type: 'StrikeIssued' }],
      strike: {
        state: 'ACTIVE',
        severity: 'MAJOR',
        issuedById: rita.id,
        organization: { id: organizationId },
        order: { id: orderId },
        workflowId: null,
      },
    })
    const { id, expiresAt } = issued.strike
    const days = (new Date(expiresAt).getTime() - Date.now()) / 86_400_000
    expect(Math.round(days)).toBe(180)
    expect(await strike(rita, organizationId, same)).toMatchObject({ replayed: true, strike: { id } })
    const seen = await sam.ask(
      `query ($org: ID!, $order: ID!) { organization(id: $org) { strikes { totalCount nodes { id } } }
         order(id: $order) { strikes { nodes { id } } } }`,
      { org: organizationId, order: orderId },
    )
    expect(seen).toEqual({
      organization: { strikes: { totalCount: 1, nodes: [{ id }] } },
      order: { strikes: { nodes: [{ id }] } },
    })
    const words = 'query ($id: ID!) { strike(id: $id) { statement } }'
    expect(await rolf.ask(words, { id })).toEqual({ strike: { statement: 'Sold three fakes.' } })
    expect((await sam.send(words, { id })).errors?.[0]?.extensions.code).toBe('FORBIDDEN')

    expect(code(await revoke(rita, id))).toBe('SAME_PERSON')
    expect(await codesOf(sam, 'revokeStrike', { strikeId: id, reason: 'MISTAKE', ...key() })).toEqual([
      'FORBIDDEN',
    ])
    expect(await listed({ organizationId, state: 'ACTIVE', severity: 'MAJOR' })).toEqual([id])
    expect(await revoke(rolf, id)).toMatchObject({
      userErrors: [],
      strike: { state: 'REVOKED', revokedBy: { id: rolf.id } },
    })
    expect(code(await revoke(people.ada, id))).toBe('INVALID_STATE')
    expect(code(await revoke(rolf, 'stk_nothing'))).toBe('NOT_FOUND')
    expect(await listed({ organizationId, state: 'ACTIVE' })).toEqual([])
    expect(await listed({ organizationId, state: 'REVOKED' })).toEqual([id])
    expect(await timelineOf(organizationId)).toEqual(
      expect.arrayContaining(['StrikeIssued', 'StrikeRevoked']),
    )
  })

  test('hit sellers that exist, for orders of theirs, and no workflow that a person names', async () => {
    const [one, other] = [await seller(), await seller()]
    expect(code(await strike(people.rita, 'org_nothing'))).toBe('UNKNOWN_REFERENCE')
    expect(code(await strike(people.rita, one.orderId))).toBe('UNKNOWN_REFERENCE')
    expect(code(await strike(people.rita, one.organizationId, { orderId: 'ord_nothing' }))).toBe(
      'UNKNOWN_REFERENCE',
    )
    expect(await strike(people.rita, one.organizationId, { orderId: other.orderId })).toMatchObject({
      userErrors: [{ code: 'INVALID', field: 'orderId', facts: { sellers: [other.organizationId] } }],
    })
    expect(await strike(people.rita, one.organizationId, { workflowId: 'wfl_1' })).toMatchObject({
      userErrors: [{ code: 'INVALID', field: 'workflowId' }],
    })
  })

  test('end by themselves, and the database refuses that one person takes back their own', async () => {
    const { organizationId } = await seller()
    const { strike: issued } = await strike(people.rita, organizationId)
    await expect(
      world.sql(
        `update risk.strike set state = 'REVOKED', revoked_by_id = issued_by_id, revoked_at = now() where id = $1`,
        [issued.id],
      ),
    ).rejects.toThrow('revoked_by_another')
    await world.sql(
      `update risk.strike set created_at = now() - interval '181 days', expires_at = now() - interval '1 day' where id = $1`,
      [issued.id],
    )
    expect(await people.sam.ask('query ($id: ID!) { strike(id: $id) { state } }', { id: issued.id })).toEqual(
      { strike: { state: 'EXPIRED' } },
    )
    expect(await listed({ organizationId, state: 'EXPIRED' })).toEqual([issued.id])
    expect(await listed({ organizationId, state: 'ACTIVE' })).toEqual([])
  })

  test('follow from a workflow that somebody concluded, once each, and not without a seller', async () => {
    const { organizationId, orderId } = await seller()
    const workflowId = `wfl_${++count}`
    const concluded = (more: Json = {}) => ({
      type: 'NonFulfilmentConcluded',
      data: { orderId, sellerId: organizationId, strike: true, ...more },
      refs: [orderId],
    })
    await happened(world, { type: 'Workflow', id: 'wfl_none' }, concluded({ strike: false }))
    await happened(world, { type: 'Workflow', id: 'wfl_nobody' }, concluded({ sellerId: null }))
    await happened(world, { type: 'Workflow', id: workflowId }, concluded(), concluded())
    const strikes = await until(async () => {
      const { organization } = await people.rita.ask(
        `query ($id: ID!) { organization(id: $id) { strikes { nodes { state severity issuedById workflowId order { id } statement reasonCode } } } }`,
        { id: organizationId },
      )
      return organization.strikes.nodes.length > 0 && organization.strikes.nodes
    })
    await until(async () => {
      const [{ done }] = (await world.sql(
        `select count(*)::int as done from log.reaction_job where reaction = 'strike-for-non-fulfilment' and state = 'DONE'`,
      )) as [Json]
      return done === 2
    })
    expect(strikes).toEqual([
      {
        state: 'ACTIVE',
        severity: 'MINOR',
        issuedById: 'system',
        workflowId,
        order: { id: orderId },
        statement: expect.any(String),
        reasonCode: 'NON_FULFILMENT',
      },
    ])
    const [{ issued }] = (await world.sql(
      `select count(*)::int as issued from log.event where type = 'StrikeIssued' and actor = 'system'`,
    )) as [Json]
    expect(issued).toBe(1)
  })
})

describe('what support may not do, it asks for', () => {
  const HOLD = 'hold { id state until reasonCode heldBy { id } payout { id } amount { amount currency } }'
  const FREEZE = 'freeze { state reasonCode changedBy { id } }'

  test('decision says so, and how', async () => {
    for (const who of [people.sam, people.lea])
      for (const [action, handOff] of [
        ['applyPayoutHold', 'requestPayoutHold'],
        ['freezeOrg', 'requestOrgFreeze'],
      ] as const) {
        expect(await decisionOf(who, action)).toEqual({
          effect: 'DENY',
          handOff,
          approvers: ['RISK_AGENT', 'SUPER_ADMIN'],
          reasons: [{ code: 'HANDOFF_REQUIRED', message: expect.stringContaining(handOff) }],
        })
        expect(await decisionOf(who, handOff)).toMatchObject({
          effect: 'ALLOW_WITH_APPROVAL',
          handOff: null,
          approvers: ['RISK_AGENT', 'SUPER_ADMIN'],
        })
      }
    for (const who of [people.fay, people.cato, people.aldo])
      expect(await decisionOf(who, 'freezeOrg')).toMatchObject({
        effect: 'DENY',
        handOff: null,
        reasons: [{ code: 'ROLE_MISSING' }],
      })
    expect(await decisionOf(people.rita, 'freezeOrg')).toMatchObject({ effect: 'ALLOW', reasons: [] })
    expect(await decisionOf(people.sam, 'unfreezeOrg')).toMatchObject({
      effect: 'DENY',
      reasons: [{ code: 'ROLE_MISSING' }],
    })
  })

  test('a payout hold: who approves holds it, with all that was asked for', async () => {
    const { sam, lea, fay, rita, rolf, ada } = people
    const { organizationId, orderId } = await seller()
    const input = {
      organizationId,
      orderId,
      amount: usd(80_00),
      until: new Date(Date.now() + 86_400_000).toISOString(),
      reason: 'NON_FULFILMENT',
    }
    for (const who of [rita, ada, fay, people.shop])
      expect(await codesOf(who, 'requestPayoutHold', { ...input, ...key() })).toEqual(['FORBIDDEN'])
    expect(await codesOf(sam, 'applyPayoutHold', { organizationId, reason: 'FRAUD', ...key() })).toEqual([
      'FORBIDDEN',
    ])
    const asked = await sam.act('requestPayoutHold', { ...input, ...key() }, HOLD)
    expect(asked).toMatchObject({ userErrors: [], events: [{ type: 'ApprovalRequested' }], hold: null })
    const { id: approvalId } = asked.approval
    for (const who of [lea, fay])
      expect(await codesOf(who, 'approveRequestPayoutHold', { approvalId })).toEqual(['FORBIDDEN'])

    const both = await Promise.all(
      [rita, rolf].map(who => who.act('approveRequestPayoutHold', { approvalId }, HOLD)),
    )
    expect(both.map(code).sort()).toEqual(['APPROVAL_NOT_PENDING', null])
    const at = both.findIndex(outcome => code(outcome) === null)
    const [holder, other] = at === 0 ? [rita, rolf] : [rolf, rita]
    const { hold } = both[at]!
    expect(both[at]).toMatchObject({
      events: [{ type: 'PayoutHeld' }],
      hold: { state: 'ACTIVE', reasonCode: 'NON_FULFILMENT', amount: usd(80_00), heldBy: { id: holder.id } },
    })
    expect(hold.until).toBe(input.until)
    expect(await timelineOf(orderId)).toContain('PayoutHeld')
    const held = await rita.ask(
      'query ($id: ID!) { order(id: $id) { seller { payoutHolds { nodes { id state } } payoutHoldSummary { active } } } }',
      { id: orderId },
    )
    expect(held.order.seller).toEqual({
      payoutHolds: { nodes: [{ id: hold.id, state: 'ACTIVE' }] },
      payoutHoldSummary: { active: 1 },
    })
    const release = { holdId: hold.id, reason: 'REMEDIED' }
    expect((await other.act('releasePayoutHold', { ...release, ...key() })).approval).not.toBeNull()
    expect(await holder.act('releasePayoutHold', { ...release, ...key() }, HOLD)).toMatchObject({
      approval: null,
      hold: { state: 'RELEASED' },
    })
  })

  test('refuses at once what risk could not do either', async () => {
    const { sam } = people
    const { organizationId, orderId } = await seller()
    const ask = (more: Json) =>
      sam.act('requestPayoutHold', { organizationId, reason: 'FRAUD', ...key(), ...more })
    for (const [more, field, refusal] of [
      [{ organizationId: 'org_nothing' }, 'organizationId', 'UNKNOWN_REFERENCE'],
      [{ organizationId: orderId }, 'organizationId', 'UNKNOWN_REFERENCE'],
      [{ payoutId: 'pyo_nothing' }, 'payoutId', 'UNKNOWN_REFERENCE'],
      [{ orderId: 'ord_nothing' }, 'orderId', 'UNKNOWN_REFERENCE'],
      [{ claimId: 'clm_nothing' }, 'claimId', 'UNKNOWN_REFERENCE'],
      [{ amount: usd(0) }, 'amount', 'NOT_POSITIVE'],
      [{ until: '2020-01-01T00:00:00.000Z' }, 'until', 'INVALID'],
      [{ idempotencyKey: null }, 'idempotencyKey', 'IDEMPOTENCY_KEY_REQUIRED'],
    ] as const)
      expect(await ask(more)).toMatchObject({ userErrors: [{ code: refusal, field }], approval: null })
  })

  test('a freeze: it happens when risk says so, once, and needs two to undo as any other', async () => {
    const { sam, lea, rita, rolf } = people
    const { organizationId } = await seller()
    const ask = (who: Person) =>
      who.act('requestOrgFreeze', { organizationId, reason: 'FRAUD', ...key() }, FREEZE)
    const first = await ask(lea)
    const second = await ask(sam)
    expect(first).toMatchObject({ userErrors: [], freeze: null, events: [{ type: 'ApprovalRequested' }] })
    expect(
      await rita.act('approveRequestOrgFreeze', { approvalId: first.approval.id }, FREEZE),
    ).toMatchObject({
      userErrors: [],
      events: [{ type: 'OrgFrozen' }],
      freeze: { state: 'FROZEN', reasonCode: 'FRAUD', changedBy: { id: rita.id } },
    })
    expect(code(await rolf.act('approveRequestOrgFreeze', { approvalId: second.approval.id }, FREEZE))).toBe(
      'INVALID_STATE',
    )
    expect(code(await ask(sam))).toBe('INVALID_STATE')
    const unfreeze = await rita.act('unfreezeOrg', { organizationId, reason: 'VERIFIED', ...key() }, FREEZE)
    expect(unfreeze).toMatchObject({
      events: [{ type: 'ApprovalRequested' }],
      freeze: { state: 'FROZEN' },
    })
  })
})
