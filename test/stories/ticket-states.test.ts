import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { DEMO_REQUESTER_ID } from '#subgraphs/accounts/bootstrap.js'
import { idOf, type Json, type Person, paidOrder, until, World } from '../kit/world.js'

const HOUR = 3_600_000

/** Where tickets stand and why (D44 to D54, E68, X1 to X3, X24), how they are merged and put aside. */
describe('where tickets stand', () => {
  let world: World
  let people: Awaited<ReturnType<World['people']>>
  let rico: Person

  beforeAll(async () => {
    world = await World.open('ticket_states')
    people = await world.people()
    rico = await world.person(DEMO_REQUESTER_ID)
  })
  afterAll(() => world?.close())

  const opened = async (who = rico, more: Json = {}): Promise<string> => {
    const matter = { subject: 'Broken lamp', description: 'It came in pieces.' }
    const own = who === rico ? {} : { visibility: 'PRIVATE' }
    const { ticket, userErrors } = await who.act(
      'openTicket',
      { ...matter, ...own, ...more },
      'ticket { id }',
    )
    expect(userErrors).toEqual([])
    return ticket.id
  }
  const STANDING =
    'ticket { status statusReason previousStatus closesAt resolvedAt closedAt firstClosedAt reopenCount assignee { id } }'
  /** What a customer may select of it. */
  const SEEN = 'ticket { status closesAt resolvedAt closedAt firstClosedAt reopenCount }'
  const done = async (who: Person, action: string, input: Json): Promise<Json> => {
    const payload = await who.act(action, input, who === rico ? SEEN : STANDING)
    expect(payload.userErrors).toEqual([])
    return payload.ticket
  }
  const refused = async (who: Person, action: string, input: Json): Promise<Json> => {
    const { userErrors, events } = await who.act(action, input)
    expect(events).toEqual([])
    return userErrors[0]
  }
  const standing = async (id: string): Promise<Json> =>
    (
      await people.sam.ask(
        `query ($id: ID!) { ticket(id: $id) { status statusReason closesAt snoozedUntil closedAt } }`,
        { id },
      )
    ).ticket
  const resolved = async (ticketId: string): Promise<Json> =>
    done(people.sam, 'resolveTicket', {
      ticketId,
      resolution: 'A new one is on its way.',
      statusReason: 'FIXED',
    })

  test('from open to waiting and back, each with a reason', async () => {
    const { sam } = people
    const ticketId = await opened()
    expect(
      await done(sam, 'setTicketStatus', {
        ticketId,
        status: 'WAITING_ON_BUYER',
        statusReason: 'EVIDENCE_REQUESTED',
      }),
    ).toMatchObject({
      status: 'WAITING_ON_BUYER',
      statusReason: 'EVIDENCE_REQUESTED',
      previousStatus: 'OPEN',
    })
    expect(
      await refused(sam, 'setTicketStatus', { ticketId, status: 'OPEN', statusReason: 'REFUNDED' }),
    ).toMatchObject({
      code: 'INVALID',
      field: 'statusReason',
      facts: { reasons: expect.arrayContaining(['WORK_RESUMED']) },
    })
    for (const status of ['RESOLVED', 'CLOSED'])
      expect(await refused(sam, 'setTicketStatus', { ticketId, status })).toMatchObject({
        code: 'INVALID',
        field: 'status',
      })
    await done(rico, 'replyToTicket', { ticketId, body: 'Here is a picture.' })
    expect(await standing(ticketId)).toMatchObject({ status: 'OPEN', statusReason: 'CUSTOMER_REPLIED' })
    await done(sam, 'setTicketStatus', {
      ticketId,
      status: 'WAITING_ON_SELLER',
      statusReason: 'INFORMATION_REQUESTED',
    })
    expect(await done(sam, 'setTicketStatus', { ticketId, status: 'OPEN' })).toMatchObject({
      status: 'OPEN',
      statusReason: 'WORK_RESUMED',
    })
  })

  test('T2: resolved with words for the customer, who confirms 42 hours later (D64 to D67)', async () => {
    const { sam } = people
    const ticketId = await opened()
    await sam.act('assignTicketToMe', { ticketId })
    expect(await refused(sam, 'resolveTicket', { ticketId, resolution: '   ' })).toMatchObject({
      code: 'INVALID',
    })
    const ticket = await resolved(ticketId)
    expect(ticket).toMatchObject({ status: 'RESOLVED', statusReason: 'FIXED', closedAt: null })
    expect(Date.parse(ticket.closesAt) - Date.parse(ticket.resolvedAt)).toBe(48 * HOUR)
    const seen = await rico.ask(
      `query ($id: ID!) { ticket(id: $id) { status closesAt messages { nodes { body visibility isResolution } } } }`,
      { id: ticketId },
    )
    expect(seen.ticket).toMatchObject({ status: 'RESOLVED', closesAt: ticket.closesAt })
    expect(seen.ticket.messages.nodes[0]).toEqual({
      body: 'A new one is on its way.',
      visibility: 'PUBLIC',
      isResolution: true,
    })

    world.advance(42 * HOUR)
    expect(await refused(sam, 'closeTicket', { ticketId })).toMatchObject({
      code: 'CLOSE_TOO_EARLY',
      facts: { until: ticket.closesAt, earlyBy: ['SUPPORT_LEAD', 'SUPER_ADMIN'] },
    })
    expect(await refused(sam, 'closeTicket', { ticketId, early: 'TEST' })).toMatchObject({
      code: 'MISSING_PERMISSION',
    })
    expect(await refused(rico, 'closeTicket', { ticketId, early: 'TEST' })).toMatchObject({
      code: 'MISSING_PERMISSION',
    })
    expect(await done(rico, 'closeTicket', { ticketId })).toMatchObject({ status: 'CLOSED', closesAt: null })
    expect(await standing(ticketId)).toMatchObject({ statusReason: 'REQUESTER_CONFIRMED' })

    const { ticket: told } = await sam.ask(
      `query ($id: ID!) { ticket(id: $id) { number reference createdAt closedAt
         statusHistory { from to actorId actorName reference }
         messages { nodes { reference } } } }`,
      { id: ticketId },
    )
    expect(told.reference).toEqual({
      ticket_id: told.number,
      site: 'alpenglow-shop',
      requester: 'rico@alpenglow.example',
      subject: 'Broken lamp',
      status: 'closed',
      queue: 'support',
      assigned_to: 'sam@opsgraph.example',
      created_at: told.createdAt.replace(/\.\d+Z$/, 'Z'),
    })
    expect(told.statusHistory.map(({ from, to }: Json) => [from, to])).toEqual([
      [null, 'OPEN'],
      ['OPEN', 'RESOLVED'],
      ['RESOLVED', 'CLOSED'],
    ])
    expect(told.statusHistory[2].reference).toEqual({
      ticket_id: told.number,
      from: 'resolved',
      to: 'closed',
      actor: 'rico@alpenglow.example',
      closed_at: told.closedAt.replace(/\.\d+Z$/, 'Z'),
    })
    expect(told.messages.nodes.map(({ reference }: Json) => reference)).toEqual([
      {
        ticket_id: told.number,
        actor: 'sam@opsgraph.example',
        type: 'public-reply',
        body: 'A new one is on its way.',
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      },
      {
        ticket_id: told.number,
        actor: 'rico@alpenglow.example',
        type: 'follow-up',
        body: 'It came in pieces.',
        timestamp: expect.any(String),
      },
    ])
  })

  test('silence closes it after 48 hours by the clock; a word before that opens it again', async () => {
    const [silent, talks] = [await opened(), await opened()]
    await resolved(silent)
    await resolved(talks)
    world.advance(47 * HOUR)
    await done(rico, 'replyToTicket', { ticketId: talks, body: 'It is still broken.' })
    expect(await standing(talks)).toMatchObject({
      status: 'OPEN',
      statusReason: 'CUSTOMER_REPLIED',
      closesAt: null,
    })
    const again = await resolved(talks)
    world.advance(HOUR + 1000)
    expect(
      await until(async () => ((await standing(silent)).status === 'CLOSED' ? standing(silent) : null)),
    ).toMatchObject({
      statusReason: 'SILENCE',
    })
    // The clock of the first resolution ran out for the other one too, and does not count.
    expect(await standing(talks)).toMatchObject({ status: 'RESOLVED', closesAt: again.closesAt })
    world.advance(47 * HOUR)
    await until(async () => (await standing(talks)).status === 'CLOSED')
  })

  test('what is left to do keeps it from closing, and a lead closes early with a reason', async () => {
    const { sam, lea } = people
    const ticketId = await opened()
    await done(sam, 'setFollowUpNeeded', { ticketId, followUpNeeded: true })
    expect(await resolved(ticketId)).toMatchObject({ status: 'RESOLVED', closesAt: null })
    world.advance(60 * HOUR)
    expect(await refused(sam, 'closeTicket', { ticketId })).toMatchObject({
      code: 'CLOSE_TOO_EARLY',
      facts: { followUpNeeded: true },
    })
    const { closesAt } = await done(sam, 'setFollowUpNeeded', { ticketId, followUpNeeded: false })
    expect(Date.parse(closesAt)).toBeGreaterThan(world.now.getTime() + 47 * HOUR)
    expect(await done(lea, 'closeTicket', { ticketId, early: 'CONFIRMED_ELSEWHERE' })).toMatchObject({
      status: 'CLOSED',
      statusReason: 'CLOSED_EARLY',
    })
  })

  test('only what is resolved is closed; of two who close at once one does, the other is told', async () => {
    const { lea, ada } = people
    const ticketId = await opened()
    expect(await refused(lea, 'closeTicket', { ticketId })).toMatchObject({
      code: 'INVALID_STATE',
      facts: { status: 'OPEN' },
    })
    await resolved(ticketId)
    const answers = await Promise.all(
      [rico, lea, ada].map(who =>
        who.act('closeTicket', { ticketId, ...(who === rico ? {} : { early: 'OTHER' }) }),
      ),
    )
    const told = answers.filter(({ userErrors }) => userErrors.length)
    expect(told).toHaveLength(2)
    const { closedAt } = await standing(ticketId)
    for (const { userErrors } of told)
      expect(userErrors).toMatchObject([{ code: 'INVALID_STATE', facts: { status: 'CLOSED', closedAt } }])
  })

  test('a closed ticket takes notes and links, and nothing else but to be reopened', async () => {
    const { sam, lea, shop } = people
    const orderId = await paidOrder(shop, 'closed')
    const ticketId = await opened()
    await done(sam, 'assignTicketToMe', { ticketId })
    await resolved(ticketId)
    const closed = await done(rico, 'closeTicket', { ticketId })
    const attempts: [Person, string, Json][] = [
      [sam, 'replyToTicket', { body: 'x' }],
      [rico, 'replyToTicket', { body: 'x' }],
      [sam, 'postTicketMessage', { body: 'x', visibility: 'PUBLIC' }],
      [sam, 'setTicketStatus', { status: 'OPEN' }],
      [sam, 'resolveTicket', { resolution: 'x' }],
      [lea, 'closeTicket', { early: 'OTHER' }],
      [sam, 'correctTicketStatus', { to: 'RESOLVED', reason: 'WRONG_STATUS' }],
      [sam, 'setTicketPriority', { priority: 'HIGH' }],
      [sam, 'routeTicket', { queueId: 'que_billing', reason: 'WRONG_QUEUE' }],
      [sam, 'triageTicket', { priority: 'LOW' }],
      [sam, 'tagTicket', { add: ['x'] }],
      [sam, 'markTicketSafetySensitive', { safetySensitive: true }],
      [sam, 'filterTicket', { filterState: 'SPAM' }],
      [sam, 'restoreTicket', {}],
      [sam, 'assignTicketToMe', {}],
      [lea, 'assignTicket', { assigneeId: lea.id }],
      [lea, 'unassignTicket', {}],
      [sam, 'snoozeTicket', { until: new Date(world.now.getTime() + HOUR).toISOString() }],
      [sam, 'setFollowUpNeeded', { followUpNeeded: true }],
      [sam, 'mergeTickets', { intoId: await opened(), reason: 'DUPLICATE' }],
    ]
    for (const [who, action, input] of attempts)
      expect({ action, ...(await refused(who, action, { ticketId, ...input })) }).toMatchObject({
        action,
        code: 'INVALID_STATE',
        field: 'ticketId',
      })
    await done(sam, 'addTicketNote', { ticketId, body: 'For the record.' })
    await done(sam, 'linkTicket', { ticketId, entityId: orderId })
    await done(sam, 'unlinkTicket', { ticketId, entityId: orderId })

    world.advance(HOUR)
    const reopened = await done(rico, 'reopenTicket', { ticketId, reason: 'HAPPENED_AGAIN', body: 'Again!' })
    expect(reopened).toMatchObject({
      status: 'OPEN',
      reopenCount: 1,
      closedAt: null,
      firstClosedAt: closed.closedAt,
    })
    const { ticket } = await sam.ask(
      `query ($id: ID!) { ticket(id: $id) { statusReason assignee { id } awaitsReply messages { nodes { body } }
         statusHistory { to reasonCode } } }`,
      { id: ticketId },
    )
    expect(ticket).toMatchObject({ statusReason: 'REOPENED', assignee: { id: sam.id }, awaitsReply: true })
    expect(ticket.messages.nodes[0].body).toBe('Again!')
    expect(ticket.statusHistory.at(-1)).toEqual({ to: 'OPEN', reasonCode: 'HAPPENED_AGAIN' })
    expect(await refused(sam, 'reopenTicket', { ticketId, reason: 'NEW_INFORMATION' })).toMatchObject({
      code: 'INVALID_STATE',
      facts: { status: 'OPEN' },
    })
  })

  test('whoever left does not get a reopened ticket back', async () => {
    const { ada, sam } = people
    const hired = await ada.act(
      'hireStaff',
      {
        name: 'Gus Gone',
        publicName: 'Gus',
        email: 'gus@opsgraph.example',
        roles: ['SUPPORT_AGENT'],
        reason: 'NEW_COLLEAGUE',
      },
      'staffMember { id }',
    )
    expect(hired.userErrors).toEqual([])
    const gus = await world.person(hired.staffMember.id)
    const ticketId = await opened()
    await done(gus, 'assignTicketToMe', { ticketId })
    await resolved(ticketId)
    await done(rico, 'closeTicket', { ticketId })
    const left = await ada.act('deactivateStaff', { staffId: gus.id, reason: 'LEFT' })
    expect(left.userErrors).toEqual([])
    expect(await done(sam, 'reopenTicket', { ticketId, reason: 'CLOSED_PREMATURELY' })).toMatchObject({
      status: 'OPEN',
      assignee: null,
    })
    expect(await refused(people.lea, 'assignTicket', { ticketId, assigneeId: gus.id })).toMatchObject({
      code: 'NOT_ASSIGNABLE',
      field: 'assigneeId',
      facts: { because: 'LEFT' },
    })
  })

  test('a wrong status goes back to the one right before, and nowhere else', async () => {
    const { sam } = people
    const ticketId = await opened()
    expect(
      await refused(sam, 'correctTicketStatus', { ticketId, to: 'RESOLVED', reason: 'WRONG_STATUS' }),
    ).toMatchObject({
      code: 'INVALID_STATE',
      facts: { status: 'OPEN', previousStatus: null },
    })
    await done(sam, 'setTicketStatus', {
      ticketId,
      status: 'WAITING_ON_BUYER',
      statusReason: 'INFORMATION_REQUESTED',
    })
    await resolved(ticketId)
    expect(
      await refused(sam, 'correctTicketStatus', { ticketId, to: 'OPEN', reason: 'WRONG_STATUS' }),
    ).toMatchObject({
      code: 'INVALID_STATE',
      facts: { status: 'RESOLVED', previousStatus: 'WAITING_ON_BUYER' },
    })
    expect(
      await done(sam, 'correctTicketStatus', { ticketId, to: 'WAITING_ON_BUYER', reason: 'WRONG_STATUS' }),
    ).toMatchObject({ status: 'WAITING_ON_BUYER', closesAt: null, resolvedAt: null })
    const { ticket } = await sam.ask(
      `query ($id: ID!) { ticket(id: $id) { statusHistory { from to corrective reasonCode actorId actorName } } }`,
      { id: ticketId },
    )
    expect(ticket.statusHistory.at(-1)).toEqual({
      from: 'RESOLVED',
      to: 'WAITING_ON_BUYER',
      corrective: true,
      reasonCode: 'WRONG_STATUS',
      actorId: sam.id,
      actorName: 'Sam',
    })
    const forRico = await rico.ask(
      `query ($id: ID!) { ticket(id: $id) { statusHistory { from to at actorName } } }`,
      { id: ticketId },
    )
    expect(forRico.ticket.statusHistory.map(({ actorName }: Json) => actorName)).toEqual([
      'Rico Vance',
      'Sam',
      'Sam',
      'Sam',
    ])
  })

  test('two tickets of one account become one, and what was said stays readable', async () => {
    const { sam, shop } = people
    const orderId = await paidOrder(shop, 'merge')
    const [ticketId, intoId] = [await opened(), await opened()]
    await done(sam, 'linkTicket', { ticketId, entityId: orderId })
    expect(
      await refused(sam, 'mergeTickets', { ticketId, intoId: ticketId, reason: 'DUPLICATE' }),
    ).toMatchObject({
      code: 'INVALID',
      field: 'intoId',
    })
    await shop.record('organizations', [{ source: 'shop', externalId: 'other', name: 'Other' }])
    const foreign = await opened(sam, { organizationId: idOf('org', 'other') })
    expect(
      await refused(sam, 'mergeTickets', { ticketId, intoId: foreign, reason: 'DUPLICATE' }),
    ).toMatchObject({
      code: 'INVALID',
      field: 'intoId',
    })
    const [there, back] = await Promise.all([
      sam.act('mergeTickets', { ticketId, intoId, reason: 'DUPLICATE' }),
      people.lea.act('mergeTickets', { ticketId: intoId, intoId: ticketId, reason: 'DUPLICATE' }),
    ])
    expect([there, back].filter(({ userErrors }) => userErrors.length === 0)).toHaveLength(1)
    const [gone, stays] = there!.userErrors.length === 0 ? [ticketId, intoId] : [intoId, ticketId]
    const query = `query ($id: ID!) { ticket(id: $id) { status mergedInto { id } mergedTickets { nodes { id messages { totalCount } } } } }`
    for (const who of [sam, rico]) {
      expect((await who.ask(query, { id: gone })).ticket).toMatchObject({
        status: 'CLOSED',
        mergedInto: { id: stays },
      })
      expect((await who.ask(query, { id: stays })).ticket).toMatchObject({
        status: 'OPEN',
        mergedTickets: { nodes: [{ id: gone, messages: { totalCount: 1 } }] },
      })
    }
    await until(async () => {
      const { ticket } = await sam.ask('query ($id: ID!) { ticket(id: $id) { linkedEntityIds } }', {
        id: stays,
      })
      return ticket.linkedEntityIds.includes(orderId)
    })
    expect(await refused(rico, 'reopenTicket', { ticketId: gone, reason: 'NEW_INFORMATION' })).toMatchObject({
      code: 'INVALID_STATE',
      facts: { mergedIntoId: stays },
    })
    expect(await refused(rico, 'replyToTicket', { ticketId: gone, body: 'x' })).toMatchObject({
      code: 'INVALID_STATE',
      facts: { mergedIntoId: stays },
    })
  })

  test('put aside until a time, or until the customer says something', async () => {
    const { sam } = people
    const [sleeps, talks] = [await opened(), await opened()]
    const until_ = new Date(world.now.getTime() + 3 * HOUR).toISOString()
    const ids = async () =>
      (await sam.ask(`{ inbox(first: 100) { nodes { id } } }`)).inbox.nodes.map(({ id }: Json) => id)
    for (const ticketId of [sleeps, talks]) await done(sam, 'snoozeTicket', { ticketId, until: until_ })
    expect(
      await refused(sam, 'snoozeTicket', { ticketId: sleeps, until: '2020-01-01T00:00:00Z' }),
    ).toMatchObject({
      code: 'INVALID',
      field: 'until',
    })
    expect(await ids()).toEqual(expect.not.arrayContaining([sleeps, talks]))
    await done(rico, 'replyToTicket', { ticketId: talks, body: 'Hello?' })
    expect(await ids()).toContain(talks)
    world.advance(3 * HOUR + 1000)
    await until(async () => (await standing(sleeps)).snoozedUntil === null)
    expect(await ids()).toContain(sleeps)
  })

  test('somebody else’s ticket is not there for any action of a customer', async () => {
    await people.shop.record('users', [
      { source: 'shop', externalId: 'eva', name: 'Eva', email: 'eva@else.example' },
    ])
    await people.shop.record('organizations', [
      {
        source: 'shop',
        externalId: 'evas',
        name: 'Evas',
        members: [{ user: 'eva', role: 'OWNER', supportAccess: true }],
      },
    ])
    const eva = await world.person(idOf('usr', 'eva'))
    const ticketId = await opened()
    for (const [action, input] of [
      ['replyToTicket', { body: 'x' }],
      ['closeTicket', {}],
      ['reopenTicket', { reason: 'NEW_INFORMATION' }],
      ['postTicketMessage', { body: 'x', visibility: 'PUBLIC' }],
    ] as const)
      for (const id of [ticketId, 'tkt_none'])
        expect(await refused(eva, action, { ticketId: id, ...input })).toMatchObject({
          code: 'NOT_FOUND',
          facts: null,
        })
  })
})
