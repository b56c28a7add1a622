import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { idOf, type Json, type Person, paidOrder, until, usd, World } from '../kit/world.js'

/** Emergency containment, and the two people it takes to undo it (E15, E16, E55-E61, E76, E81, E82, E101, X8), in both topologies. */
describe.each(['single', 'distributed'] as const)('containment (%s)', topology => {
  let world: World
  let people: Awaited<ReturnType<World['people']>>
  let count = 0

  beforeAll(async () => {
    world = await World.open(`containment_${topology}`, { topology })
    people = await world.people()
  })
  afterAll(() => world?.close())

  /** A seller of its own for each test, with one listing. */
  async function seller(): Promise<{ organizationId: string; listingId: string }> {
    const name = `seller-${++count}`
    const price = usd(40_00)
    const { problems } = await people.shop.record('organizations', [
      { source: 'shop', externalId: name, name },
    ])
    const listed = await people.shop.record('listings', [
      {
        source: 'shop',
        externalId: `l-${name}`,
        title: 'Watch',
        organization: name,
        price,
        createdAt: '2026-04-01T08:00:00.000Z',
      },
    ])
    expect([...problems, ...listed.problems]).toEqual([])
    return { organizationId: idOf('org', name), listingId: idOf('lst', `l-${name}`) }
  }

  const key = () => `key-${++count}`
  const FREEZE = 'freeze { state reasonCode changedBy { id } approval { id } organization { name } }'
  const TAKEDOWN = 'takedown { id state policy reasonCode appliedBy { id } listing { id title } }'
  const freeze = (who: Person, organizationId: string, more: Json = {}) =>
    who.act('freezeOrg', { organizationId, reason: 'FRAUD', idempotencyKey: key(), ...more }, FREEZE)
  const unfreeze = (who: Person, organizationId: string, more: Json = {}) =>
    who.act('unfreezeOrg', { organizationId, reason: 'VERIFIED', idempotencyKey: key(), ...more }, FREEZE)

  /** Asks for an unfreeze of a frozen organization; answers the request's id. */
  async function requested(by: Person): Promise<{ organizationId: string; approvalId: string }> {
    const { organizationId } = await seller()
    expect((await freeze(people.rita, organizationId)).userErrors).toEqual([])
    const { approval } = await unfreeze(by, organizationId)
    return { organizationId, approvalId: approval.id }
  }
  const stateOf = async (organizationId: string) =>
    (
      await people.sam.ask('query ($id: ID!) { organization(id: $id) { freeze { state } } }', {
        id: organizationId,
      })
    ).organization.freeze.state
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
    return (errors ?? []).map(({ extensions: { code } }) => code)
  }
  const inboxOf = async (who: Person, filter: Json): Promise<Json[]> =>
    (
      await who.ask(
        `query ($filter: ApprovalFilter) { approvals(filter: $filter, first: 100) { nodes {
           id state action reasonCode why iCanVote isStale input requestedBy { id } target { id ... on OrgFreeze { organization { name } } } } } }`,
        { filter },
      )
    ).approvals.nodes

  test('risk freezes at once, with a reason; support sees it and cannot do it', async () => {
    const { sam, lea, fay, cato, rita, shop, nobody } = people
    const { organizationId } = await seller()
    const input = { organizationId, reason: 'FRAUD', idempotencyKey: key() }
    for (const who of [sam, lea, fay, cato, shop])
      expect(await codesOf(who, 'freezeOrg', input)).toEqual(['FORBIDDEN'])
    expect(await codesOf(nobody, 'freezeOrg', input)).toEqual(['UNAUTHENTICATED'])
    expect((await freeze(rita, organizationId, { idempotencyKey: null })).userErrors).toMatchObject([
      { code: 'IDEMPOTENCY_KEY_REQUIRED' },
    ])
    expect(await codesOf(rita, 'freezeOrg', { ...input, reason: undefined })).not.toEqual([])
    expect(await codesOf(rita, 'freezeOrg', { ...input, reason: 'BECAUSE' })).not.toEqual([])
    expect((await freeze(rita, 'org_nothing')).userErrors).toMatchObject([
      { code: 'UNKNOWN_REFERENCE', field: 'organizationId' },
    ])
    const read = 'query ($id: ID!) { organization(id: $id) { freeze { state } } }'
    expect((await sam.ask(read, { id: organizationId })).organization.freeze?.state).not.toBe('FROZEN')

    const frozen = await freeze(rita, organizationId, { note: 'Call from the bank' })
    expect(frozen).toMatchObject({
      userErrors: [],
      approval: null,
      events: [{ type: 'OrgFrozen' }],
      freeze: { state: 'FROZEN', reasonCode: 'FRAUD', changedBy: { id: rita.id } },
    })
    expect(await stateOf(organizationId)).toBe('FROZEN')
    expect((await freeze(people.rolf, organizationId)).userErrors).toMatchObject([{ code: 'INVALID_STATE' }])
  })

  test('unfreezing takes another one of risk: not who asked, not support, and only once', async () => {
    const { sam, fay, rita, rolf, ada } = people
    const { organizationId } = await seller()
    await freeze(rita, organizationId)
    const asked = await unfreeze(rita, organizationId)
    expect(asked).toMatchObject({
      userErrors: [],
      events: [{ type: 'ApprovalRequested' }],
      freeze: { state: 'FROZEN' },
    })
    const approvalId = asked.approval.id

    expect(await inboxOf(rolf, { iCanVote: true, targetId: asked.freeze.id })).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          id: approvalId,
          state: 'PENDING',
          action: 'unfreezeOrg',
          reasonCode: 'VERIFIED',
          iCanVote: true,
          isStale: false,
          input: expect.objectContaining({ organizationId }),
          requestedBy: { id: rita.id },
          target: expect.objectContaining({ organization: { name: expect.stringMatching(/^seller-/) } }),
        }),
      ]),
    )
    const idsIn = async (who: Person, filter: Json) => (await inboxOf(who, filter)).map(({ id }) => id)
    for (const who of [ada, rolf]) expect(await idsIn(who, { iCanVote: true })).toContain(approvalId)
    for (const who of [rita, sam, fay]) expect(await idsIn(who, { iCanVote: true })).not.toContain(approvalId)
    expect(await idsIn(rita, { requestedByMe: true })).toContain(approvalId)
    expect(await idsIn(rolf, { requestedByMe: true })).not.toContain(approvalId)

    for (const who of [sam, fay])
      expect(await codesOf(who, 'approveUnfreezeOrg', { approvalId })).toEqual(['FORBIDDEN'])
    expect((await rita.act('approveUnfreezeOrg', { approvalId })).userErrors).toMatchObject([
      { code: 'SAME_PERSON' },
    ])
    expect(await stateOf(organizationId)).toBe('FROZEN')

    const both = await Promise.all(
      [rolf, ada].map(who => who.act('approveUnfreezeOrg', { approvalId }, FREEZE)),
    )
    const [done] = both.filter(({ userErrors }) => userErrors.length === 0)
    expect(done).toMatchObject({
      events: [{ type: 'OrgUnfrozen' }],
      freeze: { state: 'ACTIVE', approval: { id: approvalId } },
    })
    expect(both.flatMap(({ userErrors }) => userErrors)).toMatchObject([{ code: 'APPROVAL_NOT_PENDING' }])
    expect(await idsIn(rolf, { iCanVote: true })).not.toContain(approvalId)
    const { approval } = await sam.ask('query ($id: ID!) { approval(id: $id) { state decidedBy { id } } }', {
      id: approvalId,
    })
    expect(approval).toMatchObject({
      state: 'EXECUTED',
      decidedBy: { id: expect.stringMatching(/^stf_(rolf|ada)$/) },
    })
    expect((await unfreeze(rita, organizationId)).userErrors).toMatchObject([{ code: 'INVALID_STATE' }])
  })

  test('a takedown shows on the listing; two people bring it back', async () => {
    const { sam, rita, rolf } = people
    const { listingId } = await seller()
    const input = { listingId, policy: 'COUNTERFEIT', reason: 'RIGHTS_HOLDER_NOTICE', idempotencyKey: key() }
    expect(await codesOf(sam, 'takeDownListing', input)).toEqual(['FORBIDDEN'])
    expect(await rita.act('takeDownListing', input, TAKEDOWN)).toMatchObject({
      userErrors: [],
      events: [{ type: 'ListingTakedownApplied' }],
      takedown: { state: 'APPLIED', policy: 'COUNTERFEIT', listing: { id: listingId, title: 'Watch' } },
    })
    const shown = async () =>
      (
        await sam.ask(
          'query ($id: ID!) { listing(id: $id) { takedown { state policy reasonCode appliedBy { name } } } }',
          {
            id: listingId,
          },
        )
      ).listing.takedown
    expect(await shown()).toEqual({
      state: 'APPLIED',
      policy: 'COUNTERFEIT',
      reasonCode: 'RIGHTS_HOLDER_NOTICE',
      appliedBy: { name: 'Rita Solano' },
    })

    const back = { listingId, reason: 'RIGHTS_CLEARED', idempotencyKey: key() }
    expect(await codesOf(sam, 'reinstateListing', back)).toEqual(['FORBIDDEN'])
    const { approval } = await rolf.act('reinstateListing', back, TAKEDOWN)
    expect((await shown()).state).toBe('APPLIED')
    expect((await rolf.act('approveReinstateListing', { approvalId: approval.id })).userErrors).toMatchObject(
      [{ code: 'SAME_PERSON' }],
    )
    expect(await rita.act('approveReinstateListing', { approvalId: approval.id }, TAKEDOWN)).toMatchObject({
      userErrors: [],
      events: [{ type: 'ListingReinstated' }],
      takedown: { state: 'REINSTATED' },
    })
    expect((await shown())?.state).not.toBe('APPLIED')
  })

  test('a risk flag is whole for risk, and no more than its kind for support', async () => {
    const { sam, fay, rita, rolf } = people
    const { organizationId } = await seller()
    const { riskFlag, userErrors } = await rita.act(
      'raiseRiskFlag',
      {
        subjectId: organizationId,
        kind: 'COLLUSION',
        severity: 'HIGH',
        rule: 'same-card-twice',
        inputs: [{ name: 'cards', value: 'hidden-4242' }],
        reason: 'RULE_MATCHED',
        note: 'Do not tell them',
        idempotencyKey: key(),
      },
      'riskFlag { id }',
    )
    expect(userErrors).toEqual([])
    const whole = 'kind severity state reasonCode trigger { rule inputs { name value } } organization { id }'
    const ofOrg = `query ($id: ID!) { organization(id: $id) { riskFlags { nodes { ${whole} } } } }`
    expect((await rolf.ask(ofOrg, { id: organizationId })).organization.riskFlags.nodes).toEqual([
      {
        kind: 'COLLUSION',
        severity: 'HIGH',
        state: 'RAISED',
        reasonCode: 'RULE_MATCHED',
        trigger: { rule: 'same-card-twice', inputs: [{ name: 'cards', value: 'hidden-4242' }] },
        organization: { id: organizationId },
      },
    ])

    for (const who of [sam, fay]) {
      const { organization } = await who.ask(
        'query ($id: ID!) { organization(id: $id) { riskSummary { open kinds } } }',
        {
          id: organizationId,
        },
      )
      expect(organization.riskSummary).toEqual({ open: 1, kinds: ['COLLUSION'] })
      const ways = [
        who.send(ofOrg, { id: organizationId }),
        who.send(`query ($id: ID!) { riskFlag(id: $id) { ${whole} } }`, { id: riskFlag.id }),
        who.send(`query ($id: ID!) { node(id: $id) { ... on RiskFlag { ${whole} } } }`, { id: riskFlag.id }),
        who.send(`{ riskFlags { nodes { ${whole} } } }`),
        who.send(
          'query ($id: ID!) { organization(id: $id) { links { node { id } } timeline { nodes { type summary references { id } } } } }',
          {
            id: organizationId,
          },
        ),
        who.send(
          'query ($ids: [ID!]!) { timeline(ids: $ids) { nodes { type summary references { id } } } }',
          { ids: [riskFlag.id, organizationId] },
        ),
        who.send(
          'query ($filter: EventFilter) { events(filter: $filter) { nodes { type summary references { id } } } }',
          {
            filter: { types: ['RiskFlagRaised'] },
          },
        ),
        who.send(
          'query ($q: String!) { omnibox(query: $q) { totalCount hiddenCount nodes { node { id } } } }',
          { q: riskFlag.id },
        ),
      ]
      for (const { data } of await Promise.all(ways))
        expect(JSON.stringify(data)).not.toMatch(/same-card|hidden-4242|RiskFlagRaised|Do not tell|"flg_/)
    }
    expect((await sam.send(ofOrg, { id: organizationId })).errors).toMatchObject([
      { extensions: { code: 'FORBIDDEN' } },
    ])

    const clear = { riskFlagId: riskFlag.id, reason: 'FALSE_POSITIVE', idempotencyKey: key() }
    expect(await codesOf(sam, 'clearRiskFlag', clear)).toEqual(['FORBIDDEN'])
    expect((await rolf.act('clearRiskFlag', clear)).events).toMatchObject([{ type: 'RiskFlagCleared' }])
    const { organization } = await sam.ask(
      'query ($id: ID!) { organization(id: $id) { riskSummary { open } } }',
      {
        id: organizationId,
      },
    )
    expect(organization.riskSummary.open).toBe(0)
  })

  test('payouts are held by one, and let go by who held them or by two; support sees only that', async () => {
    const { sam, fay, rita, rolf } = people
    const { organizationId } = await seller()
    const HOLD = 'hold { id state amount { amount } heldBy { id } releasedBy { id } }'
    const hold = async (who: Person, more: Json = {}) =>
      (
        await who.act(
          'applyPayoutHold',
          { organizationId, reason: 'CHARGEBACK_EXPOSURE', idempotencyKey: key(), ...more },
          HOLD,
        )
      ).hold
    expect(
      await codesOf(sam, 'applyPayoutHold', { organizationId, reason: 'FRAUD', idempotencyKey: key() }),
    ).toEqual(['FORBIDDEN'])
    const [all, part] = [
      await hold(rita),
      await hold(rolf, { amount: usd(300_00), until: '2099-01-01T00:00:00.000Z' }),
    ]
    expect([all, part]).toMatchObject([
      { state: 'ACTIVE', amount: null, heldBy: { id: rita.id } },
      { state: 'ACTIVE', amount: { amount: 300_00 }, heldBy: { id: rolf.id } },
    ])
    const summary = async () =>
      (
        await sam.ask(
          'query ($id: ID!) { organization(id: $id) { payoutHoldSummary { active everything until } } }',
          {
            id: organizationId,
          },
        )
      ).organization.payoutHoldSummary
    expect(await summary()).toEqual({ active: 2, everything: true, until: null })
    const whole =
      'query ($id: ID!) { organization(id: $id) { payoutHolds { nodes { id amount { amount } reasonCode } } } }'
    expect((await fay.ask(whole, { id: organizationId })).organization.payoutHolds.nodes).toHaveLength(2)
    expect((await sam.send(whole, { id: organizationId })).errors).toMatchObject([
      { extensions: { code: 'FORBIDDEN' } },
    ])

    const release = (who: Person, holdId: string) =>
      who.act('releasePayoutHold', { holdId, reason: 'VERIFIED', idempotencyKey: key() }, HOLD)
    expect(
      await codesOf(fay, 'releasePayoutHold', { holdId: all.id, reason: 'VERIFIED', idempotencyKey: key() }),
    ).toEqual(['FORBIDDEN'])
    expect(await release(rita, all.id)).toMatchObject({
      approval: null,
      hold: { state: 'RELEASED', releasedBy: { id: rita.id } },
    })
    expect(await summary()).toMatchObject({ active: 1, everything: false })
    const { approval } = await release(rita, part.id)
    expect(
      (await rita.act('approveReleasePayoutHold', { approvalId: approval.id })).userErrors,
    ).toMatchObject([{ code: 'SAME_PERSON' }])
    expect(await rolf.act('approveReleasePayoutHold', { approvalId: approval.id }, HOLD)).toMatchObject({
      userErrors: [],
      hold: { id: part.id, state: 'RELEASED' },
    })
    expect(await summary()).toEqual({ active: 0, everything: false, until: null })
  })

  test('a request can be turned down by who could approve it, and taken back by who asked', async () => {
    const { sam, rita, rolf, ada } = people
    const state = async (id: string) =>
      (await sam.ask('query ($id: ID!) { approval(id: $id) { state } }', { id })).approval.state

    const first = await requested(rita)
    const reject = { approvalId: first.approvalId, reason: 'NOT_JUSTIFIED', note: 'No papers yet' }
    expect((await rita.act('rejectApproval', reject)).userErrors).toMatchObject([{ code: 'SAME_PERSON' }])
    expect(await codesOf(sam, 'rejectApproval', reject)).toEqual(['FORBIDDEN'])
    expect(await state(first.approvalId)).toBe('PENDING')
    expect((await rolf.act('rejectApproval', reject)).events).toMatchObject([{ type: 'ApprovalRejected' }])
    expect(await state(first.approvalId)).toBe('REJECTED')
    expect((await ada.act('approveUnfreezeOrg', { approvalId: first.approvalId })).userErrors).toMatchObject([
      { code: 'APPROVAL_NOT_PENDING', facts: { state: 'REJECTED' } },
    ])
    expect(await stateOf(first.organizationId)).toBe('FROZEN')

    const second = await requested(rita)
    const withdraw = { approvalId: second.approvalId }
    expect((await rolf.act('withdrawApproval', withdraw)).userErrors).toMatchObject([
      { code: 'NOT_REQUESTER' },
    ])
    expect((await rita.act('withdrawApproval', withdraw)).events).toMatchObject([
      { type: 'ApprovalWithdrawn' },
    ])
    expect(await state(second.approvalId)).toBe('WITHDRAWN')
    expect(
      (await rolf.act('approveUnfreezeOrg', { approvalId: second.approvalId })).userErrors,
    ).toMatchObject([{ code: 'APPROVAL_NOT_PENDING', facts: { state: 'WITHDRAWN' } }])
    expect(await stateOf(second.organizationId)).toBe('FROZEN')
  })

  test('who asked and then lost the role has asked in vain', async () => {
    const { ada, otto, rita, rolf } = people
    const { organizationId, approvalId } = await requested(rolf)
    const role = { staffId: rolf.id, role: 'RISK_AGENT' }
    expect((await ada.act('revokeRole', { ...role, reason: 'MISUSE' })).userErrors).toEqual([])
    expect((await rita.act('approveUnfreezeOrg', { approvalId })).userErrors).toMatchObject([
      { code: 'REQUESTER_LOST_ROLE' },
    ])
    expect(await stateOf(organizationId)).toBe('FROZEN')
    const asked = await ada.act('grantRole', { ...role, reason: 'COVER', idempotencyKey: key() })
    expect((await otto.act('approveGrantRole', { approvalId: asked.approval.id })).userErrors).toEqual([])
    await until(async () => (await rolf.send('{ riskFlags { totalCount } }')).data?.riskFlags)
  })

  /** HANDED_OFF: denied, with a way to ask for it (X16). */
  type Effect = 'ALLOW' | 'ALLOW_WITH_APPROVAL' | 'DENY' | 'HANDED_OFF'
  const WHY: Record<Effect, string[]> = {
    ALLOW: [],
    ALLOW_WITH_APPROVAL: ['APPROVAL_REQUIRED'],
    DENY: ['ROLE_MISSING'],
    HANDED_OFF: ['HANDOFF_REQUIRED'],
  }

  /** What decision() says, and what comes of asking for it, are both as the requirements want it. */
  async function expectForetold(who: Person, action: string, input: Json, effect: Effect): Promise<void> {
    const { decision } = await who.ask(
      `query ($action: String!, $input: JSONObject) { decision(action: $action, input: $input) {
        effect reasons { code } reasonCodes { code } idempotencyKeyRequired } }`,
      { action, input },
    )
    const type = `${action[0]!.toUpperCase()}${action.slice(1)}Input`
    const { data, errors } = await who.send(
      `mutation ($input: ${type}!) { ${action}(input: $input) { events { type } userErrors { code } } }`,
      { input: { ...input, dryRun: true } },
    )
    const [happened] = data?.[action]?.events ?? []
    const did = !happened
      ? (errors?.[0]?.extensions.code ?? data?.[action]?.userErrors)
      : happened.type === 'ApprovalRequested'
        ? 'ALLOW_WITH_APPROVAL'
        : 'ALLOW'
    const told = { who: who.id, action, input }
    const denied = effect === 'DENY' || effect === 'HANDED_OFF'
    expect({ ...told, did, foretold: decision.effect }).toEqual({
      ...told,
      did: denied ? 'FORBIDDEN' : effect,
      foretold: denied ? 'DENY' : effect,
    })
    expect(decision.reasons.map(({ code }: Json) => code)).toEqual(WHY[effect])
    expect(decision.idempotencyKeyRequired).toBe(true)
    expect(decision.reasonCodes.map(({ code }: Json) => code)).toContain(input.reason)
  }

  test('what decision() foretells is what the mutation does', async () => {
    const { sam, lea, fay, rita, ada } = people
    const { organizationId, listingId } = await seller()
    const { organizationId: frozenId } = await requested(rita)
    const downId = listingId
    await rita.act('takeDownListing', {
      listingId: downId,
      policy: 'FRAUD',
      reason: 'FRAUD',
      idempotencyKey: key(),
    })
    const orderId = await paidOrder(people.shop, `decided-${count}`, usd(900_00))
    await sam.act('issueRefund', { orderId, amount: usd(60_00), reason: 'GOODWILL', idempotencyKey: key() })
    const euroId = await paidOrder(people.shop, `euro-${count}`, { amount: 900_00, currency: 'EUR' })
    const mine = (
      await rita.act(
        'applyPayoutHold',
        { organizationId, reason: 'FRAUD', idempotencyKey: key() },
        'hold { id }',
      )
    ).hold
    const euros = { amount: 1, currency: 'EUR' }
    const refund = (amount: Json, id = orderId) => ({ orderId: id, amount, reason: 'GOODWILL' })

    const cases: [Person, string, Json, Effect][] = [
      [rita, 'freezeOrg', { organizationId, reason: 'FRAUD' }, 'ALLOW'],
      [ada, 'freezeOrg', { organizationId, reason: 'FRAUD' }, 'ALLOW'],
      [sam, 'freezeOrg', { organizationId, reason: 'FRAUD' }, 'HANDED_OFF'],
      [sam, 'requestOrgFreeze', { organizationId, reason: 'FRAUD' }, 'ALLOW_WITH_APPROVAL'],
      [lea, 'applyPayoutHold', { organizationId, reason: 'FRAUD' }, 'HANDED_OFF'],
      [lea, 'requestPayoutHold', { organizationId, reason: 'FRAUD' }, 'ALLOW_WITH_APPROVAL'],
      [fay, 'freezeOrg', { organizationId, reason: 'FRAUD' }, 'DENY'],
      [rita, 'unfreezeOrg', { organizationId: frozenId, reason: 'VERIFIED' }, 'ALLOW_WITH_APPROVAL'],
      [ada, 'unfreezeOrg', { organizationId: frozenId, reason: 'VERIFIED' }, 'ALLOW_WITH_APPROVAL'],
      [lea, 'unfreezeOrg', { organizationId: frozenId, reason: 'VERIFIED' }, 'DENY'],
      [rita, 'reinstateListing', { listingId: downId, reason: 'CORRECTED' }, 'ALLOW_WITH_APPROVAL'],
      [people.rolf, 'releasePayoutHold', { holdId: mine.id, reason: 'VERIFIED' }, 'ALLOW_WITH_APPROVAL'],
      [sam, 'issueRefund', refund(usd(40_00)), 'ALLOW'],
      [lea, 'issueRefund', refund(usd(40_01)), 'ALLOW_WITH_APPROVAL'],
      [fay, 'issueRefund', refund(usd(500_00)), 'ALLOW'],
      [sam, 'issueRefund', refund(euros, euroId), 'ALLOW_WITH_APPROVAL'],
      [rita, 'issueRefund', refund(usd(1)), 'DENY'],
    ]
    for (const one of cases) await expectForetold(...one)
  })

  test('decision() knows that one lets go alone what one held', async () => {
    const { rita } = people
    const { organizationId } = await seller()
    const { hold } = await rita.act(
      'applyPayoutHold',
      { organizationId, reason: 'FRAUD', idempotencyKey: key() },
      'hold { id }',
    )
    await expectForetold(rita, 'releasePayoutHold', { holdId: hold.id, reason: 'VERIFIED' }, 'ALLOW')
  })

  async function told(who: Person, ids: string[]): Promise<Json[]> {
    const { timeline } = await who.ask(
      `query ($ids: [ID!]!) { timeline(ids: $ids, first: 50) { nodes {
         type reasonCode summary actor { id kind roles } references { id } } } }`,
      { ids },
    )
    return timeline.nodes
  }
  const line = ({ type, actor, reasonCode }: Json) => `${type} by ${actor.id}: ${reasonCode}`

  test('the organization’s timeline tells all of it: what, who, why', async () => {
    const { sam, rita, rolf, aldo, shop } = people
    const { organizationId, listingId } = await seller()
    await rita.act('raiseRiskFlag', {
      subjectId: organizationId,
      kind: 'VELOCITY',
      severity: 'CRITICAL',
      reason: 'PROVIDER_ALERT',
      idempotencyKey: key(),
    })
    await rita.act('applyPayoutHold', { organizationId, reason: 'FRAUD', idempotencyKey: key() })
    await rita.act('takeDownListing', { listingId, policy: 'FRAUD', reason: 'SAFETY', idempotencyKey: key() })
    await freeze(rita, organizationId, { reason: 'PAYMENT_RISK', note: 'Twelve chargebacks today' })
    const { approval } = await unfreeze(rita, organizationId, { reason: 'REMEDIED' })
    await rolf.act('approveUnfreezeOrg', { approvalId: approval.id, note: 'Spoke with the bank' })

    const ofOrganization = [
      `OrgUnfrozen by ${rolf.id}: REMEDIED`,
      `ApprovalRequested by ${rita.id}: REMEDIED`,
      `OrgFrozen by ${rita.id}: PAYMENT_RISK`,
      `PayoutHeld by ${rita.id}: FRAUD`,
      `RiskFlagRaised by ${rita.id}: PROVIDER_ALERT`,
      `OrganizationRecorded by ${shop.id}`,
    ]
    for (const who of [rita, aldo]) {
      const lines = (await told(who, [organizationId])).map(line)
      for (const expected of ofOrganization) expect(lines).toContainEqual(expect.stringContaining(expected))
    }
    const all = await told(rita, [organizationId, listingId])
    expect(all.map(line)).toContain(`ListingTakedownApplied by ${rita.id}: SAFETY`)
    const frozen = all.find(({ type }) => type === 'OrgFrozen')!
    expect(frozen.actor).toEqual({ id: rita.id, kind: 'STAFF', roles: ['RISK_AGENT'] })
    expect(frozen.references).toContainEqual({ id: organizationId })

    const forSupport = (await told(sam, [organizationId])).map(({ type }) => type)
    expect(forSupport).toEqual(expect.arrayContaining(['OrgFrozen', 'OrgUnfrozen', 'OrganizationRecorded']))
    expect(forSupport).not.toContain('RiskFlagRaised')
    expect(forSupport).not.toContain('PayoutHeld')
  })
  test('it tells when a request was turned down', async () => {
    const { organizationId, approvalId } = await requested(people.rita)
    await people.rolf.act('rejectApproval', { approvalId, reason: 'NOT_JUSTIFIED' })
    const lines = (await told(people.aldo, [organizationId])).map(line)
    expect(lines).toContain(`ApprovalRejected by ${people.rolf.id}: NOT_JUSTIFIED`)
  })

  test('it tells when a listing of theirs was taken down', async () => {
    const { organizationId, listingId } = await seller()
    await people.rita.act('takeDownListing', {
      listingId,
      policy: 'FRAUD',
      reason: 'SAFETY',
      idempotencyKey: key(),
    })
    const lines = (await told(people.aldo, [organizationId])).map(line)
    expect(lines).toContain(`ListingTakedownApplied by ${people.rita.id}: SAFETY`)
  })
})
