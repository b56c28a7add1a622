import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { DEMO_REQUESTER_ID } from '#subgraphs/accounts/bootstrap.js'
import { type Json, type Person, until, World } from '../kit/world.js'

const HOUR = 3_600_000
const TICKET = `query ($id: ID!) { ticket(id: $id) { status statusReason statusSince previousStatus resolvedAt closesAt closedAt firstRepliedAt
  lastStaffReplyAt awaitsReply slaDueAt sla { cycle state dueAt answeredAt breachedAt segments { kind because } } } }`

/** A message that is called back before it left was never said (D60, E102): neither kept a promise nor resolved a ticket. */
describe('calling back', () => {
  let world: World
  let people: Awaited<ReturnType<World['people']>>
  let rico: Person

  beforeAll(async () => {
    world = await World.open('sla_recall', { env: { MAIL: 'off' } })
    people = await world.people()
    rico = await world.person(DEMO_REQUESTER_ID)
    // A Monday in a week without holidays.
    world.advance(Date.parse('2027-03-08T09:00:00.000Z') - world.now.getTime())
  })
  afterAll(() => world?.close())

  const opened = async (): Promise<string> => {
    const matter = { subject: 'Broken lamp', description: 'It came in pieces.' }
    const { ticket, userErrors } = await rico.act('openTicket', matter, 'ticket { id }')
    expect(userErrors).toEqual([])
    return ticket.id
  }
  const done = async (who: Person, action: string, input: Json): Promise<Json> => {
    const payload = await who.act(action, input)
    expect(payload.userErrors).toEqual([])
    return payload
  }
  const messageOf = async (action: string, input: Json): Promise<string> => {
    const { message, userErrors } = await people.sam.act(action, input, 'message { id }')
    expect(userErrors).toEqual([])
    return message.id
  }
  const reply = (ticketId: string, body = 'We look into it.') =>
    messageOf('replyToTicket', { ticketId, body })
  const resolve = (ticketId: string, more: Json = {}) =>
    messageOf('resolveTicket', { ticketId, resolution: 'A new one is on its way.', ...more })
  const recall = (messageId: string, more: Json = {}) =>
    people.sam.act(
      'recallTicketMessage',
      { messageId, reason: 'MISTAKE', ...more },
      'warnings { code message facts } message { visibility isResolution } ticket { status }',
    )
  const recalled = async (messageId: string): Promise<Json> => {
    const payload = await recall(messageId)
    expect(payload).toMatchObject({ userErrors: [], message: { visibility: 'PRIVATE', isResolution: false } })
    return payload
  }
  const ticketOf = async (id: string): Promise<Json> => (await people.sam.ask(TICKET, { id })).ticket
  const told = async (id: string, type: string): Promise<Json[]> => {
    const { ticket } = await people.ada.ask(
      'query ($id: ID!) { ticket(id: $id) { timeline(first: 50) { nodes { type data } } } }',
      { id },
    )
    return ticket.timeline.nodes.filter((event: Json) => event.type === type)
  }
  const typesOf = ({ events }: Json): string[] => events.map(({ type }: Json) => type)

  test('a first reply that was called back is none: the promise runs on as if it had never been given', async () => {
    const id = await opened()
    const before = await ticketOf(id)
    world.advance(2 * HOUR)
    const messageId = await reply(id)
    expect(await ticketOf(id)).toMatchObject({ awaitsReply: false, slaDueAt: null, sla: [{ state: 'MET' }] })
    expect((await rico.ask(TICKET_OF_CUSTOMER, { id })).ticket.expectedReply).toBeNull()

    const dry = await recall(messageId, { dryRun: true })
    expect(typesOf(dry)).toEqual(['SupportNoteVisibilityChanged'])
    expect(await ticketOf(id)).toMatchObject({ sla: [{ state: 'MET' }] })

    const payload = await recalled(messageId)
    expect([typesOf(payload), payload.warnings]).toEqual([['SupportNoteVisibilityChanged'], []])
    const after = await ticketOf(id)
    expect(after).toEqual(before)
    expect(after).toMatchObject({
      firstRepliedAt: null,
      lastStaffReplyAt: null,
      awaitsReply: true,
      sla: [{ state: 'RUNNING', answeredAt: null, segments: [{ kind: 'RUNNING', because: 'OPENED' }] }],
    })
    const { ticket } = await rico.ask(TICKET_OF_CUSTOMER, { id })
    expect(ticket).toMatchObject({ firstRepliedAt: null, expectedReply: { by: before.slaDueAt } })

    world.advance(23 * HOUR)
    await until(async () => (await told(id, 'SlaBreached')).length === 1)
    expect((await told(id, 'SlaBreached'))[0]!.data).toMatchObject({ cycle: 0, dueAt: before.slaDueAt })
    await reply(id, 'Late, and it stays.')
    expect(await ticketOf(id)).toMatchObject({ sla: [{ state: 'BREACHED', breachedAt: before.slaDueAt }] })
  })

  const TICKET_OF_CUSTOMER = `query ($id: ID!) { ticket(id: $id) { status firstRepliedAt resolvedAt closesAt expectedReply { by text }
    statusHistory { from to corrective } } }`

  test('what was due meanwhile is overdue, and noted so', async () => {
    const id = await opened()
    const { slaDueAt } = await ticketOf(id)
    world.advance(Date.parse(slaDueAt) - world.now.getTime() - 5000)
    const messageId = await reply(id)
    expect(await ticketOf(id)).toMatchObject({ sla: [{ state: 'MET' }] })
    world.advance(8000)
    expect(await told(id, 'SlaBreached')).toEqual([])
    await recalled(messageId)
    expect(await ticketOf(id)).toMatchObject({
      slaDueAt,
      sla: [{ state: 'BREACHED', breachedAt: slaDueAt, answeredAt: null }],
    })
    await until(async () => (await told(id, 'SlaBreached')).length === 1)
    expect((await told(id, 'SlaBreached'))[0]!.data).toMatchObject({ dueAt: slaDueAt })
  })

  test('another reply that came after keeps the promise instead; the first one keeps it when a later one goes', async () => {
    const id = await opened()
    world.advance(HOUR)
    const first = await reply(id, 'One.')
    world.advance(4000)
    const second = await reply(id, 'Two.')
    world.advance(4000)
    const third = await reply(id, 'Three.')
    const { firstRepliedAt, lastStaffReplyAt } = await ticketOf(id)
    await recalled(third)
    const withTwo = await ticketOf(id)
    expect(withTwo).toMatchObject({ firstRepliedAt, sla: [{ state: 'MET', answeredAt: firstRepliedAt }] })
    const ofSecond = withTwo.lastStaffReplyAt
    expect(Date.parse(firstRepliedAt) < Date.parse(ofSecond)).toBe(true)
    expect(Date.parse(ofSecond) < Date.parse(lastStaffReplyAt)).toBe(true)
    await recalled(first)
    expect(await ticketOf(id)).toMatchObject({
      firstRepliedAt: ofSecond,
      lastStaffReplyAt: ofSecond,
      awaitsReply: false,
      sla: [{ state: 'MET', answeredAt: ofSecond }],
    })
    await recalled(second)
    expect(await ticketOf(id)).toMatchObject({
      firstRepliedAt: null,
      lastStaffReplyAt: null,
      awaitsReply: true,
      sla: [{ state: 'RUNNING', answeredAt: null }],
    })
  })

  test('what the customer said after it keeps the last word; a word before it does not when another reply came', async () => {
    const id = await opened()
    const kept = await reply(id, 'We look.')
    world.advance(30_000)
    const messageId = await reply(id, 'Wrong one.')
    await recalled(messageId)
    expect(await ticketOf(id)).toMatchObject({ awaitsReply: false, sla: [{ state: 'MET' }] })
    await done(rico, 'replyToTicket', { ticketId: id, body: 'And?' })
    const other = await reply(id, 'Wrong again.')
    await recalled(other)
    expect(await ticketOf(id)).toMatchObject({ awaitsReply: true })
    expect(await recall(kept)).toMatchObject({ userErrors: [{ code: 'ALREADY_SENT' }] })
  })

  test('somebody who asked the customer meanwhile still waits for them', async () => {
    const id = await opened()
    world.advance(HOUR)
    const messageId = await reply(id)
    world.advance(3000)
    await done(people.lea, 'setTicketStatus', {
      ticketId: id,
      status: 'WAITING_ON_BUYER',
      statusReason: 'EVIDENCE_REQUESTED',
    })
    const payload = await recalled(messageId)
    expect(payload).toMatchObject({ warnings: [], ticket: { status: 'WAITING_ON_BUYER' } })
    const { sla, slaDueAt } = await ticketOf(id)
    expect([slaDueAt, sla[0].segments]).toEqual([
      null,
      [
        { kind: 'RUNNING', because: 'OPENED' },
        { kind: 'PAUSED', because: 'WAITING_ON_BUYER' },
      ],
    ])
    await done(rico, 'replyToTicket', { ticketId: id, body: 'Here.' })
    expect(await ticketOf(id)).toMatchObject({ sla: [{ state: 'RUNNING' }] })
  })

  test('what a resolution that was called back resolved stands where it stood, and silence does not close it', async () => {
    const id = await opened()
    await reply(id)
    await done(people.sam, 'setTicketStatus', {
      ticketId: id,
      status: 'WAITING_ON_BUYER',
      statusReason: 'EVIDENCE_REQUESTED',
    })
    world.advance(60_000)
    const before = await ticketOf(id)
    const messageId = await resolve(id, { statusReason: 'FIXED' })
    expect(await ticketOf(id)).toMatchObject({ status: 'RESOLVED', closesAt: expect.any(String) })
    const payload = await recalled(messageId)
    expect([typesOf(payload), payload.warnings]).toEqual([
      ['SupportCaseUpdated', 'SupportNoteVisibilityChanged'],
      [],
    ])
    expect(await ticketOf(id)).toEqual(before)
    const { ticket } = await rico.ask(TICKET_OF_CUSTOMER, { id })
    expect(ticket).toMatchObject({ status: 'WAITING_ON_BUYER', resolvedAt: null, closesAt: null })
    expect(ticket.statusHistory.slice(-2)).toEqual([
      { from: 'WAITING_ON_BUYER', to: 'RESOLVED', corrective: false },
      { from: 'RESOLVED', to: 'WAITING_ON_BUYER', corrective: true },
    ])
    world.advance(49 * HOUR)
    const later = await opened()
    await until(async () => (await ticketOf(later)).slaDueAt !== null)
    expect(await ticketOf(id)).toMatchObject({ status: 'WAITING_ON_BUYER', closedAt: null })
  })

  test('a resolution that was the first reply: its promise runs on without a pause', async () => {
    const id = await opened()
    const before = await ticketOf(id)
    world.advance(HOUR)
    const messageId = await resolve(id)
    world.advance(5000)
    await recalled(messageId)
    expect(await ticketOf(id)).toEqual(before)
    await resolve(id)
    world.advance(49 * HOUR)
    await until(async () => (await ticketOf(id)).status === 'CLOSED')
  })

  test('when somebody moved the ticket since, only the message is called back, and a warning says so', async () => {
    const replied = await opened()
    const one = await resolve(replied)
    await done(rico, 'replyToTicket', { ticketId: replied, body: 'It is not.' })
    const first = await recalled(one)
    expect(first).toMatchObject({
      events: [{ type: 'SupportNoteVisibilityChanged' }],
      warnings: [{ code: 'STATUS_KEPT', facts: { status: 'OPEN' } }],
    })
    expect(await ticketOf(replied)).toMatchObject({
      status: 'OPEN',
      statusReason: 'CUSTOMER_REPLIED',
      firstRepliedAt: null,
      sla: [{ state: 'RUNNING' }],
    })

    const closed = await opened()
    const two = await resolve(closed)
    await done(rico, 'closeTicket', { ticketId: closed })
    expect(await recalled(two)).toMatchObject({
      warnings: [{ code: 'STATUS_KEPT', facts: { status: 'CLOSED' } }],
      ticket: { status: 'CLOSED' },
    })
    expect(await ticketOf(closed)).toMatchObject({ status: 'CLOSED', sla: [{ state: 'CANCELED' }] })

    const again = await opened()
    const three = await resolve(again)
    const corrected = await people.lea.act(
      'correctTicketStatus',
      { ticketId: again, to: 'OPEN', reason: 'NOT_RESOLVED' },
      'warnings { code }',
    )
    expect(corrected.warnings).toEqual([{ code: 'MESSAGE_RECALLED' }])
    const four = await resolve(again)
    expect(await recall(three)).toMatchObject({ userErrors: [{ code: 'INVALID_STATE' }] })
    expect(await ticketOf(again)).toMatchObject({ status: 'RESOLVED', sla: [{ state: 'MET' }] })
    expect((await recalled(four)).warnings).toEqual([])
    expect(await ticketOf(again)).toMatchObject({
      status: 'OPEN',
      closesAt: null,
      sla: [{ state: 'RUNNING' }],
    })
  })

  test('one who closed and opened it again within that time is promised anew; the old promise is void', async () => {
    const id = await opened()
    const messageId = await resolve(id)
    await done(rico, 'closeTicket', { ticketId: id })
    await done(rico, 'reopenTicket', { ticketId: id, body: 'Still broken.', reason: 'NEW_INFORMATION' })
    // Opened again before it left, it resolves nothing any more.
    expect(await recalled(messageId)).toMatchObject({ warnings: [] })
    expect(await ticketOf(id)).toMatchObject({
      status: 'OPEN',
      sla: [
        { cycle: 0, state: 'CANCELED', answeredAt: null },
        { cycle: 1, state: 'RUNNING' },
      ],
    })
  })

  test('what the customer was told already is not called back, also when it was hidden and shown anew', async () => {
    const id = await opened()
    const messageId = await reply(id)
    world.advance(21_000)
    await until(async () => {
      const { notifications } = await rico.ask('{ notifications(first: 20) { nodes { aboutIds } } }')
      return notifications.nodes.some(({ aboutIds }: Json) => aboutIds.includes(id))
    })
    const before = await ticketOf(id)
    expect(await recall(messageId)).toMatchObject({ userErrors: [{ code: 'ALREADY_SENT' }] })
    const shown = { ticketId: id, messageId, reason: 'WRONG_VISIBILITY' }
    await done(people.sam, 'setTicketMessageVisibility', { ...shown, visibility: 'PRIVATE' })
    expect(await ticketOf(id)).toMatchObject({
      firstRepliedAt: before.firstRepliedAt,
      sla: [{ state: 'MET' }],
    })
    await done(people.sam, 'setTicketMessageVisibility', { ...shown, visibility: 'PUBLIC' })
    expect(await recall(messageId)).toMatchObject({ userErrors: [{ code: 'ALREADY_SENT' }] })
    expect(await ticketOf(id)).toMatchObject({
      firstRepliedAt: before.firstRepliedAt,
      awaitsReply: false,
      sla: before.sla,
    })
  })

  test('the log alone tells all of it: folded anew, every row is the same', async () => {
    const { code, said } = await world.command('rebuild')
    expect({ code, said }).toMatchObject({ code: 0 })
  })
})
