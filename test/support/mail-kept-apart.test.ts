import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { TestMailServer } from '../kit/smtp.js'
import { idOf, type Json, type Person, until, World } from '../kit/world.js'
import { PNG } from './files.js'

const SECRET = 'a-secret-of-the-mail-server'
const DOMAIN = 'reply.shop.example'
const HOLD = 20_000

let count = 0

/** D56: what was kept apart is found, looked at, and brought back by somebody. */
describe('mail that was kept apart', () => {
  let server: TestMailServer
  let world: World
  let people: Awaited<ReturnType<World['people']>>
  let olga: Person

  beforeAll(async () => {
    server = await TestMailServer.start()
    world = await World.open('kept_apart', {
      env: {
        MAIL: 'smtp',
        SMTP_URL: server.url,
        MAIL_FROM: 'support@shop.example',
        MAIL_REPLY_DOMAIN: DOMAIN,
        MAIL_INBOUND_SECRET: SECRET,
      },
    })
    people = await world.people()
    const user = (externalId: string, email: string) => ({
      source: 'shop',
      externalId,
      name: externalId,
      email,
    })
    await people.shop.record('users', [
      user('olga', 'olga@lamps.example'),
      user('twin-1', 'twins@lamps.example'),
      user('twin-2', 'twins@lamps.example'),
      user('vera', 'vera@rugs.example'),
    ])
    await people.shop.record('organizations', [
      { source: 'shop', externalId: 'lamps', name: 'Lamps', members: [{ user: 'olga', role: 'OWNER' }] },
      { source: 'shop', externalId: 'rugs', name: 'Rugs', members: [{ user: 'vera', role: 'OWNER' }] },
    ])
    olga = await world.person(idOf('usr', 'olga'))
  })
  afterAll(async () => {
    await world?.close()
    await server?.stop()
  })

  const MAIL = `id disposition review acceptedAs reviewedById reviewedAt personId ticket { id }`
  const waiting = async (): Promise<Json[]> =>
    (
      await people.sam.ask(
        `{ inboundMails(filter: { review: WAITING }, first: 50) { nodes { ${MAIL} subject } } }`,
      )
    ).inboundMails.nodes

  /** Brings a mail that is kept apart; answers its id. */
  async function brought(from: string, text: string, headers: string[] = []): Promise<string> {
    const subject = `Letter ${++count}`
    const lines = [
      `From: ${from}`,
      `To: help@${DOMAIN}`,
      `Subject: ${subject}`,
      `Message-ID: <kept-${count}@x.example>`,
      ...headers,
      '',
      text,
    ]
    const { status } = await fetch(`${world.url}/inbound/mail`, {
      method: 'POST',
      headers: { authorization: `Bearer ${SECRET}` },
      body: lines.join('\r\n'),
    })
    expect(status).toBe(200)
    const { inboundMails } = await people.sam.ask('{ inboundMails(first: 50) { nodes { id subject } } }')
    return inboundMails.nodes.find((mail: Json) => mail.subject === subject).id
  }
  const forged = `reply+tkt-2026-00001.${'0'.repeat(32)}@${DOMAIN}`
  const accept = (inboundMailId: string, input: Json, who = people.sam) =>
    who.act('acceptInboundMail', { inboundMailId, reason: 'REAL_QUESTION', ...input }, `mail { ${MAIL} }`)
  const accepted = async (inboundMailId: string, input: Json): Promise<Json> => {
    const { mail, userErrors } = await accept(inboundMailId, input)
    expect(userErrors).toEqual([])
    return mail
  }
  const TICKET = `id number subject isUnverified tags channel contactEmail requester { id } organization { id }
    messages(first: 20) { nodes { kind visibility body authorId } }`
  const ticketOf = (id: string, has = ''): Promise<Json> =>
    until(async () => {
      const { ticket } = await people.sam.ask(`query ($id: ID!) { ticket(id: $id) { ${TICKET} } }`, { id })
      return JSON.stringify(ticket).includes(has) && ticket
    }) as Promise<Json>
  const opened = async (): Promise<string> =>
    (await olga.act('openTicket', { subject: 'A lamp', description: 'It flickers.' }, 'ticket { id }')).ticket
      .id

  test('of nobody who is known, it becomes a ticket of nobody, answered to the address that it bears', async () => {
    const { sam } = people
    const mailId = await brought('Kim <kim@away.example>', 'Do you ship to Norway?')
    expect(await waiting()).toContainEqual(
      expect.objectContaining({ id: mailId, disposition: 'FILTERED', review: 'WAITING', ticket: null }),
    )
    const mail = await accepted(mailId, { as: 'NEW_TICKET' })
    expect(mail).toMatchObject({
      disposition: 'FILTERED',
      review: 'ACCEPTED',
      acceptedAs: 'NEW_TICKET',
      reviewedById: sam.id,
      personId: null,
    })
    expect((await waiting()).map(({ id }) => id)).not.toContain(mailId)
    const [row] = await world.sql('select ticket_id from support.inbound_mail where id = $1', [mailId])
    const ticket = await ticketOf(row!.ticket_id, 'Norway')
    expect(ticket).toMatchObject({
      subject: `Letter ${count}`,
      isUnverified: true,
      tags: ['unverified-sender'],
      channel: 'EMAIL',
      contactEmail: 'kim@away.example',
      requester: null,
      organization: null,
    })
    expect(ticket.messages.nodes).toMatchObject([{ kind: 'USER_MESSAGE', body: 'Do you ship to Norway?' }])

    await sam.act('replyToTicket', { ticketId: ticket.id, body: 'We do indeed' })
    await until(async () => {
      const rows = await world.sql(`select id from support.message_delivery where ticket_id = $1`, [
        ticket.id,
      ])
      return rows.length === 1
    })
    world.advance(HOLD)
    const answer = await server.mailTo('kim@away.example', 'We do indeed')
    expect(answer.mail.inReplyTo).toBe(`<kept-${count}@x.example>`)
    const { events } = await sam.act('acceptInboundMail', {
      inboundMailId: mailId,
      as: 'NEW_TICKET',
      reason: 'OTHER',
    })
    expect(events).toEqual([])
    const timeline = await sam.ask(
      'query ($id: ID!) { node(id: $id) { ... on InboundMail { timeline { nodes { type actor { id } reasonCode } } } } }',
      { id: mailId },
    )
    expect(timeline.node.timeline.nodes).toContainEqual({
      type: 'InboundMailAccepted',
      actor: { id: sam.id },
      reasonCode: 'REAL_QUESTION',
    })
  })

  test('From alone proves nothing: a customer’s only when somebody says that they made sure', async () => {
    const first = await brought(`olga@lamps.example\r\nCc: ${forged}`, 'I am Olga, maybe')
    const unsure = await accepted(first, { as: 'NEW_TICKET' })
    expect(unsure).toMatchObject({ review: 'ACCEPTED' })
    const [row] = await world.sql('select ticket_id from support.inbound_mail where id = $1', [first])
    expect(await ticketOf(row!.ticket_id, 'maybe')).toMatchObject({ isUnverified: true, requester: null })
    const { data } = await olga.send('query ($id: ID!) { ticket(id: $id) { id } }', { id: row!.ticket_id })
    expect(data!.ticket).toBeNull()

    const second = await brought(`olga@lamps.example\r\nCc: ${forged}`, 'I am Olga, surely')
    const sure = await accepted(second, { as: 'NEW_TICKET', senderConfirmed: true })
    expect(sure.personId).toBe(olga.id)
    const [theirs] = await world.sql('select ticket_id from support.inbound_mail where id = $1', [second])
    expect(await ticketOf(theirs!.ticket_id, 'surely')).toMatchObject({
      isUnverified: false,
      tags: [],
      contactEmail: null,
      requester: { id: olga.id },
      organization: { id: idOf('org', 'lamps') },
    })
    const seen = await olga.ask('query ($id: ID!) { ticket(id: $id) { messages { nodes { body } } } }', {
      id: theirs!.ticket_id,
    })
    expect(seen.ticket.messages.nodes).toEqual([{ body: 'I am Olga, surely' }])
  })

  test('on a ticket it is an answer of who may see it, or a note', async () => {
    const ticketId = await opened()
    const noted = await brought('stranger@else.example', 'It was me who broke it')
    expect(
      (await accept(noted, { as: 'FOLLOW_UP', ticketId, senderConfirmed: true })).userErrors,
    ).toMatchObject([{ code: 'UNKNOWN_REFERENCE', field: 'senderConfirmed' }])
    await accepted(noted, { as: 'FOLLOW_UP', ticketId })
    const { messages } = await ticketOf(ticketId, 'broke it')
    expect(messages.nodes).toContainEqual(
      expect.objectContaining({
        kind: 'INTERNAL_NOTE',
        visibility: 'PRIVATE',
        body: expect.stringMatching(/^Unverified sender: stranger@else\.example/),
      }),
    )
    const vera = await brought(`vera@rugs.example\r\nCc: ${forged}`, 'Mine too')
    expect(
      (await accept(vera, { as: 'FOLLOW_UP', ticketId, senderConfirmed: true })).userErrors,
    ).toMatchObject([{ code: 'UNKNOWN_REFERENCE' }])

    const said = await brought(`olga@lamps.example\r\nCc: ${forged}`, 'It is the blue one')
    await accepted(said, { as: 'FOLLOW_UP', ticketId, senderConfirmed: true })
    expect((await ticketOf(ticketId, 'blue one')).messages.nodes).toContainEqual(
      expect.objectContaining({ kind: 'USER_MESSAGE', body: 'It is the blue one', authorId: olga.id }),
    )
    const { ticket } = await olga.ask(
      'query ($id: ID!) { ticket(id: $id) { messages { nodes { body } } } }',
      {
        id: ticketId,
      },
    )
    expect(JSON.stringify(ticket)).not.toContain('broke it')
  })

  test('its files go with it', async () => {
    const part = ['--b', 'Content-Type: text/plain', '', 'It looks like this', '--b']
    const file = [
      'Content-Type: image/png; name="lamp.png"',
      'Content-Disposition: attachment; filename="lamp.png"',
      'Content-Transfer-Encoding: base64',
      '',
      PNG.toString('base64'),
      '--b--',
    ]
    const mail = await brought('kit@away.example', [...part, ...file].join('\r\n'), [
      'MIME-Version: 1.0',
      'Content-Type: multipart/mixed; boundary=b',
    ])
    await accepted(mail, { as: 'NEW_TICKET' })
    const [row] = await world.sql('select ticket_id from support.inbound_mail where id = $1', [mail])
    await ticketOf(row!.ticket_id, 'looks like this')
    const ticket = await until(async () => {
      const { ticket: now } = await people.sam.ask(
        'query ($id: ID!) { ticket(id: $id) { attachments { nodes { filename mime } } messages { nodes { attachments { filename } } } } }',
        { id: row!.ticket_id },
      )
      return now.attachments.nodes.length > 0 && now
    })
    expect(ticket).toEqual({
      attachments: { nodes: [{ filename: 'lamp.png', mime: 'image/png' }] },
      messages: { nodes: [{ attachments: [{ filename: 'lamp.png' }] }] },
    })
  })

  test('what makes no sense is refused, and so is who may not', async () => {
    const { rita, fay, sam } = people
    const ticketId = await opened()
    const mail = await brought('twins@lamps.example', 'Which of us?')
    for (const [input, code, field] of [
      [{ as: 'FOLLOW_UP' }, 'INVALID', 'ticketId'],
      [{ as: 'FOLLOW_UP', ticketId: 'tkt_none' }, 'NOT_FOUND', 'ticketId'],
      [{ as: 'NEW_TICKET', ticketId }, 'INVALID', 'ticketId'],
      [{ as: 'NEW_TICKET', requesterId: idOf('usr', 'twin-1') }, 'INVALID', 'requesterId'],
      [{ as: 'NEW_TICKET', senderConfirmed: true }, 'INVALID', 'requesterId'],
      [{ as: 'NEW_TICKET', senderConfirmed: true, requesterId: olga.id }, 'NOT_PARTICIPANT', 'requesterId'],
    ] as [Json, string, string][])
      expect((await accept(mail, input)).userErrors).toMatchObject([{ code, field }])
    expect((await accept('inm_none', { as: 'NEW_TICKET' })).userErrors).toMatchObject([{ code: 'NOT_FOUND' }])
    for (const who of [rita, fay, olga]) {
      const { errors } = await who.send(
        'mutation ($input: AcceptInboundMailInput!) { acceptInboundMail(input: $input) { replayed } }',
        { input: { inboundMailId: mail, as: 'NEW_TICKET', reason: 'OTHER' } },
      )
      expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN')
    }
    const chosen = await accepted(mail, {
      as: 'NEW_TICKET',
      senderConfirmed: true,
      requesterId: idOf('usr', 'twin-1'),
    })
    expect(chosen.personId).toBe(idOf('usr', 'twin-1'))

    const taken = await brought('olga@lamps.example', 'A ticket by itself')
    expect((await accept(taken, { as: 'NEW_TICKET' })).userErrors).toMatchObject([
      { code: 'INVALID_STATE', facts: { disposition: 'NEW_TICKET' } },
    ])
    expect(
      (await sam.act('dismissInboundMail', { inboundMailId: taken, reason: 'SPAM' })).userErrors,
    ).toMatchObject([{ code: 'INVALID_STATE' }])
  })

  test('nothing comes of it, until somebody thinks better of it; two who decide at once make one ticket', async () => {
    const { sam, lea } = people
    const mail = await brought('bot@else.example', 'Win now', ['Auto-Submitted: auto-generated'])
    expect((await waiting()).map(({ id }) => id)).not.toContain(mail)
    const dismiss = () =>
      sam.act('dismissInboundMail', { inboundMailId: mail, reason: 'SPAM' }, `mail { ${MAIL} }`)
    expect((await dismiss()).mail).toMatchObject({ review: 'DISMISSED', reviewedById: sam.id, ticket: null })
    expect((await dismiss()).events).toEqual([])
    const both = await Promise.all(
      [sam, lea].map(who => accept(mail, { as: 'NEW_TICKET', reason: 'WRONGLY_FILTERED' }, who)),
    )
    expect(both.map(({ userErrors }) => userErrors[0]?.code ?? 'DONE').sort()).toEqual([
      'DONE',
      'INVALID_STATE',
    ])
    await until(async () => {
      const rows = await world.sql(`select id from support.ticket where contact_email = 'bot@else.example'`)
      return rows.length === 1
    })
    expect(
      (await sam.act('dismissInboundMail', { inboundMailId: mail, reason: 'SPAM' })).userErrors,
    ).toMatchObject([{ code: 'INVALID_STATE' }])
  })
})
