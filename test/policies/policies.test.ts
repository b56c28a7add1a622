import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Json, type Person, until, World } from '../kit/world.js'

const HOUR = 3_600_000

/** E78, X8: rules are data; two Super Admins change them, from a day on, and every version is kept. */
describe('policies', () => {
  let world: World
  let people: Awaited<ReturnType<World['people']>>

  beforeAll(async () => {
    world = await World.open('policies')
    people = await world.people()
  })
  afterAll(() => world?.close())

  const FIELDS = `id key description unit form value version effectiveFrom default
    upcoming { version value effectiveFrom }
    history { totalCount nodes { id version key value before effectiveFrom createdAt requestedBy { id } approvedBy { id } approval { id state } } }`

  const read = async (key: string, who = people.sam): Promise<Json> =>
    (await who.ask(`query ($key: String!) { policy(key: $key) { ${FIELDS} } }`, { key })).policy

  const ask = (who: Person, key: string, value: unknown, more: Json = {}) =>
    who.act('changePolicy', { key, value, reason: 'RULES_CHANGED', ...more })

  const change = async (key: string, value: unknown, more: Json = {}): Promise<Json> => {
    const { approval, userErrors } = await ask(people.ada, key, value, more)
    expect(userErrors).toEqual([])
    return people.otto.act(
      'approveChangePolicy',
      { approvalId: approval.id },
      'policyVersion { id version key value policy { key value } }',
    )
  }

  test('are listed with what holds, what it means and what a value has to be', async () => {
    for (const who of Object.values(people).filter(({ id }) => id.startsWith('stf_'))) {
      const { policies } = await who.ask(`{ policies { ${FIELDS} } }`)
      expect(policies.map((policy: Json) => policy.key)).toEqual([
        'refund.limit.SUPPORT_AGENT',
        'refund.limit.SUPPORT_LEAD',
        'refund.limit.FINANCE_ADMIN',
        'refund.limit.perAgentDay',
        'refund.approve.SUPPORT_LEAD',
        'fulfilment.labelDeadlineHours',
        'fulfilment.graceHours',
        'shipping.trackingStaleDays',
        'shipping.investigationDueHours',
        'claim.firstResponseHours',
        'claim.evidenceDueHours',
        'support.immediateTriggers',
        'support.promptEscalationHours',
        'escalation.acknowledgeMinutes',
        'support.outboundHoldSeconds',
        'support.infectedFiles',
        'support.sla.firstResponseHours',
        'support.sla.urgentHours',
        'support.sla.emergencyHours',
        'support.sla.nearBreachHours',
        'support.sla.clock',
        'support.sla.businessHours',
        'retention.MESSAGE',
        'retention.TRUST_SAFETY_EVIDENCE',
        'calendar.holidays',
      ])
      for (const policy of policies)
        expect(policy).toMatchObject({ value: policy.default, version: 0, effectiveFrom: null, upcoming: [] })
    }
    const limit = await read('refund.limit.SUPPORT_AGENT')
    expect(limit).toMatchObject({
      id: 'pol_refund.limit.SUPPORT_AGENT',
      unit: 'MINOR_UNITS',
      value: { USD: 10000 },
      history: { totalCount: 0, nodes: [] },
    })
    expect(await read('refund.limit')).toBeNull()
    expect((await people.nobody.send('{ policies { key } }')).status).toBe(401)
    const { node } = await people.cato.ask(
      'query ($id: ID!) { node(id: $id) { ... on Policy { key value } } }',
      {
        id: limit.id,
      },
    )
    expect(node).toEqual({ key: 'refund.limit.SUPPORT_AGENT', value: { USD: 10000 } })
  })

  test('change by two Super Admins, and say who decided what', async () => {
    const asked = await ask(people.ada, 'claim.firstResponseHours', 12, { note: 'faster' })
    expect(asked).toMatchObject({
      userErrors: [],
      events: [{ type: 'ApprovalRequested' }],
    })
    expect((await read('claim.firstResponseHours')).value).toBe(24)

    const { approval } = asked
    expect(
      (await people.ada.act('approveChangePolicy', { approvalId: approval.id })).userErrors,
    ).toMatchObject([{ code: 'SAME_PERSON' }])
    const other = await people.fay.send(
      'mutation ($i: ApproveInput!) { approveChangePolicy(input: $i) { replayed } }',
      { i: { approvalId: approval.id } },
    )
    expect(other.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])

    const done = await people.otto.act(
      'approveChangePolicy',
      { approvalId: approval.id },
      'policyVersion { id version value before requestedBy { id name } approvedBy { name } policy { value version } }',
    )
    expect(done).toMatchObject({
      userErrors: [],
      events: [{ type: 'PolicyChanged', version: 1 }],
      policyVersion: {
        id: 'pov_claim.firstResponseHours.1',
        value: 12,
        before: 24,
        requestedBy: { id: 'stf_ada' },
        policy: { value: 12, version: 1 },
      },
    })
    const policy = await read('claim.firstResponseHours')
    expect(policy).toMatchObject({
      value: 12,
      version: 1,
      default: 24,
      history: {
        totalCount: 1,
        nodes: [
          {
            version: 1,
            requestedBy: { id: 'stf_ada' },
            approvedBy: { id: 'stf_otto' },
            approval: { id: approval.id, state: 'EXECUTED' },
          },
        ],
      },
    })
    const { timeline } = (
      await people.aldo.ask(
        'query ($id: ID!) { node(id: $id) { ... on Policy { timeline { nodes { type data references { id } } } } } }',
        { id: policy.id },
      )
    ).node
    expect(timeline.nodes.map((event: Json) => event.type)).toEqual([
      'ApprovalExecuted',
      'PolicyChanged',
      'ApprovalRequested',
    ])
    expect(timeline.nodes[1]).toMatchObject({
      data: { key: 'claim.firstResponseHours', value: 12, before: 24, version: 1 },
    })
    expect(timeline.nodes[1].references.map((one: Json) => one.id)).toEqual(
      expect.arrayContaining([policy.id, 'pov_claim.firstResponseHours.1', approval.id]),
    )
  })

  test('nobody else may ask for it', async () => {
    for (const who of [
      people.sam,
      people.lea,
      people.fay,
      people.rita,
      people.cato,
      people.aldo,
      people.shop,
    ]) {
      const { errors } = await who.send(
        'mutation ($i: ChangePolicyInput!) { changePolicy(input: $i) { replayed } }',
        { i: { key: 'fulfilment.graceHours', value: 48, reason: 'OTHER' } },
      )
      expect({ who: who.id, code: errors?.[0]?.extensions.code }).toEqual({ who: who.id, code: 'FORBIDDEN' })
    }
  })

  test('what is wrong is refused, saying what would be right', async () => {
    const refused = async (key: string, value: unknown, more: Json = {}) => {
      const { userErrors, approval } = await ask(people.ada, key, value, more)
      expect(approval).toBeNull()
      return userErrors[0]
    }
    expect(await refused('refund.limit.NOBODY', 1)).toMatchObject({
      code: 'NOT_FOUND',
      field: 'key',
      facts: { keys: expect.arrayContaining(['refund.limit.SUPPORT_AGENT']) },
    })
    const wrong: [string, unknown, string][] = [
      ['refund.limit.SUPPORT_AGENT', 100, 'value'],
      ['refund.limit.SUPPORT_AGENT', 'LOTS', 'value'],
      ['refund.limit.SUPPORT_AGENT', { USD: -1 }, 'value.USD'],
      ['refund.limit.SUPPORT_AGENT', { USD: 10.5 }, 'value.USD'],
      ['refund.limit.SUPPORT_AGENT', { USD: '100' }, 'value.USD'],
      ['refund.limit.SUPPORT_AGENT', { USX: 100 }, 'value.USX'],
      ['refund.limit.SUPPORT_AGENT', { USD: 1e16 }, 'value.USD'],
      ['refund.approve.SUPPORT_LEAD', 'UNLIMITED', 'value'],
      ['fulfilment.graceHours', 0, 'value'],
      ['fulfilment.graceHours', 1.5, 'value'],
      ['fulfilment.graceHours', '24', 'value'],
      ['fulfilment.graceHours', 2001, 'value'],
      ['calendar.holidays', '2026-12-25', 'value'],
      ['calendar.holidays', ['2026-12-25', '2026-02-30'], 'value.1'],
      ['calendar.holidays', ['2027-02-29'], 'value.0'],
    ]
    for (const [key, value, field] of wrong) {
      const error = await refused(key, value)
      expect({ key, value, ...error }).toMatchObject({ key, value, code: 'INVALID', field })
      expect(error.message).toContain(`${key} has to be `)
      expect(error.message).toContain(error.facts.form)
    }
    const past = new Date(world.now.getTime() - 1000).toISOString()
    expect(await refused('fulfilment.graceHours', 48, { effectiveFrom: past })).toMatchObject({
      code: 'INVALID',
      field: 'effectiveFrom',
    })
    expect(
      await refused('fulfilment.graceHours', 48, { effectiveFrom: '2099-01-01T00:00:00.000Z' }),
    ).toMatchObject({ code: 'INVALID', field: 'effectiveFrom' })
    expect(await refused('fulfilment.graceHours', 24)).toMatchObject({ code: 'UNCHANGED', field: 'value' })
  })

  test('a day that passed before anybody approved is refused then, not moved', async () => {
    const soon = new Date(world.now.getTime() + HOUR).toISOString()
    const { approval } = await ask(people.ada, 'fulfilment.graceHours', 30, { effectiveFrom: soon })
    world.advance(2 * HOUR)
    expect(
      (await people.otto.act('approveChangePolicy', { approvalId: approval.id })).userErrors,
    ).toMatchObject([{ code: 'INVALID', field: 'effectiveFrom' }])
    expect((await read('fulfilment.graceHours')).version).toBe(0)
  })

  test('come into effect on their day; a later decision replaces an earlier one', async () => {
    const key = 'shipping.trackingStaleDays'
    const day = (n: number) => new Date(world.now.getTime() + n * 24 * HOUR).toISOString()
    const [second, third] = [day(2), day(3)]
    await change(key, 6, { effectiveFrom: third })
    expect(await read(key)).toMatchObject({ value: 5, version: 0, upcoming: [{ version: 1, value: 6 }] })
    await change(key, 8, { effectiveFrom: second })
    // The decision for the third day was made before the one that holds from the second on.
    expect(await read(key)).toMatchObject({
      value: 5,
      upcoming: [{ version: 2, value: 8, effectiveFrom: second }],
    })
    world.advance(2 * 24 * HOUR + 1000)
    expect(await read(key)).toMatchObject({ value: 8, version: 2, effectiveFrom: second, upcoming: [] })
    world.advance(2 * 24 * HOUR)
    expect(await read(key)).toMatchObject({ value: 8, version: 2 })

    // Deciding for what holds already takes back what was to come.
    await change(key, 9, { effectiveFrom: day(1) })
    expect((await change(key, 8)).policyVersion).toMatchObject({ version: 4, value: 8 })
    expect(await read(key)).toMatchObject({ value: 8, version: 4, upcoming: [] })
    world.advance(2 * 24 * HOUR)
    expect(await read(key)).toMatchObject({
      value: 8,
      version: 4,
      history: { nodes: [{ version: 4, before: 8 }, { version: 3 }, { version: 2 }, { version: 1 }] },
    })
  })

  test('two that race get versions one after the other', async () => {
    const key = 'claim.evidenceDueHours'
    const asked = await Promise.all([ask(people.ada, key, 48), ask(people.otto, key, 96)])
    const [one, two] = asked.map(({ approval }) => approval.id)
    const done = await Promise.all([
      people.otto.act('approveChangePolicy', { approvalId: one }, 'policyVersion { version value before }'),
      people.ada.act('approveChangePolicy', { approvalId: two }, 'policyVersion { version value before }'),
    ])
    expect(done.flatMap(({ userErrors }) => userErrors)).toEqual([])
    const versions = done.map(({ policyVersion }) => policyVersion).sort((a, b) => a.version - b.version)
    expect(versions.map(({ version }) => version)).toEqual([1, 2])
    expect(versions[0].before).toBe(72)
    expect(versions[1].before).toBe(versions[0].value)
    expect((await read(key)).value).toBe(versions[1].value)
  })

  test('a dry run changes nothing, and a key makes asking twice one request', async () => {
    const dry = await ask(people.ada, 'fulfilment.labelDeadlineHours', 48, { dryRun: true })
    expect(dry).toMatchObject({ dryRun: true, approval: null, userErrors: [] })
    const key = { idempotencyKey: 'once' }
    const [one, two] = [
      await ask(people.ada, 'fulfilment.labelDeadlineHours', 48, key),
      await ask(people.ada, 'fulfilment.labelDeadlineHours', 48, key),
    ]
    expect(two).toMatchObject({ replayed: true, approval: one.approval })
  })

  test('the calendar is kept in order and without doubles', async () => {
    const { policyVersion } = await change('calendar.holidays', ['2026-12-25', '2026-01-01', '2026-12-25'])
    expect(policyVersion.value).toEqual(['2026-01-01', '2026-12-25'])
  })

  test('the log proves it, and rows are what the log says', async () => {
    await until(async () => (await world.sql('select 1 from log.event_pos')).length > 0)
    expect(await world.command('verify')).toMatchObject({ code: 0 })
    expect(await world.command('rebuild')).toMatchObject({ code: 0 })
  })

  test('the database itself refuses one person alone, the past, and two of one version', async () => {
    const [row] = await world.sql("select * from policy.version where key = 'calendar.holidays'")
    for (const wrong of ['approved_by_id = requested_by_id', "effective_from = '2020-01-01'", 'version = 0'])
      await expect(world.sql(`update policy.version set ${wrong} where id = $1`, [row!.id])).rejects.toThrow(
        /violates check/,
      )
    await expect(
      world.sql(
        `insert into policy.version select (jsonb_populate_record(v, '{"id": "pov_x"}')).* from policy.version v where id = $1`,
        [row!.id],
      ),
    ).rejects.toThrow(/one_of_each/)
  })
})
