import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Role } from '#shared/roles.js'
import support from '#subgraphs/support/index.js'
import { until } from '../shared/log-kit.js'
import { type Player, Stage } from './stage.js'

let stage: Stage
let sam: Player
let lea: Player
let aldo: Player
let olga: Player
let paul: Player
let phone: Player

beforeAll(async () => {
  stage = await Stage.open(support)
  await stage.known('org_acme', 'org_other', 'usr_olga', 'usr_paul', 'ord_1', 'ord_2')
  sam = await stage.staff('sam', Role.SUPPORT_AGENT)
  lea = await stage.staff('lea', Role.SUPPORT_LEAD)
  aldo = await stage.staff('aldo', Role.AUDITOR)
  olga = await stage.customer('olga', 'org_acme')
  paul = await stage.customer('paul', 'org_other')
  phone = await stage.machine('phone', 'tickets:write', 'tickets:reply')
})
afterAll(() => stage?.close())

const matter = { subject: 'No payout', description: 'It did not come.\nSince Monday.' }

/** A ticket of Olga's; answers its id. */
async function opened(by: Player = olga, input = {}): Promise<string> {
  const own = by === sam ? { visibility: 'PRIVATE' } : {}
  const outcome = await by.act('openTicket', { ...matter, ...own, ...input })
  expect(outcome.userErrors).toEqual([])
  return outcome.targetId!
}

const refusal = ({ userErrors: [error] }: { userErrors: { code: string; field: string | null }[] }) =>
  error && [error.code, error.field]

describe('openTicket', () => {
  test('a customer opens one for their account, and it begins with what they wrote', async () => {
    const { rows, events } = await olga.act('openTicket', matter)
    expect(rows.ticket).toMatchObject({
      number: expect.stringMatching(/^TKT-2026-\d{5}$/),
      subject: 'No payout',
      status: 'OPEN',
      priority: 'NORMAL',
      channel: 'DASHBOARD',
      organizationId: 'org_acme',
      requesterId: 'usr_olga',
    })
    expect(rows.message).toMatchObject({
      kind: 'USER_MESSAGE',
      visibility: 'PUBLIC',
      body: matter.description,
    })
    expect(events.map(event => event.type)).toEqual(['SupportCaseOpened'])
  })

  test('what was written lies apart from the event, so that it can be erased', async () => {
    const id = await opened()
    const [row] = await stage.log.admin.query(
      `select e.payload::text as payload, x.body::text as body from log.event e join log.event_private x on x.event_id = e.id where e.stream_id = $1`,
      [id],
    )
    expect(row.payload).not.toContain('Monday')
    expect(row.body).toContain('Monday')
  })

  test('a customer opens none for an account that is not theirs, nor for somebody else, nor linked to anything', async () => {
    expect(refusal(await olga.act('openTicket', { ...matter, organizationId: 'org_other' }))).toEqual([
      'NOT_FOUND',
      'organizationId',
    ])
    expect(refusal(await olga.act('openTicket', { ...matter, requesterId: 'usr_paul' }))).toEqual([
      'NOT_FOUND',
      'requesterId',
    ])
    expect(refusal(await olga.act('openTicket', { ...matter, linkedEntityIds: ['ord_1'] }))).toEqual([
      'INVALID',
      'linkedEntityIds',
    ])
    expect(refusal(await olga.act('openTicket', { ...matter, priority: 'URGENT' }))).toEqual([
      'INVALID',
      'priority',
    ])
  })

  test('staff need an account or something that it is about, and that has to exist', async () => {
    expect(refusal(await sam.act('openTicket', matter))).toEqual(['INVALID', 'linkedEntityIds'])
    expect(refusal(await sam.act('openTicket', { ...matter, linkedEntityIds: ['ord_none'] }))).toEqual([
      'UNKNOWN_REFERENCE',
      'linkedEntityIds',
    ])
    expect(refusal(await sam.act('openTicket', { ...matter, organizationId: 'org_none' }))).toEqual([
      'UNKNOWN_REFERENCE',
      'organizationId',
    ])
    for (const whose of [
      { organizationId: 'org_acme' },
      { linkedEntityIds: ['ord_1'], requesterId: 'usr_olga' },
    ])
      expect(refusal(await sam.act('openTicket', { ...matter, ...whose }))).toEqual(['INVALID', 'visibility'])
    const id = await opened(sam, { linkedEntityIds: ['ord_1', 'ord_1'], requesterId: 'usr_olga' })
    expect(await stage.timeline('ord_1')).toContain('SupportCaseOpened')
    const { data } = await sam.ask(
      `query ($id: ID!) { ticket(id: $id) { linkedEntityIds channel messages { nodes { kind visibility } } } }`,
      { id },
    )
    expect(data.ticket).toEqual({
      linkedEntityIds: ['ord_1'],
      channel: 'INTERNAL',
      messages: { nodes: [{ kind: 'INTERNAL_NOTE', visibility: 'PRIVATE' }] },
    })
  })

  test('an auditor opens none', async () => {
    await expect(aldo.act('openTicket', matter)).rejects.toMatchObject({ extensions: { code: 'FORBIDDEN' } })
  })

  test('sixty at once get sixty numbers', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 60 }, () => phone.act('openTicket', { ...matter, organizationId: 'org_other' })),
    )
    const numbers = outcomes.map(({ rows }) => (rows.ticket as { number: string }).number)
    expect(new Set(numbers).size).toBe(60)
  })

  test('sixty with one key are one ticket', async () => {
    const input = { ...matter, organizationId: 'org_other', idempotencyKey: 'once' }
    const outcomes = await Promise.all(Array.from({ length: 60 }, () => phone.act('openTicket', input)))
    expect(new Set(outcomes.map(({ targetId }) => targetId)).size).toBe(1)
    expect(outcomes.filter(({ replayed }) => !replayed)).toHaveLength(1)
  })

  test('numbers begin anew each year, and a dry run takes none', async () => {
    const before = stage.now
    stage.now = new Date('2031-01-01T00:00:00.000Z')
    const dry = await sam.act('openTicket', { ...matter, linkedEntityIds: ['ord_1'], dryRun: true })
    const real = await sam.act('openTicket', { ...matter, linkedEntityIds: ['ord_1'] })
    stage.now = before
    expect([dry, real].map(({ rows }) => (rows.ticket as { number: string }).number)).toEqual([
      'TKT-2031-00001',
      'TKT-2031-00001',
    ])
  })
})

describe('assignTicketToMe', () => {
  test('of fifty who click at once one wins, and the others learn who and since when', async () => {
    const ticketId = await opened()
    const crowd = await Promise.all(
      Array.from({ length: 50 }, (_, n) => stage.staff(`crowd${n}`, Role.SUPPORT_AGENT)),
    )
    const outcomes = await Promise.all(crowd.map(one => one.act('assignTicketToMe', { ticketId })))
    const won = outcomes.findIndex(({ userErrors }) => userErrors.length === 0)
    const lost = outcomes.flatMap(({ userErrors }) => userErrors)
    expect(lost).toHaveLength(49)
    expect(lost).toEqual(
      lost.map(() =>
        expect.objectContaining({
          code: 'ALREADY_ASSIGNED',
          facts: expect.objectContaining({ assigneeId: crowd[won]!.id, since: stage.now.toISOString() }),
        }),
      ),
    )
    expect(await stage.timeline(ticketId)).toEqual(['SupportCaseOpened', 'SupportCaseUpdated'])
  })

  test("taking what is one's own already changes nothing", async () => {
    const ticketId = await opened()
    await sam.act('assignTicketToMe', { ticketId })
    const again = await sam.act('assignTicketToMe', { ticketId })
    expect(again).toMatchObject({
      userErrors: [],
      events: [],
      rows: { ticket: { assigneeId: 'stf_sam', version: 2 } },
    })
  })

  test('the customer sees a first name, and nothing else of who it is', async () => {
    const ticketId = await opened()
    await sam.act('assignTicketToMe', { ticketId })
    const { data, codes } = await olga.ask(
      `query ($id: ID!) { ticket(id: $id) { assigneeName assignee { id } assignedAt openedById linkedEntityIds } }`,
      { id: ticketId },
    )
    expect(data.ticket).toEqual({
      assigneeName: 'sam',
      assignee: null,
      assignedAt: null,
      openedById: null,
      linkedEntityIds: null,
    })
    expect(codes).toEqual(['FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN'])
  })
})

describe('what a customer sees', () => {
  test('public messages, and no private one by any road', async () => {
    const ticketId = await opened()
    await sam.act('replyToTicket', { ticketId, body: 'We look into it.' })
    await lea.act('addTicketNote', { ticketId, body: 'Smells of fraud.', note: 'told Rita' })
    await olga.act('replyToTicket', { ticketId, body: 'Thank you.' })
    const query = `query ($id: ID!) { ticket(id: $id) { messages { totalCount nodes { id kind body authorName } } } }`
    const staff = await sam.ask(query, { id: ticketId })
    const customer = await olga.ask(query, { id: ticketId })
    expect(staff.data.ticket.messages.totalCount).toBe(4)
    expect(customer.codes).toEqual([])
    expect(customer.data.ticket.messages.totalCount).toBe(3)
    expect(customer.data.ticket.messages.nodes.map((m: { kind: string }) => m.kind).sort()).toEqual([
      'STAFF_REPLY',
      'USER_MESSAGE',
      'USER_MESSAGE',
    ])
    expect(JSON.stringify(customer.data)).not.toContain('fraud')
    const note = staff.data.ticket.messages.nodes.find((m: { kind: string }) => m.kind === 'INTERNAL_NOTE')
    const byReference = `query ($r: [_Any!]!) { _entities(representations: $r) { ... on TicketMessage { body } } }`
    const r = [{ __typename: 'TicketMessage', id: note.id }]
    expect((await sam.ask(byReference, { r })).data._entities).toEqual([{ body: 'Smells of fraud.' }])
    expect((await olga.ask(byReference, { r })).data._entities).toEqual([null])
  })

  test('the tickets of their account and their own, and a count of no others', async () => {
    const theirs = await opened()
    const forPaul = await opened(paul)
    const ofOlgaElsewhere = await opened(sam, {
      requesterId: 'usr_olga',
      linkedEntityIds: ['ord_2'],
      visibility: 'PUBLIC',
    })
    const query = '{ tickets(first: 100) { totalCount nodes { id } } }'
    const seen = async (who: Player) => (await who.ask(query)).data.tickets
    const ids = ({ nodes }: { nodes: { id: string }[] }) => nodes.map(({ id }) => id)
    expect(ids(await seen(olga))).toEqual(expect.arrayContaining([theirs, ofOlgaElsewhere]))
    expect(ids(await seen(olga))).not.toContain(forPaul)
    expect((await seen(olga)).totalCount).toBe(ids(await seen(olga)).length)
    expect(ids(await seen(paul))).toContain(forPaul)
    expect(
      (await olga.ask('query ($id: ID!) { ticket(id: $id) { id } }', { id: forPaul })).data.ticket,
    ).toBeNull()
    const r = [{ __typename: 'Organization', id: 'org_other' }]
    const edge = `query ($r: [_Any!]!) { _entities(representations: $r) { ... on Organization { tickets { totalCount } } } }`
    expect((await olga.ask(edge, { r })).data._entities).toEqual([{ tickets: { totalCount: 0 } }])
  })

  test('not who works on what, not even by filtering', async () => {
    expect((await olga.ask('{ tickets(filter: { assigneeId: "stf_sam" }) { totalCount } }')).codes).toEqual([
      'FORBIDDEN',
    ])
  })

  test('acting on a ticket that is not theirs says that there is none', async () => {
    const ticketId = await opened(paul)
    expect(refusal(await olga.act('replyToTicket', { ticketId, body: 'Hello?' }))).toEqual([
      'NOT_FOUND',
      'ticketId',
    ])
    await expect(olga.act('addTicketNote', { ticketId, body: 'x' })).rejects.toMatchObject({
      extensions: { code: 'FORBIDDEN' },
    })
  })
})

describe('finding tickets', () => {
  test('by number, however it is spelled', async () => {
    const id = await opened()
    const { data } = await sam.ask('query ($id: ID!) { ticket(id: $id) { number } }', { id })
    const [, year, count] = data.ticket.number.split('-')
    for (const number of [data.ticket.number, `tkt ${year} ${Number(count)}`, `${year}-${count}`])
      expect(
        (await sam.ask('query ($n: String) { ticket(number: $n) { id } }', { n: number })).data.ticket,
      ).toEqual({ id })
    expect((await sam.ask('{ ticket(number: "nonsense") { id } }')).codes).toEqual(['BAD_USER_INPUT'])
    expect((await sam.ask('{ ticket { id } }')).codes).toEqual(['BAD_USER_INPUT'])
  })

  test('by who works on it and where it stands', async () => {
    const ticketId = await opened()
    const one = await stage.staff('filter', Role.SUPPORT_AGENT)
    await one.act('assignTicketToMe', { ticketId })
    const query = `query ($f: TicketFilter) { tickets(filter: $f) { nodes { id } } }`
    const found = await sam.ask(query, {
      f: { assigneeId: one.id, statuses: ['OPEN'], organizationId: 'org_acme', priority: 'NORMAL' },
    })
    expect(found.data.tickets.nodes).toEqual([{ id: ticketId }])
    expect(
      (await sam.ask(query, { f: { assigneeId: one.id, statuses: ['CLOSED'] } })).data.tickets.nodes,
    ).toEqual([])
  })

  test('from the order that it is about, and from the customer', async () => {
    const id = await opened(sam, { linkedEntityIds: ['ord_2'], requesterId: 'usr_paul' })
    const query = `query ($r: [_Any!]!) { _entities(representations: $r) { ... on Order { tickets { nodes { id } } } ... on User { tickets { nodes { id } } } } }`
    const r = [
      { __typename: 'Order', id: 'ord_2' },
      { __typename: 'User', id: 'usr_paul' },
    ]
    const { data } = await sam.ask(query, { r })
    for (const entity of data._entities) expect(entity.tickets.nodes).toContainEqual({ id })
  })
})

describe('ticketUpdate', () => {
  test('answers each sealed event of the ticket to those who may know of it', async () => {
    stage.log.startSealer()
    const ticketId = await opened()
    await sam.act('assignTicketToMe', { ticketId })
    await lea.act('addTicketNote', { ticketId, body: 'Smells of fraud.' })
    await sam.act('replyToTicket', { ticketId, body: 'We look into it.' })
    await stage.log.sealed()
    const events = await stage.services.store.read(stage.log.db, { limit: 100, refs: [ticketId] })
    const query = `query ($t: ID!, $c: String!) { ticketUpdate(ticketId: $t, cursor: $c) { cursor event { type change actorName } ticket { id status } } }`
    const told = (who: Player) =>
      Promise.all(
        events.map(
          async ({ position }) =>
            (await who.ask(query, { t: ticketId, c: String(position) })).data.ticketUpdate?.event.type ??
            null,
        ),
      )
    expect(await told(sam)).toEqual([
      'SupportCaseOpened',
      'SupportCaseUpdated',
      'SupportNoteAdded',
      'SupportReplyPosted',
    ])
    expect(await told(olga)).toEqual(['SupportCaseOpened', 'SupportCaseUpdated', null, 'SupportReplyPosted'])
    expect(await told(paul)).toEqual([null, null, null, null])
    const taken = await olga.ask(query, { t: ticketId, c: String(events[1]!.position) })
    expect(taken.data.ticketUpdate).toEqual({
      cursor: String(events[1]!.position),
      event: { type: 'SupportCaseUpdated', change: 'ASSIGNEE', actorName: 'sam' },
      ticket: { id: ticketId, status: 'OPEN' },
    })
    const other = await opened()
    expect((await sam.ask(query, { t: other, c: String(events[0]!.position) })).data.ticketUpdate).toBeNull()
    expect((await sam.ask(query, { t: ticketId, c: 'x' })).codes).toEqual(['BAD_USER_INPUT'])
    expect((await sam.ask(query, { t: ticketId, c: '999999' })).data.ticketUpdate).toBeNull()
  })

  test('who did it and why stays with staff', async () => {
    const ticketId = await opened()
    let head = 0
    await until(async () => {
      head = (await stage.services.store.read(stage.log.db, { limit: 1, refs: [ticketId] }))[0]?.position ?? 0
      return head > 0
    })
    const query = `query ($t: ID!, $c: String!) { ticketUpdate(ticketId: $t, cursor: $c) { event { actorId reasonCode } } }`
    const { data, codes } = await olga.ask(query, { t: ticketId, c: String(head) })
    expect(data.ticketUpdate.event).toEqual({ actorId: null, reasonCode: null })
    expect(codes).toEqual(['FORBIDDEN', 'FORBIDDEN'])
  })
})
