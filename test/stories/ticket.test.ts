import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { DEMO_ORGANIZATION_ID, DEMO_REQUESTER_ID } from '#subgraphs/accounts/bootstrap.js'
import { idOf, type Json, type Person, paidOrder, until, World } from '../kit/world.js'

const NUMBER = /^TKT-(\d{4})-(\d{5,})$/
const TICKET = `ticket { id number subject status priority channel organization { id name } requester { id }
  links { relation node { id } } } message { body visibility kind }`

/** Tickets from the first word to the customer's eyes (A1, C3, C4, C15, D15, D43, D64, E13, E66, X10, X17), in both topologies. */
describe.each(['single', 'distributed'] as const)('tickets (%s)', topology => {
  let world: World
  let people: Awaited<ReturnType<World['people']>>
  let rico: Person
  let eve: Person

  beforeAll(async () => {
    world = await World.open(`ticket_${topology}`, { topology })
    people = await world.people()
    rico = await world.person(DEMO_REQUESTER_ID)
    await people.shop.record('users', [
      { source: 'shop', externalId: 'eve', name: 'Eve', email: 'eve@else.example' },
    ])
    await people.shop.record('organizations', [
      {
        source: 'shop',
        externalId: 'else',
        name: 'Else',
        members: [{ user: 'eve', role: 'OWNER', supportAccess: true }],
      },
    ])
    eve = await world.person(idOf('usr', 'eve'))
  })
  afterAll(() => world?.close())

  const matter = { subject: 'Broken lamp', description: 'It came in pieces.' }
  /** A ticket of Rico's, opened by himself. */
  const ofRico = async (): Promise<Json> => {
    const { ticket, userErrors } = await rico.act('openTicket', matter, 'ticket { id number }')
    expect(userErrors).toEqual([])
    return ticket
  }
  const refusals = ({ userErrors }: Json) => userErrors.map(({ code, field }: Json) => [code, field])
  const codes = ({ errors }: { errors?: Json[] }) => errors?.map(({ extensions }) => extensions.code)

  test('support opens one for an order; it has a number, and the order knows it', async () => {
    const { sam, shop } = people
    const orderId = await paidOrder(shop, 'lamp')
    const opened = await sam.act('openTicket', { ...matter, linkedEntityIds: [orderId] }, TICKET)
    expect(opened).toMatchObject({
      userErrors: [],
      events: [{ type: 'SupportCaseOpened' }],
      ticket: {
        subject: 'Broken lamp',
        status: 'OPEN',
        priority: 'NORMAL',
        channel: 'INTERNAL',
        organization: null,
      },
      message: { body: 'It came in pieces.', visibility: 'PRIVATE' },
    })
    expect(opened.ticket.links.map(({ node }: Json) => node.id)).toContain(orderId)
    const { id, number } = opened.ticket
    const [, year, sequence] = NUMBER.exec(number)!
    expect(Number(year)).toBe(new Date().getUTCFullYear())
    const next = await sam.act('openTicket', { ...matter, linkedEntityIds: [orderId] }, TICKET)
    expect(Number(NUMBER.exec(next.ticket.number)![2])).toBe(Number(sequence) + 1)

    const { order, ticket } = await sam.ask(
      `query ($id: ID!, $number: String!) {
         order(id: $id) { tickets { nodes { id } } timeline { nodes { type actor { id } } } }
         ticket(number: $number) { id } }`,
      { id: orderId, number },
    )
    expect(ticket.id).toBe(id)
    expect(order.tickets.nodes).toContainEqual({ id })
    expect(order.timeline.nodes).toContainEqual({ type: 'SupportCaseOpened', actor: { id: sam.id } })
  })

  test('a ticket is about something that exists', async () => {
    const { sam, aldo, nobody } = people
    expect(refusals(await sam.act('openTicket', matter))).toEqual([['INVALID', 'linkedEntityIds']])
    expect(refusals(await sam.act('openTicket', { ...matter, linkedEntityIds: ['ord_none'] }))).toEqual([
      ['UNKNOWN_REFERENCE', 'linkedEntityIds'],
    ])
    const open = 'mutation ($input: OpenTicketInput!) { openTicket(input: $input) { ticket { id } } }'
    expect(codes(await aldo.send(open, { input: matter }))).toEqual(['FORBIDDEN'])
    expect(codes(await nobody.send(open, { input: matter }))).toEqual(['UNAUTHENTICATED'])
  })

  test('thirty opened at once have thirty numbers', async () => {
    const all = await Promise.all(
      Array.from({ length: 30 }, () =>
        people.lea.act(
          'openTicket',
          { ...matter, organizationId: DEMO_ORGANIZATION_ID, visibility: 'PRIVATE' },
          'ticket { number }',
        ),
      ),
    )
    expect(new Set(all.map(({ ticket }) => ticket.number)).size).toBe(30)
  })

  test('of fifty who take one at once, one person has it, and all others learn who and since when', async () => {
    const { sam, lea, rita, rolf, ada, otto, fay } = people
    const crowd = [sam, lea, rita, rolf, ada]
    const { id: ticketId } = await ofRico()
    const answers = await Promise.all(
      Array.from({ length: 50 }, async (_, n): Promise<Json> => {
        const who = crowd[n % crowd.length]!
        return {
          who,
          ...(await who.act('assignTicketToMe', { ticketId }, 'ticket { assignee { id } assignedAt }')),
        }
      }),
    )
    const won = answers.filter(({ userErrors }) => userErrors.length === 0)
    const [winner] = won.map(({ who }) => who)
    expect(won).toHaveLength(10)
    expect(new Set(won.map(({ who }) => who.id))).toEqual(new Set([winner!.id]))
    const { ticket } = await otto.ask('query ($id: ID!) { ticket(id: $id) { assignee { id } assignedAt } }', {
      id: ticketId,
    })
    expect(ticket.assignee.id).toBe(winner!.id)
    const lost = answers.filter(({ userErrors }) => userErrors.length > 0)
    expect(lost).toHaveLength(40)
    for (const { userErrors } of lost)
      expect(userErrors).toMatchObject([
        { code: 'ALREADY_ASSIGNED', facts: { assigneeId: winner!.id, since: ticket.assignedAt } },
      ])
    const events = await world.sql(
      `select type from log.event where stream_id = $1 and type = 'SupportCaseUpdated'`,
      [ticketId],
    )
    expect(events).toHaveLength(1)

    const take = 'mutation ($id: ID!) { assignTicketToMe(input: { ticketId: $id }) { ticket { id } } }'
    for (const who of [fay, rico])
      expect(codes(await who.send(take, { id: ticketId }))).toEqual(['FORBIDDEN'])
  })

  test('a customer opens their own for their account, and nothing else', async () => {
    const opened = await rico.act(
      'openTicket',
      matter,
      'ticket { number status channel organization { id name } requester { id } } message { visibility kind }',
    )
    expect(opened).toMatchObject({
      userErrors: [],
      ticket: {
        number: expect.stringMatching(NUMBER),
        status: 'OPEN',
        channel: 'DASHBOARD',
        organization: { id: DEMO_ORGANIZATION_ID, name: 'Alpenglow Outfitters' },
        requester: { id: rico.id },
      },
      message: { visibility: 'PUBLIC', kind: 'USER_MESSAGE' },
    })
    expect(
      refusals(await eve.act('openTicket', { ...matter, organizationId: DEMO_ORGANIZATION_ID })),
    ).toEqual([['NOT_FOUND', 'organizationId']])
    expect(refusals(await eve.act('openTicket', { ...matter, requesterId: rico.id }))).toEqual([
      ['NOT_FOUND', 'requesterId'],
    ])
    expect(refusals(await rico.act('openTicket', { ...matter, priority: 'URGENT' }))).toEqual([
      ['INVALID', 'priority'],
    ])
    expect(
      refusals(await rico.act('openTicket', { ...matter, linkedEntityIds: [DEMO_ORGANIZATION_ID] })),
    ).toEqual([['INVALID', 'linkedEntityIds']])
  })

  test('the customer sees the public side, by every road there is', async () => {
    const { sam, lea, shop } = people
    const { id: ticketId, number } = await ofRico()
    const secret = 'zebra-crossing'
    await lea.act('assignTicketToMe', { ticketId })
    const noted = await sam.act(
      'addTicketNote',
      { ticketId, body: `Known offender, see ${secret}` },
      'message { id visibility kind }',
    )
    expect(noted).toMatchObject({
      events: [{ type: 'SupportNoteAdded' }],
      message: { visibility: 'PRIVATE', kind: 'INTERNAL_NOTE' },
    })
    const replied = await sam.act(
      'replyToTicket',
      { ticketId, body: 'A new one is on its way.' },
      'message { id visibility kind }',
    )
    expect(replied).toMatchObject({
      events: [{ type: 'SupportReplyPosted' }],
      message: { visibility: 'PUBLIC', kind: 'STAFF_REPLY' },
    })
    expect(
      (await rico.act('replyToTicket', { ticketId, body: 'Thanks!' }, 'message { kind }')).message.kind,
    ).toBe('USER_MESSAGE')
    const noteId = noted.message.id

    const messages =
      'messages(first: 10) { totalCount nodes { body visibility kind authorName } edges { node { id } } }'
    const seen = async (who: Person) =>
      (await who.ask(`query ($id: ID!) { ticket(id: $id) { ${messages} } }`, { id: ticketId })).ticket
        .messages
    const forStaff = await seen(sam)
    expect(forStaff.totalCount).toBe(4)
    expect(JSON.stringify(forStaff)).toContain(secret)
    const forCustomer = await seen(rico)
    expect(forCustomer.totalCount).toBe(3)
    expect(forCustomer.nodes.map(({ body }: Json) => body).sort()).toEqual([
      'A new one is on its way.',
      'It came in pieces.',
      'Thanks!',
    ])
    expect(forCustomer.nodes.map(({ authorName }: Json) => authorName)).toEqual(
      expect.arrayContaining(['Sam', 'Rico Vance']),
    )

    const whole = `id number subject status assigneeName ${messages}`
    const roads: [string, Json][] = [
      [`query ($id: ID!) { ticket(id: $id) { ${whole} } }`, { id: ticketId }],
      [`query ($number: String!) { ticket(number: $number) { ${whole} } }`, { number }],
      [`{ tickets(first: 100) { totalCount nodes { ${whole} } } }`, {}],
      [
        `query ($id: ID!) { organization(id: $id) { tickets(first: 100) { nodes { ${whole} } } } }`,
        { id: DEMO_ORGANIZATION_ID },
      ],
      [`query ($id: ID!) { user(id: $id) { tickets(first: 100) { nodes { ${whole} } } } }`, { id: rico.id }],
      [`{ me { user { tickets(first: 100) { nodes { ${whole} } } } } }`, {}],
      [`{ me { organizations { tickets(first: 50) { nodes { ${whole} } } } } }`, {}],
    ]
    for (const [query, variables] of roads) {
      const answer = await rico.send(query, variables)
      expect({ query, errors: answer.errors }).toEqual({ query, errors: undefined })
      const text = JSON.stringify(answer.data)
      expect(text).toContain(number)
      expect(text).not.toMatch(new RegExp(`${secret}|PRIVATE|INTERNAL_NOTE|${noteId}|stf_|@opsgraph`))
    }
    expect(
      (await rico.ask(`query ($id: ID!) { ticket(id: $id) { assigneeName } }`, { id: ticketId })).ticket
        .assigneeName,
    ).toBe('Lea')

    const closed: [string, Json][] = [
      ['query ($id: ID!) { ticket(id: $id) { assignee { id name } } }', { id: ticketId }],
      ['query ($id: ID!) { ticket(id: $id) { linkedEntityIds } }', { id: ticketId }],
      ['query ($id: ID!) { ticket(id: $id) { openedById } }', { id: ticketId }],
      ['query ($id: ID!) { ticket(id: $id) { messages { nodes { authorId } } } }', { id: ticketId }],
      ['query ($id: ID!) { ticket(id: $id) { timeline { nodes { type } } } }', { id: ticketId }],
      ['query ($id: ID!) { ticket(id: $id) { links { node { id } } } }', { id: ticketId }],
      ['query ($ids: [ID!]!) { timeline(ids: $ids) { nodes { type } } }', { ids: [ticketId, noteId] }],
      [
        'query ($filter: EventFilter) { events(filter: $filter) { nodes { type } } }',
        { filter: { references: [ticketId] } },
      ],
      ['query ($q: String!) { omnibox(query: $q) { hiddenCount nodes { node { id } } } }', { q: number }],
      ['query ($q: String!) { omnibox(query: $q) { hiddenCount nodes { node { id } } } }', { q: secret }],
      [
        'query ($id: ID!) { node(id: $id) { id ... on Ticket { messages { nodes { body } } } } }',
        { id: ticketId },
      ],
      ['query ($id: ID!) { node(id: $id) { id ... on TicketMessage { body } } }', { id: noteId }],
      ['query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on TicketMessage { body } } }', { ids: [noteId] }],
    ]
    for (const [query, variables] of closed) {
      const answer = await rico.send(query, variables)
      expect({ query, codes: [...new Set(codes(answer))] }).toEqual({ query, codes: ['FORBIDDEN'] })
      expect(JSON.stringify(answer)).not.toContain(secret)
    }
    expect(
      codes(
        await rico.send(
          'mutation ($id: ID!) { addTicketNote(input: { ticketId: $id, body: "x" }) { events { id } } }',
          { id: ticketId },
        ),
      ),
    ).toEqual(['FORBIDDEN'])

    const found = await until(async () => {
      const { omnibox } = await sam.ask(
        'query ($q: String!) { omnibox(query: $q) { nodes { node { id } } } }',
        { q: number },
      )
      return omnibox.nodes.length ? omnibox : null
    })
    expect(found!.nodes[0].node.id).toBe(ticketId)
    const { ticket } = await sam.ask(
      'query ($id: ID!) { ticket(id: $id) { timeline { nodes { type actor { id } } } } node(id: $id) { ... on Ticket { number } } }',
      { id: ticketId },
    )
    const byPeople = ticket.timeline.nodes.filter(({ actor }: Json) => actor.id !== 'system')
    expect(byPeople.reverse()).toEqual([
      { type: 'SupportCaseOpened', actor: { id: rico.id } },
      { type: 'SupportCaseUpdated', actor: { id: lea.id } },
      { type: 'SupportNoteAdded', actor: { id: sam.id } },
      { type: 'SupportReplyPosted', actor: { id: sam.id } },
      { type: 'SupportReplyPosted', actor: { id: rico.id } },
    ])
    expect(
      (await shop.ask('query ($id: ID!) { ticket(id: $id) { number } }', { id: ticketId })).ticket.number,
    ).toBe(number)
  })

  test('another customer sees nothing of it, nor whether it is there', async () => {
    const { id: ticketId, number } = await ofRico()
    const none = 'tkt_00000000000000000000000000'
    const one = (id: string) => eve.send('query ($id: ID!) { ticket(id: $id) { id number } }', { id })
    const [there, absent] = [await one(ticketId), await one(none)]
    expect(there.data?.ticket ?? null).toBeNull()
    expect([there.status, codes(there)]).toEqual([absent.status, codes(absent)])
    expect(
      (await eve.send('query ($n: String!) { ticket(number: $n) { id } }', { n: number })).data?.ticket ??
        null,
    ).toBeNull()
    expect((await eve.ask('{ tickets { totalCount } }')).tickets.totalCount).toBe(0)
    const filter = { organizationId: DEMO_ORGANIZATION_ID }
    const { tickets } = await eve.ask(
      'query ($f: TicketFilter) { tickets(filter: $f) { totalCount nodes { id } } }',
      { f: filter },
    )
    expect(tickets).toEqual({ totalCount: 0, nodes: [] })
    for (const id of [ticketId, none])
      expect(refusals(await eve.act('replyToTicket', { ticketId: id, body: 'Hello?' }))).toEqual([
        ['NOT_FOUND', 'ticketId'],
      ])
    const foreign = await eve.send(
      'query ($id: ID!) { organization(id: $id) { name tickets { totalCount } } }',
      { id: DEMO_ORGANIZATION_ID },
    )
    expect(JSON.stringify(foreign.data)).not.toMatch(/Alpenglow|totalCount/)
    const colleague = await eve.send('query ($id: ID!) { user(id: $id) { email tickets { totalCount } } }', {
      id: rico.id,
    })
    expect(JSON.stringify(colleague.data)).not.toMatch(/rico|totalCount/)
  })

  test('a case about an account that is not on it stays with staff', async () => {
    const { ticket } = await people.sam.act(
      'openTicket',
      { ...matter, linkedEntityIds: [DEMO_ORGANIZATION_ID, rico.id] },
      'ticket { id number }',
    )
    const answer = await rico.send(
      'query ($id: ID!) { ticket(id: $id) { id } tickets(first: 100) { nodes { number } } }',
      { id: ticket.id },
    )
    expect(answer.data?.ticket ?? null).toBeNull()
    expect(JSON.stringify(answer.data)).not.toContain(ticket.number)
  })
})
