import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { channelFor, fromOf, type Sender, senderIn } from '#subgraphs/support/mail/channels.js'
import { type Fate, TestMailServer } from '../kit/smtp.js'
import { idOf, type Json, type Person, until, World } from '../kit/world.js'

const HOLD = 20_000
const OLGA = 'olga@lamps.example'
const CHANNEL = `supportChannel { id name fromAddress fromName isDefault isActive verification verifiedAt verificationRequestedAt
  lastFailure { at code message deliveryId } }`

describe('which channel answers', () => {
  const channel = (id: string, more: Partial<Sender>): Sender => ({
    id,
    name: id,
    fromAddress: `${id}@shop.example`,
    fromName: null,
    queueIds: [],
    categories: [],
    isDefault: false,
    isActive: true,
    ...more,
  })
  const channels = [
    channel('rest', { isDefault: true }),
    channel('bills', { categories: ['BILLING'] }),
    channel('vip', { queueIds: ['que_vip'] }),
    channel('old', { queueIds: ['que_old'], isActive: false }),
  ]

  test.each([
    ['que_vip', 'BILLING', 'vip'],
    ['que_other', 'BILLING', 'bills'],
    ['que_old', 'CLAIM', 'rest'],
    [null, 'CLAIM', 'rest'],
  ] as const)('queue %s, category %s: %s', (queueId, category, id) =>
    expect(channelFor({ queueId, category }, channels)?.id).toBe(id),
  )

  test('what is about no ticket comes from the default', () =>
    expect(channelFor(null, channels)?.id).toBe('rest'))

  test('a name is said so that no header can be made of it', () => {
    expect(fromOf({ fromName: 'Lamps, Inc.', fromAddress: 'a@b.example' })).toBe(
      '"Lamps, Inc." <a@b.example>',
    )
    expect(senderIn('Lamp Support <support@shop.example>')).toEqual({
      fromName: 'Lamp Support',
      fromAddress: 'support@shop.example',
    })
    expect(senderIn('support@shop.example')).toEqual({ fromName: null, fromAddress: 'support@shop.example' })
  })
})

/** D58: a wrong sender is never silent. */
describe('the channels that mail is from', () => {
  let server: TestMailServer
  let world: World
  let people: Awaited<ReturnType<World['people']>>
  let olga: Person

  beforeAll(async () => {
    server = await TestMailServer.start()
    world = await World.open('channels', {
      env: { MAIL: 'smtp', SMTP_URL: server.url, MAIL_FROM: 'Lamp Support <support@shop.example>' },
    })
    people = await world.people()
    await people.shop.record('users', [{ source: 'shop', externalId: 'olga', name: 'Olga', email: OLGA }])
    await people.shop.record('organizations', [
      { source: 'shop', externalId: 'lamps', name: 'Lamps', members: [{ user: 'olga', role: 'OWNER' }] },
    ])
    olga = await world.person(idOf('usr', 'olga'))
  })
  afterAll(async () => {
    await world?.close()
    await server?.stop()
  })

  const create = (who: Person, input: Json) =>
    who.act('createSupportChannel', { queueIds: [], categories: [], reason: 'NEW_TEAM', ...input }, CHANNEL)
  const change = (who: Person, input: Json) =>
    who.act('changeSupportChannel', { reason: 'WRONG_ADDRESS', ...input }, CHANNEL)
  const verify = (who: Person, supportChannelId: string) =>
    who.act('verifySupportChannel', { supportChannelId }, CHANNEL)
  const read = async (id: string): Promise<Json> =>
    (
      await people.sam.ask(
        `query ($id: ID!) { ${CHANNEL.replace('supportChannel', 'supportChannel(id: $id)')} }`,
        { id },
      )
    ).supportChannel
  const answered = (id: string): Promise<Json> =>
    until(async () => {
      const channel = await read(id)
      return channel.verificationRequestedAt === null && channel
    }, 30_000) as Promise<Json>
  const inbox = async (who: Person, template: string): Promise<Json[]> =>
    (
      await who.ask('{ notifications(first: 100) { nodes { template title body aboutIds } } }')
    ).notifications.nodes.filter((one: Json) => one.template === template)

  async function opened(category = 'REPLY_NEEDED'): Promise<Json> {
    const { ticket } = await olga.act(
      'openTicket',
      { subject: 'A lamp', description: 'It flickers.', category },
      'ticket { id number }',
    )
    await people.sam.act('assignTicketToMe', { ticketId: ticket.id })
    return ticket
  }
  const mailOf = async (ticketId: string): Promise<Json | undefined> => {
    const { ticket } = await people.sam.ask(
      `query ($id: ID!) { ticket(id: $id) { supportChannel { id } deliveryProblems { totalCount }
        deliveries { nodes { id channel state lastCode supportChannel { id } } } } }`,
      { id: ticketId },
    )
    const mail = ticket.deliveries.nodes.find(({ channel }: Json) => channel === 'EMAIL')
    return mail && { ...mail, from: ticket.supportChannel.id, problems: ticket.deliveryProblems.totalCount }
  }
  async function replied(ticketId: string, body: string, fate?: Fate): Promise<void> {
    await people.sam.act('replyToTicket', { ticketId, body })
    await until(async () => (await mailOf(ticketId))?.state === 'HELD')
    if (fate) server.fates = [fate]
    world.advance(HOLD)
  }
  const inState = (ticketId: string, state: string) =>
    until(async () => {
      const mail = await mailOf(ticketId)
      return mail?.state === state && mail
    }, 20_000) as Promise<Json>

  test('the default begins with MAIL_FROM, and everything comes from there', async () => {
    expect(await read('sch_default')).toMatchObject({
      fromAddress: 'support@shop.example',
      fromName: 'Lamp Support',
      isDefault: true,
      verification: 'UNKNOWN',
      lastFailure: null,
    })
    const { id } = await opened()
    await replied(id, 'From the default')
    expect((await server.mailTo(OLGA, 'From the default')).mail.from).toMatchObject({
      name: 'Lamp Support',
      address: 'support@shop.example',
    })
    expect(await inState(id, 'SENT')).toMatchObject({
      from: 'sch_default',
      supportChannel: { id: 'sch_default' },
    })
  })

  test('leads have some tickets answered from elsewhere, with a reason; what makes no sense is refused', async () => {
    const { sam, lea } = people
    const bills = { name: 'Bills', fromAddress: 'bills@shop.example', categories: ['BILLING'] }
    const { errors } = await sam.send(
      'mutation ($input: CreateSupportChannelInput!) { createSupportChannel(input: $input) { replayed } }',
      { input: { ...bills, queueIds: [], reason: 'NEW_TEAM' } },
    )
    expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN')
    for (const [more, code, field] of [
      [{ fromAddress: 'bills' }, 'INVALID', 'fromAddress'],
      [{ fromAddress: 'a@b.example>\u0020x' }, 'INVALID', 'fromAddress'],
      [{ fromName: 'Bills" <x@y.example>' }, 'INVALID', 'fromName'],
      [{ queueIds: ['que_none'] }, 'UNKNOWN_REFERENCE', 'queueIds'],
      [{ name: 'support' }, 'ALREADY_EXISTS', 'name'],
    ] as [Json, string, string][])
      expect((await create(lea, { ...bills, ...more })).userErrors).toMatchObject([{ code, field }])
    const { supportChannel, userErrors } = await create(lea, { ...bills, fromName: 'Lamps, Inc.' })
    expect(userErrors).toEqual([])
    expect(supportChannel).toMatchObject({ verification: 'UNKNOWN', isDefault: false, isActive: true })
    expect(
      (await create(lea, { name: 'More', fromAddress: 'm@shop.example', categories: ['BILLING'] }))
        .userErrors,
    ).toMatchObject([{ code: 'ALREADY_EXISTS', field: 'categories', facts: { taken: 'BILLING' } }])
    for (const more of [{ isActive: false }, { categories: ['CLAIM'] }])
      expect((await change(lea, { supportChannelId: 'sch_default', ...more })).userErrors).toMatchObject([
        { code: 'INVALID_STATE' },
      ])

    const { id } = await opened('BILLING')
    await replied(id, 'About your bill')
    const { mail, from, raw } = await server.mailTo(OLGA, 'About your bill')
    expect(mail.from).toMatchObject({ name: 'Lamps, Inc.', address: 'bills@shop.example' })
    expect(from).toBe('bills@shop.example')
    expect(raw).not.toContain('support@shop.example>')
    expect(await inState(id, 'SENT')).toMatchObject({ from: supportChannel.id })

    const ended = await change(lea, { supportChannelId: supportChannel.id, isActive: false })
    expect(ended.supportChannel.isActive).toBe(false)
    expect(await mailOf(id)).toMatchObject({ from: 'sch_default', supportChannel: { id: supportChannel.id } })
    expect((await verify(lea, supportChannel.id)).userErrors).toMatchObject([{ code: 'INVALID_STATE' }])
  })

  test('verifying asks the mail server itself, with a mail to who asks', async () => {
    const { lea, ada, sam } = people
    const { supportChannel } = await create(lea, { name: 'Checked', fromAddress: 'checked@shop.example' })
    const { id } = supportChannel
    const asked = await verify(lea, id)
    expect(asked).toMatchObject({ userErrors: [], events: [{ type: 'ChannelVerificationRequested' }] })
    const { mail, from } = await server.mailTo('lea@opsgraph.example', 'checked@shop.example')
    expect([from, mail.from?.address]).toEqual(['checked@shop.example', 'checked@shop.example'])
    expect(await answered(id)).toMatchObject({ verification: 'VERIFIED', lastFailure: null })

    server.fates = [{ sender: 553 }]
    await verify(lea, id)
    const refused = await answered(id)
    expect(refused).toMatchObject({
      verification: 'FAILED',
      lastFailure: { code: '553', deliveryId: null, message: expect.stringContaining('not owned') },
    })
    for (const lead of [lea, ada])
      await until(async () =>
        (await inbox(lead, 'DELIVERY_CHANNEL_FAILED')).find(({ aboutIds }) => aboutIds.includes(id)),
      )
    expect(await inbox(sam, 'DELIVERY_CHANNEL_FAILED')).toEqual([])

    const moved = await change(lea, { supportChannelId: id, fromAddress: 'right@shop.example' })
    expect(moved.supportChannel).toMatchObject({ verification: 'UNKNOWN', lastFailure: null })
    expect((await change(lea, { supportChannelId: id, fromAddress: 'right@shop.example' })).events).toEqual(
      [],
    )
  })

  test.each([
    ['hangs', { hang: true }, /ETIMEDOUT|ESOCKET/],
    ['cuts the connection', { drop: true }, /E(CONN|SOCKET)/],
    ['is busy', { data: 451 }, /451/],
  ] as [string, Fate, RegExp][])(
    'a server that %s says nothing about the channel, and that is said',
    async (what, fate, code) => {
      const { lea } = people
      const { supportChannel } = await create(lea, { name: what, fromAddress: 'maybe@shop.example' })
      server.fates = [fate]
      await verify(lea, supportChannel.id)
      expect(await answered(supportChannel.id)).toMatchObject({
        verification: 'UNKNOWN',
        lastFailure: { code: expect.stringMatching(code) },
      })
      await until(async () =>
        (await inbox(lea, 'DELIVERY_CHANNEL_FAILED')).find(({ aboutIds }) =>
          aboutIds.includes(supportChannel.id),
        ),
      )
    },
    60_000,
  )

  test('a sender that is refused shows on the ticket, fails its channel once, and alerts assignee and leads', async () => {
    const { sam, lea } = people
    const { supportChannel } = await create(lea, {
      name: 'Claims',
      fromAddress: 'wrong@shop.example',
      categories: ['CLAIM'],
    })
    const channelId = supportChannel.id
    const [first, second] = [await opened('CLAIM'), await opened('CLAIM')]
    await replied(first.id, 'From nobody', { sender: 550 })
    const failed = await inState(first.id, 'FAILED')
    expect(failed).toMatchObject({ lastCode: '550', problems: 1, supportChannel: { id: channelId } })
    const channel = (await until(async () => {
      const found = await read(channelId)
      return found.verification === 'FAILED' && found
    })) as Json
    expect(channel.lastFailure).toMatchObject({ code: '550', deliveryId: failed.id })
    const alerts = async () =>
      (await inbox(lea, 'DELIVERY_CHANNEL_FAILED')).filter(({ aboutIds }) => aboutIds.includes(channelId))
    await until(async () => (await alerts()).length === 1)
    const mine = async () =>
      (await inbox(sam, 'DELIVERY_FAILED')).filter(({ aboutIds }) =>
        [first.id, second.id].includes(aboutIds[0]),
      )
    await until(async () => (await mine()).length === 1)

    await replied(second.id, 'Still from nobody', { sender: 550 })
    await inState(second.id, 'FAILED')
    await until(async () => (await mine()).length === 2)
    expect(await alerts()).toHaveLength(1)
    const { supportChannels } = await sam.ask(
      '{ supportChannels(filter: { verification: FAILED, isActive: true }) { nodes { id deliveries { totalCount } } } }',
    )
    expect(supportChannels.nodes).toContainEqual({ id: channelId, deliveries: { totalCount: 2 } })

    await change(lea, { supportChannelId: channelId, fromAddress: 'claims@shop.example' })
    await verify(lea, channelId)
    expect(await answered(channelId)).toMatchObject({ verification: 'VERIFIED' })
    // What failed for its sender goes by itself, once.
    for (const [ticket, text] of [
      [first, 'From nobody'],
      [second, 'Still from nobody'],
    ] as const) {
      expect((await server.mailTo(OLGA, text)).from).toBe('claims@shop.example')
      await inState(ticket.id, 'SENT')
    }
    await sam.act('redeliverTicketMessage', { deliveryId: failed.id })
    await until(async () => (await againOf(first.id)).round === 3)
    expect(await againOf(first.id)).toMatchObject({ sentAgainBecause: 'REQUESTED', senderRefused: false })
    expect(await againOf(second.id)).toMatchObject({ round: 2, sentAgainBecause: 'CHANNEL_VERIFIED' })
    await inState(first.id, 'SENT')
  })

  const againOf = async (ticketId: string): Promise<Json> => {
    const { ticket } = await people.sam.ask(
      `query ($id: ID!) { ticket(id: $id) { deliveryProblems { totalCount } timeline(types: ["EmailQueued"]) { nodes { type } }
        deliveries { nodes { channel state round senderRefused sentAgainBecause } } } }`,
      { id: ticketId },
    )
    const mail = ticket.deliveries.nodes.find(({ channel }: Json) => channel === 'EMAIL')
    return { ...mail, problems: ticket.deliveryProblems.totalCount, shown: ticket.timeline.nodes.length }
  }

  test('what failed for another reason, long ago, or is private by now stays; what fails again waits for the next verification', async () => {
    const { sam, lea } = people
    const { supportChannel } = await create(lea, {
      name: 'Account',
      fromAddress: 'no@shop.example',
      categories: ['ACCOUNT_HELP'],
    })
    const id = supportChannel.id
    const long = await opened('ACCOUNT_HELP')
    await replied(long.id, 'Long ago', { sender: 550 })
    await inState(long.id, 'FAILED')
    world.advance(8 * 86_400_000)
    const [other, hidden, first, last] = [
      await opened('ACCOUNT_HELP'),
      await opened('ACCOUNT_HELP'),
      await opened('ACCOUNT_HELP'),
      await opened('ACCOUNT_HELP'),
    ]
    await replied(other.id, 'No such recipient', { refuse: 550 })
    await inState(other.id, 'FAILED')
    for (const [ticket, text] of [
      [hidden, 'A slip'],
      [first, 'The older one'],
      [last, 'The newer one'],
    ] as const) {
      await replied(ticket.id, text, { sender: 550 })
      await inState(ticket.id, 'FAILED')
    }
    expect(await againOf(first.id)).toMatchObject({
      senderRefused: true,
      sentAgainBecause: null,
      problems: 1,
    })
    const { ticket } = await sam.ask(
      'query ($id: ID!) { ticket(id: $id) { messages { nodes { id body } } } }',
      {
        id: hidden.id,
      },
    )
    const slip = ticket.messages.nodes.find(({ body }: Json) => body === 'A slip')
    await sam.act('setTicketMessageVisibility', {
      ticketId: hidden.id,
      messageId: slip.id,
      visibility: 'PRIVATE',
      reason: 'WRONG_VISIBILITY',
    })
    await change(lea, { supportChannelId: id, fromAddress: 'accounts@shop.example' })
    await verify(lea, id)
    await inState(first.id, 'SENT')
    await inState(last.id, 'SENT')
    expect(await againOf(first.id)).toMatchObject({
      sentAgainBecause: 'CHANNEL_VERIFIED',
      problems: 0,
      shown: 1,
    })
    const rows = await world.sql<{ ticket_id: string }>(
      `select ticket_id from log.event e join support.message_delivery d on d.id = e.stream_id
        where e.type = 'EmailQueued' and d.verification_id is not null and d.support_channel_id = $1 order by e.id`,
      [id],
    )
    expect(rows.map(({ ticket_id }) => ticket_id).slice(-2)).toEqual([first.id, last.id])
    for (const { id: ticketId } of [long, other, hidden])
      expect(await againOf(ticketId)).toMatchObject({ state: 'FAILED', round: 1, sentAgainBecause: null })
    await verify(lea, id)
    await answered(id)
    expect(await againOf(first.id)).toMatchObject({ round: 2 })
  }, 120_000)

  test('a recipient that is refused says nothing about the sender', async () => {
    const { id } = await opened()
    await replied(id, 'To nobody', { refuse: 550 })
    await inState(id, 'FAILED')
    expect((await read('sch_default')).verification).not.toBe('FAILED')
  })

  test('a new MAIL_FROM counts until somebody changed the channel themselves', async () => {
    const restarted = async (MAIL_FROM: string): Promise<Json> => {
      await world.close()
      await world.start({ MAIL_FROM })
      return read('sch_default')
    }
    expect(await restarted('Lamps <new@shop.example>')).toMatchObject({
      fromAddress: 'new@shop.example',
      fromName: 'Lamps',
      verification: 'UNKNOWN',
    })
    await change(people.lea, { supportChannelId: 'sch_default', fromAddress: 'ours@shop.example' })
    expect(await restarted('Else <else@shop.example>')).toMatchObject({ fromAddress: 'ours@shop.example' })
  })
})
