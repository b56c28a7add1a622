import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Role } from '#shared/roles.js'
import risk from '#subgraphs/risk/index.js'
import { type Player, Stage } from '../support/stage.js'

let stage: Stage
let rita: Player
let rolf: Player
let ada: Player
let sam: Player
let fay: Player
let aldo: Player
let engine: Player
let keys = 0

beforeAll(async () => {
  stage = await Stage.open(risk)
  await stage.known(
    'org_acme',
    'org_held',
    'org_flagged',
    'usr_olga',
    'lst_lamp',
    'lst_rug',
    'ord_1',
    'pyo_1',
  )
  rita = await stage.staff('rita', Role.RISK_AGENT)
  rolf = await stage.staff('rolf', Role.RISK_AGENT)
  ada = await stage.staff('ada', Role.SUPER_ADMIN)
  sam = await stage.staff('sam', Role.SUPPORT_AGENT)
  fay = await stage.staff('fay', Role.FINANCE_ADMIN)
  aldo = await stage.staff('aldo', Role.AUDITOR)
  engine = await stage.machine('engine', 'risk:write')
})
afterAll(() => stage?.close())

const key = () => ({ idempotencyKey: `key-${++keys}` })
const code = ({ userErrors: [error] }: { userErrors: { code: string }[] }) => error?.code ?? null
const FORBIDDEN = { extensions: { code: 'FORBIDDEN' } }
const about = (fields: string, type: string) =>
  `query ($r: [_Any!]!) { _entities(representations: $r) { ... on ${type} { ${fields} } } }`
const seen = async (who: Player, type: string, id: string, fields: string) => {
  const { data, codes } = await who.ask(about(fields, type), { r: [{ __typename: type, id }] })
  return { entity: data._entities[0], codes }
}

describe('freezing an organization', () => {
  test('takes one person and a reason; undoing it takes two, and never the one who asked twice', async () => {
    const frozen = await rita.act('freezeOrg', { organizationId: 'org_acme', reason: 'FRAUD', ...key() })
    expect(frozen).toMatchObject({
      userErrors: [],
      rows: { freeze: { state: 'FROZEN', reasonCode: 'FRAUD', changedById: 'stf_rita' } },
    })
    expect(code(await rolf.act('freezeOrg', { organizationId: 'org_acme', reason: 'FRAUD', ...key() }))).toBe(
      'INVALID_STATE',
    )

    const asked = await rita.act('unfreezeOrg', { organizationId: 'org_acme', reason: 'VERIFIED', ...key() })
    expect(asked).toMatchObject({ userErrors: [], rows: { freeze: { state: 'FROZEN' } } })
    expect(asked.approval?.id).toMatch(/^apr_/)
    expect(code(await rita.approve('unfreezeOrg', asked.approval?.id))).toBe('SAME_PERSON')
    await expect(sam.approve('unfreezeOrg', asked.approval?.id)).rejects.toMatchObject(FORBIDDEN)
    expect((await seen(sam, 'Organization', 'org_acme', 'freeze { state }')).entity).toEqual({
      freeze: { state: 'FROZEN' },
    })

    const done = await rolf.approve('unfreezeOrg', asked.approval?.id)
    expect(done).toMatchObject({
      userErrors: [],
      rows: { freeze: { state: 'ACTIVE', reasonCode: 'VERIFIED', approvalId: asked.approval?.id } },
    })
    expect(code(await ada.approve('unfreezeOrg', asked.approval?.id))).toBe('APPROVAL_NOT_PENDING')
    expect(await stage.timeline('org_acme')).toEqual([
      'OrgFrozen',
      'ApprovalRequested',
      'OrgUnfrozen',
      'ApprovalExecuted',
    ])
  })

  test('of twenty at once one freezes', async () => {
    await stage.known('org_raced')
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () =>
        rita.act('freezeOrg', { organizationId: 'org_raced', reason: 'FRAUD', ...key() }),
      ),
    )
    expect(outcomes.filter(outcome => code(outcome) === null)).toHaveLength(1)
    expect(outcomes.filter(outcome => code(outcome) === 'INVALID_STATE')).toHaveLength(19)
  })

  test('hits nothing that is not there, nor what is no organization', async () => {
    expect(code(await rita.act('freezeOrg', { organizationId: 'org_typo', reason: 'FRAUD', ...key() }))).toBe(
      'UNKNOWN_REFERENCE',
    )
    expect(code(await rita.act('freezeOrg', { organizationId: 'usr_olga', reason: 'FRAUD', ...key() }))).toBe(
      'UNKNOWN_REFERENCE',
    )
  })

  test('wants a key, and is not for support', async () => {
    expect(code(await rita.act('freezeOrg', { organizationId: 'org_acme', reason: 'FRAUD' }))).toBe(
      'IDEMPOTENCY_KEY_REQUIRED',
    )
    await expect(
      sam.act('freezeOrg', { organizationId: 'org_acme', reason: 'FRAUD', ...key() }),
    ).rejects.toMatchObject(FORBIDDEN)
  })

  test('what is not frozen cannot be unfrozen', async () => {
    expect(
      code(await rita.act('unfreezeOrg', { organizationId: 'org_held', reason: 'VERIFIED', ...key() })),
    ).toBe('INVALID_STATE')
  })

  test('the database itself refuses to unfreeze without an approval', async () => {
    await expect(
      stage.log.db.query(
        `update risk.org_freeze set state = 'ACTIVE', approval_id = null where organization_id = 'org_raced'`,
      ),
    ).rejects.toThrow('unfrozen_by_two')
  })
})

describe('taking a listing down', () => {
  const takeDown = (who: Player, input = {}) =>
    who.act('takeDownListing', {
      listingId: 'lst_lamp',
      policy: 'COUNTERFEIT',
      reason: 'SAFETY',
      ...key(),
      ...input,
    })

  test('shows on the listing, and takes two people to undo', async () => {
    expect(code(await takeDown(rita))).toBeNull()
    const fields = 'takedown { state policy until }'
    expect((await seen(sam, 'Listing', 'lst_lamp', fields)).entity).toEqual({
      takedown: { state: 'APPLIED', policy: 'COUNTERFEIT', until: null },
    })
    expect(code(await takeDown(rolf))).toBe('INVALID_STATE')
    const { approval } = await ada.act('reinstateListing', {
      listingId: 'lst_lamp',
      reason: 'APPEAL_UPHELD',
      ...key(),
    })
    expect(code(await ada.approve('reinstateListing', approval?.id))).toBe('SAME_PERSON')
    expect(code(await rolf.approve('reinstateListing', approval?.id))).toBeNull()
    expect((await seen(sam, 'Listing', 'lst_lamp', fields)).entity.takedown.state).toBe('REINSTATED')
    expect(code(await takeDown(rita))).toBeNull()
    expect(await stage.timeline('lst_lamp')).toEqual([
      'ListingTakedownApplied',
      'ApprovalRequested',
      'ListingReinstated',
      'ApprovalExecuted',
      'ListingTakedownApplied',
    ])
  })

  test('for a time ends by itself, can be made longer, and not shorter', async () => {
    const start = stage.now
    const until = (hours: number) => new Date(start.getTime() + hours * 3_600_000)
    const listing = { listingId: 'lst_rug' }
    expect(code(await takeDown(rita, { ...listing, until: until(-1) }))).toBe('INVALID')
    expect(code(await takeDown(rita, { ...listing, until: until(24) }))).toBeNull()
    expect(code(await takeDown(rolf, { ...listing, until: until(12) }))).toBe('INVALID_STATE')
    expect(code(await takeDown(rolf, { ...listing, until: until(48) }))).toBeNull()
    stage.now = until(49)
    expect((await seen(sam, 'Listing', 'lst_rug', 'takedown { state }')).entity).toEqual({
      takedown: { state: 'EXPIRED' },
    })
    expect(code(await rita.act('reinstateListing', { ...listing, reason: 'CORRECTED', ...key() }))).toBe(
      'INVALID_STATE',
    )
    expect(code(await takeDown(rita, listing))).toBeNull()
    stage.now = start
  })
})

describe('payout holds', () => {
  const hold = (who: Player, input = {}) =>
    who.act('applyPayoutHold', { organizationId: 'org_held', reason: 'FRAUD', ...key(), ...input })
  const release = (who: Player, holdId: string | null) =>
    who.act('releasePayoutHold', { holdId, reason: 'VERIFIED', ...key() })

  test("live side by side; one's own is released alone, another's by two", async () => {
    const first = await hold(rita, { amount: { amount: 500_00, currency: 'USD' } })
    const second = await hold(rolf)
    expect(await release(rita, first.targetId)).toMatchObject({
      userErrors: [],
      approval: null,
      rows: { hold: { state: 'RELEASED', releasedById: 'stf_rita' } },
    })
    const asked = await release(rita, second.targetId)
    expect(asked).toMatchObject({ userErrors: [], rows: { hold: { state: 'ACTIVE' } } })
    expect(code(await rita.approve('releasePayoutHold', asked.approval?.id))).toBe('SAME_PERSON')
    const done = await rolf.approve('releasePayoutHold', asked.approval?.id)
    expect(done).toMatchObject({
      userErrors: [],
      rows: { hold: { state: 'RELEASED', releasedById: 'stf_rolf', approvalId: asked.approval?.id } },
    })
    expect(code(await release(ada, second.targetId))).toBe('INVALID_STATE')
  })

  test("the database itself refuses that another's is released by one", async () => {
    const { targetId } = await hold(rita)
    await expect(
      stage.log.db.query(
        `update risk.payout_hold set state = 'RELEASED', released_by_id = 'stf_rolf' where id = $1`,
        [targetId],
      ),
    ).rejects.toThrow('released_by_owner_or_two')
    await release(rita, targetId)
  })

  test('finance sees them whole, support only that there are some', async () => {
    await hold(rita, { until: new Date(stage.now.getTime() + 3_600_000) })
    await hold(rita, { payoutId: 'pyo_1' })
    const fields =
      'payoutHoldSummary { active everything until } payoutHolds { nodes { state heldBy { id } } }'
    const whole = await seen(fay, 'Organization', 'org_held', fields)
    expect(whole.codes).toEqual([])
    expect(whole.entity.payoutHoldSummary).toEqual({ active: 2, everything: true, until: null })
    expect(whole.entity.payoutHolds.nodes.length).toBeGreaterThan(2)
    const summary = await seen(sam, 'Organization', 'org_held', fields)
    expect(summary.codes).toEqual(['FORBIDDEN'])
    expect(summary.entity).toEqual({
      payoutHoldSummary: { active: 2, everything: true, until: null },
      payoutHolds: null,
    })
    expect((await sam.ask('{ payoutHolds { totalCount } }')).codes).toEqual(['FORBIDDEN'])
    stage.now = new Date(stage.now.getTime() + 7_200_000)
    expect(
      (await seen(sam, 'Organization', 'org_held', 'payoutHoldSummary { active everything }')).entity,
    ).toEqual({
      payoutHoldSummary: { active: 1, everything: false },
    })
    expect((await fay.ask('{ payoutHolds { totalCount nodes { state } } }')).data.payoutHolds).toEqual({
      totalCount: 1,
      nodes: [{ state: 'ACTIVE' }],
    })
  })

  test('of nothing, or until yesterday, are none', async () => {
    expect(code(await hold(rita, { amount: { amount: 0, currency: 'USD' } }))).toBe('NOT_POSITIVE')
    expect(code(await hold(rita, { until: new Date(0) }))).toBe('INVALID')
    expect(code(await hold(rita, { payoutId: 'ord_1' }))).toBe('UNKNOWN_REFERENCE')
  })
})

describe('risk flags', () => {
  const flag = (who: Player, input = {}) =>
    who.act('raiseRiskFlag', {
      subjectId: 'org_flagged',
      kind: 'VELOCITY',
      severity: 'HIGH',
      reason: 'RULE_MATCHED',
      ...input,
    })

  test('keep what triggered them, and are cleared once', async () => {
    const inputs = [{ name: 'charges_24h', value: '17' }]
    const { rows, targetId } = await flag(engine, { rule: 'velocity-3', inputs })
    expect(rows.riskFlag).toMatchObject({
      state: 'RAISED',
      organizationId: 'org_flagged',
      userId: null,
      raisedById: 'svc_engine',
    })
    const whole = await aldo.ask(
      'query ($id: ID!) { riskFlag(id: $id) { trigger { rule at inputs { name value } } organization { id } } }',
      { id: targetId },
    )
    expect(whole).toEqual({
      codes: [],
      data: {
        riskFlag: {
          trigger: { rule: 'velocity-3', at: stage.now.toISOString(), inputs },
          organization: { id: 'org_flagged' },
        },
      },
    })
    await expect(
      engine.act('clearRiskFlag', { riskFlagId: targetId, reason: 'RESOLVED' }),
    ).rejects.toMatchObject(FORBIDDEN)
    expect(code(await rita.act('clearRiskFlag', { riskFlagId: targetId, reason: 'RESOLVED' }))).toBeNull()
    expect(code(await rolf.act('clearRiskFlag', { riskFlagId: targetId, reason: 'RESOLVED' }))).toBe(
      'INVALID_STATE',
    )
    expect(await stage.timeline('org_flagged')).toEqual(['RiskFlagRaised', 'RiskFlagCleared'])
  })

  test('support sees that there are some and of which kinds, and nothing more', async () => {
    await flag(rita, { kind: 'CHARGEBACKS' })
    await flag(rita, { kind: 'CHARGEBACKS' })
    await flag(rita, { kind: 'IDENTITY' })
    const fields = 'riskSummary { open kinds } riskFlags { totalCount }'
    expect(await seen(sam, 'Organization', 'org_flagged', fields)).toEqual({
      codes: ['FORBIDDEN'],
      entity: { riskSummary: { open: 3, kinds: ['CHARGEBACKS', 'IDENTITY'] }, riskFlags: null },
    })
    expect((await seen(rita, 'Organization', 'org_flagged', fields)).entity.riskFlags.totalCount).toBe(4)
    expect((await seen(sam, 'User', 'usr_olga', 'riskSummary { open kinds }')).entity).toEqual({
      riskSummary: { open: 0, kinds: [] },
    })
    const id = (await flag(rita)).targetId
    expect(
      (await sam.ask(about('kind', 'RiskFlag'), { r: [{ __typename: 'RiskFlag', id }] })).data._entities,
    ).toEqual([null])
    expect((await sam.ask('query ($id: ID!) { riskFlag(id: $id) { kind } }', { id })).codes).toEqual([
      'FORBIDDEN',
    ])
    expect((await sam.ask('{ riskFlags { totalCount } }')).codes).toEqual(['FORBIDDEN'])
  })

  test('are about something that exists, and struck already', async () => {
    expect(code(await flag(rita, { subjectId: 'org_typo' }))).toBe('UNKNOWN_REFERENCE')
    expect(code(await flag(rita, { triggeredAt: new Date(stage.now.getTime() + 1) }))).toBe('INVALID')
  })

  test('are found by kind, state and subject', async () => {
    const filter = { kind: 'IDENTITY', state: 'RAISED', severity: 'HIGH', subjectId: 'org_flagged' }
    const query = 'query ($f: RiskFlagFilter) { riskFlags(filter: $f) { totalCount } }'
    expect((await rita.ask(query, { f: filter })).data.riskFlags.totalCount).toBe(1)
    expect((await rita.ask(query, { f: { ...filter, state: 'CLEARED' } })).data.riskFlags.totalCount).toBe(0)
  })
})
