import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { idOf, type Json, type Person, until, World } from '../kit/world.js'

/** Tickets as those try them who build a page on the graph, and those who ask for help (A1–A12, C24, D14–D25). */
describe('tickets at the front', () => {
  let world: World
  let people: Awaited<ReturnType<World['people']>>
  let olga: Person
  let otto: Person
  let jack: Person
  let mia: Person
  const acme = idOf('org', 'acme')
  const other = idOf('org', 'other')

  beforeAll(async () => {
    world = await World.open('ticket_front')
    people = await world.people()
    const users = ['olga', 'otto', 'jack', 'mia', 'lone'].map(name => ({
      source: 'shop',
      externalId: name,
      name: `${name[0]!.toUpperCase()}${name.slice(1)} Marsh`,
      email: `${name}@shop.example`,
    }))
    expect((await people.shop.record('users', users)).problems).toEqual([])
    const { problems } = await people.shop.record('organizations', [
      {
        source: 'shop',
        externalId: 'acme',
        name: 'Acme',
        members: [
          { user: 'olga', role: 'OWNER' },
          { user: 'otto', role: 'OPERATOR', supportAccess: true },
          { user: 'mia', role: 'MEMBER' },
        ],
      },
      {
        source: 'shop',
        externalId: 'other',
        name: 'Other',
        members: [
          { user: 'jack', role: 'OWNER' },
          { user: 'otto', role: 'MEMBER' },
        ],
      },
    ])
    expect(problems).toEqual([])
    ;[olga, otto, jack, mia] = (await Promise.all(
      ['olga', 'otto', 'jack', 'mia'].map(name => world.person(idOf('usr', name))),
    )) as [Person, Person, Person, Person]
  })
  afterAll(() => world?.close())

  const done = async (who: Person, action: string, input: Json, selection = ''): Promise<Json> => {
    const answer = await who.act(action, input, selection)
    expect({ action, refused: answer.userErrors }).toEqual({ action, refused: [] })
    return answer
  }
  const refused = async (who: Person, action: string, input: Json): Promise<Json[]> =>
    (await who.act(action, input)).userErrors
  const matter = { subject: 'No payout', description: 'It did not come.' }
  const opened = async (who: Person, input: Json = {}): Promise<string> =>
    (await done(who, 'openTicket', { ...matter, ...input }, 'ticket { id }')).ticket.id

  test('what a reference may not show is null, and nothing went wrong', async () => {
    const ticketId = await opened(olga)
    const before = world.output.length
    const list = await otto.send(
      '{ tickets { nodes { id requester { version createdAt status } again: requester { status } organization { name version } } } }',
    )
    expect(list.errors).toBeUndefined()
    expect(list.data!.tickets.nodes).toEqual([
      { id: ticketId, requester: null, again: null, organization: { name: 'Acme', version: 1 } },
    ])
    const theirs = await done(
      people.sam,
      'openTicket',
      { ...matter, organizationId: acme, requesterId: mia.id, visibility: 'PUBLIC' },
      'ticket { id }',
    )
    const one = await mia.send(
      'query ($id: ID!) { ticket(id: $id) { organization { name } requester { status version } } }',
      { id: theirs.ticket.id },
    )
    expect(one.errors).toBeUndefined()
    expect(one.data!.ticket).toMatchObject({ organization: null, requester: { status: 'ACTIVE' } })
    expect(world.output.slice(before)).not.toContain('answered INTERNAL')
    const closed = await otto.send('{ tickets(first: 1) { nodes { assignee { name } } } }')
    expect(closed.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
  })

  test('a body takes what editors and phones put into it, and an answer says which character is refused', async () => {
    const { message } = await done(
      olga,
      'openTicket',
      { subject: 'Lines', description: '\ufeffOne\r\nTwo\u000bCall \u202d+49 30 1234\u202c\rEnd' },
      'message { body }',
    )
    expect(message.body).toBe('One\nTwo\nCall +49 30 1234\nEnd')
    expect(await refused(olga, 'openTicket', { subject: 'Gif \u202efdp', description: 'a\u0007b' })).toEqual([
      {
        code: 'INVALID',
        field: 'subject',
        message: 'subject has U+202E as character 5, which no text takes.',
        facts: { character: 'U+202E', position: 5 },
      },
      {
        code: 'INVALID',
        field: 'description',
        message: 'description has U+0007 as character 2, which no text takes.',
        facts: { character: 'U+0007', position: 2 },
      },
    ])
  })

  test('all that is wrong with an input is said at once', async () => {
    expect(await refused(olga, 'openTicket', { subject: '', description: '' })).toMatchObject([
      { code: 'INVALID', field: 'subject' },
      { code: 'INVALID', field: 'description' },
    ])
  })

  describe('whose a ticket is', () => {
    const whose = 'ticket { organization { id } requester { id } openContext { account { name } } }'
    const input = { ...matter, visibility: 'PUBLIC' }

    test('account and customer belong together', async () => {
      expect(
        await refused(people.sam, 'openTicket', { ...input, requesterId: jack.id, organizationId: acme }),
      ).toMatchObject([
        {
          code: 'NOT_A_MEMBER',
          field: 'organizationId',
          facts: { organizationId: acme, requesterId: jack.id, organizationIds: [other] },
        },
      ])
      await done(people.sam, 'openTicket', { ...input, requesterId: jack.id, organizationId: other })
    })

    test('a customer alone is enough: their only account, none, or which one', async () => {
      const one = await done(people.sam, 'openTicket', { ...input, requesterId: jack.id }, whose)
      expect(one.ticket).toEqual({
        organization: { id: other },
        requester: { id: jack.id },
        openContext: { account: { name: 'Other' } },
      })
      const lone = idOf('usr', 'lone')
      const none = await done(people.sam, 'openTicket', { ...input, requesterId: lone }, whose)
      expect(none.ticket).toMatchObject({ organization: null, requester: { id: lone } })
      expect(await refused(people.sam, 'openTicket', { ...input, requesterId: otto.id })).toMatchObject([
        {
          code: 'INVALID',
          field: 'organizationId',
          message: expect.stringContaining('say which of: '),
          facts: { organizationIds: [acme, other].sort() },
        },
      ])
    })

    test('who has no support access learns that, and who gives it', async () => {
      const permitted = async (who: Person) => (await who.ask('{ me { permissions } }')).me.permissions
      expect(await permitted(olga)).toContain('openTicket')
      expect(await permitted(mia)).not.toContain('openTicket')
      for (const organizationId of [acme, undefined])
        expect(await refused(mia, 'openTicket', { ...matter, organizationId })).toMatchObject([
          {
            code: 'MISSING_PERMISSION',
            field: 'organizationId',
            facts: { organizationId: acme, missing: 'SUPPORT_ACCESS', givenBy: ['OWNER'] },
          },
        ])
      expect(await refused(otto, 'openTicket', { ...matter, organizationId: other })).toMatchObject([
        { code: 'MISSING_PERMISSION' },
      ])
      expect(await refused(mia, 'openTicket', { ...matter, organizationId: other })).toMatchObject([
        { code: 'NOT_FOUND' },
      ])
    })
  })

  test('a customer sees beforehand what would be attached: also what they did themselves, and nothing that others did', async () => {
    const both = await world.person(idOf('usr', 'both'))
    await people.shop.record('users', [
      { source: 'shop', externalId: 'both', name: 'Both', email: 'b@shop.example' },
    ])
    for (const externalId of ['third', 'fourth'])
      await people.shop.record('organizations', [
        { source: 'shop', externalId, name: externalId, members: [{ user: 'both', role: 'OWNER' }] },
      ])
    const preview = `query ($id: ID) { ticketContextPreview(organizationId: $id) { account { name } activity { type summary } } }`
    const which = await both.send(preview)
    expect(which.errors).toMatchObject([
      {
        message: expect.stringMatching(
          /^Say which of your accounts it is for, organizationId: org_\w+ or org_\w+\.$/,
        ),
        extensions: { code: 'BAD_USER_INPUT' },
      },
    ])
    const third = idOf('org', 'third')
    expect((await both.ask(preview, { id: third })).ticketContextPreview).toEqual({
      account: { name: 'third' },
      activity: [],
    })
    const ticketId = await opened(both, { organizationId: third })
    await done(people.sam, 'assignTicketToMe', { ticketId })
    const { activity } = (await both.ask(preview, { id: third })).ticketContextPreview
    expect(activity).toMatchObject([{ type: 'SupportCaseOpened' }])
    const again = await opened(both, { organizationId: third })
    const seen = await both.ask(
      'query ($id: ID!) { ticket(id: $id) { openContext { activity { type } } } }',
      {
        id: again,
      },
    )
    expect(seen.ticket.openContext.activity).toEqual([{ type: 'SupportCaseOpened' }])
  })

  test('whoever is second learns by name who was quicker, and since when', async () => {
    const ticketId = await opened(olga)
    await done(people.sam, 'assignTicketToMe', { ticketId })
    expect(await refused(people.lea, 'assignTicketToMe', { ticketId })).toMatchObject([
      {
        code: 'ALREADY_ASSIGNED',
        message: 'Sam works on it.',
        facts: { assigneeId: 'stf_sam', assigneeName: 'Sam', since: expect.any(String) },
      },
    ])
    expect(await refused(people.fay, 'assignTicketToMe', { ticketId }).catch(String)).toContain('FORBIDDEN')
  })

  test('a value that does not fit is answered with what would', async () => {
    const said = async (query: string, variables: Json = {}) =>
      (await people.sam.send(query, variables)).errors?.[0]
    expect((await said('{ ticketStats(by: COLOUR) { key } }'))?.message).toContain(
      'TicketGrouping takes STATUS',
    )
    const list = 'query ($f: TicketFilter) { tickets(filter: $f) { totalCount } }'
    expect((await said(list, { f: { statuses: ['OPENED'] } }))?.message).toContain(
      'TicketStatus takes OPEN, WAITING_ON_BUYER, WAITING_ON_SELLER, RESOLVED, CLOSED.',
    )
    for (const error of [
      await said(list, { f: { createdFrom: 'yesterday' } }),
      await said('{ tickets(filter: { createdFrom: "yesterday" }) { totalCount } }'),
    ])
      expect(error).toMatchObject({
        message: expect.stringMatching(/ISO 8601 instant/),
        extensions: { code: 'BAD_USER_INPUT' },
      })
  })

  describe('finding tickets', () => {
    const list = async (who: Person, f: Json): Promise<string[]> =>
      (
        await who.ask('query ($f: TicketFilter) { tickets(filter: $f) { nodes { id } } }', { f })
      ).tickets.nodes.map(({ id }: Json) => id)

    test('by state, phase, channel, time, subject and what it is about', async () => {
      const from = world.now.toISOString()
      const green = await opened(olga, { subject: 'The green kettle leaks' })
      const about = await done(
        people.sam,
        'openTicket',
        { subject: 'Kettle recall', description: 'x', linkedEntityIds: [other] },
        'ticket { id }',
      )
      const recall = about.ticket.id
      await done(people.sam, 'resolveTicket', { ticketId: green, resolution: 'Dried.' })
      const both = { createdFrom: from }
      expect(await list(people.sam, both)).toEqual([recall, green])
      expect(await list(people.sam, { ...both, statuses: ['RESOLVED', 'CLOSED'] })).toEqual([green])
      expect(await list(people.sam, { ...both, phases: ['DONE'] })).toEqual([green])
      expect(await list(people.sam, { ...both, channels: ['DASHBOARD'] })).toEqual([green])
      expect(await list(people.sam, { ...both, text: 'kettle' })).toEqual([recall, green])
      expect(await list(people.sam, { ...both, text: 'kettle -recall' })).toEqual([green])
      expect(await list(people.sam, { ...both, linkedEntityId: other })).toEqual([recall])
      expect(await list(people.sam, { ...both, overdue: true })).toEqual([])
      expect(await list(people.sam, { createdUntil: from, text: 'kettle' })).toEqual([])
      expect(await list(olga, { updatedFrom: from, text: 'green kettle' })).toEqual([green])
      const inbox = async (f: Json) =>
        (await people.sam.ask('query ($f: TicketFilter) { inbox(filter: $f) { nodes { id } } }', { f })).inbox
          .nodes
      expect(await inbox({ text: 'kettle' })).toEqual([{ id: recall }])
      expect(await inbox({ text: 'kettle', statuses: ['RESOLVED'] })).toEqual([{ id: green }])
      expect(await inbox({ text: 'kettle', phases: ['DONE'] })).toEqual([{ id: green }])
    })

    test('staff find them by words of their subject in the omnibox, customers do not', async () => {
      const query = '{ omnibox(query: "green kettle") { nodes { entityType } } }'
      const found = async (who: Person) => JSON.stringify((await who.ask(query)).omnibox)
      expect(await found(people.sam)).toContain('"TICKET"')
      expect((await olga.send(query)).errors?.[0]?.extensions.code).toBe('FORBIDDEN')
    })
  })

  test('who wrote and who opened, and the ticket of what one was told', async () => {
    const ticketId = await opened(olga)
    await done(people.sam, 'replyToTicket', { ticketId, body: 'We look.' })
    const { ticket } = await people.sam.ask(
      `query ($id: ID!) { ticket(id: $id) { openedBy { __typename id ... on User { name } }
        messages { nodes { author { __typename ... on StaffMember { name } ... on User { name } } } } } }`,
      { id: ticketId },
    )
    expect(ticket).toEqual({
      openedBy: { __typename: 'User', id: olga.id, name: 'Olga Marsh' },
      messages: {
        nodes: [
          { author: { __typename: 'StaffMember', name: 'Sam Okoye' } },
          { author: { __typename: 'User', name: 'Olga Marsh' } },
        ],
      },
    })
    const told = '{ notifications(unreadOnly: true) { totalCount nodes { ticket { id } } } }'
    const unread = () => olga.ask(told).then(({ notifications }) => notifications)
    await until(async () => (await unread()).nodes.some((one: Json) => one.ticket?.id === ticketId))
    const { totalCount } = await unread()
    const all = 'mutation { markAllNotificationsRead { marked left dryRun userErrors { code } } }'
    expect((await olga.ask(all)).markAllNotificationsRead).toEqual({
      marked: totalCount,
      left: 0,
      dryRun: false,
      userErrors: [],
    })
    expect((await unread()).totalCount).toBe(0)
  })

  test('whoever did not sign in reads what they did, confirms that it is over, and opens it again', async () => {
    const { nobody, sam } = people
    const { accessToken: token } = await done(
      nobody,
      'openAnonymousTicket',
      { subject: 'Lost', description: 'My key.', contact: 'kim@away.example' },
      'number accessToken',
    )
    const SIDE = 'ticket { number status closedAt messages { body } } '
    const { ticket, message } = await done(
      nobody,
      'replyToAnonymousTicket',
      { token, body: 'It is red.' },
      `${SIDE} message { kind body authorName }`,
    )
    expect(ticket).toMatchObject({
      status: 'OPEN',
      closedAt: null,
      messages: [{ body: 'It is red.' }, { body: 'My key.' }],
    })
    expect(message).toEqual({ kind: 'USER_MESSAGE', body: 'It is red.', authorName: null })
    expect(await refused(nobody, 'closeAnonymousTicket', { token: 'none' })).toMatchObject([
      { code: 'NOT_FOUND' },
    ])
    const { tickets } = await sam.ask('query ($f: TicketFilter) { tickets(filter: $f) { nodes { id } } }', {
      f: { text: 'Lost', channels: ['ANONYMOUS_FORM'] },
    })
    const expected = async (): Promise<Json | null> =>
      (
        await nobody.ask(
          'query ($token: String!) { anonymousTicket(token: $token) { expectedReply { by text } } }',
          { token },
        )
      ).anonymousTicket.expectedReply
    const published = await nobody.ask('{ publishedSupportExpectations { text } }')
    const seen = await sam.ask(
      'query ($id: ID!) { ticket(id: $id) { slaDueAt expectedReply { by text } } }',
      {
        id: tickets.nodes[0].id,
      },
    )
    expect(await expected()).toEqual(seen.ticket.expectedReply)
    expect(await expected()).toEqual({
      by: seen.ticket.slaDueAt,
      text: published.publishedSupportExpectations.text,
    })
    await done(sam, 'resolveTicket', { ticketId: tickets.nodes[0].id, resolution: 'Found.' })
    expect(await expected()).toBeNull()
    const closed = await done(nobody, 'closeAnonymousTicket', { token }, SIDE)
    expect(closed.ticket).toMatchObject({ status: 'CLOSED', closedAt: expect.any(String) })
    const again = await done(
      nobody,
      'reopenAnonymousTicket',
      { token, body: 'Lost again.', reason: 'HAPPENED_AGAIN' },
      `${SIDE} message { body }`,
    )
    expect(again).toMatchObject({
      ticket: { status: 'OPEN', closedAt: null },
      message: { body: 'Lost again.' },
    })
    expect(await expected()).not.toBeNull()

    // Found it: nobody has to look any more.
    await done(sam, 'assignTicketToMe', { ticketId: tickets.nodes[0].id })
    const input = { token, idempotencyKey: 'found' }
    expect((await done(nobody, 'closeAnonymousTicket', input, SIDE)).ticket.status).toBe('CLOSED')
    await done(nobody, 'closeAnonymousTicket', input)
    expect(await refused(nobody, 'closeAnonymousTicket', { token })).toMatchObject([
      { code: 'INVALID_STATE' },
    ])
    const { ticket: left } = await sam.ask(
      'query ($id: ID!) { ticket(id: $id) { status statusReason sla { cycle state } } }',
      { id: tickets.nodes[0].id },
    )
    expect(left).toMatchObject({ status: 'CLOSED', statusReason: 'WITHDRAWN' })
    expect(left.sla).toContainEqual({ cycle: 1, state: 'CANCELED' })
    const told = '{ notifications(unreadOnly: true, first: 100) { nodes { title } } }'
    await until(async () =>
      (await sam.ask(told)).notifications.nodes.some(({ title }: Json) => /withdrew/.test(title)),
    )
    expect(await expected()).toBeNull()
  })
})
