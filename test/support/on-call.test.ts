import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Json, type Person, until, World } from '../kit/world.js'
import { ACCOUNT, Desk } from './desk.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

const SHIFT = 'shift { id staff { id } workspace startsAt endsAt canceledAt note }'
const ESCALATION = `id level dueAt nobodyWasOnCall pagedAt pageAgainAt acknowledgedAt acknowledgedBy { id }
  pages { round because at readAt staff { id } notification { template title } deliveries { channel state address } }`
const TIMERS = `sla { metric cycle clock hours state startedAt dueAt answeredAt breachedAt escalation { id } policyKey override { id }
  segments { kind because } } slaDueAt`

/** A20: who is on call, who is paged, and what is promised when it cannot wait. */
describe('on call', () => {
  let world: World
  let desk: Desk

  beforeAll(async () => {
    world = await World.open('on_call', { env: { MAIL: 'mailbox' } })
    desk = await Desk.at(world)
  })
  afterAll(() => world?.close())

  const from = (ms: number): string => new Date(world.now.getTime() + ms).toISOString()
  const planned = async (who: Person, startsIn: number, endsIn: number, more: Json = {}): Promise<Json> => {
    const where = more.workspace ? {} : { everywhere: true }
    const input = { staffId: who.id, startsAt: from(startsIn), endsAt: from(endsIn), ...where, ...more }
    const { shift, userErrors } = await desk.people.lea.act('scheduleOnCall', input, SHIFT)
    expect(userErrors).toEqual([])
    return shift
  }
  const calledOff = async (shiftId: string) => desk.people.lea.act('cancelOnCall', { shiftId }, SHIFT)
  const escalated = async (more: Json = {}, who = desk.people.sam): Promise<Json> => {
    const ticketId = more.ticketId ?? (await desk.ticket())
    const { escalation, userErrors } = await who.act(
      'escalateTicket',
      { trigger: 'PAYMENTS', ...more, ticketId },
      'escalation { id }',
    )
    expect(userErrors).toEqual([])
    return { id: escalation.id, ticketId }
  }
  const escalationOf = async ({ id, ticketId }: Json): Promise<Json> =>
    (
      await desk.people.sam.ask(
        `query ($id: ID!) { ticket(id: $id) { escalations { nodes { ${ESCALATION} } } } }`,
        { id: ticketId },
      )
    ).ticket.escalations.nodes.find((one: Json) => one.id === id)
  const pagedIn = async (escalation: Json, round: number): Promise<Json> =>
    (await until(async () => {
      const now = await escalationOf(escalation)
      return now.pages.some((page: Json) => page.round === round) ? now : null
    }))!
  const staffIn = ({ pages }: Json, round: number): string[] =>
    pages.filter((page: Json) => page.round === round).map((page: Json) => page.staff.id)
  const acknowledge = (who: Person, { id }: Json) =>
    who.act('acknowledgeEscalation', { escalationId: id }, `escalation { ${ESCALATION} }`)

  describe('the rota', () => {
    const idsOn = async (args: string): Promise<string[]> =>
      (await desk.people.aldo.ask(`{ onCall${args} { staff { id } } }`)).onCall.map(
        (one: Json) => one.staff.id,
      )

    test('says who is on call when, and for what', async () => {
      const { sam, rita, fay } = desk.people
      const shifts = [
        await planned(sam, -MINUTE, HOUR, { workspace: 'TRIAGE', note: 'Call me.' }),
        await planned(rita, -MINUTE, HOUR),
        await planned(fay, 2 * HOUR, 3 * HOUR),
      ]
      expect(shifts[0]).toMatchObject({ workspace: 'TRIAGE', note: 'Call me.', staff: { id: sam.id } })
      expect((await idsOn('(workspace: TRIAGE)')).sort()).toEqual([rita.id, sam.id].sort())
      expect(await idsOn('(workspace: RISK)')).toEqual([rita.id])
      expect(await idsOn(`(at: "${from(2.5 * HOUR)}")`)).toEqual([fay.id])
      expect(await idsOn(`(at: "${shifts[2]!.endsAt}")`)).toEqual([])
      expect(await idsOn(`(at: "${shifts[2]!.startsAt}")`)).toEqual([fay.id])
      const { onCallShifts } = await sam.ask(
        'query ($f: OnCallShiftFilter) { onCallShifts(filter: $f) { totalCount nodes { id } } }',
        { f: { staffId: fay.id, endsAfter: from(0), canceled: false } },
      )
      expect(onCallShifts).toEqual({ totalCount: 1, nodes: [{ id: shifts[2]!.id }] })
      for (const { id } of shifts) await calledOff(id)
      expect(await idsOn('')).toEqual([])
      // What was, stays: a shift that had begun was one until it was called off.
      expect((await idsOn(`(at: "${from(-10_000)}")`)).sort()).toEqual([rita.id, sam.id].sort())
      expect(await idsOn(`(at: "${from(2.5 * HOUR)}")`)).toEqual([])
    })

    test('is planned by leads, for people who work here, without overlaps', async () => {
      const { sam, lea, rita } = desk.people
      const input = { staffId: sam.id, everywhere: true, startsAt: from(HOUR), endsAt: from(2 * HOUR) }
      for (const who of [sam, rita, desk.people.aldo, desk.rico])
        expect(await desk.forbidden(who, 'scheduleOnCall', input)).toEqual(['FORBIDDEN'])
      const { id } = await planned(sam, HOUR, 2 * HOUR)
      for (const [more, error] of [
        [{ everywhere: false }, { code: 'INVALID', field: 'workspace' }],
        [{ workspace: 'RISK' }, { code: 'INVALID', field: 'workspace' }],
        [{ staffId: 'stf_none' }, { code: 'UNKNOWN_REFERENCE', field: 'staffId' }],
        [{ staffId: 'stf_aldo' }, { code: 'NOT_ASSIGNABLE', facts: { because: 'ROLE' } }],
        [{ endsAt: from(HOUR / 2) }, { code: 'INVALID', field: 'endsAt' }],
        [
          { startsAt: from(-3 * HOUR), endsAt: from(-HOUR) },
          { code: 'INVALID', field: 'endsAt' },
        ],
        [{ endsAt: from(33 * 24 * HOUR) }, { code: 'INVALID', facts: { days: 31 } }],
        [{}, { code: 'ALREADY_EXISTS', facts: { shiftId: id } }],
        [{ startsAt: from(1.5 * HOUR), endsAt: from(4 * HOUR) }, { code: 'ALREADY_EXISTS' }],
      ] as [Json, Json][])
        expect(await desk.refused(lea, 'scheduleOnCall', { ...input, ...more })).toMatchObject(error)
      // One after the other, and for something else, is no overlap; of two at once for the same time one counts.
      await calledOff((await planned(sam, 2 * HOUR + 1000, 3 * HOUR)).id)
      await calledOff((await planned(sam, HOUR, 2 * HOUR, { workspace: 'RISK' })).id)
      const twice = { ...input, staffId: rita.id }
      const answers = await Promise.all(
        [lea, desk.people.ada].map(who => who.act('scheduleOnCall', twice, SHIFT)),
      )
      expect(answers.flatMap(({ userErrors }) => userErrors.map((one: Json) => one.code))).toEqual([
        'ALREADY_EXISTS',
      ])
      for (const { shift } of answers) if (shift) await calledOff(shift.id)
      await calledOff(id)
    })

    test('is changed while it lies ahead; of what has begun the end alone', async () => {
      const { sam, rita, lea } = desk.people
      const change = (input: Json) => lea.act('changeOnCall', input, SHIFT)
      const ahead = await planned(sam, HOUR, 2 * HOUR)
      const other = await change({
        shiftId: ahead.id,
        staffId: rita.id,
        workspace: 'RISK',
        startsAt: from(30 * MINUTE),
      })
      expect(other.shift).toMatchObject({ staff: { id: rita.id }, workspace: 'RISK', endsAt: ahead.endsAt })
      expect((await change({ shiftId: ahead.id, everywhere: true })).shift.workspace).toBeNull()
      expect(await desk.refused(lea, 'changeOnCall', { shiftId: ahead.id })).toMatchObject({
        code: 'UNCHANGED',
      })
      expect(await desk.refused(lea, 'changeOnCall', { shiftId: 'ocs_none' })).toMatchObject({
        code: 'NOT_FOUND',
      })
      world.advance(45 * MINUTE)
      for (const more of [{ staffId: sam.id }, { workspace: 'RISK' }, { startsAt: from(10 * MINUTE) }])
        expect(await desk.refused(lea, 'changeOnCall', { shiftId: ahead.id, ...more })).toMatchObject({
          code: 'INVALID_STATE',
        })
      const endsAt = from(5 * MINUTE)
      expect((await change({ shiftId: ahead.id, endsAt })).shift).toMatchObject({
        endsAt,
        staff: { id: rita.id },
      })
      world.advance(6 * MINUTE)
      for (const action of ['changeOnCall', 'cancelOnCall'])
        expect(await desk.refused(lea, action, { shiftId: ahead.id })).toMatchObject({
          code: 'INVALID_STATE',
          facts: { endsAt },
        })
    })
  })

  describe('paging', () => {
    test('whoever is on call for the workspace, in the app and by mail', async () => {
      const { sam, rita, finn } = desk.people
      const shifts = [
        await planned(sam, -MINUTE, HOUR, { workspace: 'TRIAGE' }),
        await planned(finn, -MINUTE, HOUR, { workspace: 'REVENUE' }),
      ]
      const escalation = await escalated({}, rita)
      const now = await pagedIn(escalation, 1)
      expect(now).toMatchObject({ nobodyWasOnCall: false, acknowledgedAt: null })
      expect(staffIn(now, 1)).toEqual([sam.id])
      expect(now.pages[0]).toMatchObject({
        because: 'ON_CALL',
        readAt: null,
        notification: { template: 'PAGE_ESCALATED' },
      })
      const until15 = Date.parse(now.pageAgainAt) - Date.parse(now.pages[0].at)
      expect(Math.abs(until15 - 15 * MINUTE)).toBeLessThan(5_000)
      const mailed = await until(async () => {
        const [page] = (await escalationOf(escalation)).pages
        return page.deliveries[0]?.state === 'SENT' ? page.deliveries : null
      })
      expect(mailed).toMatchObject([
        { channel: 'EMAIL', state: 'SENT', address: expect.stringContaining('sam') },
      ])
      expect((await acknowledge(sam, escalation)).escalation).toMatchObject({
        acknowledgedBy: { id: sam.id },
        pageAgainAt: null,
      })
      world.advance(20 * MINUTE)
      const billing = await escalated({ ticketId: await desk.ticket({ category: 'BILLING' }) }, rita)
      expect(staffIn(await pagedIn(billing, 1), 1)).toEqual([finn.id])
      expect((await escalationOf(escalation)).pages).toHaveLength(1)
      for (const { id } of shifts) await calledOff(id)
      await acknowledge(desk.people.lea, billing)
    })

    test('leads when nobody is on call, and it says so; again while nobody acknowledges', async () => {
      const { sam, lea, ada, otto, rolf, rita } = desk.people
      const leads = [ada.id, lea.id, otto.id]
      const escalation = await escalated()
      const first = await pagedIn(escalation, 1)
      expect(first).toMatchObject({
        nobodyWasOnCall: true,
        pages: Array(3).fill({ because: 'NOBODY_ON_CALL' }),
      })
      expect(staffIn(first, 1)).toEqual(leads)
      const shift = await planned(rolf, -MINUTE, HOUR)
      world.advance(14 * MINUTE)
      await new Promise(done => setTimeout(done, 2_500))
      expect((await escalationOf(escalation)).pages).toHaveLength(3)
      world.advance(2 * MINUTE)
      const second = await pagedIn(escalation, 2)
      expect(staffIn(second, 2).sort()).toEqual([...leads, rolf.id].sort())
      expect(second.pages.at(-1).because).toBe('NOT_ACKNOWLEDGED')
      world.advance(16 * MINUTE)
      await pagedIn(escalation, 3)
      expect(
        await desk.refused(rita, 'acknowledgeEscalation', { escalationId: escalation.id }),
      ).toMatchObject({
        code: 'NOT_RECIPIENT',
      })
      const open = 'query ($f: EscalationFilter) { escalations(filter: $f) { nodes { id } } }'
      const f = { level: 'IMMEDIATE', acknowledged: false }
      expect((await sam.ask(open, { f })).escalations.nodes).toContainEqual({ id: escalation.id })
      const answers = await Promise.all([lea, rolf, ada].map(who => acknowledge(who, escalation)))
      const lost = answers.flatMap(({ userErrors }) => userErrors)
      expect(lost).toHaveLength(2)
      const won = [lea, rolf, ada].find((_, i) => answers[i]!.userErrors.length === 0)!
      for (const error of lost)
        expect(error).toMatchObject({
          code: 'ALREADY_ASSIGNED',
          facts: { acknowledgedById: won.id, acknowledgedByName: expect.any(String) },
        })
      expect(await acknowledge(won, escalation)).toMatchObject({ events: [], userErrors: [] })
      expect((await sam.ask(open, { f })).escalations.nodes).not.toContainEqual({ id: escalation.id })
      const pages = (await escalationOf(escalation)).pages.length
      world.advance(HOUR)
      await new Promise(done => setTimeout(done, 2_500))
      expect((await escalationOf(escalation)).pages).toHaveLength(pages)
      await calledOff(shift.id)
    })

    test('not whose shift is over, nor who left; who escalated it only when nobody else leads', async () => {
      const { rolf, cato, ada, lea, otto } = desk.people
      await planned(rolf, -MINUTE, 10 * MINUTE)
      world.advance(11 * MINUTE)
      const late = await escalated({}, lea)
      expect(staffIn(await pagedIn(late, 1), 1)).toEqual([ada.id, otto.id])
      await acknowledge(lea, late)
      const shift = await planned(cato, -MINUTE, HOUR)
      await world.sql('update access.person set disabled_at = now() where id = $1', [cato.id])
      const gone = await escalated()
      expect(await pagedIn(gone, 1)).toMatchObject({ nobodyWasOnCall: true })
      await world.sql('update access.person set disabled_at = null where id = $1', [cato.id])
      await acknowledge(lea, gone)
      await calledOff(shift.id)
    })

    test('of what is prompt nobody, and whoever works in the workspace takes it up', async () => {
      const { sam, rita } = desk.people
      const escalation = await escalated({ trigger: 'MODERATION_EDGE_CASE' }, rita)
      expect((await acknowledge(rita, escalation)).userErrors).toMatchObject([{ code: 'NOT_RECIPIENT' }])
      expect((await acknowledge(sam, escalation)).escalation).toMatchObject({
        level: 'PROMPT',
        pages: [],
        pagedAt: null,
        acknowledgedBy: { id: sam.id },
      })
      expect(await desk.refused(sam, 'acknowledgeEscalation', { escalationId: 'esc_none' })).toMatchObject({
        code: 'NOT_FOUND',
      })
      for (const who of [desk.rico, desk.people.aldo])
        expect(await desk.forbidden(who, 'acknowledgeEscalation', { escalationId: escalation.id })).toEqual([
          'FORBIDDEN',
        ])
    })

    test('ends with the ticket', async () => {
      const escalation = await escalated()
      const { ticketId } = escalation
      await pagedIn(escalation, 1)
      const intoId = await desk.ticket()
      expect(
        (await desk.people.sam.act('mergeTickets', { ticketId, intoId, reason: 'DUPLICATE' })).userErrors,
      ).toEqual([])
      world.advance(16 * MINUTE)
      await new Promise(done => setTimeout(done, 2_500))
      expect((await escalationOf(escalation)).pages.map((page: Json) => page.round)).toEqual([1, 1, 1])
    })
  })

  describe('the promise', () => {
    const timersOf = async (ticketId: string): Promise<Json> =>
      (await desk.people.sam.ask(`query ($id: ID!) { ticket(id: $id) { ${TIMERS} } }`, { id: ticketId }))
        .ticket
    const eventsOf = (ticketId: string) =>
      world.sql(`select type, payload from log.event where stream_id = $1 and type like 'Sla%' order by id`, [
        ticketId,
      ])

    test('is a reply within hours of the clock, by day and by night, told when it is near and when it is late', async () => {
      // Saturday: on business days nothing would count.
      const saturday = new Date(world.now)
      do saturday.setUTCDate(saturday.getUTCDate() + 1)
      while (saturday.getUTCDay() !== 6)
      world.advance(saturday.getTime() - world.now.getTime())
      const ticketId = await desk.ticket({}, desk.rico)
      const usual = await timersOf(ticketId)
      expect(usual.sla).toHaveLength(1)
      const escalation = await escalated({ ticketId })
      const now = await timersOf(ticketId)
      expect(now.sla[1]).toMatchObject({
        metric: 'EMERGENCY_RESPONSE',
        cycle: 0,
        clock: 'CALENDAR',
        hours: 1,
        state: 'RUNNING',
        escalation: { id: escalation.id },
        policyKey: 'support.sla.emergencyHours',
        override: null,
        segments: [{ kind: 'RUNNING', because: 'ESCALATED' }],
      })
      expect(Date.parse(now.sla[1].dueAt) - Date.parse(now.sla[1].startedAt)).toBe(HOUR)
      expect(now.slaDueAt).toBe(now.sla[1].dueAt)
      // Another reason begins nothing anew while it runs.
      await escalated({ ticketId, trigger: 'LEGAL_COMPLIANCE' })
      expect((await timersOf(ticketId)).sla).toHaveLength(2)
      const metrics = async () =>
        (await eventsOf(ticketId)).map(({ type, payload }) => `${type} ${payload.metric}`)
      world.advance(31 * MINUTE)
      await until(async () => (await metrics()).includes('SlaNearBreach EMERGENCY_RESPONSE'))
      world.advance(30 * MINUTE)
      await until(async () => (await metrics()).includes('SlaBreached EMERGENCY_RESPONSE'))
      expect((await timersOf(ticketId)).sla).toMatchObject([{ state: 'RUNNING' }, { state: 'BREACHED' }])
      const told = await until(async () => {
        const rows = await world.sql(
          `select title from support.notification where about_ids @> array[$1] and template = 'SLA_BREACHED'`,
          [ticketId],
        )
        return rows.length ? rows : null
      })
      expect(told![0]!.title).toContain('A reply in an emergency is overdue')
      await desk.people.sam.act('replyToTicket', { ticketId, body: 'We know, and work on it.' })
      const answered = await timersOf(ticketId)
      expect(answered).toMatchObject({ slaDueAt: null, sla: [{ state: 'MET' }, { state: 'BREACHED' }] })
      expect(answered.sla[1].answeredAt).not.toBeNull()
      expect(await metrics()).toHaveLength(2)
      // Once it was answered, another escalation promises anew.
      await escalated({ ticketId, trigger: 'WIDESPREAD_CUSTOMER_IMPACT' })
      expect((await timersOf(ticketId)).sla).toMatchObject([{}, {}, { cycle: 1, state: 'RUNNING' }])
    })

    test('runs on when the reply is called back', async () => {
      const { sam } = desk.people
      const ticketId = await desk.ticket({}, desk.rico)
      await escalated({ ticketId })
      const { message } = await sam.act('replyToTicket', { ticketId, body: 'Wait.' }, 'message { id }')
      const before = await timersOf(ticketId)
      expect(before).toMatchObject({ slaDueAt: null, sla: [{ state: 'MET' }, { state: 'MET' }] })
      const recall = { messageId: message.id, reason: 'MISTAKE' }
      expect((await sam.act('recallTicketMessage', recall)).userErrors).toEqual([])
      const after = await timersOf(ticketId)
      expect(after.sla).toMatchObject([{ state: 'RUNNING' }, { state: 'RUNNING', answeredAt: null }])
      expect(after.slaDueAt).toBe(after.sla[1].dueAt)
    })

    test('is as agreed with the account, and none where nobody waits', async () => {
      const { lea } = desk.people
      const agreed = { organizationId: ACCOUNT, reason: 'CUSTOMER_AGREEMENT' }
      expect((await lea.act('setSlaTerms', { ...agreed, emergencyHours: 3 })).userErrors).toEqual([])
      const ticketId = await desk.ticket({}, desk.rico)
      await escalated({ ticketId })
      const { sla } = await timersOf(ticketId)
      expect(sla[0]).toMatchObject({ metric: 'FIRST_RESPONSE', override: null })
      expect(sla[1]).toMatchObject({ hours: 3, override: { id: expect.stringMatching(/^slt_/) } })
      await lea.act('setSlaTerms', agreed)
      const about = await desk.ticket({ organizationId: null, linkedEntityIds: [ACCOUNT] })
      await escalated({ ticketId: about })
      expect((await timersOf(about)).sla).toEqual([])
      const prompt = await desk.ticket({}, desk.rico)
      await escalated({ ticketId: prompt, trigger: 'MODERATION_EDGE_CASE' })
      expect((await timersOf(prompt)).sla).toHaveLength(1)
    })

    test('customers learn nothing of escalations, pages or who is on call', async () => {
      const { codes } = {
        codes: async (query: string) =>
          (await desk.rico.send(query)).errors?.map(error => error.extensions.code) ?? [],
      }
      for (const query of [
        '{ onCall { id } }',
        '{ onCallShifts { nodes { id } } }',
        '{ escalations { nodes { id } } }',
      ])
        expect(await codes(query)).toEqual(['FORBIDDEN'])
    })
  })

  test('the rows are what the log says', async () => {
    expect(await world.command('rebuild')).toMatchObject({ code: 0 })
  })
})
