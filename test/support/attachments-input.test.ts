import { readdirSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { idOf, type Json, type Person, until, World } from '../kit/world.js'
import { begin, complete, PNG, picture, put, seen, sendFile, sha256, take } from './files.js'

const MINUTE = 60_000

describe('bad files and odd ways of sending them (C5, C16)', () => {
  let world: World
  let people: Awaited<ReturnType<World['people']>>
  let olga: Person
  let otis: Person
  let ticketId: string

  beforeAll(async () => {
    world = await World.open('attachments-input')
    people = await world.people()
    const { shop } = people
    const user = (name: string) => ({
      source: 'shop',
      externalId: name,
      name,
      email: `${name}@lamps.example`,
    })
    await shop.record('users', ['olga', 'otis'].map(user))
    const member = (name: string) => ({ user: name, role: 'OWNER' })
    await shop.record('organizations', [
      { source: 'shop', externalId: 'lamps', name: 'Lamps', members: ['olga', 'otis'].map(member) },
    ])
    ;[olga, otis] = (await Promise.all(['olga', 'otis'].map(name => world.person(idOf('usr', name))))) as [
      Person,
      Person,
    ]
    const opened = await olga.act('openTicket', { subject: 'A', description: 'B' }, 'ticket { id }')
    ticketId = opened.ticket.id
  })
  afterAll(() => world?.close())

  const incoming = (): string[] => readdirSync(join(world.keysDir, 'files', 'incoming'))
  const typesOf = async (id: string): Promise<string[]> =>
    (await world.sql('select type from log.event where stream_id = $1 order by version', [id])).map(
      ({ type }) => type,
    )
  const refusal = async (more: Json): Promise<Json> => {
    const { userErrors, uploadUrl, attachment } = await begin(olga, PNG, { ticketId, ...more })
    expect([uploadUrl, attachment]).toEqual([null, null])
    return userErrors[0]
  }

  const NAMES: [string, string][] = [
    ['', 'file.png'],
    ['.', 'file.png'],
    ['..', 'file.png'],
    ['.png', 'file.png'],
    ['/etc/passwd', 'passwd.png'],
    ['C:\\Users\\olga\\shot.png', 'shot.png'],
    ['../../../shot.png/', 'file.png'],
    ['a\u0000b.png', 'ab.png'],
    ['a\r\nX-Evil: 1.png', 'aX-Evil 1.png'],
    ['\u202egnp.exe', 'gnp.exe.png'],
    ['\u2066invoice\u2069.png', 'invoice.png'],
    ['page.html', 'page.html.png'],
    ['run.exe.PNG', 'run.exe.png'],
    ['"quoted"; filename=evil.exe', 'quoted; filename=evil.exe.png'],
    ['a\u200bb\ufeffc.png', 'abc.png'],
    ['ｓｈｏｔ．ｐｎｇ', 'shot.png'],
    ['Лампа 💡.png', 'Лампа 💡.png'],
    [`${'x'.repeat(900)}.png`, `${'x'.repeat(120)}.png`],
  ]

  test.each(NAMES)('the name %j becomes %j, on the row and on the way out', async (filename, clean) => {
    const content = picture(filename)
    const file = await sendFile(olga, content, { ticketId, filename })
    expect(file.filename).toBe(clean)
    const { headers, status } = await take(olga, file.downloadUrl)
    expect(status).toBe(200)
    const disposition = headers.get('content-disposition')!
    expect(disposition).toMatch(/^attachment; filename="[^"\\]*"; filename\*=UTF-8''[A-Za-z0-9%._~!-]+$/)
    expect(decodeURIComponent(disposition.split("UTF-8''")[1]!)).toBe(clean)
    expect(headers.get('x-evil')).toBeUndefined()
  })

  test('a name of a thousand characters and more is refused, and so is half a character', async () => {
    expect(await refusal({ filename: 'x'.repeat(1001) })).toMatchObject({
      code: 'INVALID',
      field: 'filename',
    })
    const { filename } = (await begin(olga, PNG, { ticketId, filename: 'a\ud800b.png' })).attachment
    expect(filename).toBe('ab.png')
  })

  test('numbers and hashes that cannot be are refused where they are given', async () => {
    expect(await refusal({ bytes: 0 })).toMatchObject({ code: 'INVALID', field: 'bytes' })
    expect(await refusal({ bytes: -1 })).toMatchObject({ field: 'bytes' })
    expect(await refusal({ bytes: 2_147_483_647 })).toMatchObject({ code: 'TOO_LARGE', field: 'bytes' })
    for (const sha of ['', 'x'.repeat(64), 'a'.repeat(63), `${'a'.repeat(65)}`])
      expect(await refusal({ sha256: sha })).toMatchObject({ code: 'INVALID', field: 'sha256' })
    for (const mime of [
      '',
      'image',
      'image/png\r\nx: y',
      'image/\u202egnp',
      'IMAGE/SVG+XML',
      'text/html; x=image/png',
    ])
      expect(await refusal({ mime })).toMatchObject({ code: 'INVALID', field: 'mime' })
    for (const bytes of [1.5, 2 ** 31, '12'])
      expect(
        (
          await olga.send(
            'mutation ($input: BeginAttachmentUploadInput!) { beginAttachmentUpload(input: $input) { uploadUrl } }',
            { input: { filename: 'a', mime: 'image/png', bytes, sha256: sha256(PNG), purpose: 'DOCUMENT' } },
          )
        ).errors![0]!.extensions.code,
      ).toBe('BAD_USER_INPUT')
    const upper = await begin(olga, PNG, {
      ticketId,
      sha256: sha256(PNG).toUpperCase(),
      mime: 'IMAGE/PNG; q=1',
    })
    expect(upper.attachment).toMatchObject({ sha256: sha256(PNG), mime: 'image/png' })
    expect((await put(olga, upper.uploadUrl, PNG)).status).toBe(200)
  })

  test('nothing, half of it, or it in another form is not it; what is refused is gone, and may be sent again', async () => {
    const content = picture('another form')
    const { uploadUrl, attachment } = await begin(olga, content, { ticketId })
    expect((await put(olga, uploadUrl, Buffer.alloc(0))).status).toBe(422)
    expect((await put(olga, uploadUrl, gzipSync(content), { 'content-encoding': 'gzip' })).status).toBe(415)
    for (const method of ['POST', 'DELETE', 'PATCH'])
      expect((await fetch(world.url + uploadUrl, { method })).status).toBe(405)
    await broken(uploadUrl, content)
    await until(() => incoming().length === 0)
    expect((await put(olga, uploadUrl, content)).status).toBe(200)
    expect((await complete(olga, attachment.id)).attachment.state).toBe('READY')
  })

  /** Sends half of it and goes away. */
  const broken = (path: string, content: Buffer): Promise<void> =>
    new Promise(resolve => {
      const sending = request(world.url + path, {
        method: 'PUT',
        headers: { 'content-length': content.length },
      })
      sending.on('error', () => resolve())
      sending.on('close', () => resolve())
      sending.write(content.subarray(0, 10), () => setTimeout(() => sending.destroy(), 200))
    })

  test('ten who complete at once complete once; a colleague does not complete for somebody else', async () => {
    const content = picture('at once')
    const { uploadUrl, attachment } = await begin(olga, content, { ticketId })
    expect((await put(olga, uploadUrl, content)).status).toBe(200)
    expect((await complete(otis, attachment.id)).userErrors[0]).toMatchObject({ code: 'NOT_REQUESTER' })
    const all = await Promise.all(Array.from({ length: 10 }, () => complete(olga, attachment.id)))
    expect(all.flatMap(({ userErrors }) => userErrors)).toEqual([])
    expect(all.map(({ attachment }) => attachment.state)).toEqual(Array(10).fill('READY'))
    expect(all.flatMap(({ events }) => events)).toHaveLength(1)
    expect((await typesOf(attachment.id)).filter(type => type === 'AttachmentAdded')).toHaveLength(1)
  })

  test('a person and their colleague who complete at once: one does, the other learns why not', async () => {
    const content = picture('two people')
    const { uploadUrl, attachment } = await begin(olga, content, { ticketId })
    await put(olga, uploadUrl, content)
    const [mine, theirs] = await Promise.all([complete(olga, attachment.id), complete(otis, attachment.id)])
    expect(mine.userErrors).toEqual([])
    expect(theirs.userErrors[0]).toMatchObject({ code: 'NOT_REQUESTER' })
  })

  test('one content sent ten times at once to one address comes in once', async () => {
    const content = picture('ten times')
    const { uploadUrl, attachment } = await begin(olga, content, { ticketId })
    const all = await Promise.all(Array.from({ length: 10 }, () => put(olga, uploadUrl, content)))
    expect(all.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(409)])
    expect((await typesOf(attachment.id)).filter(type => type === 'AttachmentReceived')).toHaveLength(1)
    expect(incoming()).toEqual([])
  })

  test('two attachments of one content are two: removing one leaves the other', async () => {
    const content = picture('twins')
    const [one, two] = [
      await sendFile(olga, content, { ticketId }),
      await sendFile(olga, content, { ticketId }),
    ]
    await olga.act('removeAttachment', { attachmentId: one.id, reason: 'DUPLICATE' })
    await until(async () => (await typesOf(one.id)).includes('AttachmentBodyErased'))
    expect((await take(olga, (await seen(olga, two.id))!.downloadUrl)).content.equals(content)).toBe(true)
    expect((await take(olga, one.downloadUrl)).status).toBe(409)
  })

  test('an address that is over, an upload that was given up, an id that is none', async () => {
    const content = picture('late')
    const { uploadUrl, attachment } = await begin(olga, content, { ticketId })
    world.advance(16 * MINUTE)
    expect((await put(olga, uploadUrl, content)).status).toBe(403)
    expect((await complete(olga, attachment.id)).userErrors[0]).toMatchObject({
      code: 'INVALID_STATE',
      facts: { state: 'UPLOADING' },
    })
    world.advance(60 * MINUTE)
    await until(async () => (await seen(olga, attachment.id))!.state === 'DISCARDED')
    expect((await complete(olga, attachment.id)).userErrors[0].facts).toEqual({ state: 'DISCARDED' })
    for (const id of ['att_none', ticketId, '', "att_'; drop table support.attachment; --"])
      expect((await complete(olga, id)).userErrors[0]).toMatchObject({ field: 'attachmentId' })
    const file = await sendFile(olga, content, { ticketId })
    world.advance(6 * MINUTE)
    expect((await take(olga, file.downloadUrl)).status).toBe(403)
  })
})
