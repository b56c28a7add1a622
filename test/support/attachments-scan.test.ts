import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { EICAR, TestClamd } from '../kit/clamd.js'
import { idOf, type Json, type Person, until, World } from '../kit/world.js'
import { picture, seen, sendFile, take } from './files.js'

const SECOND = 1000
const virus = (words: string): Buffer => Buffer.concat([picture(words), EICAR])

describe('files are looked at before anybody gets them (C5)', () => {
  let world: World
  let clamd: TestClamd
  let people: Awaited<ReturnType<World['people']>>
  let olga: Person
  let ticketId: string

  beforeAll(async () => {
    clamd = await TestClamd.start()
    world = await World.open('attachments-scan', { env: { SCANNER_URL: clamd.url } })
    people = await world.people()
    const { shop, sam } = people
    await shop.record('users', [
      { source: 'shop', externalId: 'olga', name: 'olga', email: 'olga@lamps.example' },
    ])
    await shop.record('organizations', [
      { source: 'shop', externalId: 'lamps', name: 'Lamps', members: [{ user: 'olga', role: 'OWNER' }] },
    ])
    olga = await world.person(idOf('usr', 'olga'))
    const opened = await olga.act('openTicket', { subject: 'Broken', description: 'Look.' }, 'ticket { id }')
    ticketId = opened.ticket.id
    await sam.act('assignTicketToMe', { ticketId })
  })
  afterAll(async () => {
    await world?.close()
    await clamd?.stop()
  })

  const scanOf = async (id: string): Promise<Json> =>
    (
      await people.sam.ask(
        'query ($id: ID!) { attachment(id: $id) { state scan scanSignature scannedAt quarantined filename } }',
        { id },
      )
    ).attachment
  const looked = (id: string, scan: string) =>
    until(async () => {
      const file = await scanOf(id)
      return file.scan === scan ? file : null
    })
  const isStored = ({ id, sha256 }: Json): boolean =>
    existsSync(join(world.keysDir, 'files', sha256.slice(0, 2), `${sha256}-${id}`))
  const told = async (who: Person): Promise<Json[]> =>
    (await who.ask('{ notifications(first: 50) { nodes { template title body aboutIds } } }')).notifications
      .nodes
  const waiting = async (): Promise<string[]> =>
    (
      await people.sam.ask('{ attachments(filter: { scan: PENDING }) { nodes { id } } }')
    ).attachments.nodes.map(({ id }: Json) => id)

  test('what is clean is given out as soon as somebody looked', async () => {
    const content = picture('clean')
    const { id } = await sendFile(olga, content, { ticketId })
    expect(await looked(id, 'CLEAN')).toMatchObject({ state: 'READY', scanSignature: null })
    const { downloadUrl } = (await seen(olga, id))!
    expect((await take(olga, downloadUrl)).content.equals(content)).toBe(true)
    expect(clamd.seen.at(-1)!.equals(content)).toBe(true)
    const [event] = await world.sql(
      `select payload from log.event where stream_id = $1 and type = 'AttachmentScanned'`,
      [id],
    )
    expect(event!.payload).toMatchObject({ verdict: 'CLEAN', signature: null, body: 'KEPT' })
  })

  test('while nobody can look it waits, whatever goes wrong, and nobody gets it', async () => {
    const { sam } = people
    for (const mood of ['drop', 'garble'] as const) {
      clamd.mood = mood
      const before = clamd.connections
      const file = await sendFile(olga, picture(mood), { ticketId })
      expect(file).toMatchObject({ state: 'READY', downloadUrl: null })
      await until(() => clamd.connections > before)
      for (const who of [olga, sam]) {
        expect((await seen(who, file.id))!.downloadUrl).toBeNull()
        expect((await who.act('downloadAttachment', { attachmentId: file.id })).userErrors[0]).toMatchObject({
          code: 'INVALID_STATE',
          facts: { scan: 'PENDING' },
        })
      }
      expect(await waiting()).toEqual([file.id])
      const { message } = await olga.act(
        'replyToTicket',
        { ticketId, body: 'See.', attachmentIds: [file.id] },
        'message { attachments { id scan downloadUrl } }',
      )
      expect(message.attachments).toEqual([{ id: file.id, scan: 'PENDING', downloadUrl: null }])
      clamd.mood = 'answer'
      world.advance(6 * SECOND)
      await looked(file.id, 'CLEAN')
      expect((await seen(olga, file.id))!.downloadUrl).toMatch(/^\/files\//)
    }
  })

  test('a scanner that hangs, or takes less than we do, is no clean bill; what is given up on is a dead letter', async () => {
    clamd.mood = 'hang'
    const hung = await sendFile(olga, picture('hang'), { ticketId })
    await until(async () => {
      const [row] = await world.sql(
        `select attempts, last_error from log.reaction_job where reaction = 'scan-attachments' and state = 'PENDING' and attempts > 0`,
      )
      return row
    })
    expect(await waiting()).toEqual([hung.id])
    clamd.mood = 'answer'
    clamd.most = 10
    for (let n = 0; n < 40 && (await dead()).length === 0; n++) {
      world.advance(86_400 * SECOND)
      await new Promise(resolve => setTimeout(resolve, 700))
    }
    const [letter] = await dead()
    expect(letter).toMatchObject({ reaction: 'scan-attachments', attempts: 10 })
    expect(await waiting()).toEqual([hung.id])
    clamd.most = 1024 * 1024
    await people.ada.act('retryReaction', { jobId: letter!.id, reason: 'OUTAGE_OVER' })
    await looked(hung.id, 'CLEAN')
  })

  const dead = async (): Promise<Json[]> =>
    (await people.ada.ask('{ deadLetters { id reaction attempts lastError } }')).deadLetters

  test('malware is erased, a tombstone stays, and who sent it and who works on it are told', async () => {
    const { sam } = people
    const file = await sendFile(olga, virus('bad'), { ticketId, filename: 'invoice.png' })
    expect(await looked(file.id, 'INFECTED')).toMatchObject({
      state: 'INFECTED',
      scanSignature: 'Eicar-Test-Signature',
      quarantined: false,
      filename: 'invoice.png',
    })
    await until(() => !isStored(file))
    expect(await seen(olga, file.id)).toMatchObject({ state: 'INFECTED', downloadUrl: null })
    const { userErrors } = await olga.act('replyToTicket', {
      ticketId,
      body: 'See.',
      attachmentIds: [file.id],
    })
    expect(userErrors[0]).toMatchObject({ code: 'INVALID_STATE', facts: { state: 'INFECTED' } })
    const letter = await until(async () =>
      (await told(olga)).find(({ template }) => template === 'ATTACHMENT_REFUSED'),
    )
    expect(letter).toMatchObject({ aboutIds: [file.id, ticketId] })
    expect(letter!.body).toContain('invoice.png')
    const alarm = await until(async () =>
      (await told(sam)).find(({ template }) => template === 'ATTACHMENT_INFECTED'),
    )
    expect(alarm!.body).toContain('Eicar-Test-Signature')
    const { timeline } = await sam.ask(`{ timeline(ids: ["${ticketId}"], first: 50) { nodes { type } } }`)
    expect(timeline.nodes.map(({ type }: Json) => type)).toContain('AttachmentScanned')
    expect(
      (await people.rita.act('placeAttachmentHold', { attachmentId: file.id, reason: 'LITIGATION' }))
        .userErrors[0].code,
    ).toBe('INVALID_STATE')
  })

  test('what goes with a message before anybody looked leaves its tombstone there', async () => {
    clamd.mood = 'drop'
    const file = await sendFile(olga, virus('linked'), { ticketId })
    await olga.act('replyToTicket', { ticketId, body: 'Here.', attachmentIds: [file.id] })
    clamd.mood = 'answer'
    world.advance(6 * SECOND)
    await looked(file.id, 'INFECTED')
    await until(async () => (await seen(olga, file.id))?.message)
    expect((await seen(olga, file.id))!.state).toBe('INFECTED')
  })

  test('evidence and what is held is locked away, until two people and a keeper let it go', async () => {
    const { rita, ada, lea } = people
    const proof = await sendFile(lea, virus('proof'), { ticketId, purpose: 'EVIDENCE' })
    expect(await looked(proof.id, 'INFECTED')).toMatchObject({ state: 'INFECTED', quarantined: true })
    expect((await seen(rita, proof.id))!.downloadUrl).toBeNull()
    expect((await rita.act('downloadAttachment', { attachmentId: proof.id })).userErrors[0].code).toBe(
      'INVALID_STATE',
    )
    expect(isStored(proof)).toBe(true)
    const remove = () => rita.act('removeAttachment', { attachmentId: proof.id, reason: 'HARMFUL' })
    await rita.act('placeAttachmentHold', { attachmentId: proof.id, reason: 'LITIGATION' })
    expect((await remove()).userErrors[0].code).toBe('LEGAL_HOLD')
    const asked = await rita.act('releaseAttachmentHold', { attachmentId: proof.id, reason: 'MATTER_CLOSED' })
    await ada.act('approveReleaseAttachmentHold', { approvalId: asked.approval.id })
    expect((await remove()).userErrors).toEqual([])
    await until(() => !isStored(proof))
  })

  test('two Super Admins may have everything locked away rather than erased', async () => {
    const { ada, otto } = people
    const asked = await ada.act('changePolicy', {
      key: 'support.infectedFiles',
      value: 'QUARANTINE',
      reason: 'RULES_CHANGED',
    })
    expect(asked.userErrors).toEqual([])
    await otto.act('approveChangePolicy', { approvalId: asked.approval.id })
    const file = await sendFile(olga, virus('quarantine'), { ticketId })
    expect(await looked(file.id, 'INFECTED')).toMatchObject({ quarantined: true })
    expect(isStored(file)).toBe(true)
  })

  test('rows folded anew from the log are the same', async () => {
    expect(await world.command('rebuild')).toMatchObject({ code: 0 })
  })
})
