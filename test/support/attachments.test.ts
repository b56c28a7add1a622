import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { idOf, type Json, type Person, paidOrder, until, World } from '../kit/world.js'
import { announcing, begin, complete, PNG, picture, put, seen, sendFile, sha256, take } from './files.js'

const MINUTE = 60_000
const DAY = 1440 * MINUTE

describe('files with tickets, through the gateway (C5, C15 to C17, C33, C35, E86)', () => {
  let world: World
  let people: Awaited<ReturnType<World['people']>>
  /** Owner of the first seller, its member with support access, and the owner of another one. */
  let olga: Person
  let otis: Person
  let vera: Person
  let orderId: string
  /** A ticket of the first seller. */
  let ticketId: string

  beforeAll(async () => {
    world = await World.open('attachments')
    people = await world.people()
    const { shop } = people
    const user = (name: string) => ({ source: 'shop', externalId: name, name, email: `${name}@example.com` })
    await shop.record('users', ['olga', 'otis', 'vera'].map(user))
    await shop.record('organizations', [
      {
        source: 'shop',
        externalId: 'seller-1',
        name: 'Lamps',
        members: [
          { user: 'olga', role: 'OWNER' },
          { user: 'otis', role: 'OPERATOR', supportAccess: true },
        ],
      },
      { source: 'shop', externalId: 'seller-2', name: 'Rugs', members: [{ user: 'vera', role: 'OWNER' }] },
    ])
    ;[olga, otis, vera] = (await Promise.all(
      ['olga', 'otis', 'vera'].map(name => world.person(idOf('usr', name))),
    )) as [Person, Person, Person]
    orderId = await paidOrder(shop, 'files')
    ticketId = await opened(olga)
  })
  afterAll(() => world?.close())

  const opened = async (who: Person, input: Json = {}): Promise<string> =>
    (await who.act('openTicket', { subject: 'Broken', description: 'Look.', ...input }, 'ticket { id }'))
      .ticket.id
  const typesOf = async (id: string): Promise<string[]> =>
    (await world.sql('select type from log.event where stream_id = $1 order by version', [id])).map(
      ({ type }) => type,
    )
  const fileOf = (hash: string, id: string): string =>
    join(world.keysDir, 'files', hash.slice(0, 2), `${hash}-${id}`)
  const stateOf = async (id: string): Promise<string> =>
    (await world.sql('select state from support.attachment where id = $1', [id]))[0]!.state
  const closed = async (id: string): Promise<void> => {
    await people.sam.act('resolveTicket', { ticketId: id, resolution: 'Done.' })
    expect((await people.lea.act('closeTicket', { ticketId: id, early: 'TEST' })).userErrors).toEqual([])
  }

  test('a file is announced, sent, completed and taken; its account and staff see it, others do not', async () => {
    const content = picture('happy')
    const { attachment, uploadUrl } = await begin(olga, content, {
      ticketId,
      filename: '../../etc/\u202egnp.x\u0007y.PNG',
    })
    expect(attachment).toMatchObject({
      state: 'UPLOADING',
      filename: 'gnp.xy.png',
      visibility: 'PUBLIC',
      retention: 'MESSAGE',
      ticket: { id: ticketId },
      downloadUrl: null,
    })
    expect(uploadUrl).toMatch(/^\/files\/v1\./)
    expect((await complete(olga, attachment.id)).userErrors[0]).toMatchObject({
      code: 'INVALID_STATE',
      facts: { state: 'UPLOADING' },
    })
    expect(await put(olga, uploadUrl, content)).toEqual({
      status: 200,
      body: { attachmentId: attachment.id, bytes: content.length, sha256: sha256(content) },
    })
    const stored = fileOf(sha256(content), attachment.id)
    expect(statSync(stored).mode & 0o777).toBe(0o600)
    expect(readdirSync(join(world.keysDir, 'files', 'incoming'))).toEqual([])

    const ready = (await complete(olga, attachment.id)).attachment
    expect(ready).toMatchObject({ state: 'READY', sha256: sha256(content), bytes: content.length })
    expect((await complete(olga, attachment.id)).events).toEqual([])
    const taken = await take(olga, ready.downloadUrl)
    expect(taken.status).toBe(200)
    expect(taken.content.equals(content)).toBe(true)
    expect(Object.fromEntries(taken.headers)).toMatchObject({
      'content-type': 'image/png',
      'content-disposition': `attachment; filename="gnp.xy.png"; filename*=UTF-8''gnp.xy.png`,
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
      'cache-control': 'private, no-store',
    })
    expect(await typesOf(attachment.id)).toEqual([
      'AttachmentUploadBegun',
      'AttachmentReceived',
      'AttachmentAdded',
      'AttachmentDownloaded',
    ])
    const [log] = await world.sql(
      `select string_agg(payload::text, ' ') as said from log.event where stream_id = $1`,
      [attachment.id],
    )
    expect(log!.said).toContain(sha256(content))
    expect(log!.said).not.toContain('gnp')

    for (const who of [otis, people.sam, people.aldo]) {
      const file = await seen(who, attachment.id)
      expect((await take(who, file!.downloadUrl)).status).toBe(200)
    }
    expect(await seen(vera, attachment.id)).toBeNull()
    expect((await vera.act('downloadAttachment', { attachmentId: attachment.id })).userErrors[0].code).toBe(
      'NOT_FOUND',
    )
    const actors = await world.sql(
      `select actor from log.event where stream_id = $1 and type = 'AttachmentDownloaded' order by version`,
      [attachment.id],
    )
    expect(actors.map(({ actor }) => actor)).toEqual([olga.id, otis.id, 'stf_sam', 'stf_aldo'])
    expect(
      (await people.sam.ask(`{ attachments(filter: { ticketId: "${ticketId}" }) { totalCount } }`))
        .attachments,
    ).toEqual({ totalCount: 1 })
  })

  test('what is too large, empty, of another kind or badly described is refused when it is announced', async () => {
    const refusalOf = async (more: Json) => {
      const { userErrors, uploadUrl, attachment } = await begin(olga, PNG, more)
      expect([uploadUrl, attachment]).toEqual([null, null])
      const [{ code, field, facts }] = userErrors
      return [code, field, facts]
    }
    expect(await refusalOf({ bytes: 30 * 1024 * 1024 })).toEqual([
      'TOO_LARGE',
      'bytes',
      { bytes: 31_457_280, most: 26_214_400 },
    ])
    expect((await refusalOf({ bytes: 0 }))[1]).toBe('bytes')
    expect((await refusalOf({ sha256: 'abc' }))[1]).toBe('sha256')
    for (const mime of [
      'text/html',
      'image/svg+xml',
      'application/zip',
      'application/x-msdownload',
      '__proto__',
    ])
      expect((await refusalOf({ mime }))[1]).toBe('mime')
    expect((await refusalOf({ ticketId: 'tkt_none' })).slice(0, 2)).toEqual(['NOT_FOUND', 'ticketId'])
    const { userErrors } = await begin(vera, PNG, { ticketId })
    expect(userErrors[0]).toMatchObject({ code: 'NOT_FOUND', field: 'ticketId' })
  })

  test('what arrives has to be what was announced: size, hash, kind; then it may be sent again', async () => {
    const content = picture('exact')
    const { uploadUrl, attachment } = await begin(olga, content, { ticketId })
    const refused = async (body: Buffer) => {
      const { status, body: answer } = await put(olga, uploadUrl, body)
      return [status, answer.errors[0].extensions.code]
    }
    expect(await refused(picture('longer than exact'))).toEqual([422, 'BAD_USER_INPUT'])
    expect(await refused(picture('short'))).toEqual([422, 'BAD_USER_INPUT'])
    expect(await refused(picture('other').subarray(0, content.length))).toEqual([422, 'BAD_USER_INPUT'])
    expect(await refused(Buffer.alloc(30 * 1024 * 1024))).toEqual([413, 'PAYLOAD_TOO_LARGE'])
    const endless = await fetch(world.url + uploadUrl, {
      method: 'PUT',
      duplex: 'half',
      body: new ReadableStream({
        pull: controller => controller.enqueue(new Uint8Array(64 * 1024)),
      }),
    } as RequestInit).then(
      ({ status }) => status,
      () => 'cut',
    )
    expect([422, 'cut']).toContain(endless)
    expect(await stateOf(attachment.id)).toBe('UPLOADING')
    expect((await put(olga, uploadUrl, content)).status).toBe(200)
    expect(readdirSync(join(world.keysDir, 'files', 'incoming'))).toEqual([])
  })

  test('HTML, SVG and programs do not come in as something else', async () => {
    const disguised: [string, string | Buffer][] = [
      ['image/png', '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'],
      ['image/png', '<!doctype html><script>alert(1)</script>'],
      ['image/jpeg', PNG],
      ['text/plain', '\n  <html><body onload=alert(1)>'],
      ['text/csv', '<?xml version="1.0"?><svg/>'],
      ['text/plain', '#!/bin/sh\nrm -rf /'],
      ['text/plain', Buffer.from('MZ\x90\0\x03\0\0\0', 'latin1')],
      ['application/pdf', 'MZ this is no PDF'],
    ]
    for (const [mime, text] of disguised) {
      const content = Buffer.from(text)
      const { uploadUrl } = await begin(otis, content, { mime })
      const { status, body } = await put(otis, uploadUrl, content)
      expect([mime, status, body.errors[0].extensions]).toEqual([
        mime,
        415,
        expect.objectContaining({ mime }),
      ])
    }
  })

  test('an address is for one upload, one purpose, one person and a quarter of an hour', async () => {
    const content = picture('once')
    const { uploadUrl, attachment } = await begin(olga, content, { ticketId })
    const bearer = { authorization: `Bearer ${vera.token}` }
    expect((await put(olga, uploadUrl, content, bearer)).status).toBe(403)
    expect((await take(olga, uploadUrl)).status).toBe(403)
    const [head, kid, payload, mac] = uploadUrl.split('.') as [string, string, string, string]
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
    const forged = Buffer.from(JSON.stringify({ ...claims, personId: vera.id })).toString('base64url')
    for (const path of [
      `${head}.${kid}.${forged}.${mac}`,
      `${head}.other.${payload}.${mac}`,
      `${uploadUrl}.x`,
      '/files/',
      '/files/../graphql',
    ])
      expect([403, 405]).toContain((await put(olga, path, content)).status)
    const both = await Promise.all([put(olga, uploadUrl, content), put(olga, uploadUrl, content)])
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409])
    expect((await put(olga, uploadUrl, content)).body.errors[0].extensions).toMatchObject({
      state: 'RECEIVED',
    })
    const ready = (await complete(olga, attachment.id)).attachment
    expect((await take(vera, ready.downloadUrl, bearer)).status).toBe(403)
    expect((await put(olga, ready.downloadUrl, content)).status).toBe(403)
    expect((await fetch(world.url + ready.downloadUrl, { method: 'POST' })).status).toBe(405)
    const late = await begin(olga, content, { ticketId })
    world.advance(16 * MINUTE)
    expect((await put(olga, late.uploadUrl, content)).body.errors[0].message).toContain('is over')
    expect((await take(olga, ready.downloadUrl)).status).toBe(403)
  })

  test('who lost access or was disabled takes nothing more, whatever address they have', async () => {
    const { downloadUrl, id } = await sendFile(olga, picture('lost'), { ticketId })
    const his = (await seen(otis, id))!.downloadUrl
    expect((await take(otis, his)).status).toBe(200)
    await people.shop.record('organizations', [
      {
        source: 'shop',
        externalId: 'seller-1',
        name: 'Lamps',
        members: [
          { user: 'olga', role: 'OWNER' },
          { user: 'otis', role: 'OPERATOR', supportAccess: false },
        ],
      },
    ])
    await until(async () => (await take(otis, his)).status !== 200)
    expect([401, 404]).toContain((await take(otis, his)).status)
    expect((await take(olga, downloadUrl)).status).toBe(200)
    await people.shop.record('organizations', [
      {
        source: 'shop',
        externalId: 'seller-1',
        name: 'Lamps',
        members: [
          { user: 'olga', role: 'OWNER' },
          { user: 'otis', role: 'OPERATOR', supportAccess: true },
        ],
      },
    ])
  })

  test('what was changed on the disk is not given, and what is gone is said to be', async () => {
    const content = picture('tampered')
    const { id, downloadUrl } = await sendFile(olga, content, { ticketId })
    writeFileSync(fileOf(sha256(content), id), picture('tempered'))
    await expect(take(olga, downloadUrl)).rejects.toThrow()
    rmSync(fileOf(sha256(content), id))
    expect((await take(olga, downloadUrl)).status).toBe(404)
  })

  test('a machine that writes tickets sends files too, and customers none to what is closed', async () => {
    const file = await sendFile(people.shop, Buffer.from('a;b\n1;2\n'), {
      ticketId,
      mime: 'text/csv',
      filename: 'a.csv',
    })
    expect(file).toMatchObject({ state: 'READY', visibility: 'PRIVATE', filename: 'a.csv' })
    const over = await opened(olga)
    await closed(over)
    const { userErrors } = await begin(olga, PNG, { ticketId: over })
    expect(userErrors[0]).toMatchObject({ code: 'INVALID_STATE', field: 'ticketId' })
    expect((await begin(people.sam, PNG, { ticketId: over })).userErrors).toEqual([])
  })

  test('the process dies between the upload and its completion, and nothing is lost', async () => {
    const content = picture('crash')
    const { uploadUrl, attachment } = await begin(olga, content, { ticketId })
    expect((await put(olga, uploadUrl, content)).status).toBe(200)
    await world.kill()
    await world.start()
    expect((await complete(olga, attachment.id)).attachment.state).toBe('READY')
    const { downloadUrl } = (await seen(olga, attachment.id))!
    expect((await take(olga, downloadUrl)).content.equals(content)).toBe(true)
  })

  test('an upload that is not completed within the hour is erased, and a file without a ticket after a day', async () => {
    const content = picture('given up')
    const { uploadUrl, attachment } = await begin(olga, content, { ticketId })
    await put(olga, uploadUrl, content)
    const homeless = await sendFile(olga, picture('homeless'))
    expect(existsSync(fileOf(sha256(content), attachment.id))).toBe(true)
    world.advance(61 * MINUTE)
    await until(() => !existsSync(fileOf(sha256(content), attachment.id)))
    await until(async () => (await typesOf(attachment.id)).includes('AttachmentBodyErased'))
    expect(await stateOf(attachment.id)).toBe('DISCARDED')
    expect((await complete(olga, attachment.id)).userErrors[0].code).toBe('INVALID_STATE')
    expect(await stateOf(homeless.id)).toBe('READY')
    world.advance(DAY)
    await until(async () => (await stateOf(homeless.id)) === 'DISCARDED')
  })

  test('staff see what staff sent, customers do not, before it goes with a reply', async () => {
    const file = await sendFile(people.sam, picture('inside'), { ticketId })
    expect(file.visibility).toBe('PRIVATE')
    expect(await seen(olga, file.id)).toBeNull()
    const { ticket } = await olga.ask(
      `{ ticket(id: "${ticketId}") { attachments { nodes { id } totalCount } } }`,
    )
    expect(ticket.attachments.nodes.map(({ id }: Json) => id)).not.toContain(file.id)
    expect(ticket.attachments.totalCount).toBe(ticket.attachments.nodes.length)
    // Not even with an address that staff had made for themselves, shown with the customer's own token.
    const bearer = { authorization: `Bearer ${olga.token}` }
    expect((await take(olga, file.downloadUrl, bearer)).status).toBe(403)
  })

  const FILES = 'message { id attachments { id visibility downloadUrl } }'
  const inMessages = async (who: Person, id: string): Promise<string[]> => {
    const { ticket } = await who.ask(`{ ticket(id: "${id}") { messages { nodes { attachments { id } } } } }`)
    return ticket.messages.nodes.flatMap(({ attachments }: Json) => attachments.map((file: Json) => file.id))
  }

  test('a file goes with one message, and whoever reads that may take it: never what goes with a note', async () => {
    const { sam, lea } = people
    const own = await sendFile(olga, picture('own'))
    expect(own.ticket).toBeNull()
    expect(
      (await vera.act('openTicket', { subject: 'A', description: 'B', attachmentIds: [own.id] }))
        .userErrors[0],
    ).toMatchObject({
      code: 'NOT_FOUND',
      field: 'attachmentIds',
      facts: { unknown: [own.id] },
    })
    const mine = await opened(olga, { attachmentIds: [own.id] })
    expect(await inMessages(olga, mine)).toEqual([own.id])
    await until(async () => (await seen(otis, own.id))?.ticket.id === mine)

    const [secret, shown] = [
      await sendFile(sam, picture('secret'), { ticketId: mine, filename: 'canary.png' }),
      await sendFile(sam, picture('shown'), { ticketId: mine }),
    ]
    const note = await sam.act(
      'addTicketNote',
      { ticketId: mine, body: 'Hm.', attachmentIds: [secret.id] },
      FILES,
    )
    expect(note.message.attachments).toMatchObject([{ id: secret.id, visibility: 'PRIVATE' }])
    const reply = (attachmentIds: string[]) =>
      sam.act('replyToTicket', { ticketId: mine, body: 'See.', attachmentIds }, FILES)
    expect((await reply([secret.id])).userErrors[0]).toMatchObject({
      code: 'INVALID_STATE',
      field: 'attachmentIds',
    })
    const other = await sendFile(sam, picture('elsewhere'), { ticketId })
    expect((await reply([other.id])).userErrors[0].message).toContain('another ticket')
    expect((await reply([own.id])).userErrors[0].code).toBe('NOT_FOUND')
    const { message } = await reply([shown.id, shown.id])
    expect(message.attachments).toHaveLength(1)
    await until(async () => (await seen(olga, shown.id)) !== null)
    expect((await inMessages(olga, mine)).sort()).toEqual([own.id, shown.id].sort())
    await until(async () => (await seen(sam, secret.id))!.message !== null)
    expect(await seen(olga, secret.id)).toBeNull()
    expect(
      JSON.stringify(
        await olga.ask(`{ ticket(id: "${mine}") { attachments { nodes { id filename } totalCount } } }`),
      ),
    ).not.toContain('canary')
    expect((await olga.act('downloadAttachment', { attachmentId: secret.id })).userErrors[0].code).toBe(
      'NOT_FOUND',
    )

    const address = (await seen(olga, shown.id))!.downloadUrl
    expect((await take(olga, address)).status).toBe(200)
    const show = (messageId: string, visibility: string) =>
      lea.act('setTicketMessageVisibility', {
        ticketId: mine,
        messageId,
        visibility,
        reason: 'WRONG_VISIBILITY',
      })
    expect((await show(message.id, 'PRIVATE')).userErrors).toEqual([])
    expect((await take(olga, address)).status).toBe(404)
    await until(async () => (await seen(olga, shown.id)) === null)
    await show(note.message.id, 'PUBLIC')
    await until(async () => (await seen(olga, secret.id))?.visibility === 'PUBLIC')
    const events = await world.sql(
      `select type from log.event where stream_id = any($1) and type like 'AttachmentVis%'`,
      [[shown.id, secret.id]],
    )
    expect(events).toHaveLength(2)
  })

  test('removing leaves a tombstone; a legal hold keeps even from that, and ends by two people', async () => {
    const { lea, sam, rita, ada } = people
    const content = picture('remove')
    const { id } = await sendFile(olga, content, { ticketId })
    const remove = (who: Person) => who.act('removeAttachment', { attachmentId: id, reason: 'PERSONAL_DATA' })
    expect((await remove(sam)).userErrors[0].code).toBe('NOT_PARTICIPANT')
    await rita.act('placeAttachmentHold', { attachmentId: id, reason: 'LITIGATION' })
    expect((await remove(lea)).userErrors[0].code).toBe('LEGAL_HOLD')
    const asked = await rita.act('releaseAttachmentHold', { attachmentId: id, reason: 'MATTER_CLOSED' })
    expect(
      (await rita.act('approveReleaseAttachmentHold', { approvalId: asked.approval.id })).userErrors[0].code,
    ).toBe('SAME_PERSON')
    await ada.act('approveReleaseAttachmentHold', { approvalId: asked.approval.id })
    expect((await remove(lea)).userErrors).toEqual([])
    expect(await seen(olga, id)).toMatchObject({
      state: 'REMOVED',
      filename: '[removed]',
      sha256: sha256(content),
      downloadUrl: null,
    })
    await until(() => !existsSync(fileOf(sha256(content), id)))
    const { timeline } = await sam.ask(`{ timeline(ids: ["${ticketId}"], first: 20) { nodes { type } } }`)
    expect(timeline.nodes.map(({ type }: Json) => type)).toContain('AttachmentRemoved')
  })

  test('evidence is for risk, auditors and who takes part, and each who takes it is noted', async () => {
    const { sam, lea, rita, aldo } = people
    const about = await opened(sam, { linkedEntityIds: [orderId] })
    const { id } = await sendFile(lea, picture('proof'), { ticketId: about, purpose: 'EVIDENCE' })
    expect(await seen(sam, id)).toMatchObject({ retention: 'TRUST_SAFETY_EVIDENCE', downloadUrl: null })
    expect((await sam.act('downloadAttachment', { attachmentId: id })).userErrors[0].code).toBe(
      'NOT_PARTICIPANT',
    )
    for (const who of [lea, rita, aldo])
      expect((await take(who, (await seen(who, id))!.downloadUrl)).status).toBe(200)
    await sam.act('assignTicketToMe', { ticketId: about })
    expect((await take(sam, (await seen(sam, id))!.downloadUrl)).status).toBe(200)
    expect((await typesOf(id)).filter(type => type === 'EvidenceAccessed')).toHaveLength(4)
  })

  test('evidence goes two years after its ticket was closed, its hash stays; a legal hold wins', async () => {
    const { sam, rita, ada } = people
    const about = await opened(sam, { linkedEntityIds: [orderId] })
    const [gone, held, plain] = await Promise.all([
      sendFile(sam, picture('gone'), { ticketId: about, purpose: 'EVIDENCE' }),
      sendFile(sam, picture('held'), { ticketId: about, purpose: 'EVIDENCE' }),
      sendFile(sam, picture('plain'), { ticketId: about }),
    ])
    await rita.act('placeAttachmentHold', { attachmentId: held.id, reason: 'LITIGATION' })
    await closed(about)
    const job = () =>
      world.sql(`select from log.reaction_job where reaction = 'purge-evidence' and state = 'PENDING'`)
    await until(async () => (await job()).length > 0)
    world.advance(729 * DAY)
    const { attachments } = await sam.ask(
      `{ attachments(filter: { retentionBefore: "${new Date(world.now.getTime() + 3 * DAY).toISOString()}" }) { nodes { id } } }`,
    )
    expect(attachments.nodes.map(({ id }: Json) => id).sort()).toEqual([gone.id, held.id].sort())
    expect(await stateOf(gone.id)).toBe('READY')
    world.advance(2 * DAY)
    await until(() => !existsSync(fileOf(gone.sha256, gone.id)))
    await until(async () => (await typesOf(gone.id)).includes('AttachmentBodyErased'))
    expect(await seen(sam, gone.id)).toMatchObject({
      state: 'PURGED',
      sha256: gone.sha256,
      downloadUrl: null,
    })
    expect([await stateOf(held.id), await stateOf(plain.id)]).toEqual(['READY', 'READY'])
    expect(existsSync(fileOf(held.sha256, held.id))).toBe(true)
    const asked = await rita.act('releaseAttachmentHold', { attachmentId: held.id, reason: 'MATTER_CLOSED' })
    await ada.act('approveReleaseAttachmentHold', { approvalId: asked.approval.id })
    await until(async () => (await stateOf(held.id)) === 'PURGED')
  })

  test('rows folded anew from the log are the same', async () => {
    expect(await world.command('rebuild')).toMatchObject({ code: 0 })
  })

  test('twenty uploads at a time for each person', async () => {
    const announce = (n: number) =>
      people.fay.act('beginAttachmentUpload', announcing(picture(String(n)), { ticketId }))
    for (let n = 0; n < 20; n++) expect((await announce(n)).userErrors).toEqual([])
    expect((await announce(20)).userErrors[0]).toMatchObject({ code: 'TOO_MANY', facts: { most: 20 } })
  })
})
