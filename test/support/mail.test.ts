import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { TestMailServer } from '../kit/smtp.js'
import { idOf, type Json, type Person, until, World } from '../kit/world.js'

const CANARY = 'canary-7f3a-never-in-a-mail'
const HOLD = 20_000
const OLGA = 'olga@lamps.example'
const DELIVERIES = `query ($id: ID!) { ticket(id: $id) { deliveryProblems { totalCount nodes { state lastCode lastError attempts } }
  messages(first: 50) { nodes { id body visibility deliveries { nodes {
    id channel state attempts round lastCode lastError providerMessageId mailId address recipientId heldUntil sentAt recalledAt } } } } } }`

/** A shop with a customer who can be reached by mail. */
async function shopOf(world: World) {
  const people = await world.people()
  const organization = idOf('org', 'lamps')
  const member = (user: string) => ({ user, role: 'OWNER' })
  const user = (externalId: string, name: string, more: Json = {}) => ({
    source: 'shop',
    externalId,
    name,
    ...more,
  })
  const users = await people.shop.record('users', [
    user('olga', 'Olga Owner', { email: OLGA }),
    user('quentin', 'Quentin', { email: 'quentin@lamps.example', contactPreference: 'IN_APP' }),
    user('nomail', 'No Mail'),
  ])
  const members = ['olga', 'quentin', 'nomail'].map(member)
  const organizations = await people.shop.record('organizations', [
    { source: 'shop', externalId: 'lamps', name: 'Lamps', members },
  ])
  expect([...users.problems, ...organizations.problems]).toEqual([])
  const [olga, quentin, nomail] = (await Promise.all(
    ['olga', 'quentin', 'nomail'].map(name => world.person(idOf('usr', name))),
  )) as [Person, Person, Person]
  return { ...people, organization, olga, quentin, nomail }
}

describe('mail to customers', () => {
  let server: TestMailServer
  let world: World
  let they: Awaited<ReturnType<typeof shopOf>>

  beforeAll(async () => {
    server = await TestMailServer.start()
    world = await World.open('mail', {
      process: 'own',
      env: { MAIL: 'smtp', SMTP_URL: server.url, MAIL_FROM: 'Lamp Support <support@shop.example>' },
    })
    they = await shopOf(world)
  })
  afterAll(async () => {
    await world?.close()
    await server?.stop()
  })

  async function opened(who = they.olga, subject = 'The lamp <b>flickers</b>'): Promise<Json> {
    const { ticket } = await who.act(
      'openTicket',
      { subject, description: 'It does.', category: 'REPLY_NEEDED' },
      'ticket { id number }',
    )
    await they.sam.act('assignTicketToMe', { ticketId: ticket.id })
    await they.sam.act('addTicketNote', { ticketId: ticket.id, body: CANARY })
    return ticket
  }
  const said = async (ticketId: string, body: string, who = they.sam): Promise<string> =>
    (await who.act('replyToTicket', { ticketId, body }, 'message { id }')).message.id
  const deliveries = async (ticketId: string, messageId: string): Promise<Json[]> => {
    const { ticket } = await they.sam.ask(DELIVERIES, { id: ticketId })
    return ticket.messages.nodes.find(({ id }: Json) => id === messageId).deliveries.nodes
  }
  const mailOf = async (ticketId: string, messageId: string): Promise<Json> =>
    (await deliveries(ticketId, messageId)).find(({ channel }) => channel === 'EMAIL') ?? {}
  const inState = (ticketId: string, messageId: string, state: string, ms = 20_000): Promise<Json> =>
    until(async () => {
      const mail = await mailOf(ticketId, messageId)
      return mail.state === state && mail
    }, ms) as Promise<Json>
  const held = async (ticketId: string, messageId: string) => inState(ticketId, messageId, 'HELD')
  const inbox = async (who: Person): Promise<Json[]> =>
    (await who.ask('{ notifications(first: 50) { nodes { template title body aboutIds } } }')).notifications
      .nodes

  test('an answer waits, then reaches them in the app and by mail, and says nothing private', async () => {
    const { id, number } = await opened()
    const messageId = await said(id, 'Please send\nus a <i>photo</i> & its number.')
    await held(id, messageId)
    expect((await deliveries(id, messageId)).map(({ channel, state }) => [channel, state])).toEqual(
      expect.arrayContaining([
        ['IN_APP', 'HELD'],
        ['EMAIL', 'HELD'],
      ]),
    )
    expect(await inbox(they.olga)).toEqual([])
    expect(server.got).toEqual([])
    world.advance(HOLD)
    const { mail, raw, from } = await server.mailTo(OLGA, 'Please send')
    expect(mail.subject).toBe(`[${number}] The lamp <b>flickers</b>`)
    expect(mail.text).toContain('Please send\nus a <i>photo</i> & its number.')
    expect(mail.text).toContain('Sam')
    expect(mail.html).not.toContain('<i>photo')
    expect(mail.html).toContain('&#60;i&#62;photo')
    expect(mail.from).toMatchObject({ name: 'Lamp Support', address: 'support@shop.example' })
    expect(from).toBe('support@shop.example')
    expect(raw).not.toMatch(/Reply-To|canary/i)
    const sent = await inState(id, messageId, 'SENT')
    expect(sent).toMatchObject({ attempts: 1, round: 1, address: OLGA, lastCode: null })
    expect(sent.providerMessageId).toMatch(/queued as TEST/)
    expect(mail.messageId).toBe(`<${sent.mailId}>`)
    expect(sent.mailId).toContain(messageId)
    expect(await inbox(they.olga)).toMatchObject([{ template: 'TICKET_ANSWERED', aboutIds: [id, messageId] }])

    const second = await said(id, 'And one more thing.')
    await held(id, second)
    world.advance(HOLD)
    const next = await server.mailTo(OLGA, 'one more thing')
    expect(next.mail.inReplyTo).toBe(mail.messageId)
    expect(next.mail.references).toContain(mail.messageId!)
  })

  test('resolving, closing and opening again reach the customer; what the customer does reaches the assignee', async () => {
    const { id, number } = await opened()
    await they.sam.act('resolveTicket', { ticketId: id, resolution: 'A new bulb.' })
    await they.olga.act('closeTicket', { ticketId: id })
    await they.olga.act('reopenTicket', { ticketId: id, reason: 'HAPPENED_AGAIN', body: 'It is back.' })
    await until(async () =>
      (await inbox(they.sam)).find(
        ({ template, aboutIds }) => template === 'TICKET_TO_WORK_ON' && aboutIds[0] === id,
      ),
    )
    await until(async () => {
      const { ticket } = await they.sam.ask(
        'query ($id: ID!) { ticket(id: $id) { deliveries(first: 20) { nodes { state } } } }',
        { id },
      )
      return ticket.deliveries.nodes.length === 6
    })
    world.advance(HOLD)
    // It was opened again before that left: it resolved nothing, and is an answer.
    expect((await server.mailTo(OLGA, 'A new bulb.')).mail.text).not.toContain('was resolved')
    const closed = await server.mailTo(OLGA, `${number} was closed`)
    expect(closed.raw).toMatch(/Auto-Submitted: auto-generated/i)
    await server.mailTo(OLGA, `${number} was opened again`)
    const told = (await inbox(they.sam)).filter(({ aboutIds }) => aboutIds[0] === id)
    expect(told.map(({ template }) => template)).toEqual(['TICKET_TO_WORK_ON'])
    await until(async () => {
      const told = (await inbox(they.olga)).filter(({ aboutIds }) => aboutIds[0] === id)
      return ['TICKET_ANSWERED', 'TICKET_CLOSED', 'TICKET_REOPENED'].every(template =>
        told.some(one => one.template === template),
      )
    })
  })

  test('within the hold it is called back, by its author or a lead, and nobody hears of it', async () => {
    const { id } = await opened()
    const [mine, late, hidden] = [
      await said(id, 'Recalled by its author'),
      await said(id, 'Not recalled'),
      await said(id, 'Hidden meanwhile'),
    ]
    for (const one of [mine, late, hidden]) await held(id, one)
    const recall = (messageId: string, who: Person) =>
      who.act('recallTicketMessage', { messageId, reason: 'MISTAKE' }, 'message { visibility }')
    const { rita, ada, lea } = they
    const { errors } = await rita.send(
      'mutation ($input: RecallTicketMessageInput!) { recallTicketMessage(input: $input) { replayed } }',
      { input: { messageId: mine, reason: 'MISTAKE' } },
    )
    expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN')
    expect(await recall('msg_nothing', lea)).toMatchObject({ userErrors: [{ code: 'NOT_FOUND' }] })
    expect(await recall(mine, they.sam)).toMatchObject({ userErrors: [], message: { visibility: 'PRIVATE' } })
    await they.sam.act('setTicketMessageVisibility', {
      ticketId: id,
      messageId: hidden,
      visibility: 'PRIVATE',
      reason: 'CONTAINS_PRIVATE',
    })
    for (const one of [mine, hidden]) await inState(id, one, 'RECALLED')
    expect(await recall(mine, ada)).toMatchObject({ userErrors: [{ code: 'INVALID_STATE' }] })
    world.advance(HOLD)
    await server.mailTo(OLGA, 'Not recalled')
    await inState(id, late, 'SENT')
    const dry = await they.sam.act(
      'setTicketMessageVisibility',
      { ticketId: id, messageId: late, visibility: 'PRIVATE', reason: 'CONTAINS_PRIVATE', dryRun: true },
      'warnings { code facts }',
    )
    expect(dry.warnings).toMatchObject([
      {
        code: 'ALREADY_DELIVERED',
        facts: { deliveries: [{ channel: 'IN_APP' }, { channel: 'EMAIL', at: expect.any(String) }] },
      },
    ])
    expect(await recall(late, lea)).toMatchObject({
      userErrors: [{ code: 'ALREADY_SENT', field: 'messageId' }],
    })
    await sleep(1_500)
    expect(server.got.filter(({ raw }) => /Recalled by its author|Hidden meanwhile/.test(raw))).toEqual([])
    const told = JSON.stringify(await inbox(they.olga))
    expect(told).not.toMatch(/Recalled by its author|Hidden meanwhile/)
    const { ticket } = await they.olga.ask(
      'query ($id: ID!) { ticket(id: $id) { messages { nodes { body } } } }',
      {
        id,
      },
    )
    expect(JSON.stringify(ticket)).not.toMatch(/Recalled by its author/)
  })

  test('550 fails at once, shows on the ticket, alerts who works on it, and is sent again on demand', async () => {
    const { id } = await opened()
    const messageId = await said(id, 'To a box that is full')
    await held(id, messageId)
    server.fates = [{ refuse: 550, say: 'mailbox unavailable' }]
    world.advance(HOLD)
    const failed = await inState(id, messageId, 'FAILED')
    expect(failed).toMatchObject({ attempts: 1, lastCode: '550' })
    expect(failed.lastError).toContain('mailbox unavailable')
    const { ticket } = await they.sam.ask(DELIVERIES, { id })
    expect(ticket.deliveryProblems).toMatchObject({
      totalCount: 1,
      nodes: [{ state: 'FAILED', lastCode: '550' }],
    })
    await until(async () => (await inbox(they.sam)).find(({ template }) => template === 'DELIVERY_FAILED'))
    const again = await they.sam.act(
      'redeliverTicketMessage',
      { deliveryId: failed.id },
      'delivery { state round }',
    )
    expect(again).toMatchObject({ userErrors: [], delivery: { state: 'QUEUED', round: 2 } })
    await server.mailTo(OLGA, 'a box that is full')
    expect(await inState(id, messageId, 'SENT')).toMatchObject({ attempts: 2, round: 2 })
    expect((await they.sam.ask(DELIVERIES, { id })).ticket.deliveryProblems.totalCount).toBe(0)
  })

  test('a sender that is refused fails like an address that is', async () => {
    const { id } = await opened()
    const messageId = await said(id, 'From the wrong sender')
    await held(id, messageId)
    server.fates = [{ sender: 553 }]
    world.advance(HOLD)
    expect(await inState(id, messageId, 'FAILED')).toMatchObject({ lastCode: '553' })
  })

  test.each([
    ['451 after the mail', { data: 451 }, '451', 0],
    ['450 for the address', { refuse: 450 }, '450', 0],
    ['a cut connection after the mail was read', { drop: true }, /E(CONN|SOCKET)/, 1],
    ['silence', { hang: true }, /ETIMEDOUT|ESOCKET/, 0],
  ] as const)(
    'after %s it is tried again, as the same mail',
    async (_what, fate, code, already) => {
      const { id } = await opened()
      const words = `Patience ${Math.random()}`
      const messageId = await said(id, words)
      await held(id, messageId)
      server.fates = [fate]
      world.advance(HOLD)
      const delayed = (await until(async () => {
        const mail = await mailOf(id, messageId)
        return mail.attempts === 1 && mail
      }, 30_000)) as Json
      expect(delayed).toMatchObject({ state: 'QUEUED', lastCode: expect.stringMatching(code) })
      expect((await they.sam.ask(DELIVERIES, { id })).ticket.deliveryProblems.totalCount).toBe(1)
      const copies = () => server.got.filter(({ mail }) => mail.text?.includes(words))
      expect(copies()).toHaveLength(already)
      world.advance(31_000)
      expect(await inState(id, messageId, 'SENT')).toMatchObject({ attempts: 2, round: 1 })
      expect(new Set(copies().map(({ mail }) => mail.messageId)).size).toBe(1)
      expect(copies()).toHaveLength(already + 1)
    },
    90_000,
  )

  test('a product that dies between sending and noting it sends the same mail once more', async () => {
    const { id } = await opened()
    const messageId = await said(id, 'Twice rather than never')
    await held(id, messageId)
    // Whoever sends it cannot write down that it did: the product is killed as soon as the server has the mail.
    await world.sql(`create function support.stand_still() returns trigger language plpgsql as $$
      begin perform pg_sleep(20); return new; end $$`)
    await world.sql(`create trigger stand_still before update on support.message_delivery for each row
      when (new.state = 'SENT' and new.channel = 'EMAIL') execute function support.stand_still()`)
    world.advance(HOLD)
    await server.mailTo(OLGA, 'Twice rather')
    await world.kill()
    await world.sql('drop trigger stand_still on support.message_delivery')
    await world.sql('drop function support.stand_still()')
    const [mail] = await world.sql(
      `select state from support.message_delivery where message_id = $1 and channel = 'EMAIL'`,
      [messageId],
    )
    expect(mail).toEqual({ state: 'QUEUED' })
    await world.start()
    world.advance(25_000)
    await inState(id, messageId, 'SENT', 40_000)
    const copies = server.got.filter(({ mail }) => mail.text?.includes('Twice rather'))
    expect(copies.length).toBeGreaterThanOrEqual(2)
    expect(new Set(copies.map(({ mail }) => mail.messageId)).size).toBe(1)
  }, 120_000)

  test('people say how they want to be told; security is always told; the marketplace may say no mail', async () => {
    const { olga, quentin, nomail } = they
    const set = (who: Person, choices: Json[]) =>
      who.act(
        'setNotificationPreferences',
        { choices },
        'preferences { personId all { topic channel on mayChange } }',
      )
    const off = { topic: 'TICKET_ANSWERS', channel: 'EMAIL', on: false }
    expect(await set(olga, [{ topic: 'SECURITY', channel: 'EMAIL', on: false }])).toMatchObject({
      userErrors: [{ code: 'INVALID', field: 'choices.0.on' }],
    })
    const chosen = await set(olga, [off])
    expect(chosen).toMatchObject({ userErrors: [], preferences: { personId: olga.id } })
    expect(chosen.preferences.all).toContainEqual({ ...off, mayChange: true })
    expect((await set(olga, [off])).events).toEqual([])
    const first = await opened()
    const quiet = await said(first.id, 'In the app alone')
    await until(async () => (await deliveries(first.id, quiet)).length === 1)
    expect((await deliveries(first.id, quiet))[0]).toMatchObject({ channel: 'IN_APP' })
    await set(olga, [{ ...off, on: true }])

    const { notificationPreferences } = await quentin.ask('{ notificationPreferences { topic channel on } }')
    expect(notificationPreferences).toContainEqual({ topic: 'TICKET_ANSWERS', channel: 'EMAIL', on: false })
    expect(notificationPreferences).toContainEqual({ topic: 'SECURITY', channel: 'EMAIL', on: true })
    const second = await opened(quentin)
    const spared = await said(second.id, 'No mail for Quentin')
    await until(async () => (await deliveries(second.id, spared)).length === 1)

    const third = await opened(nomail)
    const lost = await said(third.id, 'To nobody')
    await until(async () => (await deliveries(third.id, lost)).length === 2)
    world.advance(HOLD)
    expect(await inState(third.id, lost, 'FAILED')).toMatchObject({ lastCode: 'NO_ADDRESS' })
    const { data } = await olga.send(DELIVERIES, { id: first.id })
    expect(JSON.stringify(data)).not.toMatch(/heldUntil|"deliveries":\{/)
  })

  test('no mail that ever left, and no notification, has a word of a note', async () => {
    expect(server.got.length).toBeGreaterThan(8)
    expect(server.got.filter(({ raw }) => raw.includes(CANARY))).toEqual([])
    expect(JSON.stringify(await inbox(they.olga))).not.toContain(CANARY)
  })
})
