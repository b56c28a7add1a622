import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { DEMO_REQUESTER_ID } from '#subgraphs/accounts/bootstrap.js'
import { type Json, type Person, until, World } from '../kit/world.js'

const HOUR = 3_600_000

/** Promises of a first reply, from the opening to their end (E102, X5, D10). Stories begin on a Friday at 15:00. */
describe('how soon customers are answered', () => {
  let world: World
  let people: Awaited<ReturnType<World['people']>>
  let rico: Person
  let account: string

  beforeAll(async () => {
    world = await World.open('sla_desk')
    people = await world.people()
    rico = await world.person(DEMO_REQUESTER_ID)
    account = (await ticketOf(await opened())).organization.id
  })
  afterAll(() => world?.close())

  /** The clock goes on to the next time that it is this weekday (0: Sunday) and hour in UTC, in a week without holidays. */
  function goTo(weekday: number, hour: number): void {
    const at = new Date(world.now)
    at.setUTCHours(hour, 0, 0, 0)
    const week = () =>
      [0, 1, 2, 3, 4, 5].map(n => new Date(at.getTime() + n * 24 * HOUR).toISOString().slice(0, 10))
    const isFree = () => !week().some(day => HOLIDAYS.includes(day))
    while (at <= world.now || at.getUTCDay() !== weekday || !isFree()) at.setTime(at.getTime() + 24 * HOUR)
    world.advance(at.getTime() - world.now.getTime())
  }
  const HOLIDAYS = [
    '2026-11-26',
    '2026-12-25',
    '2027-01-01',
    '2027-01-18',
    '2027-02-15',
    '2027-05-31',
    '2027-06-18',
  ]

  const opened = async (who = rico, more: Json = {}): Promise<string> => {
    const matter = { subject: 'Broken lamp', description: 'It came in pieces.' }
    const own = who === rico ? {} : { visibility: 'PRIVATE' }
    const { ticket, userErrors } = await who.act(
      'openTicket',
      { ...matter, ...own, ...more },
      'ticket { id }',
    )
    expect(userErrors).toEqual([])
    return ticket.id
  }
  const done = async (who: Person, action: string, input: Json): Promise<void> => {
    expect((await who.act(action, input)).userErrors).toEqual([])
  }
  const ticketOf = async (id: string): Promise<Json> =>
    (
      await people.sam.ask(
        `query ($id: ID!) { ticket(id: $id) { slaDueAt createdAt organization { id }
           sla { metric cycle clock hours urgent state startedAt dueAt answeredAt breachedAt remainingSeconds pausedSeconds
             policyKey policyVersion override { id } overrideVersion segments { from to kind because } } } }`,
        { id },
      )
    ).ticket
  const timersOf = async (id: string): Promise<Json[]> => (await ticketOf(id)).sla
  const told = async (id: string, type: string): Promise<Json[]> => {
    const asked = 'query ($id: ID!) { ticket(id: $id) { timeline(first: 50) { nodes { type data } } } }'
    const { ticket } = await people.ada.ask(asked, { id })
    return ticket.timeline.nodes.filter((event: Json) => event.type === type)
  }
  const attention = async (): Promise<string[]> => {
    const { tickets } = await people.sam.ask(
      '{ tickets(filter: { needsAttention: true, unassigned: false }, first: 100) { nodes { id } } }',
    )
    return tickets.nodes.map(({ id }: Json) => id)
  }
  /** Titles of what somebody was told about a ticket. */
  const newsOf = async (who: Person, ticketId: string): Promise<string[]> => {
    const { notifications } = await who.ask('{ notifications(first: 100) { nodes { template aboutIds } } }')
    return notifications.nodes
      .filter(({ aboutIds }: Json) => aboutIds.includes(ticketId))
      .map(({ template }: Json) => template)
  }

  test('Friday 15:00 is due on Monday 15:00; near it, and after it, exactly one event each', async () => {
    const { sam } = people
    goTo(5, 15)
    const id = await opened()
    await done(sam, 'assignTicketToMe', { ticketId: id })
    const [timer] = await timersOf(id)
    expect(timer).toMatchObject({
      state: 'RUNNING',
      cycle: 0,
      clock: 'BUSINESS_DAYS',
      hours: 24,
      policyVersion: 0,
    })
    expect(Date.parse(timer!.dueAt) - Date.parse(timer!.startedAt)).toBe(72 * HOUR)
    expect((await ticketOf(id)).slaDueAt).toBe(timer!.dueAt)

    world.advance(67 * HOUR)
    expect(await told(id, 'SlaNearBreach')).toEqual([])
    world.advance(HOUR + 1000)
    await until(async () => (await told(id, 'SlaNearBreach')).length > 0)
    expect(await attention()).toContain(id)
    await until(async () => (await newsOf(sam, id)).includes('SLA_NEAR_BREACH'))
    expect(await told(id, 'SlaBreached')).toEqual([])

    world.advance(4 * HOUR)
    await until(async () => (await told(id, 'SlaBreached')).length > 0)
    const [breach] = await told(id, 'SlaBreached')
    expect(breach!.data).toMatchObject({ cycle: 0, metric: 'FIRST_RESPONSE', dueAt: timer!.dueAt })
    await until(async () => (await newsOf(sam, id)).includes('SLA_BREACHED'))
    expect(await timersOf(id)).toMatchObject([
      { state: 'BREACHED', breachedAt: timer!.dueAt, remainingSeconds: 0 },
    ])

    await done(sam, 'replyToTicket', { ticketId: id, body: 'We are sorry.' })
    const [late] = await timersOf(id)
    expect(late).toMatchObject({ state: 'BREACHED', answeredAt: expect.any(String) })
    expect(late!.segments.map(({ kind }: Json) => kind)).toEqual(['RUNNING', 'OFF_HOURS', 'RUNNING'])
    expect(await ticketOf(id)).toMatchObject({ slaDueAt: null })
    world.advance(30 * 24 * HOUR)
    const reply = await opened()
    await until(async () => (await ticketOf(reply)).slaDueAt !== null)
    expect([await told(id, 'SlaNearBreach'), await told(id, 'SlaBreached')].map(of => of.length)).toEqual([
      1, 1,
    ])
  })

  test('while it waits for the buyer it stands still; a note is no reply, a public word is', async () => {
    const { sam } = people
    goTo(1, 9)
    const id = await opened()
    world.advance(2 * HOUR)
    await done(sam, 'addTicketNote', { ticketId: id, body: 'Hm.' })
    await done(sam, 'setTicketStatus', {
      ticketId: id,
      status: 'WAITING_ON_BUYER',
      statusReason: 'INFORMATION_REQUESTED',
    })
    expect(await ticketOf(id)).toMatchObject({ slaDueAt: null, sla: [{ state: 'PAUSED', dueAt: null }] })
    world.advance(48 * HOUR)
    await done(rico, 'replyToTicket', { ticketId: id, body: 'Here is a picture.' })
    const [timer] = await timersOf(id)
    expect(timer!.state).toBe('RUNNING')
    const left = (Date.parse(timer!.dueAt) - world.now.getTime()) / HOUR
    expect(left).toBeGreaterThan(21.9)
    expect(left).toBeLessThanOrEqual(22)
    expect(timer!.pausedSeconds).toBeGreaterThanOrEqual(48 * 3600)
    await done(sam, 'replyToTicket', { ticketId: id, body: 'Thank you.' })
    expect(await timersOf(id)).toMatchObject([{ state: 'MET', breachedAt: null }])
    world.advance(30 * HOUR)
    const later = await opened()
    await until(async () => (await ticketOf(later)).slaDueAt !== null)
    expect(await told(id, 'SlaBreached')).toEqual([])
  })

  test('each reopening is promised anew', async () => {
    const { sam } = people
    goTo(1, 9)
    const id = await opened()
    await done(sam, 'resolveTicket', { ticketId: id, resolution: 'Try again.' })
    await done(rico, 'closeTicket', { ticketId: id })
    await done(rico, 'reopenTicket', { ticketId: id, body: 'Still broken.', reason: 'NEW_INFORMATION' })
    expect(await timersOf(id)).toMatchObject([
      { cycle: 0, state: 'MET' },
      { cycle: 1, state: 'RUNNING', segments: [{ because: 'REOPENED' }] },
    ])
    expect((await timersOf(id))[1]!.remainingSeconds).toBeGreaterThan(24 * 3600 - 60)
    world.advance(25 * HOUR)
    await until(async () => (await told(id, 'SlaBreached')).length > 0)
    expect((await told(id, 'SlaBreached')).map(({ data }) => data.cycle)).toEqual([1])
  })

  test('what is agreed with the account goes before the policy, for what is opened from then on', async () => {
    const { sam, lea } = people
    goTo(1, 9)
    const before = await opened()
    const { userErrors } = await lea.act('setSlaTerms', {
      organizationId: account,
      firstResponseHours: 8,
      urgentHours: 2,
      clock: 'CALENDAR',
      reason: 'CUSTOMER_AGREEMENT',
    })
    expect(userErrors).toEqual([])
    const id = await opened()
    expect(await timersOf(id)).toMatchObject([
      { clock: 'CALENDAR', hours: 8, override: { id: expect.stringMatching(/^slt_/) }, overrideVersion: 1 },
    ])
    expect(await timersOf(before)).toMatchObject([{ clock: 'BUSINESS_DAYS', hours: 24, override: null }])
    await done(sam, 'setTicketPriority', { ticketId: id, priority: 'URGENT' })
    const [urgent] = await timersOf(id)
    expect(urgent).toMatchObject({ urgent: true })
    expect((Date.parse(urgent!.dueAt) - world.now.getTime()) / HOUR).toBeLessThanOrEqual(2)
    const { organization } = await sam.ask(
      'query ($id: ID!) { organization(id: $id) { slaTerms { firstResponseHours urgentHours clock version reasonCode } } }',
      { id: account },
    )
    expect(organization.slaTerms).toMatchObject({ firstResponseHours: 8, urgentHours: 2, clock: 'CALENDAR' })

    const again = { organizationId: account, firstResponseHours: 0, reason: 'CORRECTION' }
    expect((await lea.act('setSlaTerms', again)).userErrors).toMatchObject([{ code: 'INVALID' }])
    await done(lea, 'setSlaTerms', { organizationId: account, reason: 'AGREEMENT_ENDED' })
    expect(await timersOf(await opened())).toMatchObject([
      { clock: 'BUSINESS_DAYS', hours: 24, override: null },
    ])
  })

  test('a reply and the end of its time at once: one of both counts, and nothing is said twice', async () => {
    const { sam } = people
    goTo(1, 9)
    const ids = await Promise.all([1, 2, 3, 4, 5, 6].map(() => opened()))
    world.advance(24 * HOUR - 1500)
    await Promise.all(
      ids.map(async (ticketId, i) => {
        await new Promise(resolve => setTimeout(resolve, i * 400))
        await done(sam, 'replyToTicket', { ticketId, body: 'Here we are.' })
      }),
    )
    world.advance(HOUR)
    for (const id of ids) {
      const [timer] = await timersOf(id)
      const late = timer!.state === 'BREACHED'
      if (late) await until(async () => (await told(id, 'SlaBreached')).length === 1)
      expect(Date.parse(timer!.answeredAt) > Date.parse(timer!.dueAt)).toBe(late)
    }
    await new Promise(resolve => setTimeout(resolve, 1500))
    for (const id of ids)
      expect((await told(id, 'SlaBreached')).length).toBe(
        (await timersOf(id))[0]!.state === 'BREACHED' ? 1 : 0,
      )
  })

  test('when nobody works on it, leads are told', async () => {
    const { lea } = people
    goTo(1, 9)
    const id = await opened()
    world.advance(25 * HOUR)
    await until(async () => (await newsOf(lea, id)).includes('SLA_BREACHED'))
    expect(await newsOf(rico, id)).toEqual([])
  })

  test('what came too late while the product was dead is noted once, by whichever process comes next', async () => {
    goTo(1, 9)
    const ids = [await opened(), await opened(), await opened()]
    await world.kill()
    world.advance(25 * HOUR)
    await world.start()
    people = await world.people()
    rico = await world.person(DEMO_REQUESTER_ID)
    for (const id of ids) await until(async () => (await told(id, 'SlaBreached')).length > 0)
    await world.kill()
    await world.start()
    await until(async () => (await ticketOf(await opened())).slaDueAt !== null)
    for (const id of ids)
      expect([await told(id, 'SlaNearBreach'), await told(id, 'SlaBreached')].map(of => of.length)).toEqual([
        0, 1,
      ])
  })

  test('what nobody waits for is promised nothing', async () => {
    const { sam } = people
    const id = await opened(sam, { linkedEntityIds: [account] })
    expect(await ticketOf(id)).toMatchObject({ sla: [], slaDueAt: null })
    expect(await timersOf(await opened(sam, { organizationId: account }))).toHaveLength(1)
  })

  test('simulated, with why the clock stands still; staff only', async () => {
    const asked = `{ simulateSla(openedAt: "2026-11-25T15:00:00.000Z") { dueAt hours clock segments { kind because } } }`
    const { simulateSla } = await people.sam.ask(asked)
    expect(simulateSla).toEqual({
      dueAt: '2026-11-27T15:00:00.000Z',
      hours: 24,
      clock: 'BUSINESS_DAYS',
      segments: [
        { kind: 'RUNNING', because: 'OPENED' },
        { kind: 'OFF_HOURS', because: 'HOLIDAY' },
        { kind: 'RUNNING', because: 'OPENED' },
      ],
    })
    const { simulateSla: other } = await people.sam.ask(
      '{ simulateSla(openedAt: "2026-11-27T16:00:00.000Z", hours: 2, clock: BUSINESS_HOURS) { dueAt } }',
    )
    expect(other.dueAt).toBe('2026-11-30T10:00:00.000Z')
    expect((await rico.send(asked)).errors?.[0]?.extensions.code).toBe('FORBIDDEN')
    expect((await rico.send('{ tickets { nodes { sla { state } } } }')).errors?.[0]?.extensions.code).toBe(
      'FORBIDDEN',
    )
  })

  test('what may be expected anybody reads, without a token too, and nothing else', async () => {
    const { nobody } = people
    const { publishedSupportExpectations: said } = await nobody.ask(
      '{ publishedSupportExpectations { firstResponseHours urgentHours clock workingHours { opens } holidays text } }',
    )
    expect(said).toMatchObject({
      firstResponseHours: 24,
      urgentHours: 24,
      clock: 'BUSINESS_DAYS',
      workingHours: null,
    })
    expect(said.text).toContain('within 24 hours on business days')
    const { status } = await nobody.send('{ publishedSupportExpectations { text } tickets { totalCount } }')
    expect(status).toBe(401)
  })
})
