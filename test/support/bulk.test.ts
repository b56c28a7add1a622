import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { buildSubgraphs } from '#gateway/subgraphs.js'
import { catalogOf } from '#shared/catalog.js'
import { isForCustomers } from '#shared/events/support.js'
import { idOf, type Json, type Person, until, World } from '../kit/world.js'
import { Desk, STORE } from './desk.js'

/** A22, C3, D29, E8: many tickets at once, what incidents tell whom, and what pages of history hold. */
describe('many tickets', () => {
  let world: World
  let desk: Desk
  let many: string[]

  beforeAll(async () => {
    world = await World.open('bulk', { env: { MAIL: 'mailbox' } })
    desk = await Desk.at(world)
    many = []
    for (let at = 0; at < 200; at += 20)
      many.push(...(await Promise.all(Array.from({ length: 20 }, () => desk.ticket()))))
  }, 180_000)
  afterAll(() => world?.close())

  describe('bulkUpdateTickets', () => {
    const bulk = async (input: Json, who: Person = desk.people.sam): Promise<Json> =>
      (
        await who.ask(
          `mutation ($input: BulkUpdateTicketsInput!) { bulkUpdateTickets(input: $input) { done unchanged refused skipped
            results { ticketId outcome ticket { id priority version } userErrors { code field facts } } } }`,
          { input },
        )
      ).bulkUpdateTickets

    test('two hundred, of which one changed since somebody looked: that one alone is refused', async () => {
      const stale = many[117]!
      await desk.people.lea.act('addTicketNote', { ticketId: stale, body: 'Wait.' })
      const expectedVersions = many.map(ticketId => ({ ticketId, version: 1 }))
      const input = { ticketIds: many, expectedVersions, change: { priority: 'HIGH' }, idempotencyKey: 'all' }
      const tried = await bulk({ ...input, onError: 'CONTINUE', dryRun: true })
      expect(tried).toMatchObject({ done: 199, refused: 1 })
      expect(
        await world.sql(
          `select count(*)::int as n from support.ticket where id = any($1) and priority = 'HIGH'`,
          [many],
        ),
      ).toEqual([{ n: 0 }])
      let left = await bulk({ ...input, onError: 'CONTINUE' })
      // A machine that is busy says how far it came; the same again goes on.
      while (left.skipped > 0) left = await bulk({ ...input, onError: 'CONTINUE' })
      expect(left).toMatchObject({ refused: 1, skipped: 0 })
      expect(left.results.map((result: Json) => result.ticketId)).toEqual(many)
      expect(left.results[117]).toMatchObject({
        outcome: 'REFUSED',
        userErrors: [{ code: 'CONFLICT', field: 'expectedVersion', facts: { version: 2 } }],
      })
      const rows = await world.sql(
        `select priority, count(*)::int as n from support.ticket where id = any($1) group by 1 order by 1`,
        [many],
      )
      expect(rows).toEqual([
        { priority: 'HIGH', n: 199 },
        { priority: 'NORMAL', n: 1 },
      ])
    })

    test('stops at the first that is refused, when it is to', async () => {
      const ticketIds = many.slice(0, 4)
      const expectedVersions = [{ ticketId: ticketIds[1], version: 1 }]
      const { results } = await bulk({
        ticketIds,
        expectedVersions,
        change: { priority: 'LOW' },
        onError: 'STOP',
      })
      expect(results.map((result: Json) => result.outcome)).toEqual(['DONE', 'REFUSED', 'SKIPPED', 'SKIPPED'])
      const other = {
        ticketIds,
        expectedVersions: [{ ticketId: many[9], version: 1 }],
        change: {},
        onError: 'STOP',
      }
      const document = `mutation ($input: BulkUpdateTicketsInput!) { bulkUpdateTickets(input: $input) { done userErrors { code field } } }`
      expect((await desk.people.sam.ask(document, { input: other })).bulkUpdateTickets).toEqual({
        done: 0,
        userErrors: [{ code: 'INVALID', field: 'expectedVersions' }],
      })
    })

    test('is an action like any other to the catalogue', async () => {
      const { actions } = catalogOf(await buildSubgraphs())
      const of = (name: string) => actions.find(action => action.name === name)!
      expect(of('bulkUpdateTickets')).toMatchObject({
        target: 'Ticket',
        targetField: null,
        allow: of('updateTicket').allow,
        emits: of('updateTicket').emits,
      })
    })

    test('decision says who may', async () => {
      const ask = async (who: Person) =>
        (await who.ask('{ decision(action: "bulkUpdateTickets") { effect requiresOneOf reasons { code } } }'))
          .decision
      expect(await ask(desk.people.sam)).toMatchObject({ effect: 'ALLOW', reasons: [] })
      expect(await ask(desk.people.cato)).toMatchObject({
        effect: 'DENY',
        reasons: [{ code: 'MISSING_PERMISSION' }],
      })
    })
  })

  describe('incidents', () => {
    const RESULTS =
      'incident { id ticketCount } results { ticketId outcome ticket { id } userErrors { code field } }'
    const declared = async (): Promise<string> => {
      const input = { title: 'Orders fail', affectedStoreIds: [STORE], trigger: 'MULTI_STORE_ORDER_FAILURE' }
      return (await desk.people.lea.act('declareIncident', input, 'incident { id }')).incident.id
    }
    const link = (input: Json) => desk.people.lea.act('linkTicketsToIncident', input, RESULTS)

    test('take many with a result for each, and leave out what is not there if they are to', async () => {
      const incidentId = await declared()
      const [one, two, three] = many as [string, string, string]
      await link({ incidentId, ticketIds: [one] })
      const ticketIds = [one, two, 'tkt_none', three]
      expect(await link({ incidentId, ticketIds })).toMatchObject({
        results: null,
        userErrors: [{ code: 'UNKNOWN_REFERENCE' }],
      })
      const outcomes = ({ results }: Json) => results.map((result: Json) => result.outcome)
      const dry = await link({ incidentId, ticketIds, onError: 'CONTINUE', dryRun: true })
      expect(outcomes(dry)).toEqual(['UNCHANGED', 'DONE', 'REFUSED', 'DONE'])
      expect(dry.incident.ticketCount).toBe(3)
      const stopped = await link({ incidentId, ticketIds, onError: 'STOP' })
      expect(outcomes(stopped)).toEqual(['UNCHANGED', 'DONE', 'REFUSED', 'SKIPPED'])
      const linked = await link({ incidentId, ticketIds, onError: 'CONTINUE' })
      expect(linked).toMatchObject({ userErrors: [], incident: { ticketCount: 3 } })
      expect(linked.results[2]).toEqual({
        ticketId: 'tkt_none',
        outcome: 'REFUSED',
        ticket: null,
        userErrors: [{ code: 'UNKNOWN_REFERENCE', field: 'ticketIds' }],
      })
      expect(outcomes(linked)).toEqual(['UNCHANGED', 'UNCHANGED', 'REFUSED', 'DONE'])
    })

    test('tell who has several of its tickets once, on each of them', async () => {
      const incidentId = await declared()
      const ofRico = await Promise.all(Array.from({ length: 3 }, () => desk.ticket({}, desk.rico)))
      const ofVera = await desk.ticket({ organizationId: idOf('org', 'vera-store') }, desk.vera)
      await link({ incidentId, ticketIds: [...ofRico, ofVera] })
      const publicText = 'We know of it.'
      await desk.people.lea.act('updateIncident', { incidentId, publicText })
      const messages = () => world.sql('select id from support.ticket_message where body = $1', [publicText])
      await until(async () => (await messages()).length === 4)
      const told = () =>
        world.sql(
          `select d.recipient_id, d.channel, count(*)::int as n from support.message_delivery d
           join support.ticket_message m on m.id = d.message_id where m.body = $1 group by 1, 2 order by 1, 2`,
          [publicText],
        )
      await until(async () => (await told()).length === 4)
      await new Promise(done => setTimeout(done, 1_500))
      expect((await told()).map(({ recipient_id, channel, n }) => [recipient_id, channel, n])).toEqual(
        [desk.rico.id, desk.vera.id].sort().flatMap(id => [
          [id, 'EMAIL', 1],
          [id, 'IN_APP', 1],
        ]),
      )
    })

    test('that are over stand so on every ticket that is open, for staff, and show what is left', async () => {
      const incidentId = await declared()
      const [open, resolved, closed] = (await Promise.all([
        desk.ticket({ visibility: 'PUBLIC' }),
        desk.ticket(),
        desk.ticket(),
      ])) as [string, string, string]
      await link({ incidentId, ticketIds: [open, resolved, closed] })
      await desk.people.sam.act('resolveTicket', { ticketId: resolved, resolution: 'Done.' })
      await desk.people.sam.act('mergeTickets', { ticketId: closed, intoId: open, reason: 'DUPLICATE' })
      await desk.people.lea.act('resolveIncident', { incidentId, publicText: 'It works again.' })
      const notes = () =>
        world.sql(
          `select ticket_id, visibility, count(*)::int as n from support.ticket_message where body like '%' || $1 || '%' group by 1, 2`,
          [incidentId],
        )
      await until(async () => (await notes()).length === 2)
      await new Promise(done => setTimeout(done, 1_000))
      expect((await notes()).sort((a, b) => (a.ticket_id < b.ticket_id ? -1 : 1))).toEqual(
        [open, resolved].sort().map(ticket_id => ({ ticket_id, visibility: 'PRIVATE', n: 1 })),
      )
      const { incident, site } = await desk.people.aldo.ask(
        `query ($id: ID!, $s: ID!) { incident(id: $id) { openTickets { totalCount nodes { id } } affectedStores { nodes { id } } }
          site: node(id: $s) { ... on Site { incidents(first: 100) { nodes { id } } } } }`,
        { id: incidentId, s: STORE },
      )
      expect(incident.openTickets).toEqual({ totalCount: 1, nodes: [{ id: open }] })
      expect(incident.affectedStores.nodes).toEqual([{ id: STORE }])
      expect(site.incidents.nodes).toContainEqual({ id: incidentId })
      const seen = await desk.rico.ask(
        'query ($id: ID!) { ticket(id: $id) { messages(first: 50) { nodes { body } } } }',
        { id: open },
      )
      expect(JSON.stringify(seen)).toContain('It works again.')
      expect(JSON.stringify(seen)).not.toContain(incidentId)
    })
  })

  describe('history', () => {
    const eventsOf = async (id: string) =>
      (
        await world.sql<{ id: string; type: string; payload: Json }>(
          `select id, type, payload from log.event where stream_type = 'Ticket' and stream_id = $1 order by version desc`,
          [id],
        )
      ).map(({ id, type, payload }) => ({ id: `evt_${id}`, type, data: payload }))
    const QUERY = `query ($id: ID!, $first: Int!, $after: String) { ticket(id: $id) {
      history(first: $first, after: $after) { totalCount nodes { id } pageInfo { hasNextPage endCursor } } } }`
    const paged = async (who: Person, id: string, first: number) => {
      const seen: string[] = []
      let after: string | null = null
      let page: Json
      do {
        page = (await who.ask(QUERY, { id, first, after })).ticket.history
        seen.push(...page.nodes.map((node: Json) => node.id))
        after = page.pageInfo.endCursor
      } while (page.pageInfo.hasNextPage)
      expect(page.totalCount).toBe(seen.length)
      return seen
    }

    test('has the same in pages of any length, for staff all and for customers what they may know', async () => {
      const ticketId = await desk.ticket({}, desk.rico)
      const { sam, lea } = desk.people
      // Hidden before it left, it was never said.
      const unsaid: string[] = []
      for (let round = 0; round < 6; round++) {
        await sam.act('addTicketNote', { ticketId, body: 'A note.' })
        const { message } = await sam.act(
          'postTicketMessage',
          { ticketId, body: 'Hm.', visibility: 'PUBLIC' },
          'message { id }',
        )
        await sam.act('editTicketMessage', { ticketId, messageId: message.id, body: 'Hm, hm.' })
        if (round % 2) {
          const hiding = { visibility: 'PRIVATE', reason: 'WRONG_VISIBILITY' }
          await sam.act('setTicketMessageVisibility', { ticketId, messageId: message.id, ...hiding })
          unsaid.push(message.id)
        }
        await sam.act('tagTicket', { ticketId, add: [`t${round}`] })
        await lea.act('setTicketPriority', { ticketId, priority: round % 2 ? 'LOW' : 'HIGH' })
        await desk.rico.act('replyToTicket', { ticketId, body: 'And now?' })
      }
      const all = await eventsOf(ticketId)
      const forCustomers = all.filter(
        event => isForCustomers(event) && !unsaid.includes(event.data.messageId),
      )
      expect(forCustomers.length).toBeGreaterThan(15)
      expect(forCustomers.length).toBeLessThan(all.length)
      for (const first of [1, 7, 100]) {
        expect(await paged(sam, ticketId, first)).toEqual(all.map(({ id }) => id))
        expect(await paged(desk.rico, ticketId, first)).toEqual(forCustomers.map(({ id }) => id))
      }
      // A page of one ticket is none of another; many tickets ask at once.
      const other = await desk.ticket({}, desk.rico)
      const { endCursor } = (await sam.ask(QUERY, { id: ticketId, first: 1, after: null })).ticket.history
        .pageInfo
      expect((await sam.ask(QUERY, { id: other, first: 9, after: endCursor })).ticket.history.nodes).toEqual(
        [],
      )
      const { tickets } = await sam.ask(
        '{ tickets(first: 10) { nodes { id history(first: 2) { nodes { id } } } } }',
      )
      for (const node of tickets.nodes)
        expect(node.history.nodes).toEqual(
          (await sam.ask(QUERY, { id: node.id, first: 2, after: null })).ticket.history.nodes,
        )
    })
  })

  test('the rows are what the log says', async () => {
    expect(await world.command('rebuild')).toMatchObject({ code: 0 })
  })
})
