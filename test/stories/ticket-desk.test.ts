import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { DEMO_ORGANIZATION_ID, DEMO_REQUESTER_ID } from '#subgraphs/accounts/bootstrap.js'
import { type Json, type Person, paidOrder, until, World } from '../kit/world.js'

const HOUR = 3_600_000

/** Queues, rules, assignment and lists: how a team shares its work (A2, A7, A8, C1 to C21, C29 to C31, D38 to D43, D55, D56, D59, E66, X4). */
describe('the desk', () => {
  let world: World
  let people: Awaited<ReturnType<World['people']>>
  let rico: Person

  beforeAll(async () => {
    world = await World.open('ticket_desk')
    people = await world.people()
    rico = await world.person(DEMO_REQUESTER_ID)
  })
  afterAll(() => world?.close())

  const TICKET =
    'ticket { id number priority category tags safetySensitive filterState filteredBy queue { id name } assignee { id } }'
  const opened = async (more: Json = {}, who = people.sam): Promise<Json> => {
    const input = {
      subject: 'Broken lamp',
      description: 'It came in pieces.',
      organizationId: DEMO_ORGANIZATION_ID,
      ...(who === rico ? {} : { visibility: 'PRIVATE' }),
      ...more,
    }
    const { ticket, userErrors } = await who.act('openTicket', input, who === rico ? 'ticket { id }' : TICKET)
    expect(userErrors).toEqual([])
    return ticket
  }
  const done = async (who: Person, action: string, input: Json): Promise<Json> => {
    const payload = await who.act(action, input, TICKET)
    expect(payload.userErrors).toEqual([])
    return payload.ticket
  }
  const refused = async (who: Person, action: string, input: Json): Promise<Json> => {
    const { userErrors, events } = await who.act(action, input)
    expect(events).toEqual([])
    return userErrors[0]
  }
  const list = async (who: Person, filter: Json, more = ''): Promise<string[]> => {
    const { tickets } = await who.ask(
      `query ($filter: TicketFilter) { tickets(filter: $filter, first: 100 ${more}) { nodes { id } } }`,
      { filter },
    )
    return tickets.nodes.map(({ id }: Json) => id)
  }

  describe('routing', () => {
    test('each category finds its queue, and the trace says why', async () => {
      for (const [category, queue] of [
        ['BILLING', 'que_billing'],
        ['ACCOUNT_HELP', 'que_accounts'],
        ['CLAIM', 'que_orders'],
        ['REPLY_NEEDED', 'que_support'],
      ])
        expect(await opened({ category })).toMatchObject({ queue: { id: queue }, filterState: 'INBOX' })
      const { id } = await opened({ category: 'BILLING' }, rico)
      const { explainRouting } = await people.sam.ask(
        `query ($id: ID!) { explainRouting(ticketId: $id) { rulesVersion steps { rule matched because } queue { id } because movedSince } }`,
        { id },
      )
      expect(explainRouting).toEqual({
        rulesVersion: '1',
        steps: [{ rule: 'Danger to people', matched: false, because: 'No word that it asks for.' }],
        queue: { id: 'que_billing' },
        because: 'No rule names a queue; Billing takes BILLING.',
        movedSince: false,
      })
      const { ticket } = await rico.ask('query ($id: ID!) { ticket(id: $id) { queueName priority } }', { id })
      expect(ticket).toEqual({ queueName: 'Billing', priority: 'NORMAL' })
    })

    test('danger goes before everything else, whatever the category', async () => {
      const { id } = await opened(
        { description: 'He says it: "Self-harm", tonight.', category: 'BILLING' },
        rico,
      )
      const { ticket } = await people.sam.ask(
        `query ($id: ID!) { ticket(id: $id) { safetySensitive priority tags queue { id } } }`,
        { id },
      )
      expect(ticket).toEqual({
        safetySensitive: true,
        priority: 'URGENT',
        tags: ['safety'],
        queue: { id: 'que_trust' },
      })
    })

    test('leads make queues and rules; every one that fits counts, the first that names a queue decides', async () => {
      const { sam, lea, shop } = people
      const input = { name: 'Wholesale', publicName: 'Business', workspace: 'REVENUE', categories: [] }
      const refusedQueue = await sam.send(
        'mutation ($input: CreateQueueInput!) { createQueue(input: $input) { queue { id } } }',
        { input },
      )
      expect(refusedQueue.errors?.[0]?.extensions.code).toBe('FORBIDDEN')
      const { queue } = await lea.act('createQueue', input, 'queue { id name isActive }')
      expect(await refused(lea, 'createQueue', { ...input, name: 'WHOLESALE' })).toMatchObject({
        code: 'ALREADY_EXISTS',
        field: 'name',
      })
      const current = await lea.ask('{ routingRules { version rules { name } } }')
      const rules = [
        { name: 'Lottery', when: { words: ['lottery'] }, filter: 'SPAM', because: 'We have none.' },
        {
          name: 'Business plan',
          when: { plans: ['Business'], categories: ['BILLING'] },
          thenQueueId: queue.id,
          tags: ['VIP customer'],
          because: 'They have a manager.',
        },
        {
          name: 'About orders',
          when: { linkTypes: ['Order'] },
          thenQueueId: 'que_orders',
          priority: 'HIGH',
          because: 'Somebody waits for a parcel.',
        },
      ]
      expect(await refused(lea, 'changeRoutingRules', { rules: [{ ...rules[0], when: {} }] })).toMatchObject({
        code: 'INVALID',
        field: 'rules.0.when',
      })
      expect(
        await refused(lea, 'changeRoutingRules', { rules: [{ ...rules[1], thenQueueId: 'que_none' }] }),
      ).toMatchObject({ code: 'UNKNOWN_REFERENCE', field: 'rules.0.thenQueueId' })
      const changed = await lea.act(
        'changeRoutingRules',
        { rules, expectedVersion: current.routingRules.version },
        'routingRules { version rules { name tags thenQueue { id } } changedBy { id } }',
      )
      expect(changed).toMatchObject({
        userErrors: [],
        routingRules: { version: current.routingRules.version + 1, changedBy: { id: lea.id } },
      })
      expect(
        await refused(lea, 'changeRoutingRules', {
          rules: [],
          expectedVersion: current.routingRules.version,
        }),
      ).toMatchObject({ code: 'CONFLICT' })

      const orderId = await paidOrder(shop, 'wholesale')
      const both = await opened({ category: 'BILLING', linkedEntityIds: [orderId] })
      expect(both).toMatchObject({ queue: { name: 'Wholesale' }, tags: ['vip-customer'], priority: 'HIGH' })
      const { explainRouting } = await sam.ask(
        `query ($id: ID!) { explainRouting(ticketId: $id) { steps { rule matched because } because } }`,
        { id: both.id },
      )
      expect(explainRouting).toEqual({
        steps: [
          { rule: 'Lottery', matched: false, because: 'No word that it asks for.' },
          { rule: 'Business plan', matched: true, because: 'category BILLING, plan Business' },
          { rule: 'About orders', matched: true, because: 'about a Order' },
        ],
        because: 'Rule Business plan.',
      })
      const ended = await lea.act('changeQueue', { queueId: queue.id, isActive: false }, 'queue { isActive }')
      expect(ended.queue).toEqual({ isActive: false })
      expect(await opened({ category: 'BILLING' })).toMatchObject({
        queue: { id: 'que_billing' },
        tags: ['vip-customer'],
      })
      expect(
        await refused(sam, 'routeTicket', { ticketId: both.id, queueId: queue.id, reason: 'WRONG_QUEUE' }),
      ).toMatchObject({ code: 'INVALID_STATE', field: 'queueId' })
    })

    test('spam is kept apart, found and restored; its sender sees nothing of that', async () => {
      const { sam } = people
      const { id } = await opened({ subject: 'You won the LOTTERY!' }, rico)
      const inbox = async () =>
        (await sam.ask('{ inbox(first: 100) { nodes { id } } }')).inbox.nodes.map((one: Json) => one.id)
      expect(await inbox()).not.toContain(id)
      expect(await list(sam, { filterState: 'SPAM' })).toEqual([id])
      const { ticket } = await sam.ask(
        'query ($id: ID!) { ticket(id: $id) { filterState filteredBy queue { id } } }',
        { id },
      )
      expect(ticket).toEqual({ filterState: 'SPAM', filteredBy: 'Lottery', queue: { id: 'que_support' } })
      expect(await list(rico, {})).toContain(id)
      expect(await done(sam, 'restoreTicket', { ticketId: id })).toMatchObject({
        filterState: 'INBOX',
        filteredBy: null,
      })
      expect(await inbox()).toContain(id)
      expect(await done(sam, 'filterTicket', { ticketId: id, filterState: 'FILTERED' })).toMatchObject({
        filterState: 'FILTERED',
      })
      expect(await inbox()).not.toContain(id)
      await done(sam, 'restoreTicket', { ticketId: id, queueId: 'que_billing' })
      expect(
        await done(sam, 'routeTicket', { ticketId: id, queueId: 'que_spam', reason: 'WRONG_QUEUE' }),
      ).toMatchObject({
        filterState: 'SPAM',
      })
      expect(await done(sam, 'restoreTicket', { ticketId: id })).toMatchObject({
        queue: { id: 'que_support' },
      })
    })

    test('triage says everything at once, and leaves an event for each change', async () => {
      const { sam } = people
      const { id: ticketId } = await opened()
      const payload = await sam.act(
        'triageTicket',
        { ticketId, priority: 'URGENT', category: 'BILLING', queueId: 'que_billing', tags: ['Fees', 'fees'] },
        TICKET,
      )
      expect(payload.ticket).toMatchObject({
        priority: 'URGENT',
        category: 'BILLING',
        queue: { id: 'que_billing' },
        tags: ['fees'],
      })
      expect(payload.events).toHaveLength(4)
      expect((await sam.act('triageTicket', { ticketId, priority: 'URGENT' })).events).toEqual([])
      expect(await refused(sam, 'tagTicket', { ticketId, add: ['a b!'] })).toMatchObject({
        code: 'INVALID',
        field: 'add.0',
      })
      expect(await done(sam, 'tagTicket', { ticketId, add: ['urgent'], remove: ['fees'] })).toMatchObject({
        tags: ['urgent'],
      })
      const { explainRouting } = await sam.ask(
        'query ($id: ID!) { explainRouting(ticketId: $id) { movedSince } }',
        { id: ticketId },
      )
      expect(explainRouting.movedSince).toBe(true)
    })
  })

  describe('assignment', () => {
    test('giving a ticket to others takes a permission; who lacks it learns who grants it', async () => {
      const { sam, lea, rita } = people
      const { id: ticketId } = await opened()
      const missing = { permission: 'TICKETS_ASSIGN', grantableBy: ['SUPPORT_LEAD', 'SUPER_ADMIN'] }
      const lacking = async (assigneeId: string) => {
        const { errors } = await sam.send(
          'mutation ($input: AssignTicketInput!) { assignTicket(input: $input) { replayed } }',
          { input: { ticketId, assigneeId } },
        )
        expect(errors?.[0]?.extensions).toMatchObject({
          code: 'FORBIDDEN',
          missing: [{ ...missing, grantedWith: 'grantPermission', askedWith: 'createAccessRequest' }],
        })
      }
      const counts = (yes: boolean) =>
        until(async () => {
          const { data } = await sam.send('{ me { granted } }')
          return data?.me?.granted.includes('TICKETS_ASSIGN') === yes
        })
      await lacking(rita.id)
      const query = '{ assignableOperators { operators { id } missing { permission grantableBy } } }'
      expect((await sam.ask(query)).assignableOperators).toEqual({ operators: [], missing })
      const granted = await lea.act(
        'grantPermission',
        {
          staffId: sam.id,
          permission: 'TICKETS_ASSIGN',
          expiresAt: new Date(world.now.getTime() + HOUR).toISOString(),
          reason: 'COVER',
        },
        'staffMember { permissions { permission } }',
      )
      expect(granted).toMatchObject({
        userErrors: [],
        staffMember: { permissions: [{ permission: 'TICKETS_ASSIGN' }] },
      })
      await counts(true)
      const { assignableOperators } = await sam.ask(query)
      expect(assignableOperators.missing).toBeNull()
      expect(assignableOperators.operators.map(({ id }: Json) => id)).toEqual(
        expect.arrayContaining([sam.id, lea.id, rita.id]),
      )
      expect(assignableOperators.operators).not.toContainEqual({ id: people.fay.id })
      expect(await done(sam, 'assignTicket', { ticketId, assigneeId: rita.id })).toMatchObject({
        assignee: { id: rita.id },
      })
      const moved = await sam.act('assignTicket', { ticketId, assigneeId: lea.id }, TICKET)
      expect(moved.events.map(({ type }: Json) => type)).toEqual(['SupportCaseUpdated', 'SupportCaseUpdated'])
      expect(await refused(sam, 'assignTicket', { ticketId, assigneeId: people.fay.id })).toMatchObject({
        code: 'NOT_ASSIGNABLE',
        facts: { because: 'ROLE' },
      })
      expect(await refused(sam, 'assignTicket', { ticketId, assigneeId: 'stf_none' })).toMatchObject({
        code: 'UNKNOWN_REFERENCE',
      })

      world.advance(HOUR + 1000)
      await lacking(rita.id)
      expect(await refused(sam, 'unassignTicket', { ticketId })).toMatchObject({ code: 'MISSING_PERMISSION' })
      expect(await done(lea, 'unassignTicket', { ticketId })).toMatchObject({ assignee: null })
      await done(sam, 'assignTicketToMe', { ticketId })
      expect(await done(sam, 'unassignTicket', { ticketId })).toMatchObject({ assignee: null })
      const theirs = { staffId: sam.id, permission: 'TICKETS_ASSIGN' }
      await lea.act('grantPermission', { ...theirs, reason: 'COVER' })
      await counts(true)
      await done(sam, 'assignTicket', { ticketId, assigneeId: rita.id })
      await lea.act('revokePermission', { ...theirs, reason: 'DUTY_ENDED' })
      await counts(false)
      await lacking(lea.id)
      const own = { ...theirs, staffId: lea.id, reason: 'COVER' }
      expect(await refused(lea, 'grantPermission', own)).toMatchObject({ code: 'SAME_PERSON' })
    })
  })

  describe('links', () => {
    test('a ticket is about whatever has an id, and stays about something', async () => {
      const { sam, shop } = people
      const orderId = await paidOrder(shop, 'linked')
      const { id: ticketId } = await opened({ organizationId: undefined, linkedEntityIds: [orderId] })
      expect(await refused(sam, 'linkTicket', { ticketId, entityId: 'ord_none' })).toMatchObject({
        code: 'UNKNOWN_REFERENCE',
      })
      expect(await refused(sam, 'unlinkTicket', { ticketId, entityId: orderId })).toMatchObject({
        code: 'INVALID_STATE',
      })
      const other = await opened()
      const linked = await sam.act('linkTicket', { ticketId, entityId: other.id })
      expect(linked.events).toMatchObject([{ type: 'EntityLinked' }])
      await sam.act('unlinkTicket', { ticketId, entityId: orderId })
      const { ticket } = await sam.ask('query ($id: ID!) { ticket(id: $id) { linkedEntityIds } }', {
        id: ticketId,
      })
      expect(ticket.linkedEntityIds).toEqual([other.id])
    })
  })

  test('what Trust & Safety looks at is not left to wait', async () => {
    const { sam, shop } = people
    const orderId = await paidOrder(shop, 'reported')
    const handed = await sam.act('handOffToTrust', {
      fromId: orderId,
      summary: 'Odd.',
      reason: 'FRAUD',
      idempotencyKey: 'desk-1',
    })
    expect(handed.userErrors).toEqual([])
    const [{ id: caseId }] = (await world.sql(`select id from risk.trust_case limit 1`)) as [Json]
    const { id: ticketId } = await opened({ priority: 'LOW' })
    expect(await done(sam, 'linkTicket', { ticketId, entityId: caseId })).toMatchObject({ priority: 'HIGH' })
    expect(await opened({ linkedEntityIds: [caseId], priority: 'URGENT' })).toMatchObject({
      priority: 'URGENT',
    })
    expect(await opened({ linkedEntityIds: [caseId] })).toMatchObject({ priority: 'HIGH' })
    const { ticket } = await sam.ask('query ($id: ID!) { ticket(id: $id) { phase } }', { id: ticketId })
    expect(ticket.phase).toBe('ACTIVE')
  })

  describe('lists', () => {
    /** Everything before this is out of the way. */
    let tag: string
    const ours = (more: Json = {}) => ({ tags: [tag], ...more })
    const born: Record<string, string> = {}

    beforeAll(async () => {
      tag = 'ordered'
      const make = async (name: string, priority: string, safe = false) => {
        world.advance(60_000)
        const { id } = await opened({ subject: name, priority })
        born[name] = id
        await done(people.sam, 'tagTicket', { ticketId: id, add: [tag] })
        if (safe) await done(people.sam, 'markTicketSafetySensitive', { ticketId: id, safetySensitive: true })
      }
      await make('normal old', 'NORMAL')
      await make('low', 'LOW')
      await make('urgent', 'URGENT')
      await make('normal new', 'NORMAL')
      await make('safe low', 'LOW', true)
      await make('high', 'HIGH')
    })

    const paged = async (root: string, order: string, filter: Json, first = 2): Promise<string[]> => {
      const seen: string[] = []
      for (let after: string | null = null; ; ) {
        const data: Json = await people.sam.ask(
          `query ($filter: TicketFilter, $after: String) { ${root}(filter: $filter, order: ${order}, first: ${first}, after: $after) {
             totalCount nodes { subject } pageInfo { hasNextPage endCursor } } }`,
          { filter, after },
        )
        expect(data[root].totalCount).toBe(6)
        seen.push(...data[root].nodes.map(({ subject }: Json) => subject))
        if (!data[root].pageInfo.hasNextPage) return seen
        after = data[root].pageInfo.endCursor
      }
    }

    test('in the order of attention, of age, or newest first, page by page', async () => {
      const attention = ['safe low', 'urgent', 'high', 'normal old', 'normal new', 'low']
      const age = ['normal old', 'low', 'urgent', 'normal new', 'safe low', 'high']
      for (const first of [1, 2, 4, 100]) {
        expect(await paged('inbox', 'ATTENTION', ours(), first)).toEqual(attention)
        expect(await paged('tickets', 'ATTENTION', ours(), first)).toEqual(attention)
        expect(await paged('inbox', 'CREATED_ASC', ours(), first)).toEqual(age)
        expect(await paged('tickets', 'CREATED_DESC', ours(), first)).toEqual([...age].reverse())
      }
      const { inbox } = await people.sam.ask(
        'query ($filter: TicketFilter) { inbox(filter: $filter, first: 1) { nodes { subject } pageInfo { endCursor } } }',
        { filter: ours({ unaddressed: true }) },
      )
      expect(inbox.nodes).toEqual([{ subject: 'normal old' }])
      const wrong = await people.sam.send(
        'query ($after: String) { inbox(order: ATTENTION, after: $after) { nodes { id } } }',
        { after: inbox.pageInfo.endCursor },
      )
      expect(wrong.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT')
      const [kept] = await world.sql('select sla_due_at as due from support.ticket where id = $1', [
        born['normal new'],
      ])
      await world.sql(`update support.ticket set sla_due_at = $2 where id = $1`, [
        born['normal new'],
        world.now,
      ])
      expect((await paged('inbox', 'ATTENTION', ours())).slice(3)).toEqual([
        'normal new',
        'normal old',
        'low',
      ])
      await world.sql(`update support.ticket set sla_due_at = $2 where id = $1`, [
        born['normal new'],
        kept!.due,
      ])
    })

    test('filters', async () => {
      const { sam, lea } = people
      await done(sam, 'assignTicketToMe', { ticketId: born.low })
      await sam.act('replyToTicket', { ticketId: born.high, body: 'Soon.' })
      await done(sam, 'routeTicket', { ticketId: born.urgent, queueId: 'que_billing', reason: 'OTHER_TEAM' })
      const names = async (filter: Json) =>
        (await list(sam, ours(filter))).map(id => Object.keys(born).find(name => born[name] === id)).sort()
      expect(await names({ assigneeId: sam.id })).toEqual(['low'])
      expect(await names({ unassigned: false })).toEqual(['low'])
      expect(await names({ unaddressed: true })).toEqual(['normal new', 'normal old', 'safe low', 'urgent'])
      expect(await names({ queueIds: ['que_billing'] })).toEqual(['urgent'])
      expect(await names({ priority: 'NORMAL', category: 'REPLY_NEEDED' })).toEqual([
        'normal new',
        'normal old',
      ])
      expect(await names({ safetySensitive: true })).toEqual(['safe low'])
      expect(await names({ needsAttention: true })).toEqual([
        'high',
        'normal new',
        'normal old',
        'safe low',
        'urgent',
      ])
      expect(await names({ organizationId: DEMO_ORGANIZATION_ID, statuses: ['CLOSED'] })).toEqual([])
      expect(await list(sam, { tags: ['nothing'] })).toEqual([])

      expect(await list(lea, { coveredByMe: true })).toEqual([])
      const covered = await lea.act(
        'setCoverage',
        { staffId: lea.id, queueIds: ['que_billing'], categories: [], tags: ['Nowhere'] },
        'operator { queueIds categories tags }',
      )
      expect(covered.operator).toEqual({ queueIds: ['que_billing'], categories: [], tags: ['nowhere'] })
      expect((await lea.ask('{ myCoverage { queueIds tags } }')).myCoverage).toEqual({
        queueIds: ['que_billing'],
        tags: ['nowhere'],
      })
      expect(await list(lea, ours({ coveredByMe: true }))).toEqual([born.urgent])
      await done(sam, 'tagTicket', { ticketId: born.high, add: ['nowhere'] })
      expect(await list(lea, ours({ coveredByMe: true }))).toEqual([born.high, born.urgent])
      expect(
        await refused(lea, 'setCoverage', {
          staffId: lea.id,
          queueIds: ['que_none'],
          categories: [],
          tags: [],
        }),
      ).toMatchObject({
        code: 'UNKNOWN_REFERENCE',
        field: 'queueIds',
      })
    })

    test('a customer filters by what they may read, and by nothing else', async () => {
      const told = { organizationId: DEMO_ORGANIZATION_ID, priority: 'URGENT', visibility: 'PUBLIC' }
      const { id } = await opened(told)
      expect(await list(rico, { statuses: ['OPEN'], priority: 'URGENT' })).toContain(id)
      const hidden: Json = {
        assigneeId: 'stf_sam',
        unassigned: true,
        queueIds: ['que_support'],
        tags: ['ordered'],
        safetySensitive: true,
        snoozed: false,
        filterState: 'SPAM',
        coveredByMe: true,
        unaddressed: true,
        needsAttention: true,
        overdue: true,
        linkedEntityId: 'ord_1',
      }
      for (const [name, value] of Object.entries(hidden)) {
        const answer = await rico.send(
          'query ($filter: TicketFilter) { tickets(filter: $filter) { totalCount } }',
          { filter: { [name]: value } },
        )
        expect({ name, code: answer.errors?.[0]?.extensions.code }).toEqual({ name, code: 'FORBIDDEN' })
      }
      for (const query of [
        '{ tickets(order: ATTENTION) { totalCount } }',
        '{ inbox { totalCount } }',
        '{ supportOverview { urgent } }',
        '{ ticketStats(by: STATUS) { count } }',
        '{ queues { totalCount } }',
        '{ routingRules { version } }',
        '{ ticketMessages { totalCount } }',
        '{ operators { totalCount } }',
      ]) {
        const answer = await rico.send(query)
        expect({ query, code: answer.errors?.[0]?.extensions.code }).toEqual({ query, code: 'FORBIDDEN' })
      }
    })

    test('numbers are over the filter, whatever is loaded; of nothing they are nothing', async () => {
      const { sam } = people
      const numbers = async (filter: Json) =>
        sam.ask(
          `query ($filter: TicketFilter) {
             supportOverview(filter: $filter) { needingAttention urgent messages attachments notes attentionRule }
             status: ticketStats(by: STATUS, filter: $filter) { key count }
             priority: ticketStats(by: PRIORITY, filter: $filter) { key count }
             queue: ticketStats(by: QUEUE, filter: $filter) { count queue { name } }
             assignee: ticketStats(by: ASSIGNEE, filter: $filter) { key count assignee { id } } }`,
          { filter },
        )
      await sam.act('addTicketNote', { ticketId: born.low, body: 'Hm.' })
      const told = await numbers(ours())
      // Opened by staff: six descriptions that are notes, and one more note; one reply.
      expect(told.supportOverview).toMatchObject({
        needingAttention: 5,
        urgent: 1,
        messages: 1,
        notes: 7,
        attachments: 0,
      })
      expect(told.supportOverview.attentionRule).toContain('nobody works on it')
      expect(told.status).toEqual([{ key: 'OPEN', count: 6 }])
      expect(told.priority).toEqual([
        { key: 'LOW', count: 2 },
        { key: 'NORMAL', count: 2 },
        { key: 'HIGH', count: 1 },
        { key: 'URGENT', count: 1 },
      ])
      expect(told.queue).toEqual([
        { count: 5, queue: { name: 'Support' } },
        { count: 1, queue: { name: 'Billing' } },
      ])
      expect(told.assignee).toEqual([
        { key: null, count: 5, assignee: null },
        { key: sam.id, count: 1, assignee: { id: sam.id } },
      ])
      const none = await numbers({ tags: ['nothing'] })
      expect(none).toMatchObject({
        supportOverview: { needingAttention: 0, urgent: 0, messages: 0, notes: 0 },
        status: [],
        priority: [],
        queue: [],
        assignee: [],
      })
    })

    test('and right while ten clients write', async () => {
      const { sam, lea, ada } = people
      const crowd = [sam, lea, ada]
      const writers = Array.from({ length: 10 }, async (_, n) => {
        const who = crowd[n % crowd.length]!
        for (let i = 0; i < 4; i++) {
          const { id: ticketId } = await opened({ subject: `w${n}` }, who)
          await done(who, 'triageTicket', { ticketId, priority: i % 2 ? 'URGENT' : 'LOW', tags: ['raced'] })
          if (i === 3) await done(who, 'resolveTicket', { ticketId, resolution: 'Done.' })
        }
      })
      let writing = true
      const all = Promise.all(writers).finally(() => {
        writing = false
      })
      const filter = { tags: ['raced'] }
      while (writing) {
        const {
          a,
          b,
          list: page,
        } = await sam.ask(
          `query ($filter: TicketFilter) { a: ticketStats(by: STATUS, filter: $filter) { count } b: ticketStats(by: PRIORITY, filter: $filter) { count }
             list: tickets(filter: $filter, first: 1) { totalCount } }`,
          { filter },
        )
        const sum = (buckets: Json[]) => buckets.reduce((n, { count }) => n + count, 0)
        for (const n of [sum(a), sum(b), page.totalCount]) expect(n).toBeLessThanOrEqual(40)
      }
      await all
      const told = await sam.ask(
        `query ($filter: TicketFilter) { status: ticketStats(by: STATUS, filter: $filter) { key count } priority: ticketStats(by: PRIORITY, filter: $filter) { key count }
           tickets(filter: $filter) { totalCount } supportOverview(filter: $filter) { needingAttention urgent messages notes } }`,
        { filter },
      )
      expect(told).toEqual({
        status: [
          { key: 'OPEN', count: 30 },
          { key: 'RESOLVED', count: 10 },
        ],
        priority: [
          { key: 'LOW', count: 20 },
          { key: 'URGENT', count: 20 },
        ],
        tickets: { totalCount: 40 },
        supportOverview: { needingAttention: 30, urgent: 10, messages: 10, notes: 40 },
      })
    })
  })

  test('all of it follows from the log', async () => {
    await world.close()
    expect(await world.command('rebuild')).toMatchObject({ code: 0 })
  })
})
