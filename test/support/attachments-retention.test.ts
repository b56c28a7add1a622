import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Json, paidOrder, until, World } from '../kit/world.js'
import { picture, sendFile } from './files.js'

const DAY = 86_400_000
const EVIDENCE = 'retention.TRUST_SAFETY_EVIDENCE'

describe('how long files are kept is a rule that two people change (E85, E86, X19)', () => {
  let world: World
  let people: Awaited<ReturnType<World['people']>>
  let orderId: string

  beforeAll(async () => {
    world = await World.open('retention')
    people = await world.people()
    orderId = await paidOrder(people.shop, 'retention')
  })
  afterAll(() => world?.close())

  const opened = async (): Promise<string> =>
    (
      await people.sam.act(
        'openTicket',
        { subject: 'Odd', description: 'Look.', linkedEntityIds: [orderId] },
        'ticket { id }',
      )
    ).ticket.id
  const closed = async (ticketId: string): Promise<void> => {
    await people.sam.act('resolveTicket', { ticketId, resolution: 'Done.' })
    expect((await people.lea.act('closeTicket', { ticketId, early: 'TEST' })).userErrors).toEqual([])
  }
  const evidence = (ticketId: string, words: string) =>
    sendFile(people.sam, picture(words), { ticketId, purpose: 'EVIDENCE' })
  const changed = async (key: string, value: Json, more: Json = {}): Promise<void> => {
    const { ada, otto } = people
    const asked = await ada.act('changePolicy', { key, value, reason: 'RULES_CHANGED', ...more })
    expect(asked.userErrors).toEqual([])
    const done = await otto.act('approveChangePolicy', { approvalId: asked.approval.id })
    expect(done.userErrors).toEqual([])
  }
  const stateOf = async (id: string): Promise<string> =>
    (await world.sql('select state from support.attachment where id = $1', [id]))[0]!.state
  const preview = async (rule: Json): Promise<Json> =>
    (
      await people.aldo.ask(
        'query ($rule: RetentionRuleInput!) { retentionPreview(rule: $rule) { erased held nextAt attachmentIds attachments { id } } }',
        { rule },
      )
    ).retentionPreview
  const jobs = () =>
    world.sql(
      `select reaction from log.reaction_job where reaction in ('purge-evidence', 'purge-by-new-rules') and state = 'PENDING'`,
    )
  const calm = () => new Promise(resolve => setTimeout(resolve, 1500))

  test('what holds is listed for all staff, with its policy and version', async () => {
    const { retentionRules } = await people.sam.ask(
      '{ retentionRules { retention period countsFrom version effectiveFrom policyKey } }',
    )
    expect(retentionRules).toEqual([
      {
        retention: 'MESSAGE',
        period: null,
        countsFrom: 'CASE_CLOSED',
        version: 0,
        effectiveFrom: null,
        policyKey: 'retention.MESSAGE',
      },
      {
        retention: 'TRUST_SAFETY_EVIDENCE',
        period: 'P2Y',
        countsFrom: 'CASE_CLOSED',
        version: 0,
        effectiveFrom: null,
        policyKey: EVIDENCE,
      },
    ])
  })

  test('a wrong rule is refused with what would be right, and nobody changes one alone or without the role', async () => {
    const { ada, rita } = people
    for (const value of [
      { period: '2 years', countsFrom: 'CASE_CLOSED' },
      { period: 'P0D', countsFrom: 'CASE_CLOSED' },
      { period: "P2Y' or true", countsFrom: 'CASE_CLOSED' },
      { period: 'P2Y', countsFrom: 'NEVER' },
      { period: 'P2Y' },
    ]) {
      const { userErrors } = await ada.act('changePolicy', { key: EVIDENCE, value, reason: 'RULES_CHANGED' })
      expect(userErrors[0]).toMatchObject({ code: 'INVALID' })
      expect(userErrors[0].message).toContain('"period": "P2Y"')
    }
    const asked = await ada.act('changePolicy', {
      key: EVIDENCE,
      value: { period: 'P1Y', countsFrom: 'CASE_CLOSED' },
      reason: 'RULES_CHANGED',
    })
    const alone = await ada.act('approveChangePolicy', { approvalId: asked.approval.id })
    expect(alone.userErrors[0].code).toBe('SAME_PERSON')
    await ada.act('withdrawApproval', { approvalId: asked.approval.id })
    const { errors } = await rita.send(
      `mutation { changePolicy(input: { key: "${EVIDENCE}", value: { period: "P1D", countsFrom: "CASE_CLOSED" }, reason: OTHER }) { replayed } }`,
    )
    expect(errors![0]!.extensions.code).toBe('FORBIDDEN')
    const bad = await people.sam.send(
      '{ retentionPreview(rule: { retention: MESSAGE, period: "soon", countsFrom: CASE_CLOSED }) { erased } }',
    )
    expect(bad.errors![0]!.extensions.code).toBe('BAD_USER_INPUT')
  })

  test('a shorter rule says before what it would erase; it erases that, and never what is held', async () => {
    const { rita, sam } = people
    const about = await opened()
    const [gone, held] = await Promise.all([evidence(about, 'gone'), evidence(about, 'held')])
    const still = await opened()
    const open = await evidence(still, 'open')
    await rita.act('placeAttachmentHold', { attachmentId: held.id, reason: 'LITIGATION' })
    await closed(about)
    await until(async () => (await jobs()).length > 0)
    world.advance(40 * DAY)
    const shorter = { retention: 'TRUST_SAFETY_EVIDENCE', period: 'P30D', countsFrom: 'CASE_CLOSED' }
    expect(await preview(shorter)).toEqual({
      erased: 1,
      held: 1,
      nextAt: null,
      attachmentIds: [gone.id],
      attachments: [{ id: gone.id }],
    })
    expect(await preview({ ...shorter, period: 'P41D' })).toMatchObject({
      erased: 0,
      held: 0,
      nextAt: expect.any(String),
    })
    expect(await preview({ ...shorter, period: null })).toMatchObject({ erased: 0, held: 0, nextAt: null })
    await calm()
    expect(await stateOf(gone.id)).toBe('READY')

    const from = new Date(world.now.getTime() + 2 * DAY)
    await changed(
      EVIDENCE,
      { period: 'P30D', countsFrom: 'CASE_CLOSED' },
      { effectiveFrom: from.toISOString() },
    )
    await calm()
    expect(await stateOf(gone.id)).toBe('READY')
    world.advance(2 * DAY + 5000)
    await until(async () => (await stateOf(gone.id)) === 'PURGED')
    const [event] = await world.sql(
      `select payload from log.event where stream_id = $1 and type = 'EvidencePurged'`,
      [gone.id],
    )
    expect(event!.payload).toMatchObject({ period: 'P30D', countsFrom: 'CASE_CLOSED', policyVersion: 1 })
    expect([await stateOf(held.id), await stateOf(open.id)]).toEqual(['READY', 'READY'])
    const { policy } = await sam.ask(
      `{ policy(key: "${EVIDENCE}") { version history(first: 5) { nodes { value before } } } }`,
    )
    expect(policy).toMatchObject({
      version: 1,
      history: { nodes: [{ value: { period: 'P30D' }, before: { period: 'P2Y' } }] },
    })
  })

  test('a longer rule moves what was due; retainedUntil and the list go by what holds now', async () => {
    const { sam } = people
    const about = await opened()
    const file = await evidence(about, 'longer')
    await closed(about)
    await until(async () => (await jobs()).length > 0)
    const asked = async () =>
      (await sam.ask('query ($id: ID!) { attachment(id: $id) { retainedUntil } }', { id: file.id }))
        .attachment.retainedUntil
    const before = new Date(await asked())
    await changed(EVIDENCE, { period: 'P60D', countsFrom: 'CASE_CLOSED' })
    expect(new Date(await asked()).getTime() - before.getTime()).toBe(30 * DAY)
    const ending = async (days: number): Promise<string[]> => {
      const by = new Date(world.now.getTime() + days * DAY).toISOString()
      const { attachments } = await sam.ask(
        `{ attachments(filter: { retentionBefore: "${by}" }) { nodes { id } } }`,
      )
      return attachments.nodes.map(({ id }: Json) => id)
    }
    expect(await ending(59)).not.toContain(file.id)
    expect(await ending(61)).toContain(file.id)
    world.advance(45 * DAY)
    await calm()
    expect(await stateOf(file.id)).toBe('READY')
    world.advance(20 * DAY)
    await until(async () => (await stateOf(file.id)) === 'PURGED')
  })

  test('counted from the upload, evidence of an open case stays all the same', async () => {
    await changed(EVIDENCE, { period: 'P10D', countsFrom: 'UPLOADED' })
    const about = await opened()
    const file = await evidence(about, 'uploaded')
    world.advance(30 * DAY)
    await calm()
    expect(await stateOf(file.id)).toBe('READY')
    await closed(about)
    await until(async () => (await stateOf(file.id)) === 'PURGED')
  })

  test('files of messages are kept with their ticket, until a rule says otherwise', async () => {
    const about = await opened()
    const file = await sendFile(people.sam, picture('plain'), { ticketId: about })
    await closed(about)
    world.advance(1000 * DAY)
    await calm()
    expect(await stateOf(file.id)).toBe('READY')
    await changed('retention.MESSAGE', { period: 'P1Y', countsFrom: 'CASE_CLOSED' })
    await until(async () => (await stateOf(file.id)) === 'PURGED')
    const types = await world.sql('select type from log.event where stream_id = $1 order by version', [
      file.id,
    ])
    expect(types.map(({ type }) => type)).toContain('AttachmentPurged')
  })

  test('rows folded anew from the log are the same', async () => {
    expect(await world.command('rebuild')).toMatchObject({ code: 0 })
  })
})
