import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import {
  buildSchema,
  type GraphQLField,
  type GraphQLNamedType,
  getNamedType,
  isAbstractType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
} from 'graphql'
import { createClient as createStream } from 'graphql-sse'
import { createClient as createSocket } from 'graphql-ws'
import WebSocket from 'ws'
import { ROOT } from '#shared/root.js'
import { DEMO_ORGANIZATION_ID, DEMO_REQUESTER_ID } from '#subgraphs/accounts/bootstrap.js'
import { idOf, type Json, type Person, until, World } from '../kit/world.js'

/** What is said on tickets and to whom, what is known when they open, and that nothing said in private ever leaks (C14, C15, C25, C32, D16 to D24, D33, D60, D61, X18). */
describe('what is said', () => {
  let world: World
  let people: Awaited<ReturnType<World['people']>>
  let rico: Person
  let eve: Person

  beforeAll(async () => {
    world = await World.open('ticket_said')
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
        plan: 'starter',
        billingState: 'PAST_DUE',
        members: [{ user: 'eve', role: 'OWNER', supportAccess: true }],
      },
    ])
    eve = await world.person(idOf('usr', 'eve'))
  })
  afterAll(() => world?.close())

  const matter = { subject: 'Broken lamp', description: 'It came in pieces.' }
  const opened = async (who = rico, more: Json = {}): Promise<string> => {
    const own = who === rico ? {} : { visibility: 'PRIVATE' }
    const { ticket, userErrors } = await who.act(
      'openTicket',
      { ...matter, ...own, ...more },
      'ticket { id }',
    )
    expect(userErrors).toEqual([])
    return ticket.id
  }
  const MESSAGE = 'message { id kind visibility body revision publicSince } ticket { id }'
  const done = async (who: Person, action: string, input: Json, more = ''): Promise<Json> => {
    const payload = await who.act(action, input, `${MESSAGE} ${more}`)
    expect(payload.userErrors).toEqual([])
    return payload
  }
  const refused = async (who: Person, action: string, input: Json): Promise<Json> => {
    const { userErrors, events } = await who.act(action, input)
    expect(events).toEqual([])
    return userErrors[0]
  }
  const bodies = async (who: Person, id: string): Promise<string[]> => {
    const { ticket } = await who.ask('query ($id: ID!) { ticket(id: $id) { messages { nodes { body } } } }', {
      id,
    })
    return ticket.messages.nodes.map(({ body }: Json) => body)
  }

  describe('messages', () => {
    test('whoever writes says who reads it', async () => {
      const { sam, rita } = people
      const ticketId = await opened()
      const silent = await sam.send(
        'mutation ($input: PostTicketMessageInput!) { postTicketMessage(input: $input) { events { id } } }',
        { input: { ticketId, body: 'Hm.' } },
      )
      expect(silent.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT')
      const note = await done(sam, 'postTicketMessage', { ticketId, body: 'Hm.', visibility: 'PRIVATE' })
      expect(note.message).toMatchObject({ kind: 'INTERNAL_NOTE', visibility: 'PRIVATE', publicSince: null })
      const reply = await done(sam, 'postTicketMessage', { ticketId, body: 'We look.', visibility: 'PUBLIC' })
      expect(reply.message).toMatchObject({ kind: 'STAFF_REPLY', visibility: 'PUBLIC', revision: 1 })
      expect(
        await refused(rita, 'postTicketMessage', { ticketId, body: 'x', visibility: 'PUBLIC' }),
      ).toMatchObject({
        code: 'MISSING_PERMISSION',
        field: 'visibility',
      })
      await done(rita, 'postTicketMessage', { ticketId, body: 'Looks fine.', visibility: 'PRIVATE' })
      expect(
        await refused(rico, 'postTicketMessage', { ticketId, body: 'x', visibility: 'PRIVATE' }),
      ).toMatchObject({
        code: 'INVALID',
        field: 'visibility',
      })
      await done(rico, 'postTicketMessage', { ticketId, body: 'Thanks.', visibility: 'PUBLIC' })
      expect(await bodies(rico, ticketId)).toEqual(['Thanks.', 'We look.', 'It came in pieces.'])
      const { ticketMessages } = await sam.ask(
        '{ ticketMessages(filter: { kinds: [INTERNAL_NOTE] }, first: 2) { nodes { body kind } } }',
      )
      expect(ticketMessages.nodes).toEqual([
        { body: 'Looks fine.', kind: 'INTERNAL_NOTE' },
        { body: 'Hm.', kind: 'INTERNAL_NOTE' },
      ])
    })

    test('every wording stays readable to staff; customers read the last one', async () => {
      const { sam, lea, rita } = people
      const ticketId = await opened()
      const { message } = await done(sam, 'replyToTicket', { ticketId, body: 'On Tuseday.' })
      const messageId = message.id
      expect(await refused(rita, 'editTicketMessage', { ticketId, messageId, body: 'x' })).toMatchObject({
        code: 'MISSING_PERMISSION',
        field: 'messageId',
      })
      const edited = await done(
        sam,
        'editTicketMessage',
        { ticketId, messageId, body: 'On Tuesday.' },
        'warnings { code facts }',
      )
      expect(edited).toMatchObject({
        message: { revision: 2, body: 'On Tuesday.' },
        events: [{ type: 'SupportNoteEdited' }],
      })
      // Nothing of it left yet: what leaves is what it says by then.
      expect(edited.warnings).toEqual([])
      await done(lea, 'editTicketMessage', { ticketId, messageId, body: 'On Wednesday.' })
      const { ticket } = await sam.ask(
        `query ($id: ID!) { ticket(id: $id) { messages(first: 1) { nodes { revision editedAt revisions { revision body authorId } } } } }`,
        { id: ticketId },
      )
      expect(ticket.messages.nodes[0].revisions).toEqual([
        { revision: 1, body: 'On Tuseday.', authorId: sam.id },
        { revision: 2, body: 'On Tuesday.', authorId: sam.id },
        { revision: 3, body: 'On Wednesday.', authorId: lea.id },
      ])
      expect(await bodies(rico, ticketId)).toEqual(['On Wednesday.', 'It came in pieces.'])
      const answer = await rico.send(
        'query ($id: ID!) { ticket(id: $id) { messages { nodes { revisions { body } } } } }',
        { id: ticketId },
      )
      expect(answer.errors?.[0]?.extensions.code).toBe('FORBIDDEN')
      expect(JSON.stringify(answer)).not.toContain('Tuseday')
      const { ticket: first } = await sam.ask(
        'query ($id: ID!) { ticket(id: $id) { messages { nodes { id kind } } } }',
        { id: ticketId },
      )
      const theirs = first.messages.nodes.find(({ kind }: Json) => kind === 'USER_MESSAGE').id
      expect(
        await refused(lea, 'editTicketMessage', { ticketId, messageId: theirs, body: 'x' }),
      ).toMatchObject({
        code: 'INVALID_STATE',
      })
      expect(
        await refused(lea, 'editTicketMessage', { ticketId, messageId: 'msg_none', body: 'x' }),
      ).toMatchObject({
        code: 'NOT_FOUND',
      })
    })

    test('hiding what was delivered warns, says when and where, and suggests a correction', async () => {
      const { sam } = people
      const ticketId = await opened()
      const { message } = await done(sam, 'replyToTicket', { ticketId, body: 'The seller is a fraud.' })
      const messageId = message.id
      world.advance(60_000)
      await until(async () => {
        const { notifications } = await rico.ask('{ notifications(first: 50) { nodes { aboutIds } } }')
        return notifications.nodes.some(({ aboutIds }: Json) => aboutIds.includes(messageId))
      })
      const hidden = await done(
        sam,
        'setTicketMessageVisibility',
        { ticketId, messageId, visibility: 'PRIVATE', reason: 'CONTAINS_PRIVATE' },
        'warnings { code message facts }',
      )
      expect(hidden).toMatchObject({
        message: { kind: 'INTERNAL_NOTE', visibility: 'PRIVATE', publicSince: null },
        warnings: [
          {
            code: 'ALREADY_DELIVERED',
            facts: {
              deliveries: [{ channel: 'IN_APP', at: message.publicSince }],
              suggestion: { action: 'replyToTicket', correctionOfId: messageId },
            },
          },
        ],
      })
      expect(await bodies(rico, ticketId)).toEqual(['It came in pieces.'])
      const again = await sam.act(
        'setTicketMessageVisibility',
        { ticketId, messageId, visibility: 'PRIVATE', reason: 'WRONG_VISIBILITY' },
        'warnings { code }',
      )
      expect(again).toMatchObject({ events: [], warnings: [] })
      const corrected = await sam.act(
        'replyToTicket',
        { ticketId, body: 'That was wrong; sorry.', correctionOfId: messageId },
        'message { correctionOf { id } }',
      )
      expect(corrected.message.correctionOf.id).toBe(messageId)
      const { ticket } = await rico.ask(
        'query ($id: ID!) { ticket(id: $id) { messages(first: 1) { nodes { body correctionOf { id } } } } }',
        { id: ticketId },
      )
      expect(ticket.messages.nodes).toEqual([{ body: 'That was wrong; sorry.', correctionOf: null }])

      const { message: note } = await done(sam, 'addTicketNote', { ticketId, body: 'Worth knowing.' })
      const shown = await done(
        sam,
        'setTicketMessageVisibility',
        { ticketId, messageId: note.id, visibility: 'PUBLIC', reason: 'WORTH_SHARING' },
        'warnings { code }',
      )
      expect(shown).toMatchObject({ message: { kind: 'STAFF_REPLY', visibility: 'PUBLIC' }, warnings: [] })
      expect(await bodies(rico, ticketId)).toContain('Worth knowing.')
    })

    test('bad words in: empty, too long, direction-changing', async () => {
      const { sam } = people
      const ticketId = await opened()
      for (const body of ['', '   ', 'x'.repeat(20_001), 'a\u0007b', 'a\u0000b'])
        for (const [who, action] of [
          [sam, 'replyToTicket'],
          [rico, 'replyToTicket'],
          [sam, 'addTicketNote'],
        ] as const)
          expect(await refused(who, action, { ticketId, body })).toMatchObject({
            code: 'INVALID',
            field: 'body',
          })
    })
  })

  describe('what is known when a ticket opens', () => {
    const CONTEXT = `capturedAt account { id name planTier billingState } requester { id name email role contactPreference }
      sites { slug name } `

    test('account, customer, sites and what happened before; nobody who opens one can say it', async () => {
      const { sam } = people
      const preview = await rico.ask(`{ ticketContextPreview { ${CONTEXT} } }`)
      const ticketId = await opened()
      const { ticket } = await sam.ask(
        `query ($id: ID!) { ticket(id: $id) { openContext { ${CONTEXT} activity { eventId type at summary } } } }`,
        { id: ticketId },
      )
      const { openContext } = ticket
      expect(openContext).toMatchObject({
        account: {
          id: DEMO_ORGANIZATION_ID,
          name: 'Alpenglow Outfitters',
          planTier: 'business',
          billingState: 'CURRENT',
        },
        requester: {
          id: rico.id,
          name: 'Rico Vance',
          email: 'rico@alpenglow.example',
          role: 'OWNER',
          contactPreference: 'BOTH',
        },
        sites: [{ slug: 'alpenglow-shop', name: 'Alpenglow Shop' }],
      })
      expect(openContext.activity.length).toBeGreaterThan(0)
      expect(openContext.activity.length).toBeLessThanOrEqual(20)
      expect(openContext.activity[0].summary).toMatch(/^[a-z ]+ \d\d:\d\d UTC$/)
      const { capturedAt: _, ...previewed } = preview.ticketContextPreview
      expect(openContext).toMatchObject(previewed)
      const event = await sam.ask('query ($id: ID!) { node(id: $id) { id } }', {
        id: openContext.activity[0].eventId,
      })
      expect(event.node.id).toBe(openContext.activity[0].eventId)

      const forRico = await rico.ask(`query ($id: ID!) { ticket(id: $id) { openContext { ${CONTEXT} } } }`, {
        id: ticketId,
      })
      expect(forRico.ticket.openContext).toMatchObject(previewed)
      const activity = await rico.send(
        'query ($id: ID!) { ticket(id: $id) { openContext { activity { type } } } }',
        { id: ticketId },
      )
      // Of what happened a customer reads what they did themselves.
      expect(activity.errors).toBeUndefined()
      const own = await world.sql('select id from log.event where actor = $1', [rico.id])
      const ids = own.map(({ id }) => `evt_${id}`)
      expect(activity.data!.ticket.openContext.activity).toEqual(
        openContext.activity.flatMap(({ eventId, type }: Json) => (ids.includes(eventId) ? [{ type }] : [])),
      )

      await people.shop.record('organizations', [
        {
          source: 'demo',
          externalId: 'alpenglow',
          name: 'Alpenglow Ltd',
          plan: 'starter',
          billingState: 'PAST_DUE',
        },
      ])
      const later = await sam.ask(
        'query ($id: ID!) { ticket(id: $id) { organization { name } openContext { account { name planTier } } } }',
        { id: ticketId },
      )
      expect(later.ticket).toEqual({
        organization: { name: 'Alpenglow Ltd' },
        openContext: { account: { name: 'Alpenglow Outfitters', planTier: 'business' } },
      })
      const forged = await rico.send(
        'mutation ($input: OpenTicketInput!) { openTicket(input: $input) { ticket { id } } }',
        { input: { ...matter, openContext: { account: null } } },
      )
      expect(forged.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT')
    })

    test('a preview is of one’s own account, and the site one works in comes first', async () => {
      const other = await rico.ask(
        'query ($id: ID) { ticketContextPreview(organizationId: $id) { account { name } } }',
        {
          id: idOf('org', 'else'),
        },
      )
      expect(other.ticketContextPreview).toBeNull()
      await people.shop.record('organizations', [
        {
          source: 'shop',
          externalId: 'else',
          name: 'Else',
          plan: 'starter',
          billingState: 'PAST_DUE',
          members: [{ user: 'eve', role: 'OWNER', supportAccess: true }],
          sites: [
            { externalId: 'one', slug: 'one', name: 'One' },
            { externalId: 'two', slug: 'two', name: 'Two' },
          ],
        },
      ])
      const first = async (site: string) => {
        const { data } = await eve.send(
          '{ ticketContextPreview { sites { slug } } }',
          {},
          { 'x-opsgraph-site': site },
        )
        expect(data?.ticketContextPreview.sites).toHaveLength(2)
        return data?.ticketContextPreview.sites[0].slug
      }
      expect([await first('one'), await first('two')]).toEqual(['one', 'two'])
      await first('alpenglow-shop')
    })

    test('what is known of a member their co-members read by name alone, and members without access only of themselves', async () => {
      await people.shop.record('users', [
        { source: 'shop', externalId: 'ned', name: 'Ned Hollow', email: 'ned@else.example' },
      ])
      await people.shop.record('organizations', [
        {
          source: 'shop',
          externalId: 'else',
          name: 'Else',
          members: [{ user: 'eve', role: 'OWNER' }, { user: 'ned' }],
        },
      ])
      const ned = await world.person(idOf('usr', 'ned'))
      const ticketId = await opened(people.sam, {
        organizationId: idOf('org', 'else'),
        requesterId: ned.id,
        visibility: 'PUBLIC',
      })
      const query = `query ($id: ID!) { ticket(id: $id) { requesterName openContext { account { name billingState }
        requester { name email contactPreference } sites { name } } } }`
      expect((await ned.ask(query, { id: ticketId })).ticket).toEqual({
        requesterName: 'Ned Hollow',
        openContext: {
          account: null,
          requester: { name: 'Ned Hollow', email: 'ned@else.example', contactPreference: 'BOTH' },
          sites: [],
        },
      })
      expect((await eve.ask(query, { id: ticketId })).ticket).toEqual({
        requesterName: 'Ned Hollow',
        openContext: {
          account: { name: 'Else', billingState: expect.any(String) },
          requester: { name: 'Ned Hollow', email: null, contactPreference: null },
          sites: expect.arrayContaining([{ name: 'One' }, { name: 'Two' }]),
        },
      })
    })

    test('a problem report names what it is about, and is not left to wait', async () => {
      const ticketId = await opened(rico, { category: 'PROBLEM_REPORT', reported: 'listing 4711' })
      const { ticket } = await people.sam.ask(
        'query ($id: ID!) { ticket(id: $id) { reportedId priority } }',
        { id: ticketId },
      )
      expect(ticket).toEqual({ reportedId: 'listing 4711', priority: 'HIGH' })
      expect(await refused(rico, 'openTicket', { ...matter, reported: 'listing 4711' })).toMatchObject({
        code: 'INVALID',
        field: 'reported',
      })
    })
  })

  test('the tickets of whoever leaves lie in their queues again', async () => {
    const { ada, sam } = people
    const hired = await ada.act(
      'hireStaff',
      { name: 'Gus Gone', email: 'gus@opsgraph.example', roles: ['SUPPORT_AGENT'], reason: 'NEW_COLLEAGUE' },
      'staffMember { id }',
    )
    const gus = await world.person(hired.staffMember.id)
    const ticketId = await opened()
    expect((await gus.act('assignTicketToMe', { ticketId })).userErrors).toEqual([])
    await ada.act('deactivateStaff', { staffId: gus.id, reason: 'LEFT' })
    await until(async () => {
      const { ticket } = await sam.ask('query ($id: ID!) { ticket(id: $id) { assignee { id } } }', {
        id: ticketId,
      })
      return ticket.assignee === null
    })
  })

  describe('the canary', () => {
    const CANARY = 'xylophone'
    const api = buildSchema(readFileSync(join(ROOT, 'schema/api.graphql'), 'utf8'))
    let ticketId: string
    let number: string
    let noteId: string
    let onceSecret: string
    /** Over server-sent events, and over a WebSocket. */
    const told: [Json[], Json[]] = [[], []]
    let stop = () => {}

    beforeAll(async () => {
      const { sam, lea, ada } = people
      // A customer of their own, so that what they see can be compared with what is theirs.
      const queue = await lea.act(
        'createQueue',
        { name: `Queue ${CANARY}`, publicName: 'Helpers', workspace: 'RISK', categories: [] },
        'queue { id }',
      )
      const { routingRules } = await lea.ask('{ routingRules { version } }')
      const rules = [
        {
          name: `rule ${CANARY}`,
          when: { words: ['canary'] },
          thenQueueId: queue.queue.id,
          tags: [`tag-${CANARY}`],
          because: `because ${CANARY}`,
        },
      ]
      const changed = await lea.act('changeRoutingRules', { rules, expectedVersion: routingRules.version })
      expect(changed.userErrors).toEqual([])
      const { ticket } = await rico.act(
        'openTicket',
        { subject: 'A canary', description: 'It sings.' },
        'ticket { id number }',
      )
      ticketId = ticket.id
      number = ticket.number
      const authorization = `Bearer ${rico.token}`
      const url = `${world.url}/graphql`
      const clients = [
        createStream({ url, retryAttempts: 0, headers: { authorization } }),
        createSocket({
          url: url.replace('http', 'ws'),
          webSocketImpl: WebSocket,
          retryAttempts: 0,
          connectionParams: { authorization },
        }),
      ]
      const query = `subscription ($id: ID!) { ticketUpdated(ticketId: $id) { cursor event { id type change actorName } ticket { version updatedAt status queueName
        messages(first: 50) { totalCount nodes { id body kind visibility } } } } }`
      const news =
        'subscription { notificationAdded { cursor notification { id template title body aboutIds recipientId } } }'
      for (const [at, client] of clients.entries())
        for (const request of [{ query, variables: { id: ticketId } }, { query: news }])
          client.subscribe(request, {
            next: (value: unknown) => void told[at]!.push(value as Json),
            error: () => {},
            complete: () => {},
          })
      stop = () => {
        for (const client of clients) void client.dispose()
      }
      // Whoever follows from now on has to be there before something happens.
      await new Promise(resolve => setTimeout(resolve, 1_500))
      const act = async (who: Person, action: string, input: Json) => {
        const payload = await who.act(action, { ticketId, ...input }, 'ticket { id }')
        expect({ action, errors: payload.userErrors }).toEqual({ action, errors: [] })
        return payload
      }
      await act(sam, 'assignTicketToMe', { note: `note ${CANARY}` })
      noteId = (await sam.act('addTicketNote', { ticketId, body: `private ${CANARY}` }, 'message { id }'))
        .message.id
      await act(sam, 'editTicketMessage', { messageId: noteId, body: `edited ${CANARY}` })
      const once = await sam.act('replyToTicket', { ticketId, body: `said ${CANARY} once` }, 'message { id }')
      onceSecret = once.message.id
      await act(sam, 'editTicketMessage', { messageId: onceSecret, body: 'said nothing' })
      const hidden = await sam.act('replyToTicket', { ticketId, body: `hidden ${CANARY}` }, 'message { id }')
      await act(sam, 'setTicketMessageVisibility', {
        messageId: hidden.message.id,
        visibility: 'PRIVATE',
        reason: 'CONTAINS_PRIVATE',
        note: `why ${CANARY}`,
      })
      await act(sam, 'tagTicket', { add: [`more-${CANARY}`] })
      await act(sam, 'setTicketStatus', {
        status: 'WAITING_ON_BUYER',
        statusReason: 'INFORMATION_REQUESTED',
        note: CANARY,
      })
      await act(sam, 'snoozeTicket', {
        until: new Date(world.now.getTime() + 3_600_000).toISOString(),
        note: CANARY,
      })
      await act(sam, 'setTicketPriority', { priority: 'HIGH', note: CANARY })
      await act(lea, 'assignTicket', { assigneeId: ada.id, note: CANARY })
      await act(sam, 'resolveTicket', { resolution: 'It sings again.', note: CANARY })
      await act(lea, 'closeTicket', { early: 'OTHER', note: `internal ${CANARY}` })
      await act(sam, 'addTicketNote', { body: `after ${CANARY}` })
      await act(sam, 'reopenTicket', { reason: 'CLOSED_BY_MISTAKE', note: CANARY })
    })
    afterAll(() => stop())

    /** What to say for an argument that has to be said. */
    const valueFor = (name: string, type: string): string | null =>
      ({
        id: JSON.stringify(ticketId),
        ticketId: JSON.stringify(ticketId),
        ids: JSON.stringify([ticketId, noteId, onceSecret]),
        number: JSON.stringify(number),
        query: JSON.stringify(CANARY),
        cursor: '"1"',
        by: 'STATUS',
        slug: '"alpenglow"',
        key: '"refund.limit.SUPPORT_AGENT"',
      })[name] ?? (type === 'String!' ? '"replyToTicket"' : type === 'ID!' ? JSON.stringify(ticketId) : null)

    /** A field with everything below it, as deep as asked; null when it cannot be asked for. */
    function asked(field: GraphQLField<unknown, unknown>, depth: number): string | null {
      const args = field.args.filter(
        arg => isRequiredArgument(arg) || arg.name === 'id' || arg.name === 'ids',
      )
      const values = args.map(arg => [arg.name, valueFor(arg.name, String(arg.type))] as const)
      if (values.some(([, value]) => value === null)) return null
      const given = values.length ? `(${values.map(([name, value]) => `${name}: ${value}`).join(', ')})` : ''
      const below = below_(getNamedType(field.type), depth)
      return below === null ? null : `${field.name}${given}${below}`
    }
    function below_(type: GraphQLNamedType, depth: number): string | null {
      if (isLeafType(type)) return ''
      if (depth === 0) return null
      if (isAbstractType(type))
        return ` { __typename ... on Ticket ${below_(api.getType('Ticket')!, depth - 1) ?? '{ id }'} ... on TicketMessage { id body } }`
      if (!isObjectType(type)) return null
      const fields = Object.values(type.getFields()).flatMap(field => asked(field, depth - 1) ?? [])
      return fields.length ? ` { ${fields.join(' ')} }` : null
    }

    test('is in what staff see', async () => {
      const { ticket } = await people.sam.ask(
        'query ($id: ID!) { ticket(id: $id) { tags queue { name } messages(first: 50) { nodes { body } } } }',
        { id: ticketId },
      )
      expect(JSON.stringify(ticket).split(CANARY).length).toBeGreaterThan(5)
    })

    test('and in no answer to any question a customer can ask', async () => {
      const roots = Object.values(api.getQueryType()!.getFields())
      const asks: string[] = []
      for (const root of roots) {
        const shallow = asked(root, 3)
        if (shallow) asks.push(`{ ${shallow} }`)
      }
      // A ticket and what is said on it, each field to its depth.
      const ticketType = api.getType('Ticket')
      if (!isObjectType(ticketType)) throw new Error('no Ticket')
      // What is too much at once is asked less deep.
      for (const field of Object.values(ticketType.getFields()))
        for (const depth of [2, 3, 4]) {
          const deep = asked(field, depth)
          if (!deep) continue
          asks.push(
            `{ ticket(id: "${ticketId}") { ${deep} } }`,
            `{ tickets(first: 5) { nodes { ${deep} } } }`,
          )
        }
      expect(asks.length).toBeGreaterThan(60)
      let answered = 0
      for (const query of asks) {
        const answer = await rico.send(query)
        // What was asked for comes back in errors about it.
        const text = JSON.stringify({ ...answer, errors: answer.errors?.map(({ extensions }) => extensions) })
        if (text.includes(CANARY) || text.includes(noteId))
          throw new Error(`${query}\n${text.slice(0, 2000)}`)
        if (answer.data && Object.values(answer.data).some(value => value !== null)) answered++
      }
      expect(answered).toBeGreaterThan(30)
    })

    test('nor in what a customer is told by an action, or refused', async () => {
      const answers = [
        await rico.act(
          'replyToTicket',
          { ticketId, body: 'Hello?' },
          'ticket { id version status } message { id body }',
        ),
        await rico.act('closeTicket', { ticketId }, 'ticket { id }'),
        await rico.act('reopenTicket', { ticketId, reason: 'NEW_INFORMATION' }, 'ticket { id }'),
        await rico.act('replyToTicket', { ticketId, body: 'x', expectedVersion: 1 }, 'ticket { id }'),
        await rico.act('replyToTicket', { ticketId, body: 'x', correctionOfId: noteId }, 'ticket { id }'),
      ]
      expect(JSON.stringify(answers)).not.toContain(CANARY)
      for (const action of [
        'editTicketMessage',
        'setTicketMessageVisibility',
        'tagTicket',
        'routeTicket',
        'mergeTickets',
      ]) {
        const type = `${action[0]!.toUpperCase()}${action.slice(1)}Input`
        const answer = await rico.send(
          `mutation ($input: ${type}!) { ${action}(input: $input) { events { id } } }`,
          {
            input: {
              editTicketMessage: { ticketId, messageId: noteId, body: 'x' },
              setTicketMessageVisibility: {
                ticketId,
                messageId: noteId,
                visibility: 'PUBLIC',
                reason: 'WORTH_SHARING',
              },
              tagTicket: { ticketId, add: ['x'] },
              routeTicket: { ticketId, queueId: 'que_support', reason: 'OTHER_TEAM' },
              mergeTickets: { ticketId, intoId: ticketId, reason: 'DUPLICATE' },
            }[action],
          },
        )
        expect({ action, code: answer.errors?.[0]?.extensions.code }).toEqual({ action, code: 'FORBIDDEN' })
      }
    })

    test('nor in what reaches them live, by either road; of what staff did alone they hear nothing', async () => {
      world.advance(20_000)
      for (const [at, all] of told.entries()) {
        const updates = () => all.flatMap(({ data }) => data?.ticketUpdated ?? [])
        const news = () => all.flatMap(({ data }) => data?.notificationAdded ?? [])
        await until(() => updates().some(({ event }) => event.type === 'SupportCaseReopened'))
        await until(() => news().some(({ notification }) => notification.template === 'TICKET_REOPENED'))
        expect({ at, errors: all.filter(({ errors }) => errors) }).toEqual({ at, errors: [] })
        // Of the message that said it once, for as long as it did, they were told: that was public then.
        const later = all.filter(({ data }) => !JSON.stringify(data).match(/said \w+ once|hidden \w+/))
        expect(JSON.stringify(later)).not.toContain(CANARY)
        expect(JSON.stringify(all)).not.toMatch(/private xyl|edited xyl|after xyl|internal xyl/)
        expect(JSON.stringify(news())).not.toContain(CANARY)
        const heard = updates().map(({ event }) => [event.type, event.change])
        expect(heard.map(([type]) => type)).not.toContain('SupportNoteAdded')
        const changes = heard.filter(([type]) => type === 'SupportCaseUpdated').map(([, change]) => change)
        expect(changes).toEqual(expect.arrayContaining(['ASSIGNEE', 'STATUS', 'PRIORITY']))
        expect(changes.filter(change => !['ASSIGNEE', 'STATUS', 'PRIORITY'].includes(change))).toEqual([])
      }
    })

    test('nor in mail, or by any road that is not GraphQL', async () => {
      const mails = await until(async () => {
        const rows = await world.sql(
          `select mail from support.mailbox where mail::text like '%' || $1 || '%'`,
          [number],
        )
        return rows.length >= 3 && rows
      })
      expect(JSON.stringify(mails)).not.toContain(CANARY)
      const roads = [
        '/',
        '/mailbox',
        '/metrics',
        '/readyz',
        '/healthz',
        '/export',
        '/events',
        '/webhooks/stripe',
      ]
      for (const road of [...roads, `/files/${ticketId}`, `/tickets/${ticketId}`]) {
        const answer = await fetch(`${world.url}${road}`, {
          headers: { authorization: `Bearer ${rico.token}` },
        })
        expect({ road, leaks: (await answer.text()).includes(CANARY) }).toEqual({ road, leaks: false })
      }
    })

    test('what staff do alone does not move the time at which the ticket changed for the customer', async () => {
      const at = async (who: Person) =>
        (await who.ask('query ($id: ID!) { ticket(id: $id) { updatedAt } }', { id: ticketId })).ticket
          .updatedAt
      const [forRico, forSam] = [await at(rico), await at(people.sam)]
      world.advance(5_000)
      await people.sam.act('addTicketNote', { ticketId, body: 'Hm.' })
      await people.sam.act('tagTicket', { ticketId, add: ['later'] })
      expect(await at(rico)).toBe(forRico)
      expect(Date.parse(await at(people.sam))).toBeGreaterThan(Date.parse(forSam))
    })

    test('scripts know an event by site, surface, actor and time (D62)', async () => {
      const [{ pos }] = (await world.sql(
        `select p.pos from log.event_pos p join log.event e on e.id = p.event_id where e.stream_id = $1 order by p.pos limit 1`,
        [ticketId],
      )) as [Json]
      const query = `query ($id: ID!, $c: String!) { ticketUpdate(ticketId: $id, cursor: $c) { event { reference } } }`
      const { ticketUpdate } = await people.sam.ask(query, { id: ticketId, c: String(pos) })
      expect(ticketUpdate.event.reference).toEqual({
        site: null,
        surface: 'ticket-and-support-workflow',
        actor: 'rico@alpenglow.example',
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      })
      const forRico = await rico.send(query, { id: ticketId, c: String(pos) })
      expect(forRico.errors?.[0]?.extensions.code).toBe('FORBIDDEN')
    })
  })
})
