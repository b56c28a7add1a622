import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Json, until, World } from '../kit/world.js'
import { Desk, STORE } from './desk.js'

const HOUR = 3_600_000

const ESCALATION = `ticket { id priority } escalation { id trigger level isForced dueAt createdAt incident { id } }`
const INCIDENT = `incident { id title status trigger level ticketCount resolvedAt affectedStores { nodes { id } }
  broadcasts { id publicText tickets } }`

const FORCED = ['PLATFORM_WIDE_ACCESS', 'PAYMENTS', 'LEGAL_COMPLIANCE', 'WIDESPREAD_CUSTOMER_IMPACT']
const PROMPT = [
  'MODERATION_EDGE_CASE',
  'CONFLICTING_LEGAL_EVIDENCE',
  'PRODUCTION_RELEASE_REGRESSION',
  'MULTI_STORE_ORDER_FAILURE',
  'MULTI_STORE_NOTIFICATION_FAILURE',
]

/** A6, A20 to A22. */
describe('escalations and incidents', () => {
  let world: World
  let desk: Desk

  beforeAll(async () => {
    world = await World.open('desk_incidents')
    desk = await Desk.at(world)
    // A Wednesday noon: four business hours later it is the same day.
    const noon = new Date(world.now)
    noon.setUTCHours(12, 0, 0, 0)
    do noon.setUTCDate(noon.getUTCDate() + 1)
    while (noon.getUTCDay() !== 3)
    world.advance(noon.getTime() - world.now.getTime())
  })
  afterAll(() => world?.close())

  const escalate = (ticketId: string, trigger: string, more: Json = {}, who = desk.people.sam) =>
    who.act('escalateTicket', { ticketId, trigger, note: 'See there.', ...more }, ESCALATION)
  const declared = async (more: Json = {}): Promise<string> => {
    const input = {
      title: 'Orders fail',
      affectedStoreIds: [STORE],
      trigger: 'MULTI_STORE_ORDER_FAILURE',
      ...more,
    }
    const { incident, userErrors } = await desk.people.lea.act('declareIncident', input, INCIDENT)
    expect(userErrors).toEqual([])
    return incident.id
  }
  const incidentOf = async (id: string): Promise<Json> =>
    (
      await desk.people.sam.ask(
        `query ($id: ID!) { incident(id: $id) { id title status level ticketCount declaredBy { id }
          affectedTickets(first: 100) { totalCount nodes { id } } escalations { nodes { id } } } }`,
        { id },
      )
    ).incident
  /** Of which its customer knows from the beginning. */
  const shown = () => desk.ticket({ visibility: 'PUBLIC' })
  const publicTexts = async (ticketId: string): Promise<Json[]> =>
    (
      await desk.people.sam.ask(
        'query ($id: ID!) { ticket(id: $id) { messages(first: 100) { nodes { body kind visibility } } } }',
        { id: ticketId },
      )
    ).ticket.messages.nodes.filter((message: Json) => message.visibility === 'PUBLIC')

  describe('escalateTicket', () => {
    test.each(FORCED)('%s is immediate whatever is asked for, and makes the ticket urgent', async trigger => {
      const ticketId = await desk.ticket()
      const { ticket, escalation } = await escalate(ticketId, trigger, { level: 'PROMPT' }, desk.people.cato)
      expect(escalation).toMatchObject({ trigger, level: 'IMMEDIATE', isForced: true })
      expect(escalation.dueAt).toBe(escalation.createdAt)
      expect(ticket.priority).toBe('URGENT')
    })

    test.each(PROMPT)('%s is prompt, due in four business hours; raised, never lowered', async trigger => {
      const ticketId = await desk.ticket()
      const { ticket, escalation } = await escalate(ticketId, trigger)
      expect(escalation).toMatchObject({ level: 'PROMPT', isForced: false })
      expect(Date.parse(escalation.dueAt) - Date.parse(escalation.createdAt)).toBe(4 * HOUR)
      expect(ticket.priority).toBe('NORMAL')
      expect((await escalate(ticketId, trigger)).userErrors).toMatchObject([
        { code: 'UNCHANGED', field: 'level', facts: { escalationId: escalation.id, level: 'PROMPT' } },
      ])
      const raised = await escalate(ticketId, trigger, { level: 'IMMEDIATE' })
      expect(raised.ticket.priority).toBe('URGENT')
      expect((await escalate(ticketId, trigger, { level: 'PROMPT' })).userErrors).toMatchObject([
        { code: 'UNCHANGED', facts: { level: 'IMMEDIATE' } },
      ])
    })

    test('which triggers are immediate, and how soon PROMPT is, are policies', async () => {
      const set = async (key: string, value: unknown) => {
        const { approval } = await desk.people.ada.act('changePolicy', {
          key,
          value,
          reason: 'RULES_CHANGED',
        })
        const { userErrors } = await desk.people.otto.act('approveChangePolicy', { approvalId: approval.id })
        expect(userErrors).toEqual([])
      }
      await set('support.promptEscalationHours', 2)
      await set('support.immediateTriggers', [...FORCED, 'MODERATION_EDGE_CASE'])
      const now = await escalate(await desk.ticket(), 'MODERATION_EDGE_CASE')
      expect(now.escalation).toMatchObject({ level: 'IMMEDIATE', isForced: true })
      const later = await escalate(await desk.ticket(), 'MULTI_STORE_ORDER_FAILURE')
      expect(Date.parse(later.escalation.dueAt) - Date.parse(later.escalation.createdAt)).toBe(2 * HOUR)
      const wrong = { key: 'support.immediateTriggers', value: ['FIRE'], reason: 'RULES_CHANGED' }
      expect(await desk.refused(desk.people.ada, 'changePolicy', wrong)).toMatchObject({ code: 'INVALID' })
      await set('support.immediateTriggers', FORCED)
      await set('support.promptEscalationHours', 4)
    })

    test('the leads are told of what is immediate, and of nothing else', async () => {
      const ticketId = await desk.ticket()
      await escalate(ticketId, 'MULTI_STORE_ORDER_FAILURE')
      await escalate(ticketId, 'PAYMENTS')
      const told = () =>
        world.sql<{ recipient_id: string; title: string }>(
          `select recipient_id, title from support.notification where about_ids @> array[$1] order by recipient_id`,
          [ticketId],
        )
      const rows = await until(async () => {
        const rows = await told()
        return rows.length >= 3 ? rows : null
      })
      expect(rows!.map(({ recipient_id }) => recipient_id)).toEqual(['stf_ada', 'stf_lea', 'stf_otto'])
      expect(rows!.every(({ title }) => title.endsWith('was escalated: payments'))).toBe(true)
    })

    test('of eight at once for one reason one counts', async () => {
      const ticketId = await desk.ticket()
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => escalate(ticketId, 'LEGAL_COMPLIANCE')),
      )
      expect(answers.flatMap(({ userErrors }) => userErrors.map((error: Json) => error.code))).toEqual(
        Array(7).fill('UNCHANGED'),
      )
    })

    test('is for staff, on tickets that are open, with incidents that go on', async () => {
      const ticketId = await desk.ticket({}, desk.rico)
      const input = { ticketId, trigger: 'PAYMENTS' }
      for (const who of [desk.rico, desk.people.aldo, desk.people.shop])
        expect(await desk.forbidden(who, 'escalateTicket', input)).toEqual(['FORBIDDEN'])
      const over = await declared()
      await desk.people.lea.act('resolveIncident', { incidentId: over })
      const newIncident = { title: 'X', affectedStoreIds: [] as string[] }
      for (const [more, error] of [
        [{ ticketId: 'tkt_none' }, { code: 'NOT_FOUND', field: 'ticketId' }],
        [{ incidentId: 'inc_none' }, { code: 'UNKNOWN_REFERENCE', field: 'incidentId' }],
        [{ incidentId: over }, { code: 'INVALID_STATE', field: 'incidentId' }],
        [
          { incidentId: over, newIncident },
          { code: 'INVALID', field: 'newIncident' },
        ],
        [
          { newIncident: { title: 'X', affectedStoreIds: ['org_1'] } },
          { code: 'UNKNOWN_REFERENCE', field: 'newIncident.affectedStoreIds', facts: { unknown: ['org_1'] } },
        ],
        [
          { newIncident: { title: ' ', affectedStoreIds: [] } },
          { code: 'INVALID', field: 'newIncident.title' },
        ],
      ] as [Json, Json][])
        expect(await desk.refused(desk.people.sam, 'escalateTicket', { ...input, ...more })).toMatchObject(
          error,
        )
      const other = await desk.ticket()
      await desk.people.sam.act('mergeTickets', { ticketId: other, intoId: ticketId, reason: 'DUPLICATE' })
      expect(
        await desk.refused(desk.people.sam, 'escalateTicket', { ...input, ticketId: other }),
      ).toMatchObject({ code: 'INVALID_STATE', field: 'ticketId' })
      const words = await desk.rico.send(
        'query ($id: ID!) { ticket(id: $id) { escalations { nodes { id } } } }',
        {
          id: ticketId,
        },
      )
      expect(words.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
    })

    test('begins an incident, or joins one', async () => {
      const [first, second] = [await desk.ticket(), await desk.ticket()]
      const newIncident = { title: 'Nobody gets in', affectedStoreIds: [STORE] }
      const begun = await escalate(first, 'PLATFORM_WIDE_ACCESS', { newIncident }, desk.people.rita)
      const [{ incident_id: incidentId }] = (await world.sql(
        'select incident_id from support.ticket_escalation where id = $1',
        [begun.escalation.id],
      )) as [Json]
      const incident = await until(() => incidentOf(incidentId))
      expect(incident).toMatchObject({
        title: 'Nobody gets in',
        level: 'IMMEDIATE',
        declaredBy: { id: desk.people.rita.id },
      })
      await escalate(second, 'PLATFORM_WIDE_ACCESS', { incidentId })
      const both = await until(async () => {
        const now = await incidentOf(incidentId)
        return now.ticketCount === 2 ? now : null
      })
      expect(both!.affectedTickets.nodes.map((node: Json) => node.id).sort()).toEqual([first, second].sort())
      expect(both!.escalations.nodes).toHaveLength(2)
      const { ticket } = await desk.people.sam.ask(
        `query ($id: ID!) { ticket(id: $id) { incidents(first: 5) { nodes { id affectedStores(first: 5) { nodes { id incidents { nodes { id } } } } } } } }`,
        { id: second },
      )
      expect(ticket.incidents.nodes[0].id).toBe(incidentId)
      expect(ticket.incidents.nodes[0].affectedStores.nodes[0].incidents.nodes).toContainEqual({
        id: incidentId,
      })
    })
  })

  describe('incidents', () => {
    test('are declared by leads about stores that exist', async () => {
      const input = { title: 'X', affectedStoreIds: [STORE], trigger: 'PAYMENTS' }
      expect(await desk.forbidden(desk.people.sam, 'declareIncident', input)).toEqual(['FORBIDDEN'])
      const { incident } = await desk.people.ada.act(
        'declareIncident',
        { ...input, level: 'PROMPT' },
        INCIDENT,
      )
      expect(incident).toMatchObject({ level: 'IMMEDIATE', affectedStores: { nodes: [{ id: STORE }] } })
      const bad = { ...input, affectedStoreIds: ['sit_none'] }
      expect(await desk.refused(desk.people.ada, 'declareIncident', bad)).toMatchObject({
        code: 'UNKNOWN_REFERENCE',
        field: 'affectedStoreIds',
      })
    })

    test('take tickets, each once, also from several at once', async () => {
      const incidentId = await declared()
      const ticketIds = await Promise.all(Array.from({ length: 6 }, () => desk.ticket()))
      const answers = await Promise.all(
        ticketIds.map((id, at) =>
          desk.people.lea.act('linkTicketsToIncident', {
            incidentId,
            ticketIds: [id, ticketIds[(at + 1) % ticketIds.length]],
          }),
        ),
      )
      expect(answers.flatMap(({ userErrors }) => userErrors)).toEqual([])
      expect(await incidentOf(incidentId)).toMatchObject({
        ticketCount: 6,
        affectedTickets: { totalCount: 6 },
      })
      const again = await desk.people.lea.act('linkTicketsToIncident', { incidentId, ticketIds })
      expect(again).toMatchObject({ events: [], userErrors: [] })
      for (const [more, error] of [
        [{ ticketIds: [] }, { code: 'INVALID', field: 'ticketIds' }],
        [{ ticketIds: ['tkt_none'] }, { code: 'UNKNOWN_REFERENCE', facts: { unknown: ['tkt_none'] } }],
        [{ ticketIds: Array(101).fill('tkt_1') }, { code: 'INVALID', field: 'ticketIds' }],
        [{ incidentId: 'inc_none' }, { code: 'NOT_FOUND', field: 'incidentId' }],
      ] as [Json, Json][])
        expect(
          await desk.refused(desk.people.lea, 'linkTicketsToIncident', { incidentId, ticketIds, ...more }),
        ).toMatchObject(error)
    })

    test('tell the customers of every linked ticket once: sixty of them, but not who is closed or came later', async () => {
      const incidentId = await declared()
      const ticketIds: string[] = []
      for (let at = 0; at < 60; at++) ticketIds.push(await (at ? shown() : desk.ticket({}, desk.rico)))
      const [mine, closed] = ticketIds as [string, string]
      for (let at = 0; at < 60; at += 30)
        await desk.people.lea.act('linkTicketsToIncident', {
          incidentId,
          ticketIds: ticketIds.slice(at, at + 30),
        })
      await desk.people.sam.act('mergeTickets', {
        ticketId: closed,
        intoId: ticketIds[2],
        reason: 'DUPLICATE',
      })
      const input = { incidentId, publicText: 'We know of it and work on it.', idempotencyKey: 'told' }
      const answers = await Promise.all(
        Array.from({ length: 4 }, () => desk.people.lea.act('updateIncident', input, INCIDENT)),
      )
      expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1)
      const late = await shown()
      await desk.people.lea.act('linkTicketsToIncident', { incidentId, ticketIds: [late] })
      const told = () =>
        world.sql(
          `select ticket_id, count(*)::int as n from support.ticket_message where body = $1 group by 1`,
          [input.publicText],
        )
      await until(async () => (await told()).length === 59)
      await desk.people.lea.act('updateIncident', { incidentId, publicText: 'Nearly there.' })
      await until(async () => (await publicTexts(late)).some(({ body }) => body === 'Nearly there.'))
      expect((await told()).filter(({ n }) => n !== 1)).toEqual([])
      expect((await publicTexts(late)).map(({ body }) => body)).not.toContain(input.publicText)
      expect((await publicTexts(closed)).map(({ body }) => body)).not.toContain(input.publicText)
      const { ticket } = await desk.rico.ask(
        'query ($id: ID!) { ticket(id: $id) { messages { nodes { body kind authorName } } } }',
        { id: mine },
      )
      expect(ticket.messages.nodes).toContainEqual({
        body: input.publicText,
        kind: 'SYSTEM',
        authorName: 'Opsgraph',
      })
    })

    test('nobody is told twice, or not at all, when the process dies while it tells them', async () => {
      const incidentId = await declared()
      const ticketIds = await Promise.all(Array.from({ length: 70 }, shown))
      for (let at = 0; at < 70; at += 35)
        await desk.people.lea.act('linkTicketsToIncident', {
          incidentId,
          ticketIds: ticketIds.slice(at, at + 35),
        })
      const told = () =>
        world.sql<{ ticket_id: string; n: number }>(
          `select ticket_id, count(*)::int as n from support.ticket_message where body = 'Power is back.' group by 1`,
        )
      await desk.people.lea.act('updateIncident', { incidentId, publicText: 'Power is back.' })
      await until(async () => (await told()).length > 0)
      await world.kill()
      await world.start()
      await until(async () => (await told()).length === 70)
      const left = `select from log.reaction_job where state = 'PENDING' and reaction = 'broadcast-incident'`
      await until(async () => (await world.sql(left)).length === 0)
      expect((await told()).filter(({ n }) => n !== 1)).toEqual([])
    })

    test('never show a customer a ticket that staff opened for themselves, and say which they left out', async () => {
      const incidentId = await declared()
      const { sam, lea, aldo } = desk.people
      const [open, hidden, answered, early] = [
        await shown(),
        await desk.ticket(),
        await desk.ticket(),
        await desk.ticket(),
      ]
      const closed = await shown()
      await sam.act('mergeTickets', { ticketId: closed, intoId: open, reason: 'DUPLICATE' })
      const say = (ticketId: string) =>
        sam.act('replyToTicket', { ticketId, body: 'We look.' }, 'message { id }')
      await say(answered)
      world.advance(21_000)
      // What can still be called back was not said yet.
      const { message } = await say(early)
      await lea.act('linkTicketsToIncident', {
        incidentId,
        ticketIds: [open, hidden, answered, early, closed],
      })
      const BROADCASTS = `incident { broadcasts { publicText tickets leftOut { because ticket { id } } } } warnings { code facts }`
      const input = { incidentId, publicText: 'All of it is slow.' }
      const dry = await lea.act('updateIncident', { ...input, dryRun: true }, BROADCASTS)
      const { incident, warnings } = await lea.act('updateIncident', input, BROADCASTS)
      const leftOut = [
        { because: 'PRIVATE', ticket: { id: hidden } },
        { because: 'PRIVATE', ticket: { id: early } },
        { because: 'CLOSED', ticket: { id: closed } },
      ]
      for (const told of [dry.incident, incident])
        expect(told.broadcasts).toEqual([
          { publicText: input.publicText, tickets: 2, leftOut: expect.arrayContaining(leftOut) },
        ])
      expect(incident.broadcasts[0].leftOut).toHaveLength(3)
      expect(warnings).toEqual([{ code: 'NOT_ALL_TOLD', facts: { private: 2, closed: 1 } }])
      const said = () =>
        world.sql<{ ticket_id: string }>('select ticket_id from support.ticket_message where body = $1', [
          input.publicText,
        ])
      await until(async () => (await said()).length === 2)
      await sam.act('recallTicketMessage', { messageId: message.id, reason: 'MISTAKE' })
      await lea.act('resolveIncident', { incidentId, publicText: 'It is fast again.' })
      await until(async () => (await publicTexts(open)).length === 3)
      expect((await said()).map(({ ticket_id }) => ticket_id).sort()).toEqual([answered, open].sort())
      const seen = await desk.rico.ask(
        'query ($a: ID!, $b: ID!, $c: ID!) { hidden: ticket(id: $a) { id } early: ticket(id: $b) { id } open: ticket(id: $c) { id } }',
        { a: hidden, b: early, c: open },
      )
      expect(seen).toEqual({ hidden: null, early: null, open: { id: open } })
      const [row] = await world.sql(
        'select shown_since, first_replied_at from support.ticket where id = $1',
        [hidden],
      )
      expect(row).toEqual({ shown_since: null, first_replied_at: null })
      const later = await aldo.ask(
        'query ($id: ID!) { incident(id: $id) { broadcasts { tickets leftOut { because } } } }',
        { id: incidentId },
      )
      expect(later.incident.broadcasts).toMatchObject([{ tickets: 2 }, { tickets: 2 }])
    })

    test('end once, with a last word; then nothing more happens to them', async () => {
      const incidentId = await declared()
      const ticketId = await shown()
      await desk.people.lea.act('linkTicketsToIncident', { incidentId, ticketIds: [ticketId] })
      const answers = await Promise.all(
        Array.from({ length: 5 }, () =>
          desk.people.lea.act('resolveIncident', { incidentId, publicText: 'It is over.' }, INCIDENT),
        ),
      )
      expect(answers.flatMap(({ userErrors }) => userErrors.map((error: Json) => error.code))).toEqual(
        Array(4).fill('INVALID_STATE'),
      )
      await until(async () => (await publicTexts(ticketId)).length > 1)
      expect((await publicTexts(ticketId)).filter(({ kind }) => kind === 'SYSTEM')).toMatchObject([
        { body: 'It is over.' },
      ])
      const { ticket } = await desk.people.sam.ask('query ($id: ID!) { ticket(id: $id) { status } }', {
        id: ticketId,
      })
      expect(ticket.status).toBe('OPEN')
      for (const [action, more] of [
        ['updateIncident', { publicText: 'x' }],
        ['linkTicketsToIncident', { ticketIds: [ticketId] }],
        ['resolveIncident', {}],
      ] as [string, Json][])
        expect(await desk.refused(desk.people.lea, action, { incidentId, ...more })).toMatchObject({
          code: 'INVALID_STATE',
        })
    })

    test('change stores and level', async () => {
      const incidentId = await declared()
      const change = (input: Json) =>
        desk.people.lea.act('updateIncident', { incidentId, ...input }, INCIDENT)
      const changed = await change({ level: 'IMMEDIATE', affectedStoreIds: [] })
      expect(changed.incident).toMatchObject({ level: 'IMMEDIATE', affectedStores: { nodes: [] } })
      expect((await change({})).userErrors).toMatchObject([{ code: 'INVALID', field: 'publicText' }])
      const forced = await declared({ trigger: 'PAYMENTS' })
      expect(
        await desk.refused(desk.people.lea, 'updateIncident', { incidentId: forced, level: 'PROMPT' }),
      ).toMatchObject({ code: 'INVALID', field: 'level' })
      const { incidents } = await desk.people.aldo.ask(
        '{ incidents(filter: { status: OPEN, trigger: PAYMENTS }, first: 100) { nodes { id } } }',
      )
      expect(incidents.nodes).toContainEqual({ id: forced })
    })
  })

  test('the rows are what the log says', async () => {
    expect(await world.command('rebuild')).toMatchObject({ code: 0 })
  })
})
