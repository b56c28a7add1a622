import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createClient as createStream } from 'graphql-sse'
import { DEMO_ORGANIZATION_ID, DEMO_REQUESTER_ID } from '#subgraphs/accounts/bootstrap.js'
import { type Json, type Person, until, World } from '../kit/world.js'

const HOLD = 21_000
const SECRET = 'Zyzzyva'

/** From when on customers know what of a ticket, and what they are told of it (C15, C25, D29, D60, D61). */
describe('what customers know of a ticket', () => {
  let world: World
  let people: Awaited<ReturnType<World['people']>>
  let rico: Person

  beforeAll(async () => {
    world = await World.open('ticket_visible')
    people = await world.people()
    rico = await world.person(DEMO_REQUESTER_ID)
  })
  afterAll(() => world?.close())

  const done = async (who: Person, action: string, input: Json, more = ''): Promise<Json> => {
    const payload = await who.act(action, input, more)
    expect({ action, errors: payload.userErrors }).toEqual({ action, errors: [] })
    return payload
  }
  const opened = async (who: Person = rico, more: Json = {}): Promise<string> => {
    const { ticket } = await done(
      who,
      'openTicket',
      { subject: 'Broken lamp', description: 'It came in pieces.', ...more },
      'ticket { id }',
    )
    return ticket.id
  }
  const said = async (action: string, input: Json, who = people.sam): Promise<string> =>
    (await done(who, action, input, 'message { id }')).message.id
  const ticketOf = async (id: string, selection: string, who: Person = rico): Promise<Json> =>
    (await who.ask(`query ($id: ID!) { ticket(id: $id) { ${selection} } }`, { id })).ticket
  const history = async (id: string, who: Person = rico): Promise<Json[]> =>
    (await ticketOf(id, 'history(first: 100) { nodes { kind from to at message { body } } }', who)).history
      .nodes
  const kinds = async (id: string, who: Person = rico) => (await history(id, who)).map(({ kind }) => kind)
  const inbox = async (who: Person = rico): Promise<Json[]> =>
    (await who.ask('{ notifications(first: 100) { nodes { title body aboutIds } } }')).notifications.nodes
  const toldOf = async (id: string, who: Person = rico) =>
    (await inbox(who)).filter(({ aboutIds }) => aboutIds.includes(id))
  const deliveries = async (id: string): Promise<Json[]> =>
    (await world.sql(
      'select channel, state, occasion from support.message_delivery where ticket_id = $1 order by created_at, id',
      [id],
    )) as Json[]
  const hide = (ticketId: string, messageId: string) =>
    done(
      people.sam,
      'setTicketMessageVisibility',
      { ticketId, messageId, visibility: 'PRIVATE', reason: 'WRONG_VISIBILITY' },
      'warnings { code facts } message { id visibility } ticket { status }',
    )
  const show = (ticketId: string, messageId: string) =>
    done(people.sam, 'setTicketMessageVisibility', {
      ticketId,
      messageId,
      visibility: 'PUBLIC',
      reason: 'WORTH_SHARING',
    })
  const TOLD = `query ($id: ID!) { ticket(id: $id) { id } tickets(first: 100) { totalCount nodes { id subject } facets { status { count } } } }`

  describe('what staff open for themselves', () => {
    const privately = () =>
      opened(people.sam, {
        subject: SECRET,
        description: `${SECRET} hides something.`,
        organizationId: DEMO_ORGANIZATION_ID,
        requesterId: rico.id,
        visibility: 'PRIVATE',
      })

    test('is not there for customers, whatever becomes of it, until somebody says something public', async () => {
      const before = await rico.ask(TOLD, { id: 'tkt_none' })
      const id = await privately()
      await done(people.sam, 'assignTicketToMe', { ticketId: id })
      await said('addTicketNote', { ticketId: id, body: 'Hm.' })
      expect(await rico.ask(TOLD, { id })).toEqual(before)
      expect((await ticketOf(id, 'number', people.sam)).number).toMatch(/^TKT/)
      for (const [action, input] of [
        ['replyToTicket', { body: 'Hello?' }],
        ['closeTicket', {}],
        ['reopenTicket', { reason: 'NEW_INFORMATION' }],
        [
          'beginAttachmentUpload',
          { filename: 'a.txt', mime: 'text/plain', bytes: 1, sha256: 'a'.repeat(64), purpose: 'MESSAGE' },
        ],
      ] as const)
        expect((await rico.act(action, { ticketId: id, ...input })).userErrors).toMatchObject([
          { code: 'NOT_FOUND', field: 'ticketId' },
        ])
      await said('replyToTicket', { ticketId: id, body: 'We found something.' })
      const ticket = await ticketOf(id, 'subject messages { nodes { body } } statusHistory { to }')
      expect(ticket).toEqual({
        subject: SECRET,
        messages: { nodes: [{ body: 'We found something.' }] },
        statusHistory: [{ to: 'OPEN' }],
      })
      expect(await kinds(id)).toEqual(['PUBLIC_REPLY', 'OPENED'])
    })

    test('is that again when its first public word is taken back in time', async () => {
      const id = await privately()
      const messageId = await said('replyToTicket', { ticketId: id, body: 'Wrong one.' })
      expect((await ticketOf(id, 'id')).id).toBe(id)
      await hide(id, messageId)
      expect(await ticketOf(id, 'id')).toBeNull()
      world.advance(HOLD)
      await until(async () => (await deliveries(id)).every(({ state }) => state === 'RECALLED'))
      expect(JSON.stringify(await inbox())).not.toContain('Wrong one.')
    })

    test('is told of with its resolution, or with its description made public', async () => {
      const id = await privately()
      await said('resolveTicket', { ticketId: id, resolution: 'It is done.' })
      expect(await kinds(id)).toEqual(['RESOLVED', 'PUBLIC_REPLY', 'OPENED'])
      const other = await privately()
      const { messages } = await ticketOf(other, 'messages { nodes { id } }', people.sam)
      await show(other, messages.nodes[0].id)
      expect(await ticketOf(other, 'messages { nodes { body } }')).toEqual({
        messages: { nodes: [{ body: `${SECRET} hides something.` }] },
      })
    })

    test('is nothing that customers hear of when it ends', async () => {
      const [id, into] = [await privately(), await privately()]
      await done(people.sam, 'mergeTickets', { ticketId: id, intoId: into, reason: 'DUPLICATE' })
      world.advance(HOLD)
      const marker = await opened()
      await said('replyToTicket', { ticketId: marker, body: 'Later.' })
      world.advance(HOLD)
      await until(async () => (await toldOf(marker)).length === 1)
      expect(await deliveries(id)).toEqual([])
      expect(await toldOf(id)).toEqual([])
    })
  })

  describe('what is hidden', () => {
    const STANDS = 'firstRepliedAt awaitsReply sla { state }'

    test('before anything of it left was never said', async () => {
      const id = await opened()
      const messageId = await said('replyToTicket', { ticketId: id, body: 'Not for you.' })
      const hidden = await hide(id, messageId)
      expect(hidden).toMatchObject({ warnings: [], message: { id: messageId, visibility: 'PRIVATE' } })
      expect(await ticketOf(id, STANDS, people.sam)).toMatchObject({
        firstRepliedAt: null,
        awaitsReply: true,
        sla: [{ state: 'RUNNING' }],
      })
      expect((await ticketOf(id, 'expectedReply { by }')).expectedReply).not.toBeNull()
      expect(await kinds(id)).toEqual(['OPENED'])
      expect(await kinds(id, people.sam)).toEqual(['HIDDEN', 'PUBLIC_REPLY', 'OPENED'])
      const resolution = await said('resolveTicket', { ticketId: id, resolution: 'Done.' })
      expect(await hide(id, resolution)).toMatchObject({ warnings: [], ticket: { status: 'OPEN' } })
    })

    test('after it was delivered was said, is warned of, and leaves one word of it', async () => {
      const id = await opened()
      const messageId = await said('replyToTicket', { ticketId: id, body: 'Not for you.' })
      world.advance(HOLD)
      await until(async () => (await toldOf(id)).length === 1)
      expect(await hide(id, messageId)).toMatchObject({ warnings: [{ code: 'ALREADY_DELIVERED' }] })
      expect(await ticketOf(id, STANDS, people.sam)).toMatchObject({
        awaitsReply: false,
        sla: [{ state: 'MET' }],
      })
      expect(await history(id)).toMatchObject([
        { kind: 'WITHDRAWN', from: null, to: null, message: null },
        { kind: 'OPENED' },
      ])
      await show(id, messageId)
      expect(await kinds(id)).toEqual(['PUBLIC_REPLY', 'WITHDRAWN', 'OPENED'])
    })

    test('reaches who watches: that it is gone, and no text', async () => {
      const id = await opened()
      const told: Json[] = []
      const client = createStream({
        url: `${world.url}/graphql`,
        retryAttempts: 0,
        headers: { authorization: `Bearer ${rico.token}` },
      })
      client.subscribe(
        {
          query: `subscription ($id: ID!) { ticketUpdated(ticketId: $id) { event { type messageId } ticket { version messages { nodes { id body } } } } }`,
          variables: { id },
        },
        { next: value => void told.push(value as Json), error: () => {}, complete: () => {} },
      )
      await until(async () => {
        if (told.length === 0) await said('replyToTicket', { ticketId: id, body: 'On its way.' })
        return told.length > 0
      })
      const messageId = await said('replyToTicket', { ticketId: id, body: 'Not for you.' })
      await hide(id, messageId)
      await until(() =>
        told.some(({ data }) => data.ticketUpdated.event.type === 'SupportNoteVisibilityChanged'),
      )
      client.dispose()
      const { event, ticket } = told.at(-1)!.data.ticketUpdated
      expect(event).toEqual({ type: 'SupportNoteVisibilityChanged', messageId })
      expect(JSON.stringify(ticket)).not.toContain(messageId)
      expect(ticket.version).toBe((await ticketOf(id, 'version')).version)
    })
  })

  test('a note that becomes public is an answer from then on: what it was before is nobody’s business', async () => {
    const id = await opened()
    const messageId = await said('addTicketNote', { ticketId: id, body: 'Hm.' })
    await said('replyToTicket', { ticketId: id, body: 'We look into it.' })
    for (const body of ['Hm!', 'The lamp is on its way.'])
      await done(people.sam, 'editTicketMessage', { ticketId: id, messageId, body })
    world.advance(5000)
    await show(id, messageId)
    const read = async (who = rico): Promise<Json> =>
      (
        await ticketOf(
          id,
          'messages(first: 5) { nodes { id revision editedAt createdAt updatedAt publicSince } }',
          who,
        )
      ).messages.nodes.find((one: Json) => one.id === messageId)
    const first = await read()
    expect(first).toEqual({
      id: messageId,
      revision: 1,
      editedAt: null,
      createdAt: first.publicSince,
      updatedAt: first.publicSince,
      publicSince: first.publicSince,
    })
    expect(await read(people.sam)).toMatchObject({ revision: 3 })
    expect(await history(id)).toEqual([
      {
        kind: 'PUBLIC_REPLY',
        from: null,
        to: null,
        at: first.publicSince,
        message: { body: 'The lamp is on its way.' },
      },
      expect.objectContaining({ kind: 'PUBLIC_REPLY' }),
      expect.objectContaining({ kind: 'OPENED' }),
    ])
    const pages = 'messages(first: 1) { nodes { id } pageInfo { endCursor } }'
    const page = (await ticketOf(id, pages)).messages
    expect(page.nodes).toEqual([{ id: messageId }])
    expect(Buffer.from(page.pageInfo.endCursor, 'base64url').toString()).toContain(first.publicSince)
    const next = `messages(first: 5, after: "${page.pageInfo.endCursor}") { nodes { body } }`
    expect((await ticketOf(id, next)).messages.nodes).toEqual([
      { body: 'We look into it.' },
      { body: 'It came in pieces.' },
    ])
    await done(people.lea, 'editTicketMessage', { ticketId: id, messageId, body: 'Two lamps are.' })
    const second = await read()
    expect(second).toMatchObject({ revision: 2, editedAt: expect.any(String), updatedAt: second.editedAt })
    const { messages } = await ticketOf(
      id,
      'messages(first: 2) { nodes { revisions { revision editedBy { id } } } }',
      people.sam,
    )
    expect(messages.nodes[1].revisions.map(({ editedBy }: Json) => editedBy.id)).toEqual([
      people.sam.id,
      people.sam.id,
      people.sam.id,
      people.lea.id,
    ])
  })

  test('staff read in the history what was escalated, paged and joined, and who did it', async () => {
    const id = await opened()
    await done(people.sam, 'assignTicketToMe', { ticketId: id })
    await done(people.sam, 'escalateTicket', {
      ticketId: id,
      trigger: 'WIDESPREAD_CUSTOMER_IMPACT',
      newIncident: { title: 'Lamps break', affectedStoreIds: [] },
    })
    const HISTORY =
      'history(first: 50) { nodes { kind to summary actor { id } assignee { id name } previousAssignee { id } } }'
    await until(async () => (await kinds(id, people.sam)).includes('INCIDENT'))
    await until(async () => (await kinds(id, people.sam)).includes('PAGED'))
    const { escalations } = await ticketOf(id, 'escalations { nodes { id } }', people.lea)
    await done(people.lea, 'acknowledgeEscalation', { escalationId: escalations.nodes[0].id })
    const { history: list } = await ticketOf(id, HISTORY, people.sam)
    const of = (kind: string) => list.nodes.find((one: Json) => one.kind === kind)
    expect(of('ESCALATED')).toMatchObject({
      to: 'IMMEDIATE',
      summary: expect.stringContaining('WIDESPREAD_CUSTOMER_IMPACT'),
      actor: { id: people.sam.id },
    })
    expect(of('PAGED')).toMatchObject({ summary: expect.stringContaining('Round 1') })
    expect(of('ACKNOWLEDGED')).toMatchObject({ to: escalations.nodes[0].id, actor: { id: people.lea.id } })
    expect(of('INCIDENT')).toMatchObject({ to: expect.stringMatching(/^inc_/) })
    expect(of('ASSIGNEE')).toMatchObject({ assignee: { id: people.sam.id }, previousAssignee: null })
    expect(list.nodes.map(({ kind }: Json) => kind)).not.toContain('OTHER')
    expect(await kinds(id)).toEqual(['PRIORITY', 'ASSIGNEE', 'OPENED'])
  })

  describe('a resolution that was none', () => {
    const correct = (ticketId: string) =>
      done(
        people.sam,
        'correctTicketStatus',
        { ticketId, to: 'OPEN', reason: 'NOT_RESOLVED' },
        'warnings { code }',
      )
    const MESSAGE = 'status messages(first: 1) { nodes { body visibility isResolution } }'

    test('is not told when it was put right in time', async () => {
      const id = await opened()
      await said('resolveTicket', { ticketId: id, resolution: 'It is fixed.' })
      await until(async () => (await deliveries(id)).length > 0)
      expect((await correct(id)).warnings).toEqual([{ code: 'MESSAGE_RECALLED' }])
      expect(await ticketOf(id, MESSAGE, people.sam)).toEqual({
        status: 'OPEN',
        messages: { nodes: [{ body: 'It is fixed.', visibility: 'PRIVATE', isResolution: false }] },
      })
      world.advance(HOLD)
      await until(async () => (await deliveries(id)).every(({ state }) => state === 'RECALLED'))
      expect(await toldOf(id)).toEqual([])
    })

    test('is told to be none when it was delivered', async () => {
      const id = await opened()
      await said('resolveTicket', { ticketId: id, resolution: 'It is fixed.' })
      world.advance(HOLD)
      await until(async () => (await toldOf(id)).length === 1)
      expect((await toldOf(id))[0]!.title).toContain('was resolved')
      expect((await correct(id)).warnings).toEqual([])
      expect(await ticketOf(id, MESSAGE)).toEqual({
        status: 'OPEN',
        messages: { nodes: [{ body: 'It is fixed.', visibility: 'PUBLIC', isResolution: false }] },
      })
      world.advance(HOLD)
      await until(async () => (await toldOf(id)).length === 2)
      expect((await toldOf(id))[0]!.title).toContain('was opened again')
    })

    test('is an answer when the ticket was opened again before it left', async () => {
      const id = await opened()
      await said('resolveTicket', { ticketId: id, resolution: 'It is fixed.' })
      await done(people.lea, 'closeTicket', { ticketId: id, early: 'TEST' })
      await done(people.lea, 'reopenTicket', { ticketId: id, reason: 'CLOSED_BY_MISTAKE' })
      expect(await ticketOf(id, MESSAGE)).toMatchObject({ messages: { nodes: [{ isResolution: false }] } })
      world.advance(HOLD)
      await until(async () => (await toldOf(id)).length === 3)
      expect((await toldOf(id)).map(({ title }) => title).join()).not.toContain('was resolved')
    })
  })

  describe('what customers are told when it ends', () => {
    const closingMail = async (id: string): Promise<string | undefined> => {
      const rows = (await world.sql(
        `select mail->>'text' as text from support.mailbox m join support.message_delivery d on m.mail_id like '%' || substr(d.id, 5) || '%'
         where d.ticket_id = $1 and d.occasion = 'CLOSED' and d.channel = 'EMAIL'`,
        [id],
      )) as Json[]
      return rows[0]?.text
    }

    test('is true where they read it: reopenTicket in the app, an answer by mail', async () => {
      const id = await opened()
      await done(people.sam, 'assignTicketToMe', { ticketId: id })
      await said('resolveTicket', { ticketId: id, resolution: 'Done.' })
      await done(rico, 'closeTicket', { ticketId: id })
      world.advance(HOLD)
      await until(async () => (await toldOf(id)).some(({ title }) => title.includes('was closed')))
      const closed = (await toldOf(id)).find(({ title }) => title.includes('was closed'))!
      expect(closed.body).toMatch(/If it is not over, open it again\.$/)
      expect((await rico.act('replyToTicket', { ticketId: id, body: 'No.' })).userErrors).toMatchObject([
        { code: 'INVALID_STATE' },
      ])
      await done(rico, 'reopenTicket', { ticketId: id, reason: 'HAPPENED_AGAIN', body: 'It broke again.' })
      await until(async () => (await toldOf(id, people.sam)).length > 0)
      const marker = await opened()
      await done(people.sam, 'assignTicketToMe', { ticketId: marker })
      await said('replyToTicket', { ticketId: marker, body: 'Hello?' }, rico)
      await until(async () => (await toldOf(marker, people.sam)).length === 1)
      expect((await toldOf(id, people.sam)).map(({ title }) => title)).toEqual([
        expect.stringContaining('was opened again'),
      ])
      await until(async () => (await closingMail(id)) !== undefined)
      expect(await closingMail(id)).toMatch(
        /If it is not over, (answer this mail, or )?open it again in the app\./,
      )
    })

    test('names the ticket that it went into, in their history too, and offers nothing', async () => {
      const [id, into] = [await opened(), await opened()]
      await done(people.sam, 'mergeTickets', { ticketId: id, intoId: into, reason: 'DUPLICATE' })
      const { number } = await ticketOf(into, 'number')
      expect((await history(id))[0]).toMatchObject({ kind: 'MERGED', to: number })
      world.advance(HOLD)
      await until(async () => (await toldOf(id)).length === 1)
      const [told] = await toldOf(id)
      expect(told!.title).toContain(`goes on as ${number}`)
      expect(told!.body).toContain(number)
      expect(told!.body).not.toMatch(/open it again|answer/)
      const hidden = await opened(people.sam, {
        organizationId: DEMO_ORGANIZATION_ID,
        requesterId: rico.id,
        visibility: 'PRIVATE',
      })
      const refused = await people.sam.act('mergeTickets', {
        ticketId: into,
        intoId: hidden,
        reason: 'DUPLICATE',
      })
      expect(refused.userErrors).toMatchObject([{ code: 'INVALID_STATE', field: 'intoId' }])
    })

    test('whoever asked withdraws it, and who works on it is told', async () => {
      const id = await opened()
      await done(people.sam, 'assignTicketToMe', { ticketId: id })
      const { ticket } = await done(rico, 'closeTicket', { ticketId: id }, 'ticket { status }')
      expect(ticket).toEqual({ status: 'CLOSED' })
      expect(await ticketOf(id, 'statusReason', people.sam)).toEqual({ statusReason: 'WITHDRAWN' })
      await until(async () => (await toldOf(id, people.sam)).length === 1)
      expect((await toldOf(id, people.sam))[0]!.title).toContain('The customer withdrew')
      const others = await opened(people.sam, {
        organizationId: DEMO_ORGANIZATION_ID,
        visibility: 'PUBLIC',
      })
      expect((await rico.act('closeTicket', { ticketId: others })).userErrors).toMatchObject([
        { code: 'INVALID_STATE', message: expect.not.stringContaining('resolveTicket') },
      ])
    })

    test('what waits waits for a reason; a lead who closes too early is told how', async () => {
      const id = await opened()
      expect(
        (await people.sam.act('setTicketStatus', { ticketId: id, status: 'WAITING_ON_BUYER' })).userErrors,
      ).toMatchObject([
        {
          code: 'INVALID',
          field: 'statusReason',
          facts: { reasons: expect.arrayContaining(['EVIDENCE_REQUESTED']) },
        },
      ])
      await said('resolveTicket', { ticketId: id, resolution: 'Done.' })
      const early = async (who: Person) => (await who.act('closeTicket', { ticketId: id })).userErrors[0]
      expect(await early(people.lea)).toMatchObject({
        code: 'CLOSE_TOO_EARLY',
        message: expect.stringContaining('`early`'),
      })
      expect((await early(people.sam)).message).not.toContain('`early`')
    })
  })

  test('an upload that never arrived is no file of its ticket, but for who sends it', async () => {
    const id = await opened()
    const upload = { mime: 'text/plain', bytes: 1, sha256: 'a'.repeat(64), purpose: 'MESSAGE' }
    await done(rico, 'beginAttachmentUpload', { ticketId: id, filename: 'a.txt', ...upload })
    const files = async (who: Person, more = '') =>
      (await ticketOf(id, `attachments${more} { totalCount nodes { state } }`, who)).attachments
    const none = { totalCount: 0, nodes: [] }
    const one = { totalCount: 1, nodes: [{ state: 'UPLOADING' }] }
    expect(await files(rico)).toEqual(one)
    expect(await files(people.sam)).toEqual(none)
    expect(await files(people.sam, '(state: UPLOADING)')).toEqual(one)
    const { number } = await ticketOf(id, 'number')
    expect(number).toMatch(/^TKT/)
    const { supportOverview, attachments } = await people.sam.ask(
      '{ supportOverview { attachments } attachments { totalCount } }',
    )
    expect(supportOverview.attachments).toBe(attachments.totalCount)
  })

  test('staff read in the history that a reply was late', async () => {
    const id = await opened()
    world.advance(8 * 24 * 3_600_000)
    await until(async () => (await kinds(id, people.sam)).includes('BREACHED'))
    const { history: list } = await ticketOf(id, 'history { nodes { kind to summary } }', people.sam)
    expect(list.nodes.find(({ kind }: Json) => kind === 'BREACHED')).toMatchObject({
      to: expect.stringMatching(/^\d{4}-/),
      summary: expect.stringContaining('The first reply'),
    })
    expect(await kinds(id)).toEqual(['OPENED'])
  })
})
