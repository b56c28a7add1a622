import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { DEMO_REQUESTER_ID } from '#subgraphs/accounts/bootstrap.js'
import { type Json, type Person, World } from '../kit/world.js'
import { PNG, sendFile } from '../support/files.js'

/** What somebody outside can count of a ticket (C15, D25, X10). */
describe('the versions that customers see', () => {
  let world: World
  let people: Awaited<ReturnType<World['people']>>
  let rico: Person

  beforeAll(async () => {
    world = await World.open('ticket_outside')
    people = await world.people()
    rico = await world.person(DEMO_REQUESTER_ID)
  })
  afterAll(() => world?.close())

  const done = async (who: Person, action: string, input: Json, selection = ''): Promise<Json> => {
    const answer = await who.act(action, input, selection)
    expect({ action, refused: answer.userErrors }).toEqual({ action, refused: [] })
    return answer
  }

  const EVERYTHING = `id number subject status priority category channel version createdAt updatedAt closedAt statusSince resolvedAt
    closesAt firstClosedAt reopenCount firstRepliedAt lastStaffReplyAt lastCustomerMessageAt assigneeName queueName phase site
    organization { id } requester { id } mergedInto { id } mergedTickets { totalCount }
    openContext { capturedAt } statusHistory { id from to at corrective actorName }
    attachments { totalCount nodes { id version createdAt updatedAt state } }
    messages(first: 50) { totalCount pageInfo { endCursor hasNextPage }
      edges { cursor node { id version createdAt updatedAt kind body revision editedAt publicSince isResolution authorName } } }`
  const seen = async (ticketId: string): Promise<Json> =>
    (await rico.ask(
      `query ($id: ID!) { ticket(id: $id) { ${EVERYTHING} } tickets(first: 50) { totalCount edges { cursor node { id version updatedAt } } } }`,
      { id: ticketId },
    )) as Json

  test('nothing that staff do among themselves moves anything that a customer reads', async () => {
    const { sam, lea } = people
    const file = await sendFile(rico, PNG)
    const { ticket } = await done(
      rico,
      'openTicket',
      { subject: 'Lamp', description: 'Broken.', attachmentIds: [file.id] },
      'ticket { id version }',
    )
    const ticketId = ticket.id
    await done(sam, 'replyToTicket', { ticketId, body: 'We look into it.' })
    await done(sam, 'assignTicketToMe', { ticketId })
    const { ticket: staff } = await sam.ask(
      'query ($id: ID!) { ticket(id: $id) { version queue { id publicName } messages { nodes { version } } } }',
      { id: ticketId },
    )
    const { queue } = await done(
      lea,
      'createQueue',
      { name: 'Second look', publicName: staff.queue.publicName, workspace: 'TRIAGE', categories: [] },
      'queue { id }',
    )
    await new Promise(resolve => setTimeout(resolve, 300))
    const before = await seen(ticketId)
    expect(before.ticket.version).toBe(3)

    const { message } = await done(
      sam,
      'addTicketNote',
      { ticketId, body: 'Between us.' },
      'message { id version }',
    )
    await done(sam, 'editTicketMessage', { ticketId, messageId: message.id, body: 'Between the two of us.' })
    await done(sam, 'routeTicket', { ticketId, queueId: queue.id, reason: 'OTHER_TEAM' })
    await done(sam, 'tagTicket', { ticketId, add: ['fragile'] })
    await done(lea, 'markTicketSafetySensitive', { ticketId, safetySensitive: true })
    await done(sam, 'linkTicket', { ticketId, entityId: rico.id })
    await done(sam, 'snoozeTicket', { ticketId, until: new Date(world.now.getTime() + 3_600_000) })
    await sam.ask(
      `mutation ($id: ID!) { downloadAttachment(input: { attachmentId: $id }) { userErrors { code } } }`,
      {
        id: file.id,
      },
    )
    expect(await seen(ticketId)).toEqual(before)

    const { ticket: after } = await sam.ask('query ($id: ID!) { ticket(id: $id) { version } }', {
      id: ticketId,
    })
    expect(after.version).toBe(staff.version + 7)
  })

  test('what they count they may act on, and what they are answered counts alike', async () => {
    const { sam } = people
    const { ticket } = await done(
      rico,
      'openTicket',
      { subject: 'Lamp', description: 'Broken.' },
      'ticket { id version }',
    )
    const ticketId = ticket.id
    expect(ticket.version).toBe(1)
    await done(sam, 'addTicketNote', { ticketId, body: 'One.' })
    await done(sam, 'snoozeTicket', { ticketId, until: new Date(world.now.getTime() + 3_600_000) })
    const late = await rico.act('replyToTicket', { ticketId, body: 'Hello?', expectedVersion: 3 })
    expect(late.userErrors).toMatchObject([{ code: 'CONFLICT', facts: { version: 1 } }])
    const input = { ticketId, body: 'Hello?', expectedVersion: 1, idempotencyKey: 'hello' }
    const dry = await rico.act('replyToTicket', { ticketId, body: 'Hello?', dryRun: true })
    expect(dry.events).toEqual([{ id: null, type: 'SupportReplyPosted', version: 2 }])
    const said = await done(rico, 'replyToTicket', input, 'ticket { version } message { version }')
    expect(said.events).toMatchObject([{ type: 'SupportReplyPosted', version: 2 }])
    expect([said.ticket.version, said.message.version]).toEqual([2, 1])
    expect((await rico.act('replyToTicket', input)).events).toEqual(said.events)

    const stale = await sam.act('replyToTicket', { ticketId, body: 'Yes?', expectedVersion: 2 })
    expect(stale.userErrors).toMatchObject([{ code: 'CONFLICT', facts: { version: 5 } }])
    const shown = await done(sam, 'replyToTicket', { ticketId, body: 'Yes?', expectedVersion: 5 })
    expect(shown.events).toMatchObject([{ version: 6 }])
  })

  const HISTORY = `history(first: 100) { totalCount nodes { kind from to actorName message { body } } }`
  const historyOf = async (who: Person, id: string): Promise<Json> =>
    (await who.ask(`query ($id: ID!) { ticket(id: $id) { ${HISTORY} } }`, { id })).ticket.history

  test('one list says everything that happened, by whom; customers see their part of it', async () => {
    const { sam, lea } = people
    const { ticket } = await done(
      rico,
      'openTicket',
      { subject: 'Lamp', description: 'Broken.' },
      'ticket { id }',
    )
    const ticketId = ticket.id
    const other = (
      await done(rico, 'openTicket', { subject: 'Same', description: 'Again.' }, 'ticket { id }')
    ).ticket.id
    await done(sam, 'addTicketNote', { ticketId, body: 'Heron.' })
    await done(sam, 'tagTicket', { ticketId, add: ['fragile'] })
    await done(sam, 'routeTicket', { ticketId, queueId: 'que_billing', reason: 'OTHER_TEAM' })
    await done(sam, 'setTicketPriority', { ticketId, priority: 'HIGH' })
    await done(lea, 'assignTicket', { ticketId, assigneeId: sam.id })
    await done(sam, 'replyToTicket', { ticketId, body: 'We are on it.' })
    await done(sam, 'resolveTicket', { ticketId, resolution: 'A new one is on its way.' })
    await done(rico, 'replyToTicket', { ticketId, body: 'Not yet.' })
    await done(sam, 'mergeTickets', { ticketId, intoId: other, reason: 'DUPLICATE' })

    const staff = await historyOf(sam, ticketId)
    const kinds = staff.nodes.map(({ kind }: Json) => kind).reverse()
    expect(kinds).toEqual([
      'OPENED',
      'NOTE',
      'TAGS',
      'QUEUE',
      'PRIORITY',
      'ASSIGNEE',
      'PUBLIC_REPLY',
      'PUBLIC_REPLY',
      'RESOLVED',
      'FOLLOW_UP',
      'STATUS',
      'MERGED',
    ])
    const of = (list: Json, kind: string): Json => list.nodes.find((entry: Json) => entry.kind === kind)
    expect(of(staff, 'TAGS')).toMatchObject({ from: [], to: ['fragile'], actorName: 'Sam' })
    expect(of(staff, 'QUEUE')).toMatchObject({ to: 'que_billing' })
    expect(of(staff, 'ASSIGNEE')).toMatchObject({ from: null, to: sam.id, actorName: 'Lea' })
    expect(of(staff, 'NOTE')).toMatchObject({ message: { body: 'Heron.' } })
    expect(of(staff, 'MERGED')).toMatchObject({ to: other })

    const theirs = await historyOf(rico, ticketId)
    expect(theirs.nodes.map(({ kind }: Json) => kind).reverse()).toEqual(
      kinds.filter((kind: string) => !['NOTE', 'TAGS', 'QUEUE'].includes(kind)),
    )
    expect(theirs.totalCount).toBe(9)
    expect(of(theirs, 'ASSIGNEE')).toMatchObject({ from: null, to: 'Sam', actorName: 'Lea' })
    expect(of(theirs, 'MERGED')).toMatchObject({ to: expect.stringMatching(/^TKT-/) })
    expect(JSON.stringify(theirs)).not.toMatch(/stf_|que_|fragile|Heron/)
    for (const field of ['actorId', 'reasonCode']) {
      const answer = await rico.send(
        `query ($id: ID!) { ticket(id: $id) { history { nodes { ${field} } } } }`,
        { id: ticketId },
      )
      expect(answer.errors?.[0]?.extensions.code).toBe('FORBIDDEN')
    }
    const page = async (after: string | null): Promise<Json> =>
      (
        await rico.ask(
          `query ($id: ID!, $after: String) { ticket(id: $id) { history(first: 4, after: $after) { nodes { id } pageInfo { endCursor hasNextPage } } } }`,
          { id: ticketId, after },
        )
      ).ticket.history
    const ids: string[] = []
    for (let after: string | null = null, more = true; more; ) {
      const { nodes, pageInfo } = await page(after)
      ids.push(...nodes.map(({ id }: Json) => id))
      after = pageInfo.endCursor
      more = pageInfo.hasNextPage
    }
    expect(new Set(ids).size).toBe(9)
  })

  test('a list says how it divides, over its filter and within reach', async () => {
    const { sam } = people
    const FACETS =
      'totalCount facets { status { value count } priority { value count } category { value count }'
    const list = async (who: Person, filter: Json, queue = ''): Promise<Json> =>
      (
        await who.ask(
          `query ($filter: TicketFilter) { tickets(first: 1, filter: $filter) { ${FACETS} ${queue} } } }`,
          { filter },
        )
      ).tickets
    await done(rico, 'openTicket', { subject: 'Bill', description: 'Too high.', category: 'BILLING' })
    const mine = await list(rico, {})
    const sum = (facet: Json[]) => facet.reduce((all, { count }) => all + count, 0)
    for (const name of ['status', 'priority', 'category'])
      expect(sum(mine.facets[name])).toBe(mine.totalCount)
    expect(mine.facets.category).toContainEqual({ value: 'BILLING', count: 1 })
    const all = await list(sam, {}, 'queue { value count }')
    expect(sum(all.facets.queue)).toBe(all.totalCount)
    const billing = await list(sam, { category: 'BILLING' }, 'queue { value count }')
    expect(billing.facets.category).toEqual([{ value: 'BILLING', count: billing.totalCount }])
    const none = await list(sam, { category: 'INCIDENT' }, 'queue { value count }')
    expect(none).toEqual({ totalCount: 0, facets: { status: [], priority: [], category: [], queue: [] } })

    const { errors } = await rico.send('{ tickets { facets { queue { count } } } }')
    expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN')
  })
})
