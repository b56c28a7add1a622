import { get } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { textOfHtml, withoutQuotes } from '#gateway/mail-text.js'
import { idOf, type Json, type Person, until, World } from '../kit/world.js'
import { PNG, take } from './files.js'

const SECRET = 'a-secret-of-the-mail-server'
const DOMAIN = 'reply.shop.example'
const HOLD = 20_000
const CANARY = 'canary-of-the-notes'

interface Letter {
  from?: string
  to?: string
  id?: string
  subject?: string
  headers?: string[]
  text?: string
  raw?: string
}

let count = 0
const lettered = ({ from = 'Olga <olga@lamps.example>', to = `help@${DOMAIN}`, ...more }: Letter): string =>
  more.raw ??
  [
    `From: ${from}`,
    `To: ${to}`,
    `Subject: ${more.subject ?? 'Re: a lamp'}`,
    `Message-ID: <${more.id ?? `letter-${++count}@lamps.example`}>`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    ...(more.headers ?? []),
    '',
    more.text ?? 'Hello.',
  ].join('\r\n')

describe.each(['single', 'distributed'] as const)('mail that comes in (%s)', topology => {
  let world: World
  let people: Awaited<ReturnType<World['people']>>
  let olga: Person
  let ticketId: string
  let number: string
  let replyTo: string

  const bring = (letter: Letter, headers: Record<string, string> = {}) =>
    fetch(`${world.url}/inbound/mail`, {
      method: 'POST',
      headers: { authorization: `Bearer ${SECRET}`, 'content-type': 'message/rfc822', ...headers },
      body: lettered(letter),
    })
  const brought = async (letter: Letter): Promise<void> => {
    expect(await (await bring(letter)).json()).toEqual({ received: true })
  }
  const mails = async (disposition?: string): Promise<Json[]> =>
    (
      await people.sam.ask(
        `query ($d: InboundDisposition) { inboundMails(filter: { disposition: $d }, first: 50) {
          nodes { disposition because signed sender subject body files personId ticket { id } delivery { id } } } }`,
        { d: disposition ?? null },
      )
    ).inboundMails.nodes
  const messages = async (id = ticketId): Promise<Json[]> =>
    (
      await people.sam.ask(
        'query ($id: ID!) { ticket(id: $id) { messages(first: 50) { nodes { id kind visibility body authorId } } } }',
        { id },
      )
    ).ticket.messages.nodes
  const statusOf = async (): Promise<string> =>
    (await people.sam.ask('query ($id: ID!) { ticket(id: $id) { status } }', { id: ticketId })).ticket.status
  const saying = (words: string) =>
    until(async () => (await messages()).find(({ body }) => body.includes(words))) as Promise<Json>
  const kept = async (address = 'olga@lamps.example'): Promise<Json[]> =>
    (
      await world.sql(`select mail from support.mailbox where mail->>'to' = $1 order by number`, [address])
    ).map(({ mail }) => mail)
  const told = async (who: Person): Promise<Json[]> =>
    (await who.ask('{ notifications(first: 50) { nodes { template aboutIds } } }')).notifications.nodes

  beforeAll(async () => {
    world = await World.open('mail-in', {
      topology,
      env: {
        MAIL: 'mailbox',
        MAIL_FROM: 'Support <support@shop.example>',
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
      user('otto', 'otto@lamps.example'),
      user('mona', 'mona@lamps.example'),
      user('twin-1', 'twins@lamps.example'),
      user('twin-2', 'twins@lamps.example'),
      user('vera', 'vera@rugs.example'),
    ])
    await people.shop.record('organizations', [
      {
        source: 'shop',
        externalId: 'lamps',
        name: 'Lamps',
        members: [
          { user: 'olga', role: 'OWNER' },
          { user: 'otto', role: 'OPERATOR', supportAccess: true },
          { user: 'mona', role: 'OPERATOR' },
        ],
      },
      { source: 'shop', externalId: 'rugs', name: 'Rugs', members: [{ user: 'vera', role: 'OWNER' }] },
    ])
    olga = await world.person(idOf('usr', 'olga'))
    const opened = await olga.act(
      'openTicket',
      { subject: 'A lamp', description: 'It flickers.', category: 'REPLY_NEEDED' },
      'ticket { id number }',
    )
    ;({ id: ticketId, number } = opened.ticket)
    await people.sam.act('assignTicketToMe', { ticketId })
    await people.sam.act('addTicketNote', { ticketId, body: CANARY })
    await people.sam.act('replyToTicket', { ticketId, body: 'Which lamp?' })
    await until(async () => {
      const [row] = await world.sql('select count(*)::int as n from support.message_delivery')
      return row!.n === 2
    })
    world.advance(HOLD)
    const [mail] = (await until(async () => {
      const all = await kept()
      return all.length ? all : null
    }, 20_000)) as Json[]
    replyTo = mail!.replyTo
  })
  afterAll(() => world?.close())

  test('a mail that went out says where answers go, and nothing private', async () => {
    const [mail] = await kept()
    expect(replyTo).toMatch(new RegExp(`^reply\\+${number.toLowerCase()}\\.[0-9a-f]{32}@${DOMAIN}$`))
    expect(replyTo.split('@')[0]!.length).toBeLessThanOrEqual(64)
    expect(mail!.returnTo).toBe(replyTo)
    expect(mail!.text).toContain('Please write above this line')
    expect(JSON.stringify(mail)).not.toContain(CANARY)
  })

  test('an answer of the customer is what they say on the ticket, once, and reaches the assignee', async () => {
    const [mail] = await kept()
    const letter = {
      id: 'answer-1@lamps.example',
      to: `Support <${replyTo.toUpperCase()}>`,
      text: `The red one.\r\n\r\nOn Mon, 20 Apr 2026 at 10:00, Support <support@shop.example>\r\nwrote:\r\n> -- Please write above this line --\r\n> Which lamp?`,
    }
    await Promise.all([brought(letter), brought(letter), brought(letter)])
    await brought(letter)
    const message = await saying('The red one.')
    expect(message).toMatchObject({
      kind: 'USER_MESSAGE',
      visibility: 'PUBLIC',
      body: 'The red one.',
      authorId: olga.id,
    })
    expect(await mails('FOLLOW_UP')).toMatchObject([
      { signed: true, personId: olga.id, ticket: { id: ticketId } },
    ])
    await sleep(500)
    expect((await messages()).filter(({ body }) => body.includes('red one'))).toHaveLength(1)
    await until(async () => (await told(people.sam)).some(({ template }) => template === 'TICKET_FOLLOW_UP'))
    const { ticket } = await olga.ask(
      'query ($id: ID!) { ticket(id: $id) { messages { nodes { body authorName } } } }',
      {
        id: ticketId,
      },
    )
    expect(JSON.stringify(ticket)).toContain('The red one.')

    await people.sam.act('replyToTicket', { ticketId, body: 'We send another.' })
    await until(async () => {
      const [row] = await world.sql(
        `select count(*)::int as n from support.message_delivery where state = 'HELD'`,
      )
      return row!.n === 2
    })
    world.advance(HOLD)
    const next = (await until(async () =>
      (await kept()).find(({ text }) => text.includes('We send another')),
    )) as Json
    expect(next.references).toEqual([mail!.mailId, 'answer-1@lamps.example'])
  })

  test('colleagues with support access answer too; who has none, and strangers, leave an unverified note', async () => {
    await brought({ to: replyTo, from: 'otto@lamps.example', text: 'Otto here.' })
    expect(await saying('Otto here.')).toMatchObject({ kind: 'USER_MESSAGE', authorId: idOf('usr', 'otto') })
    for (const from of [
      'mona@lamps.example',
      'vera@rugs.example',
      'mallory@evil.example',
      'sam@opsgraph.test',
    ]) {
      await brought({ to: replyTo, from, text: `This is ${from}.` })
      const note = await saying(`This is ${from}.`)
      expect(note).toMatchObject({ kind: 'INTERNAL_NOTE', visibility: 'PRIVATE' })
      expect(note.body).toContain(`Unverified sender: ${from}`)
    }
    const { ticket } = await olga.ask(
      'query ($id: ID!) { ticket(id: $id) { messages(first: 50) { nodes { body } } } }',
      {
        id: ticketId,
      },
    )
    expect(JSON.stringify(ticket)).not.toMatch(/mallory|Unverified|canary/)
  })

  test('a forged reply address is no answer, whoever it says it is from', async () => {
    const [local, domain] = replyTo.split('@') as [string, string]
    const [ticketPart, signature] = local.split('.') as [string, string]
    const flipped = (signature[0] === '0' ? '1' : '0') + signature.slice(1)
    const forged = [
      `${ticketPart}.${flipped}@${domain}`,
      `${ticketPart}.${signature.slice(0, 16)}@${domain}`,
      `${ticketPart}@${domain}`,
      `reply+tkt-2026-99999.${signature}@${domain}`,
    ]
    const before = (await messages()).length
    for (const to of forged) await brought({ to, text: 'Let me in.' })
    const filtered = await mails('FILTERED')
    expect(filtered.filter(({ body }) => body === 'Let me in.')).toHaveLength(forged.length)
    expect(filtered[0]).toMatchObject({ signed: false, ticket: null })
    await brought({
      to: replyTo.replace(DOMAIN, 'elsewhere.example'),
      from: 'nobody@else.example',
      text: 'Elsewhere.',
    })
    expect((await mails('FILTERED'))[0]).toMatchObject({ body: 'Elsewhere.' })
    await sleep(500)
    expect(await messages()).toHaveLength(before)
  })

  test('who opened a ticket without signing in is told by mail, and answers by mail', async () => {
    const { accessToken, number } = await people.nobody.act(
      'openAnonymousTicket',
      {
        subject: 'No account',
        description: 'How do I get one?',
        contact: 'kim@example.org',
        category: 'ACCOUNT_HELP',
      },
      'accessToken number',
    )
    expect(accessToken).toBeTruthy()
    const [row] = await world.sql('select id from support.ticket where number = $1', [number])
    const { id } = row as Json
    await people.sam.act('replyToTicket', { ticketId: id, body: 'Like this.' })
    await until(
      async () =>
        (await world.sql('select 1 from support.message_delivery where ticket_id = $1', [id])).length === 1,
    )
    world.advance(HOLD)
    const mail = (await until(async () => (await kept('kim@example.org'))[0], 20_000)) as Json
    expect(mail.text).toContain('Like this.')
    await brought({ from: 'Kim <kim@example.org>', to: mail.replyTo, text: 'Thank you.' })
    await brought({ from: 'mallory@evil.example', to: mail.replyTo, text: 'Me too.' })
    const answered = await until(async () => {
      const all = await messages(id)
      return all.some(({ body }) => body.includes('Me too.')) && all
    })
    expect((answered as Json[]).find(({ body }) => body === 'Thank you.')).toMatchObject({
      kind: 'USER_MESSAGE',
      visibility: 'PUBLIC',
    })
    expect((answered as Json[]).find(({ body }) => body.includes('Me too.'))).toMatchObject({
      kind: 'INTERNAL_NOTE',
    })
  })

  test('without a reply address one known customer opens an unverified ticket; nobody else opens anything', async () => {
    await brought({ subject: 'Fwd: Re: A new question', text: 'How do I return it?' })
    const opened = (await until(async () => (await mails('NEW_TICKET')).find(one => one.ticket))) as Json
    expect(opened).toMatchObject({ signed: false, personId: olga.id })
    const { ticket } = await people.sam.ask(
      'query ($id: ID!) { ticket(id: $id) { subject channel tags isUnverified filterState requester { id } organization { id } inboundMails { totalCount } } }',
      { id: opened.ticket.id },
    )
    expect(ticket).toMatchObject({
      subject: 'A new question',
      channel: 'EMAIL',
      tags: ['unverified-sender'],
      isUnverified: true,
      filterState: 'INBOX',
      requester: { id: olga.id },
      organization: { id: idOf('org', 'lamps') },
      inboundMails: { totalCount: 1 },
    })
    const [{ n }] = (await world.sql('select count(*)::int as n from support.ticket')) as [Json]
    for (const from of ['stranger@else.example', 'twins@lamps.example', 'olga@lamps.example, x@evil.example'])
      await brought({ from, text: `Unknown: ${from}` })
    await brought({ text: 'Two senders.', headers: ['From: mallory@evil.example'] })
    expect(
      (await mails('FILTERED'))
        .slice(0, 4)
        .map(({ body }) => body)
        .join(),
    ).toMatch(/Two senders.*Unknown/s)
    await sleep(500)
    const [after] = (await world.sql('select count(*)::int as n from support.ticket')) as [Json]
    expect(after.n).toBe(n)
  })

  test('machines are not answered, and our own mail does not come round', async () => {
    const before = (await messages()).length
    const automatic: Letter[] = [
      { to: replyTo, headers: ['Auto-Submitted: auto-replied'], text: 'I am away.' },
      { to: replyTo, headers: ['Precedence: bulk'], text: 'Newsletter.' },
      { to: replyTo, headers: ['X-Autoreply: yes'] },
      { to: replyTo, headers: ['Return-Path: <>'] },
      { to: replyTo, headers: ['X-Opsgraph: dlv_1'] },
      { to: replyTo, from: 'support@shop.example' },
      { to: replyTo, from: replyTo },
      { to: replyTo, from: 'MAILER-DAEMON@mx.example' },
    ]
    const out = (await kept()).length
    for (const letter of automatic) await brought(letter)
    expect(await mails('AUTOMATIC')).toHaveLength(automatic.length)
    await brought({ to: replyTo, headers: ['Auto-Submitted: no'], text: 'By hand.' })
    await saying('By hand.')
    expect(await messages()).toHaveLength(before + 1)
    expect(await kept()).toHaveLength(out)
  })

  test('a mail that comes back fails its delivery and alerts who works on it', async () => {
    const [mail] = await kept()
    const report = [
      'From: MAILER-DAEMON@mx.example',
      `To: ${replyTo}`,
      'Subject: Undelivered Mail',
      'Message-ID: <bounce-1@mx.example>',
      'Content-Type: multipart/report; report-type=delivery-status; boundary=b',
      '',
      '--b',
      'Content-Type: text/plain',
      '',
      'The address does not exist.',
      '--b',
      'Content-Type: message/delivery-status',
      '',
      'Reporting-MTA: dns; mx.example',
      '',
      'Final-Recipient: rfc822; olga@lamps.example',
      'Action: failed',
      'Status: 5.1.1',
      '--b',
      'Content-Type: message/rfc822',
      '',
      `Message-ID: <${mail!.mailId}>`,
      'Subject: x',
      '',
      'x',
      '--b--',
    ].join('\r\n')
    await brought({
      raw: report
        .replace(replyTo, `reply+${number.toLowerCase()}.${'0'.repeat(32)}@${DOMAIN}`)
        .replace('bounce-1', 'bounce-0'),
    })
    expect((await mails())[0]).toMatchObject({ disposition: 'AUTOMATIC' })
    await brought({ raw: report })
    expect(await mails('BOUNCE')).toHaveLength(1)
    const problem = (await until(async () => {
      const { ticket } = await people.sam.ask(
        'query ($id: ID!) { ticket(id: $id) { deliveryProblems { nodes { id state lastCode lastError } } } }',
        { id: ticketId },
      )
      return ticket.deliveryProblems.nodes[0]
    })) as Json
    expect(problem).toMatchObject({ state: 'FAILED', lastCode: '5.1.1' })
    await until(async () => (await told(people.sam)).some(({ template }) => template === 'DELIVERY_FAILED'))
  })

  test('what is attached is taken in, or it is said why not; HTML becomes text; odd characters are left out', async () => {
    const parts = [
      'From: olga@lamps.example',
      `To: ${replyTo}`,
      'Subject: With a picture',
      'Message-ID: <parts-1@lamps.example>',
      'Content-Type: multipart/mixed; boundary=b',
      '',
      '--b',
      'Content-Type: text/html; charset=utf-8',
      '',
      '<style>p{}</style><p>See the <b>picture</b> &amp; \u202ereply\u0007.</p><script>alert(1)</script>',
      '--b',
      'Content-Type: image/png; name="lamp.png"',
      'Content-Disposition: attachment; filename="lamp.png"',
      'Content-Transfer-Encoding: base64',
      '',
      Buffer.alloc(3000).toString('base64'),
      '--b',
      'Content-Type: image/png; name="dot.png"',
      'Content-Disposition: attachment; filename="dot.png"',
      'Content-Transfer-Encoding: base64',
      '',
      PNG.toString('base64'),
      '--b--',
    ].join('\r\n')
    await brought({ raw: parts })
    const { body, id } = await saying('picture')
    expect(body).toBe(
      'See the picture & reply.\n\n[An attachment was not taken in: lamp.png (3 KB): its content is not image/png]',
    )
    const file = (await until(async () => {
      const { ticket } = await olga.ask(
        'query ($id: ID!) { ticket(id: $id) { attachments { nodes { filename message { id } downloadUrl } } } }',
        { id: ticketId },
      )
      return ticket.attachments.nodes[0]
    })) as Json
    expect(file).toMatchObject({ filename: 'dot.png', message: { id } })
    expect((await take(olga, file.downloadUrl)).content.equals(PNG)).toBe(true)
    await brought({ to: replyTo, text: `${'long '.repeat(30_000)}` })
    await until(async () => (await messages()).some(({ body }) => body.length > 17_000))
    await brought({ to: replyTo, text: '' })
    expect(await saying('(no text)')).toMatchObject({ kind: 'USER_MESSAGE' })
  })

  test('an answer to what is closed opens it again', async () => {
    await people.sam.act('resolveTicket', { ticketId, resolution: 'Done.' })
    await olga.act('closeTicket', { ticketId })
    await brought({ to: replyTo, text: 'It is not over.' })
    await saying('It is not over.')
    expect(await statusOf()).toBe('OPEN')
  })

  test('the door wants the secret, a POST, a mail, and at most 10 MB', async () => {
    expect((await bring({}, { authorization: 'Bearer wrong-secret-of-somebody' })).status).toBe(401)
    expect((await bring({}, { authorization: '' })).status).toBe(401)
    expect((await fetch(`${world.url}/inbound/mail`)).status).toBe(405)
    expect((await bring({ raw: 'no mail at all' })).status).toBe(400)
    expect((await bring({ raw: '' })).status).toBe(400)
    const before = (await mails()).length
    expect((await bring({ text: 'x'.repeat(11 * 1024 * 1024) })).status).toBe(413)
    expect(await mails()).toHaveLength(before)
    for (const who of [people.aldo, olga]) {
      const { data } = await who.send('{ inboundMails { totalCount } }')
      expect(data?.inboundMails ?? null).toBeNull()
    }
    const input = {
      mailId: 'x',
      from: 'olga@lamps.example',
      recipients: [replyTo],
      files: [],
      automatic: false,
    }
    for (const who of [people.sam, people.ada, people.shop, olga]) {
      const { errors } = await who.send(
        'mutation ($input: ReceiveMailInput!) { receiveMail(input: $input) { replayed } }',
        { input },
      )
      expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN')
    }
  })

  test('the mailbox shows what went out, to this machine alone, and nothing in it runs', async () => {
    const list = await fetch(`${world.url}/mailbox`)
    expect(list.status).toBe(200)
    const text = await list.text()
    expect(text).toContain('olga@lamps.example')
    const [, number] = /href="\/mailbox\/(\d+)"/.exec(text)!
    const one = await (await fetch(`${world.url}/mailbox/${number}`)).text()
    expect(one).toContain('<iframe sandbox')
    const html = await fetch(`${world.url}/mailbox/${number}.html`)
    expect(html.headers.get('content-security-policy')).toMatch(/default-src 'none'.*sandbox/)
    const foreign = await new Promise<number | undefined>((resolve, reject) =>
      get(`${world.url}/mailbox`, { headers: { host: 'rebound.example' } }, ({ statusCode }) =>
        resolve(statusCode),
      ).on('error', reject),
    )
    expect(foreign).toBe(404)
    expect((await fetch(`${world.url}/mailbox/99999`)).status).toBe(404)
    expect((await fetch(`${world.url}/mailbox/../etc`)).status).toBe(404)
    expect(world.output).toMatch(/Mail\s+http:\S+\/mailbox/)
  })
})

describe('what somebody added to a mail', () => {
  test.each([
    ['Yes.\n\nOn Monday, A B <a@b.c> wrote:\n> No?', 'Yes.'],
    ['Yes.\n\nOn Mon, 20 Apr 2026 at 10:00, Support <support@shop.example>\nwrote:\n> No?', 'Yes.'],
    ['Ja.\n\nAm 20.04.2026 um 10:00 schrieb Support <s@b.c>:\n> Nein?', 'Ja.'],
    ['Oui.\n\nLe lun. 20 avr. 2026, Support <s@b.c> a écrit :\n> Non?', 'Oui.'],
    ['Yes.\n-----Original Message-----\nFrom: x', 'Yes.'],
    ['Yes.\n\nFrom: Support <s@b.c>\nSent: Monday\nTo: me\n\nNo?', 'Yes.'],
    ['Yes.\n-- \nOlga\nLamps', 'Yes.'],
    ['Yes.\n> quoted\n> more\n', 'Yes.'],
    ['> No?\nYes, below.', '> No?\nYes, below.'],
    ['On the whole I wrote: nothing', 'On the whole I wrote: nothing'],
    ['From: the beginning it was broken', 'From: the beginning it was broken'],
    ['-- Please write above this line --\nmine below', ''],
  ])('%j', (text, own) => expect(withoutQuotes(text)).toBe(own))

  test('HTML of any size and form is read once', () => {
    expect(textOfHtml('<p>a<br>b</p><STYLE>x</STYLE>c &lt;b&gt; &#x41;&#66; &unknown;')).toContain(
      'c <b> AB &unknown;',
    )
    const began = Date.now()
    for (const evil of [
      '<style'.repeat(200_000),
      '<'.repeat(1_000_000),
      '<script>'.repeat(100_000),
      '&#'.repeat(500_000),
    ])
      expect(typeof textOfHtml(evil)).toBe('string')
    expect(withoutQuotes('On '.repeat(100_000)).length).toBeGreaterThan(0)
    expect(Date.now() - began).toBeLessThan(3_000)
  })
})
