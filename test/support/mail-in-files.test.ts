import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { EICAR, TestClamd } from '../kit/clamd.js'
import { idOf, type Json, type Person, until, World } from '../kit/world.js'
import { PNG, picture, seen, take } from './files.js'

const SECRET = 'a-secret-of-the-mail-server'
const DOMAIN = 'reply.shop.example'
const HOLD = 20_000

interface Part {
  type: string
  name?: string
  content: Buffer | string
  /** Content-ID: it stands in the text. */
  inline?: string
}

let count = 0

/** A mail with parts, as mail programs write them. */
function lettered(parts: Part[], { to, from, id, text }: Record<string, string | undefined>): string {
  const part = ({ type, name, content, inline }: Part): string[] => [
    '--b',
    `Content-Type: ${type}${name === undefined ? '' : `; name="${name}"`}`,
    inline
      ? 'Content-Disposition: inline'
      : `Content-Disposition: attachment${name === undefined ? '' : `; filename="${name}"`}`,
    ...(inline ? [`Content-ID: <${inline}>`] : []),
    'Content-Transfer-Encoding: base64',
    '',
    Buffer.from(content)
      .toString('base64')
      .replace(/.{1,76}/g, '$&\r\n'),
  ]
  return [
    `From: ${from ?? 'olga@lamps.example'}`,
    `To: ${to ?? `help@${DOMAIN}`}`,
    'Subject: With files',
    `Message-ID: <${id ?? `files-${++count}@lamps.example`}>`,
    'MIME-Version: 1.0',
    `Content-Type: multipart/${parts.some(({ inline }) => inline) ? 'related' : 'mixed'}; boundary=b`,
    '',
    '--b',
    'Content-Type: text/html; charset=utf-8',
    '',
    `<p>${text ?? 'See.'}</p>${parts.map(({ inline }) => (inline ? `<img src="cid:${inline}">` : '')).join('')}`,
    ...parts.flatMap(part),
    '--b--',
  ].join('\r\n')
}

const png = (name: string, words = name): Part => ({ type: 'image/png', name, content: picture(words) })

describe('files that come by mail (C5, C15, C16)', () => {
  let world: World
  let clamd: TestClamd
  let people: Awaited<ReturnType<World['people']>>
  let olga: Person
  let ticketId: string
  let replyTo: string

  beforeAll(async () => {
    clamd = await TestClamd.start()
    world = await World.open('mail-in-files', {
      env: {
        MAIL: 'mailbox',
        MAIL_REPLY_DOMAIN: DOMAIN,
        MAIL_INBOUND_SECRET: SECRET,
        SCANNER_URL: clamd.url,
      },
    })
    people = await world.people()
    const { shop, sam } = people
    await shop.record('users', [
      { source: 'shop', externalId: 'olga', name: 'olga', email: 'olga@lamps.example' },
    ])
    await shop.record('organizations', [
      { source: 'shop', externalId: 'lamps', name: 'Lamps', members: [{ user: 'olga', role: 'OWNER' }] },
    ])
    olga = await world.person(idOf('usr', 'olga'))
    const opened = await olga.act('openTicket', { subject: 'A', description: 'B' }, 'ticket { id }')
    ticketId = opened.ticket.id
    await sam.act('assignTicketToMe', { ticketId })
    await sam.act('replyToTicket', { ticketId, body: 'Which lamp?' })
    await until(async () => (await world.sql('select from support.message_delivery')).length === 2)
    world.advance(HOLD)
    const [mail] = (await until(async () => {
      const all = await world.sql('select mail from support.mailbox')
      return all.length ? all : null
    }, 20_000)) as Json[]
    replyTo = mail!.mail.replyTo
  })
  afterAll(async () => {
    await world?.close()
    await clamd?.stop()
  })

  /** As mail servers do: what is told to come again comes again. */
  const bring = async (raw: string): Promise<Response> => {
    const response = await fetch(`${world.url}/inbound/mail`, {
      method: 'POST',
      headers: { authorization: `Bearer ${SECRET}`, 'content-type': 'message/rfc822' },
      body: raw,
    })
    return response.status === 503 ? bring(raw) : response
  }
  const brought = async (parts: Part[], more: Record<string, string> = {}): Promise<void> => {
    expect(await (await bring(lettered(parts, more))).json()).toEqual({ received: true })
  }
  const FILE = 'id filename mime bytes state scan visibility uploadedById ticket { id } message { id }'
  const mailSaying = (words: string): Promise<Json> =>
    until(async () => {
      const { inboundMails } = await people.sam.ask(
        `{ inboundMails(first: 50) { nodes { id body files refused disposition ticket { id } attachments(first: 50) { totalCount nodes { ${FILE} } } } } }`,
      )
      return inboundMails.nodes.find(({ body }: Json) => body.includes(words))
    })
  const messageSaying = (words: string): Promise<Json> =>
    until(async () => {
      const { ticket } = await people.sam.ask(
        `query ($id: ID!) { ticket(id: $id) { messages(first: 50) { nodes { id kind body attachments { ${FILE} } } } } }`,
        { id: ticketId },
      )
      return ticket.messages.nodes.find(
        ({ body, attachments }: Json) =>
          body.includes(words) && attachments.every((file: Json) => file.message && file.scan !== 'PENDING'),
      )
    })
  const stored = (): string[] =>
    (readdirSync(join(world.keysDir, 'files'), { recursive: true }) as string[])
      .map(String)
      .filter(name => name.includes('-att_'))

  test('an answer brings its files and the pictures in its text; the customer has them, each is looked at', async () => {
    await brought([png('lamp.png'), { type: 'image/png', content: picture('in the text'), inline: 'i1' }], {
      to: replyTo,
      text: 'Two of them.',
    })
    const { attachments } = await messageSaying('Two of them.')
    expect(attachments).toHaveLength(2)
    expect(attachments).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          filename: 'lamp.png',
          mime: 'image/png',
          state: 'READY',
          scan: 'CLEAN',
          visibility: 'PUBLIC',
          uploadedById: olga.id,
          ticket: { id: ticketId },
        }),
        expect.objectContaining({ filename: 'file.png' }),
      ]),
    )
    const lamp = attachments.find(({ filename }: Json) => filename === 'lamp.png')
    const taken = await take(olga, (await seen(olga, lamp.id))!.downloadUrl)
    expect(taken.content.equals(picture('lamp.png'))).toBe(true)
    expect(taken.headers.get('content-disposition')).toContain('attachment;')
    expect((await mailSaying('Two of them.')).refused).toEqual([])
  })

  test('what is not taken is named with the reason, and nothing active comes in', async () => {
    const html = '<html><script>alert(1)</script></html>'
    await brought(
      [
        { type: 'text/html', name: 'page.html', content: html },
        { type: 'image/svg+xml', name: 'logo.svg', content: '<svg onload="alert(1)"/>' },
        { type: 'image/png', name: 'not-a.png', content: html },
        { type: 'application/octet-stream', name: 'run.exe', content: 'MZ' },
        { type: 'text/plain', name: 'empty.txt', content: '' },
        { type: 'application/octet-stream', name: '../../\u202egnp.PNG', content: picture('octets') },
      ],
      { to: replyTo, text: 'Six of them.' },
    )
    const { body, attachments } = await messageSaying('Six of them.')
    expect(attachments).toMatchObject([{ filename: 'gnp.png', mime: 'image/png' }])
    for (const words of [
      'Attachments were not taken in',
      'page.html (1 KB): files of this kind are not taken',
      'logo.svg (1 KB): files of this kind are not taken',
      'not-a.png (1 KB): its content is not image/png',
      'run.exe (1 KB): files of this kind are not taken',
      'empty.txt (1 KB): it is empty',
    ])
      expect(body).toContain(words)
    expect((await mailSaying('Six of them.')).files).toHaveLength(6)
  })

  test('ten files at most; of hundreds it is told how many more there were', async () => {
    await brought(
      Array.from({ length: 130 }, (_, n) => png(`n${n}.png`)),
      { to: replyTo, text: 'A hundred and thirty.' },
    )
    const { body, attachments } = await messageSaying('A hundred and thirty.')
    expect(attachments).toHaveLength(10)
    expect(body).toContain('Attachments were not taken in: n10.png (1 KB): at most 10 files are taken')
    expect(body).toContain('; and more]')
    const { files, refused } = await mailSaying('A hundred and thirty.')
    expect([files.at(-1), refused.at(-1)]).toEqual(['and 31 more', 'and 21 more'])
  })

  test('brought again, also at once, it is there once', async () => {
    const raw = lettered([png('once.png')], { to: replyTo, id: 'once@lamps.example', text: 'Only once.' })
    const other = lettered([png('other.png')], { to: replyTo, id: 'once@lamps.example', text: 'Only once.' })
    for (const { status } of await Promise.all([bring(raw), bring(raw), bring(raw)])) expect(status).toBe(200)
    expect((await messageSaying('Only once.')).attachments).toHaveLength(1)
    const before = stored().sort()
    expect((await bring(other)).status).toBe(200)
    expect(stored().sort()).toEqual(before)
  })

  test('what strangers send to a ticket is staff’s alone', async () => {
    await brought([png('mallory.png')], { to: replyTo, from: 'mallory@evil.example', text: 'From Mallory.' })
    const { attachments, kind } = await messageSaying('From Mallory.')
    expect(kind).toBe('INTERNAL_NOTE')
    expect(attachments).toMatchObject([{ visibility: 'PRIVATE', uploadedById: 'system' }])
    expect(await seen(olga, attachments[0].id)).toBeNull()
  })

  test('a ticket opened by mail has its files, which the customer has when they are looked at', async () => {
    await brought([png('new.png')], { text: 'A new matter.' })
    const mail = (await until(async () => {
      const found = await mailSaying('A new matter.')
      return found.ticket && found.attachments.nodes[0]?.ticket ? found : null
    }, 20_000)) as Json
    const [file] = mail.attachments.nodes
    expect(file).toMatchObject({ ticket: { id: mail.ticket.id }, uploadedById: 'system' })
    expect(await seen(olga, file.id)).toMatchObject({ filename: 'new.png', visibility: 'PUBLIC' })
  })

  test('of a mail that is kept apart the files are kept too, for staff alone', async () => {
    await brought([png('stranger.png')], { from: 'stranger@else.example', text: 'Who am I?' })
    const mail = await mailSaying('Who am I?')
    expect(mail.disposition).toBe('FILTERED')
    const file = (await until(
      async () => (await mailSaying('Who am I?')).attachments.nodes.find((one: Json) => one.scan === 'CLEAN'),
      20_000,
    )) as Json
    expect(file).toMatchObject({ state: 'READY', ticket: null, visibility: 'PRIVATE' })
    world.advance(30 * 86_400_000)
    await new Promise(resolve => setTimeout(resolve, 1500))
    const kept = await seen(people.sam, file.id)
    expect(kept!.state).toBe('READY')
    expect((await take(people.sam, kept!.downloadUrl)).content.equals(picture('stranger.png'))).toBe(true)
    expect(await seen(olga, file.id)).toBeNull()
  })

  test('of a mail that is dismissed the files go a day later, unless somebody thinks better of it', async () => {
    for (const words of ['Buy this.', 'Buy that.'])
      await brought([png(`${words}png`)], { from: 'spam@else.example', text: words })
    const both = (await until(async () => {
      const mails = [await mailSaying('Buy this.'), await mailSaying('Buy that.')]
      return mails.every(({ attachments }) => attachments.nodes[0]?.scan === 'CLEAN') ? mails : null
    }, 20_000)) as Json[]
    const [gone, kept] = both.map(({ attachments }) => attachments.nodes[0].id) as [string, string]
    for (const { id } of both) {
      const { userErrors } = await people.sam.act('dismissInboundMail', { inboundMailId: id, reason: 'SPAM' })
      expect(userErrors).toEqual([])
    }
    const accept = async (inboundMailId: string) =>
      expect(
        (
          await people.lea.act('acceptInboundMail', {
            inboundMailId,
            as: 'NEW_TICKET',
            reason: 'WRONGLY_FILTERED',
          })
        ).userErrors,
      ).toEqual([])
    await accept(both[1]!.id)
    expect((await seen(people.sam, gone))!.state).toBe('READY')
    await until(async () => (await seen(people.sam, kept))!.ticket)
    world.advance(86_400_000 + 1000)
    await until(async () => (await seen(people.sam, gone))!.state === 'DISCARDED')
    await until(() => !stored().some(name => name.endsWith(gone)))
    expect((await seen(people.sam, kept))!.state).toBe('READY')
    await accept(both[0]!.id)
    await until(async () => (await seen(people.sam, gone))!.message)
    expect((await seen(people.sam, gone))!.state).toBe('DISCARDED')
  })

  test('malware by mail leaves a tombstone on its message', async () => {
    await brought([{ type: 'image/png', name: 'bad.png', content: Buffer.concat([PNG, EICAR]) }], {
      to: replyTo,
      text: 'Open me.',
    })
    const { attachments } = await messageSaying('Open me.')
    expect(attachments).toMatchObject([{ state: 'INFECTED', scan: 'INFECTED' }])
    await until(() => !stored().some(name => name.endsWith(attachments[0].id)))
  })

  test('a dozen large mails at once are taken one after the other', async () => {
    const big = Buffer.concat([PNG, Buffer.alloc(6 * 1024 * 1024, 7)])
    const letters = Array.from({ length: 12 }, (_, n) =>
      lettered([{ type: 'image/png', name: `big${n}.png`, content: big }], {
        from: 'stranger@else.example',
        text: `Big ${n}.`,
      }),
    )
    for (const { status } of await Promise.all(letters.map(bring))) expect(status).toBe(200)
    const eleven = await until(async () => {
      const mail = await mailSaying('Big 11.')
      return mail.attachments.totalCount === 1 ? mail : null
    })
    expect(eleven!.attachments.nodes[0].bytes).toBe(big.length)
    expect(existsSync(join(world.keysDir, 'files', 'incoming'))).toBe(true)
    expect(readdirSync(join(world.keysDir, 'files', 'incoming'))).toEqual([])
  })

  test('rows folded anew from the log are the same', async () => {
    expect(await world.command('rebuild')).toMatchObject({ code: 0 })
  })
})
