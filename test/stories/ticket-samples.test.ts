import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { ROOT } from '#shared/root.js'
import { TestMailServer } from '../kit/smtp.js'
import { idOf, type Json, type Person, until, World } from '../kit/world.js'

const JEROME = 'jerome@sgen.example'
const NUMBER = 'TKT-2026-04881'
const HOUR = 3_600_000

/** The three examples of the reference page (D31 to D33), and its samples at their times of day (D24, D62 to D67). */
describe('the samples of the reference page', () => {
  let server: TestMailServer
  let world: World
  let people: Awaited<ReturnType<World['people']>>
  let jerome: Person
  let ticketId: string

  beforeAll(async () => {
    server = await TestMailServer.start()
    world = await World.prepare('ticket_samples', {
      env: { MAIL: 'smtp', SMTP_URL: server.url, MAIL_FROM: 'Support <support@opsgraph.example>' },
    })
    // In the year of the samples.
    goTo('2026-04-22T14:00:00Z')
    await world.start()
    people = await world.people()
    // 4,880 tickets were opened this year before.
    await world.sql('insert into support.ticket_year (year, before) values (2026, 0)')
    await world.sql(`select setval('support.ticket_count', 4880)`)
    await people.shop.record('users', [
      {
        source: 'shop',
        externalId: 'jerome',
        name: 'Jerome Lund',
        email: JEROME,
        contactPreference: 'BOTH',
      },
    ])
    await recorded({})
    jerome = await world.person(idOf('usr', 'jerome'))
  })
  afterAll(async () => {
    await world?.close()
    await server?.stop()
  })

  const goTo = (at: string): void => world.advance(Date.parse(at) - world.now.getTime())
  /** That minute; the clock goes on while a test asks. */
  const minute = (at: string) => expect.stringMatching(new RegExp(`^${at}:[0-5]\\dZ$`))
  async function recorded(site: Json): Promise<void> {
    const { problems } = await people.shop.record('organizations', [
      {
        source: 'shop',
        externalId: 'sgen',
        name: 'Sgen Outfitters',
        plan: 'growth',
        billingState: 'CURRENT',
        sites: [{ externalId: 'sgen-shop', slug: 'sgen-shop', name: 'Sgen Shop', ...site }],
        members: [{ user: 'jerome', role: 'ADMIN', supportAccess: true }],
      },
    ])
    expect(problems).toEqual([])
  }
  const done = async (
    who: Person,
    action: string,
    input: Json,
    more = 'ticket { id status }',
  ): Promise<Json> => {
    const payload = await who.act(action, input, more)
    expect(payload.userErrors).toEqual([])
    return payload
  }
  const ticketOf = async (id: string, selection: string, who = people.sam): Promise<Json> =>
    (await who.ask(`query ($id: ID!) { ticket(id: $id) { ${selection} } }`, { id })).ticket
  /** As documented: these keys, in this order. */
  function expectPayload(payload: Json, wanted: Json): void {
    expect(payload).toEqual(wanted)
    expect(Object.keys(payload)).toEqual(Object.keys(wanted))
  }
  const deliveriesOf = async (id: string, body: string): Promise<string[][]> => {
    const { messages } = await ticketOf(
      id,
      'messages { nodes { body deliveries { nodes { channel state } } } }',
    )
    const { deliveries } = messages.nodes.find((one: Json) => one.body === body)
    return deliveries.nodes.map(({ channel, state }: Json) => [channel, state]).sort()
  }
  const bothSent = (id: string, body: string): Promise<unknown> =>
    until(async () => JSON.stringify(await deliveriesOf(id, body)) === BOTH)
  const BOTH = JSON.stringify([
    ['EMAIL', 'SENT'],
    ['IN_APP', 'SENT'],
  ])
  const newsOf = async (who: Person, id: string): Promise<string[]> => {
    const { notifications } = await who.ask('{ notifications(first: 50) { nodes { template aboutIds } } }')
    return notifications.nodes
      .filter(({ aboutIds }: Json) => aboutIds.includes(id))
      .map(({ template }: Json) => template)
  }

  test('T2: opened 04-22 14:03, answered 14:09, closed 04-24 08:11 by the requester (D64 to D67)', async () => {
    const { sam } = people
    goTo('2026-04-22T14:03:00Z')
    const { ticket } = await done(
      jerome,
      'openTicket',
      { subject: 'Layout is broken', description: 'The header covers the menu.' },
      'ticket { id number }',
    )
    expect(ticket.number).toBe(NUMBER)
    ticketId = ticket.id
    await done(sam, 'assignTicketToMe', { ticketId })
    expectPayload((await ticketOf(ticketId, 'reference')).reference, {
      ticket_id: NUMBER,
      site: 'sgen-shop',
      requester: JEROME,
      subject: 'Layout is broken',
      status: 'open',
      queue: 'support',
      assigned_to: 'sam@opsgraph.example',
      created_at: minute('2026-04-22T14:03'),
    })

    goTo('2026-04-22T14:09:00Z')
    const body = 'The new theme needs a taller header. We set it.'
    const resolution = { ticketId, resolution: body, statusReason: 'FIXED' }
    await done(sam, 'resolveTicket', resolution)
    const { messages, expectedReply, closesAt } = await ticketOf(
      ticketId,
      'closesAt expectedReply { by } messages { nodes { reference } }',
    )
    expectPayload(messages.nodes[0].reference, {
      ticket_id: NUMBER,
      actor: 'sam@opsgraph.example',
      type: 'public-reply',
      body,
      timestamp: minute('2026-04-22T14:09'),
    })
    expect(messages.nodes[1].reference.type).toBe('follow-up')
    expect(expectedReply).toBeNull()

    goTo('2026-04-24T08:11:00Z')
    // 42 hours: before silence would have closed it.
    expect(Date.parse(closesAt)).toBeGreaterThan(world.now.getTime())
    await done(jerome, 'closeTicket', { ticketId })
    const closed = await ticketOf(ticketId, 'reference statusReason statusHistory { from to reference }')
    expectPayload(closed.statusHistory.at(-1).reference, {
      ticket_id: NUMBER,
      from: 'resolved',
      to: 'closed',
      actor: JEROME,
      closed_at: minute('2026-04-24T08:11'),
    })
    expect(closed).toMatchObject({
      statusReason: 'REQUESTER_CONFIRMED',
      reference: { status: 'closed', created_at: minute('2026-04-22T14:03') },
    })
  })

  test('each of its events is known by site, surface, actor and time (D62)', async () => {
    const [{ pos }] = (await until(async () => {
      const rows = await world.sql(
        `select p.pos from log.event_pos p join log.event e on e.id = p.event_id
         where e.stream_id = $1 and e.type = 'SupportReplyPosted' order by p.pos limit 1`,
        [ticketId],
      )
      return rows.length > 0 && rows
    })) as Json[] as [Json]
    const { ticketUpdate } = await people.sam.ask(
      'query ($id: ID!, $c: String!) { ticketUpdate(ticketId: $id, cursor: $c) { event { reference } } }',
      { id: ticketId, c: String(pos) },
    )
    expectPayload(ticketUpdate.event.reference, {
      site: null,
      surface: 'ticket-and-support-workflow',
      actor: 'sam@opsgraph.example',
      timestamp: minute('2026-04-22T14:09'),
    })
  })

  test('T1: a layout issue; the theme update before it came along; answered in the app and by mail (D24, D31)', async () => {
    const { sam } = people
    goTo('2026-04-24T14:32:00Z')
    await recorded({ change: 'theme update', changedAt: world.now.toISOString() })
    goTo('2026-04-24T14:50:00Z')
    const opening = { subject: 'Header covers the menu again', description: 'Since this afternoon.' }
    const { ticket } = await done(jerome, 'openTicket', opening, 'ticket { id }')
    const { openContext } = await ticketOf(
      ticket.id,
      `openContext { account { name planTier billingState } requester { name email role contactPreference }
         sites { slug } activity { summary at eventId } }`,
    )
    expect(openContext).toMatchObject({
      account: { name: 'Sgen Outfitters', planTier: 'growth', billingState: 'CURRENT' },
      requester: { name: 'Jerome Lund', email: JEROME, role: 'ADMIN', contactPreference: 'BOTH' },
      sites: [{ slug: 'sgen-shop' }],
    })
    const [change] = openContext.activity.filter(({ summary }: Json) => summary === 'theme update 14:32 UTC')
    expect(change).toMatchObject({ at: expect.stringMatching(/^2026-04-24T14:32:/) })

    await done(sam, 'assignTicketToMe', { ticketId: ticket.id })
    const resolution = 'We put the header back below the menu.'
    await done(sam, 'resolveTicket', { ticketId: ticket.id, resolution, statusReason: 'FIXED' })
    await until(async () => (await deliveriesOf(ticket.id, resolution)).length === 2)
    world.advance(21_000)
    await bothSent(ticket.id, resolution)
    expect(await newsOf(jerome, ticket.id)).toEqual(['TICKET_ANSWERED'])
    const { mail } = await server.mailTo(JEROME, 'below the menu')
    expect(mail.subject).toContain('TKT-2026-04882')
    const seen = await ticketOf(ticket.id, 'status messages { nodes { body } }', jerome)
    expect(seen).toMatchObject({ status: 'RESOLVED', messages: { nodes: [{ body: resolution }, {}] } })
    await done(jerome, 'closeTicket', { ticketId: ticket.id })
  })

  test('a follow-up on a ticket that is there, answered by the same way (D32)', async () => {
    const { sam } = people
    const opening = { subject: 'Which plan has two sites?', description: 'We want another one.' }
    const { ticket } = await done(jerome, 'openTicket', opening, 'ticket { id number }')
    await done(sam, 'assignTicketToMe', { ticketId: ticket.id })
    await done(sam, 'replyToTicket', { ticketId: ticket.id, body: 'In which country?' })
    await done(sam, 'setTicketStatus', {
      ticketId: ticket.id,
      status: 'WAITING_ON_BUYER',
      statusReason: 'INFORMATION_REQUESTED',
    })
    world.advance(3 * HOUR)

    const { tickets } = await jerome.ask(
      '{ tickets(filter: { statuses: [WAITING_ON_BUYER] }) { nodes { id number } } }',
    )
    expect(tickets.nodes).toEqual([ticket])
    await done(jerome, 'replyToTicket', { ticketId: tickets.nodes[0].id, body: 'In Norway.' })
    const { status, statusReason, messages } = await ticketOf(
      ticket.id,
      'status statusReason messages { nodes { reference } }',
    )
    expect({ status, statusReason }).toEqual({ status: 'OPEN', statusReason: 'CUSTOMER_REPLIED' })
    expect(messages.nodes[0].reference).toMatchObject({
      type: 'follow-up',
      actor: JEROME,
      body: 'In Norway.',
    })
    await until(async () => (await newsOf(sam, ticket.id)).includes('TICKET_FOLLOW_UP'))

    const answer = 'From the growth plan on, as yours.'
    await done(sam, 'replyToTicket', { ticketId: ticket.id, body: answer })
    await until(async () => (await deliveriesOf(ticket.id, answer)).length === 2)
    world.advance(21_000)
    await bothSent(ticket.id, answer)
    const { history } = await ticketOf(ticket.id, 'history { nodes { kind actorName } }', jerome)
    expect(history.nodes.map(({ kind }: Json) => kind).filter((kind: string) => kind !== 'ASSIGNEE')).toEqual(
      ['PUBLIC_REPLY', 'STATUS', 'FOLLOW_UP', 'STATUS', 'PUBLIC_REPLY', 'OPENED'],
    )
  })

  test('“what does support see when we open a ticket?” (D33)', async () => {
    const CONTEXT = `account { id name planTier billingState billingAsOf } requester { id name email role contactPreference }
      sites { id slug name url }`
    const { ticketContextPreview } = await jerome.ask(`{ ticketContextPreview { ${CONTEXT} } }`)
    expect(ticketContextPreview).toMatchObject({
      account: { name: 'Sgen Outfitters', planTier: 'growth', billingState: 'CURRENT' },
      requester: { name: 'Jerome Lund', role: 'ADMIN', contactPreference: 'BOTH' },
      sites: [{ slug: 'sgen-shop' }],
    })
    const opening = { subject: 'As previewed', description: 'Is it?' }
    const { ticket } = await done(jerome, 'openTicket', opening, 'ticket { id }')
    const { openContext } = await ticketOf(ticket.id, `openContext { ${CONTEXT} }`)
    expect(openContext).toEqual(ticketContextPreview)
    const own = await jerome.ask('{ ticketContextPreview { activity { type summary } } }')
    expect(own.ticketContextPreview.activity[0]).toMatchObject({ type: 'SupportCaseOpened' })
  })

  describe('opsgraph ticket, for scripts (D63)', () => {
    async function opsgraph(words: string[], input: Json[] | string = '', env: Json = {}) {
      const child = spawn(process.execPath, [join(ROOT, 'dist/cli/index.js'), 'ticket', ...words], {
        env: { PATH: process.env.PATH, OPSGRAPH_URL: world.url, OPSGRAPH_TOKEN: people.sam.token!, ...env },
      })
      let [out, err] = ['', '']
      child.stdout.on('data', (text: Buffer) => {
        out += text
      })
      child.stderr.on('data', (text: Buffer) => {
        err += text
      })
      child.stdin.end(
        typeof input === 'string' ? input : input.map(one => `${JSON.stringify(one)}\n`).join(''),
      )
      const code = await new Promise<number | null>(over => child.once('close', over))
      const payloads = out.split('\n').filter(Boolean)
      return { code, err, payloads: payloads.map(text => JSON.parse(text) as Json) }
    }

    test('prints the samples as they stand on the page', async () => {
      const { code, payloads } = await opsgraph(['show', NUMBER, '--all'])
      expect(code).toBe(0)
      expect(payloads).toMatchObject([
        { ticket_id: NUMBER, site: 'sgen-shop', status: 'closed', queue: 'support' },
        { ticket_id: NUMBER, type: 'follow-up', actor: JEROME },
        { ticket_id: NUMBER, to: 'open' },
        { ticket_id: NUMBER, type: 'public-reply', timestamp: minute('2026-04-22T14:09') },
        { ticket_id: NUMBER, from: 'open', to: 'resolved' },
        { ticket_id: NUMBER, from: 'resolved', to: 'closed', closed_at: minute('2026-04-24T08:11') },
      ])
      expect(await opsgraph(['show', ticketId])).toEqual({ code: 0, err: '', payloads: [payloads[0]] })
    })

    test('opens, says, notes and moves, by words and by lines that it printed', async () => {
      const opening = {
        site: 'sgen-shop',
        requester: JEROME,
        subject: 'From a script',
        body: 'It runs at night.',
      }
      const opened = await opsgraph(['open'], [{ ...opening, key: 'night-1' }])
      expect(opened).toMatchObject({ code: 0, err: '' })
      const [ticket] = opened.payloads as [Json]
      expect(ticket).toMatchObject({
        site: 'sgen-shop',
        requester: JEROME,
        status: 'open',
        assigned_to: null,
      })
      expect((await opsgraph(['open'], [{ ...opening, key: 'night-1' }])).payloads).toEqual([ticket])

      const of = ticket.ticket_id
      const reply = await opsgraph(['reply', of, 'We saw it.'])
      expect(reply.payloads).toMatchObject([
        { ticket_id: of, actor: 'sam@opsgraph.example', type: 'public-reply', body: 'We saw it.' },
      ])
      const again = await opsgraph(
        ['reply'],
        [
          { ...reply.payloads[0]!, body: 'One.' },
          { ...reply.payloads[0]!, body: 'Two.' },
        ],
      )
      expect(again.payloads.map(({ body }) => body)).toEqual(['One.', 'Two.'])
      const note = await opsgraph(['note', of, 'Only we read this.'])
      expect(note.payloads).toMatchObject([{ ticket_id: of, type: 'internal-note' }])
      const seen = await jerome.ask(
        'query ($n: String!) { ticket(number: $n) { messages { nodes { body } } } }',
        {
          n: of,
        },
      )
      expect(seen.ticket.messages.nodes.map(({ body }: Json) => body)).toEqual([
        'Two.',
        'One.',
        'We saw it.',
        'It runs at night.',
      ])

      const waits = await opsgraph(['transition', of, 'waiting-on-buyer', '--reason', 'EVIDENCE_REQUESTED'])
      expect(waits.payloads).toMatchObject([{ ticket_id: of, to: 'open', changed_at: expect.any(String) }])
      const resolved = await opsgraph(
        ['transition'],
        [{ ticket_id: of, from: 'open', to: 'resolved', body: 'It is done.' }],
      )
      expect(resolved.payloads).toMatchObject([{ ticket_id: of, from: 'open', to: 'resolved' }])
      const closed = await opsgraph(['transition', of, 'closed', '--early', 'TEST'], '', {
        OPSGRAPH_TOKEN: people.lea.token!,
      })
      expect(closed.payloads).toMatchObject([
        { from: 'resolved', to: 'closed', actor: 'lea@opsgraph.example' },
      ])
      const back = await opsgraph(['transition', of, 'open', '--reason', 'CLOSED_BY_MISTAKE'])
      expect(back.payloads).toMatchObject([{ from: 'closed', to: 'open' }])
      const rows = await world.sql(
        'select distinct surface from log.event where stream_id in (select id from support.ticket where number = $1)',
        [of],
      )
      expect(rows).toContainEqual({ surface: 'ticket-and-support-workflow' })
    })

    test.each([
      [['show', 'TKT-2026-99999'], '', {}, 1, /NOT_FOUND/],
      [['reply', NUMBER, 'Closed.'], '', {}, 1, /INVALID_STATE .*closed/],
      [['reply'], '{"ticket_id": ', {}, 1, /Line 1: is not JSON/],
      [['reply'], '\n{"ticket_id": "x", "body": "y"}\n', {}, 1, /Line 2: type/],
      [['reply'], `{"ticket_id":"${NUMBER}","type":"internal-note","body":"x"}`, {}, 1, /says public-reply/],
      [
        ['note'],
        '{"ticket_id":"x","type":"internal-note","body":"y","visibility":"PUBLIC"}',
        {},
        1,
        /visibility/,
      ],
      [['transition', NUMBER, 'sleeping'], '', {}, 1, /to: /],
      [
        ['transition'],
        `{"ticket_id":"${NUMBER}","from":"open","to":"resolved","body":"x"}`,
        {},
        1,
        /It is closed/,
      ],
      [
        ['open', '--subject', 'x', '--body', 'y', '--requester', 'no@where.example'],
        '',
        {},
        1,
        /no customer/,
      ],
      [['show', NUMBER], '', { OPSGRAPH_TOKEN: 'nonsense' }, 2, /UNAUTHENTICATED/],
      [['show', NUMBER], '', { OPSGRAPH_TOKEN: '' }, 2, /OPSGRAPH_TOKEN/],
      [['show', NUMBER], '', { OPSGRAPH_URL: 'http://127.0.0.1:9' }, 2, /cannot be reached/],
      [['show', NUMBER], '', { OPSGRAPH_URL: 'nowhere' }, 2, /OPSGRAPH_URL/],
    ] as [string[], string, Json, number, RegExp][])(
      '%j %s %j exits %i',
      async (words, input, env, code, said) => {
        const told = await opsgraph(words, input, env)
        expect(told).toMatchObject({ code, payloads: [] })
        expect(told.err).toMatch(said)
        expect(told.err).not.toMatch(/\n\s+at /)
      },
      30_000,
    )

    test('a customer’s token reads nothing that is for staff', async () => {
      const told = await opsgraph(['show', NUMBER], '', { OPSGRAPH_TOKEN: jerome.token! })
      expect(told).toMatchObject({ code: 2, payloads: [], err: expect.stringContaining('FORBIDDEN') })
    })
  })
})
