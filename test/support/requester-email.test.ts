import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { TestMailServer } from '../kit/smtp.js'
import { idOf, type Json, type Person, until, World } from '../kit/world.js'

const HOLD = 20_000
const DOMAIN = 'reply.shop.example'
const SECRET = 'a-secret-of-the-mail-server'
const OPEN = `mutation ($input: OpenAnonymousTicketInput!) { openAnonymousTicket(input: $input) {
  number accessToken userErrors { code field } } }`
const REPLY = `mutation ($input: ReplyToAnonymousTicketInput!) { replyToAnonymousTicket(input: $input) {
  events { type } userErrors { code field } } }`
const READ = 'query ($token: String!) { anonymousTicket(token: $token) { number messages { body } } }'

/** D57: "Check the customer's email is correct on the ticket." */
describe('the address that answers go to', () => {
  let server: TestMailServer
  let world: World
  let people: Awaited<ReturnType<World['people']>>
  let olga: Person

  beforeAll(async () => {
    server = await TestMailServer.start()
    world = await World.open('requester_email', {
      topology: 'distributed',
      env: {
        MAIL: 'smtp',
        SMTP_URL: server.url,
        MAIL_FROM: 'support@shop.example',
        MAIL_REPLY_DOMAIN: DOMAIN,
        MAIL_INBOUND_SECRET: SECRET,
      },
    })
    people = await world.people()
    const user = (externalId: string) => ({
      source: 'shop',
      externalId,
      name: externalId,
      email: `${externalId}@lamps.example`,
    })
    await people.shop.record('users', [user('olga'), user('otto'), user('vera')])
    await people.shop.record('organizations', [
      {
        source: 'shop',
        externalId: 'lamps',
        name: 'Lamps',
        members: [
          { user: 'olga', role: 'OWNER' },
          { user: 'otto', role: 'OPERATOR', supportAccess: true },
        ],
      },
      { source: 'shop', externalId: 'rugs', name: 'Rugs', members: [{ user: 'vera', role: 'OWNER' }] },
    ])
    olga = await world.person(idOf('usr', 'olga'))
  })
  afterAll(async () => {
    await world?.close()
    await server?.stop()
  })

  const update = (ticketId: string, email: string | null, who = people.sam, more: Json = {}) =>
    who.act(
      'updateTicketRequesterEmail',
      { ticketId, email, reason: 'MISSPELLED', ...more },
      'ticket { requesterEmail maskedRequesterEmail contactEmail maskedContact }',
    )
  const mails = async (ticketId: string): Promise<Json[]> =>
    (
      await people.sam.ask(
        `query ($id: ID!) { ticket(id: $id) { deliveries(first: 50) { nodes {
          id channel occasion state attempts address message { id } } } } }`,
        { id: ticketId },
      )
    ).ticket.deliveries.nodes.filter(({ channel }: Json) => channel === 'EMAIL')
  const mailIn = (ticketId: string, is: (mail: Json) => boolean): Promise<Json> =>
    until(async () => (await mails(ticketId)).find(is), 20_000) as Promise<Json>
  const inbox = async (who: Person): Promise<Json[]> =>
    (await who.ask('{ notifications(first: 50) { nodes { template title body aboutIds } } }')).notifications
      .nodes
  async function opened(): Promise<Json> {
    const { ticket } = await olga.act(
      'openTicket',
      { subject: 'A lamp', description: 'It flickers.' },
      'ticket { id number }',
    )
    await people.lea.act('assignTicketToMe', { ticketId: ticket.id })
    return ticket
  }
  const held = (ticketId: string) => mailIn(ticketId, ({ state }) => state === 'HELD')
  const got = (address: string, words: string) =>
    server.got.filter(({ to, mail }) => to.includes(address) && mail.text?.includes(words))

  test("a customer's ticket: what waits and what failed goes there, they and the assignee are told", async () => {
    const { sam, lea } = people
    const { id, number } = await opened()
    await sam.act('replyToTicket', { ticketId: id, body: 'First to the wrong box' })
    await held(id)
    server.fates = [{ refuse: 550 }]
    world.advance(HOLD)
    const failed = await mailIn(id, ({ state }) => state === 'FAILED')
    await sam.act('replyToTicket', { ticketId: id, body: 'Then to a busy one' })
    await held(id)
    server.fates = [{ refuse: 450 }]
    world.advance(HOLD)
    await mailIn(id, ({ state, attempts }) => state === 'QUEUED' && attempts === 1)

    const { userErrors, ticket, events } = await update(id, 'olga@home.example')
    expect(userErrors).toEqual([])
    expect(events).toMatchObject([{ type: 'RequesterContactChanged' }])
    expect(ticket).toMatchObject({
      requesterEmail: 'olga@home.example',
      maskedRequesterEmail: 'o•••@home.example',
    })
    world.advance(31_000)
    await server.mailTo('olga@home.example', 'Then to a busy one')
    expect((await sam.act('redeliverTicketMessage', { deliveryId: failed.id })).userErrors).toEqual([])
    await server.mailTo('olga@home.example', 'First to the wrong box')
    expect(got('olga@lamps.example', 'box')).toEqual([])

    const told = (await until(async () =>
      (await inbox(olga)).find(({ template }) => template === 'SECURITY_TICKET_ADDRESS_CHANGED'),
    )) as Json
    expect(told).toMatchObject({ aboutIds: [id], body: expect.stringContaining('o•••@home.example') })
    await server.mailTo('olga@lamps.example', `mail about ${number} goes to o•••@home.example`)
    const staff = (await until(async () =>
      (await inbox(lea)).find(({ template }) => template === 'TICKET_ADDRESS_CHANGED'),
    )) as Json
    expect(JSON.stringify([staff, told])).not.toContain('olga@home')
    expect(got('olga@home.example', 'goes to')).toEqual([])

    const { ticket: seen } = await sam.ask(
      'query ($id: ID!) { ticket(id: $id) { history { nodes { kind reasonCode } } timeline { nodes { type } } requester { email } } }',
      { id },
    )
    expect(seen.history.nodes).toContainEqual({ kind: 'CONTACT', reasonCode: 'MISSPELLED' })
    expect(seen.requester.email).toBe('olga@lamps.example')

    // Other tickets of theirs are answered where they always were.
    const other = await opened()
    await sam.act('replyToTicket', { ticketId: other.id, body: 'As ever' })
    await held(other.id)
    world.advance(HOLD)
    await server.mailTo('olga@lamps.example', 'As ever')

    expect((await update(id, null)).ticket).toMatchObject({
      requesterEmail: null,
      maskedRequesterEmail: null,
    })
    await sam.act('replyToTicket', { ticketId: id, body: 'Back again' })
    await held(id)
    world.advance(HOLD)
    await server.mailTo('olga@lamps.example', 'Back again')
  })

  test('what is answered from that address is theirs, with the reply address of the ticket', async () => {
    const { sam } = people
    const { id } = await opened()
    await update(id, 'olga@work.example')
    await sam.act('replyToTicket', { ticketId: id, body: 'Which lamp is it' })
    await held(id)
    world.advance(HOLD)
    const { mail } = await server.mailTo('olga@work.example', 'Which lamp is it')
    const bring = (from: string, text: string) =>
      fetch(`${world.url}/inbound/mail`, {
        method: 'POST',
        headers: { authorization: `Bearer ${SECRET}` },
        body: `From: ${from}\r\nTo: ${mail.replyTo![0]!.address}\r\nMessage-ID: <${Math.random()}@x>\r\n\r\n${text}`,
      })
    await bring('olga@work.example', 'The blue one')
    await bring('olga@other.example', 'The red one')
    const messages = await until(async () => {
      const { ticket } = await sam.ask(
        'query ($id: ID!) { ticket(id: $id) { messages { nodes { kind body authorId } } } }',
        { id },
      )
      return ticket.messages.nodes.length === 4 && ticket.messages.nodes
    })
    expect(messages).toContainEqual({ kind: 'USER_MESSAGE', body: 'The blue one', authorId: olga.id })
    expect(messages).toContainEqual(
      expect.objectContaining({ kind: 'INTERNAL_NOTE', body: expect.stringContaining('The red one') }),
    )
  })

  test('nobody else reads along: who may change it, and to what', async () => {
    const { sam, rita, fay, aldo } = people
    const { id } = await opened()
    for (const who of [rita, fay, aldo, olga]) {
      const { errors } = await who.send(
        'mutation ($input: UpdateTicketRequesterEmailInput!) { updateTicketRequesterEmail(input: $input) { replayed } }',
        { input: { ticketId: id, email: 'x@else.example', reason: 'MISSPELLED' } },
      )
      expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN')
    }
    for (const [email, code] of [
      ['no address', 'INVALID'],
      ['a@b@c.example', 'INVALID'],
      ['vera@lamps.example', 'NOT_PARTICIPANT'],
      ['sam@opsgraph.example', 'INVALID'],
      [null, 'UNCHANGED'],
    ] as const)
      expect((await update(id, email)).userErrors).toMatchObject([{ code }])
    expect((await update('tkt_none', 'x@else.example')).userErrors).toMatchObject([{ code: 'NOT_FOUND' }])
    const dry = await update(id, 'x@else.example', sam, { dryRun: true })
    expect(dry.ticket.requesterEmail).toBe('x@else.example')
    expect((await update(id, 'otto@lamps.example')).userErrors).toEqual([])
    expect((await update(id, 'OTTO@lamps.example')).userErrors).toMatchObject([{ code: 'UNCHANGED' }])
    for (const who of [fay, aldo]) {
      const ask = (field: string) => who.send(`query ($id: ID!) { ticket(id: $id) { ${field} } }`, { id })
      expect((await ask('maskedRequesterEmail')).data!.ticket).toEqual({
        maskedRequesterEmail: 'o•••@lamps.example',
      })
      const refused = await ask('requesterEmail')
      expect(refused.errors?.[0]?.extensions.code).toBe('FORBIDDEN')
      expect(JSON.stringify(refused)).not.toContain('otto@')
    }
    const theirs = await olga.send(`query ($id: ID!) { ticket(id: $id) { requesterEmail } }`, { id })
    expect(theirs.errors?.[0]?.extensions.code).toBe('FORBIDDEN')
    const none = await sam.act(
      'openTicket',
      { subject: 'x', description: 'x', organizationId: idOf('org', 'lamps'), visibility: 'PRIVATE' },
      'ticket { id }',
    )
    expect((await update(none.ticket.id, 'x@else.example')).userErrors).toMatchObject([
      { code: 'INVALID_STATE' },
    ])
  })

  test("a stranger's ticket: the old token and the old address open nothing any more", async () => {
    const { sam, nobody } = people
    const matter = { subject: 'Locked-out-canary', description: 'Help.', contact: 'kmi@away.example' }
    const { number, accessToken: old } = (await nobody.ask(OPEN, { input: matter })).openAnonymousTicket
    const { ticket } = await sam.ask('query ($n: String!) { ticket(number: $n) { id } }', { n: number })
    expect((await nobody.ask(READ, { token: old })).anonymousTicket.number).toBe(number)
    await sam.act('replyToTicket', { ticketId: ticket.id, body: 'Which page is it' })
    await held(ticket.id)
    server.fates = [{ refuse: 550 }]
    world.advance(HOLD)
    const failed = await mailIn(ticket.id, ({ state }) => state === 'FAILED')

    const changed = await update(ticket.id, 'kim@away.example')
    expect(changed.ticket).toMatchObject({
      contactEmail: 'kim@away.example',
      maskedContact: 'k•••@away.example',
    })
    expect((await update(ticket.id, null)).userErrors).toMatchObject([{ code: 'INVALID' }])
    expect((await nobody.ask(READ, { token: old })).anonymousTicket).toBeNull()
    const late = await nobody.ask(REPLY, { input: { token: old, body: 'x' } })
    expect(late.replyToAnonymousTicket.userErrors).toEqual([{ code: 'NOT_FOUND', field: 'token' }])

    const { mail } = await server.mailTo('kim@away.example', 'code opens it')
    const token = /v2\.\S+/.exec(mail.text!)![0]
    expect((await nobody.ask(READ, { token })).anonymousTicket.number).toBe(number)
    expect((await nobody.ask(READ, { token: token.replace(/\.1\./, '.2.') })).anonymousTicket).toBeNull()
    const said = await nobody.ask(REPLY, { input: { token, body: 'This one.' } })
    expect(said.replyToAnonymousTicket.userErrors).toEqual([])
    const notice = await server.mailTo('kmi@away.example', 'do not come to this address')
    expect(notice.raw).not.toMatch(/canary|reply\+|v2\.|Help\./)

    await sam.act('redeliverTicketMessage', { deliveryId: failed.id })
    await server.mailTo('kim@away.example', 'Which page is it')
    await sleep(300)
    expect(got('kmi@away.example', 'Which page')).toEqual([])

    // What is undeliverable at the address that was given up is nobody's problem.
    const again = await update(ticket.id, 'kim@new.example')
    expect(again.userErrors).toEqual([])
    expect((await nobody.ask(READ, { token })).anonymousTicket).toBeNull()
    await server.mailTo('kim@new.example', 'v2.')
  })
})
