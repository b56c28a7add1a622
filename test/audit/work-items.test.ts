import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { buildSubgraphs } from '#gateway/subgraphs.js'
import { type Class, entityOf, fieldsIn, snake } from '#shared/fields.js'
import { hydrate } from '#shared/loader.js'
import { READERS } from '#shared/roles.js'
import { DEMO_REQUESTER_ID } from '#subgraphs/accounts/bootstrap.js'
import { idOf, type Json, type Person, paidOrder, until, usd, World } from '../kit/world.js'

const MAIL_SECRET = 'secret-of-the-mail-server'
const DAY = 86_400_000

const ITEM = `kind title phase priority safetySensitive dueAt since createdAt becauseOf workspace
  assignee { id } queue { id } node { id __typename }`
const PAGE = `totalCount pageInfo { hasNextPage endCursor } nodes { ${ITEM} }`

/** A7: one inbox of everything that waits for a person. */
let world: World
let people: Awaited<ReturnType<World['people']>>
let rico: Person
const made: Record<string, string> = {}

const work = async (who: Person, filter: Json = {}, args: Json = {}): Promise<Json> => {
  const { workItems } = await who.ask(
    `query ($filter: WorkItemFilter, $order: WorkItemOrder!, $first: Int!, $after: String) {
      workItems(filter: $filter, order: $order, first: $first, after: $after) { ${PAGE} } }`,
    { order: 'ATTENTION', first: 100, filter, ...args },
  )
  return workItems
}
const ALL_PHASES = ['NEW', 'ACTIVE', 'WAITING', 'DONE']
const itemOf = async (id: string, who = people.sam): Promise<Json | undefined> =>
  (await work(who, { phases: ALL_PHASES })).nodes.find(({ node }: Json) => node?.id === id)
const kindsOf = async (who: Person): Promise<string[]> => {
  const { nodes } = await work(who, { phases: ALL_PHASES })
  return [...new Set<string>(nodes.map(({ kind }: Json) => kind))].sort()
}
const done = async (who: Person, name: string, input: Json, selection = ''): Promise<Json> => {
  const payload = await who.act(name, input, selection)
  expect(payload.userErrors).toEqual([])
  return payload
}
const opened = async (input: Json = {}, who = people.sam): Promise<string> => {
  const about = { linkedEntityIds: [idOf('ord', 'w1')] }
  const matter = { subject: 'Where is it?', description: 'It never came.', ...about }
  const { ticket } = await done(who, 'openTicket', { ...matter, ...input }, 'ticket { id }')
  return ticket.id
}

beforeAll(async () => {
  world = await World.open('work_items', { env: { MAIL_INBOUND_SECRET: MAIL_SECRET } })
  people = await world.people()
  rico = await world.person(DEMO_REQUESTER_ID)
  await oneOfEach()
})
afterAll(() => world?.close())

/** Something to do of every type. */
async function oneOfEach(): Promise<void> {
  const { sam, lea, rita, shop } = people
  await shop.record('organizations', [
    { source: 'shop', externalId: 'seller-1', name: 'Lamps', slug: 'lamps' },
  ])
  const orderId = await paidOrder(shop, 'w1', usd(400_00))
  made.TICKET = await opened({ subject: 'A lamp in pieces' })
  const asked = { orderId, amount: usd(200_00), reason: 'GOODWILL', idempotencyKey: 'w1' }
  made.APPROVAL = (await done(sam, 'issueRefund', asked)).approval.id
  const claim = { orderId, kind: 'DAMAGED', summary: 'In pieces.' }
  made.CLAIM = (await done(sam, 'openClaim', claim, 'claim { id }')).claim.id
  const odd = { fromId: orderId, summary: 'canary-of-risk', reason: 'FRAUD', idempotencyKey: 'w2' }
  made.TRUST_CASE = (await done(sam, 'handOffToTrust', odd, 'trustCase { id }')).trustCase.id
  const flag = { subjectId: idOf('org', 'seller-1'), kind: 'VELOCITY', severity: 'CRITICAL' }
  const raised = { ...flag, reason: 'MANUAL_REVIEW', note: 'canary-of-risk', idempotencyKey: 'w3' }
  made.RISK_FLAG = (await done(rita, 'raiseRiskFlag', raised, 'riskFlag { id }')).riskFlag.id
  const access = { permission: 'TICKETS_ASSIGN', note: 'canary-of-access' }
  const { accessRequest } = await done(sam, 'createAccessRequest', access, 'accessRequest { id }')
  made.ACCESS_REQUEST = accessRequest.id
  await atTheDesk(lea)
  await onTheWay()
}

async function atTheDesk(lea: Person): Promise<void> {
  const ticketId = made.TICKET!
  const { auditSlice } = await done(
    people.sam,
    'createAuditSlice',
    { filter: { references: [ticketId] } },
    'auditSlice { id }',
  )
  const handed = {
    workspace: 'RISK',
    platformWide: true,
    route: '/checkout',
    entityIds: [ticketId],
    timeline: [{ at: '2026-03-02T10:00:00Z', what: 'It broke.', source: 'a monitor' }],
    auditSliceIds: [auditSlice.id],
    nextAction: 'Look.',
  }
  made.HANDOFF = (await done(people.sam, 'createHandoff', handed, 'handoff { id }')).handoff.id
  const incident = { title: 'Nobody can pay', affectedStoreIds: [], trigger: 'PAYMENTS' }
  made.INCIDENT = (await done(lea, 'declareIncident', incident, 'incident { id }')).incident.id
  const escalated = { ticketId, trigger: 'MODERATION_EDGE_CASE' }
  const { escalation } = await done(lea, 'escalateTicket', escalated, 'escalation { id }')
  made.TICKET_ESCALATION = escalation.id
  const words = { assistiveTechnology: 'unknown', browser: 'unknown', device: 'unknown' }
  const barrier = { pageOrFeature: 'Checkout', description: 'No names.', blocks: ['CHECKOUT'], ...words }
  const report = await done(lea, 'createAccessibilityReport', barrier, 'report { id }')
  made.ACCESSIBILITY_REPORT = report.report.id
  const mail =
    'From: somebody@else.example\r\nSubject: canary-of-mail\r\nMessage-ID: <w1@else.example>\r\n\r\nHello.'
  const headers = { authorization: `Bearer ${MAIL_SECRET}` }
  await fetch(`${world.url}/inbound/mail`, { method: 'POST', headers, body: mail })
}

async function onTheWay(): Promise<void> {
  const { sam, shop } = people
  await shop.record('shipments', [
    { source: 'shop', externalId: 'w1', order: 'w1', labelStatus: 'FAILED', labelError: 'no money' },
  ])
  const looked = { shipmentId: idOf('shp', 'w1'), reason: 'NOT_RECEIVED' }
  const { investigation } = await done(sam, 'startShipmentInvestigation', looked, 'investigation { id }')
  made.SHIPMENT_INVESTIGATION = investigation.id
  await paidOrder(shop, 'w2')
  const dispute = { source: 'shop', externalId: 'w2', order: 'w2', amount: usd(150_00), reason: 'fraudulent' }
  const due = { openedAt: '2026-04-28T00:00:00.000Z', evidenceDueAt: '2026-05-05T00:00:00.000Z' }
  await shop.record('disputes', [{ ...dispute, ...due, state: 'NEEDS_RESPONSE' }])
  made.DISPUTE = idOf('dsp', 'w2')
  const started = {
    orderIds: [await paidOrder(shop, 'w3', usd(20_00))],
    reason: 'FRAUD',
    idempotencyKey: 'w4',
  }
  const { workflow } = await done(sam, 'refundBeforeShipping', started, 'workflow { id }')
  made.WORKFLOW = workflow.id
  made.SHIPMENT_ISSUE = await idFrom('orders.shipment_issue')
  made.INBOUND_MAIL = await idFrom('support.inbound_mail')
}

/** Of what a reaction brings about. */
const idFrom = (table: string): Promise<string> =>
  until(async () => (await world.sql(`select id from ${table}`))[0]?.id)

const EVERYBODYS = [
  'ACCESSIBILITY_REPORT',
  'APPROVAL',
  'CLAIM',
  'DISPUTE',
  'HANDOFF',
  'INCIDENT',
  'SHIPMENT_INVESTIGATION',
  'SHIPMENT_ISSUE',
  'TICKET',
  'TICKET_ESCALATION',
  'TRUST_CASE',
  'WORKFLOW',
]

describe('what is there', () => {
  test('all that waits for a person, each with its entity, title, phase and why', async () => {
    const { nodes } = await work(people.ada)
    for (const [kind, id] of Object.entries(made).filter(([kind]) => kind !== 'WORKFLOW'))
      expect(nodes).toContainEqual(
        expect.objectContaining({ kind, node: { id, __typename: expect.any(String) } }),
      )
    const shown = Object.fromEntries(
      await Promise.all(Object.entries(made).map(async ([kind, id]) => [kind, await itemOf(id, people.ada)])),
    )
    expect(shown).toMatchObject({
      TICKET: {
        title: 'A lamp in pieces',
        phase: 'ACTIVE',
        priority: 3,
        becauseOf: 'NEW',
        assignee: null,
        queue: { id: 'que_support' },
        workspace: 'TRIAGE',
      },
      ACCESS_REQUEST: { title: 'Somebody asks for the permission TICKETS_ASSIGN', phase: 'NEW' },
      APPROVAL: { title: 'A second person for issueRefund', phase: 'NEW', becauseOf: 'GOODWILL' },
      TRUST_CASE: { title: 'Trust case: fraud', phase: 'NEW', workspace: 'TRUST' },
      RISK_FLAG: { title: 'Velocity', phase: 'NEW', priority: 1, workspace: 'RISK' },
      HANDOFF: { title: 'Handover: /checkout', phase: 'NEW', workspace: 'RISK' },
      INCIDENT: { title: 'Nobody can pay', phase: 'ACTIVE', priority: 1, becauseOf: 'PAYMENTS' },
      ACCESSIBILITY_REPORT: { title: 'Checkout', phase: 'NEW', priority: 2 },
      DISPUTE: { title: 'Chargeback: $150.00', dueAt: '2026-05-05T00:00:00.000Z', workspace: 'REVENUE' },
      SHIPMENT_ISSUE: { title: 'Label purchase failed', workspace: 'SHIPPING' },
      SHIPMENT_INVESTIGATION: { phase: 'ACTIVE', title: 'Investigation: not received' },
      CLAIM: { title: 'Claim: damaged, $400.00', phase: 'NEW', workspace: 'SHIPPING' },
      TICKET_ESCALATION: { title: 'Escalation: moderation edge case', phase: 'NEW', priority: 2 },
      INBOUND_MAIL: { title: 'canary-of-mail', phase: 'NEW', priority: 4 },
    })
    const workflow = await until(async () => {
      const item = await itemOf(made.WORKFLOW!)
      return item?.phase === 'DONE' ? item : null
    })
    expect(workflow).toMatchObject({ title: 'Refund before shipping' })
  })

  test('a ticket of a customer is due when its first reply is', async () => {
    const asked = { subject: 'When?', description: 'Soon?' }
    const { ticket } = await done(rico, 'openTicket', asked, 'ticket { id }')
    const { slaDueAt } = (await people.sam.ask('query ($id: ID!) { ticket(id: $id) { slaDueAt } }', ticket))
      .ticket
    expect(await itemOf(ticket.id)).toMatchObject({ dueAt: slaDueAt })
    expect(slaDueAt).toEqual(expect.any(String))
  })

  test('fields of the entity itself come from its own subgraph', async () => {
    const { workItems } = await people.sam.ask(`{ workItems(filter: { kinds: [TICKET, CLAIM] }) { nodes {
      node { ... on Ticket { number phase } ... on Claim { status } } queue { name } } } }`)
    expect(workItems.nodes).toContainEqual({
      node: { number: expect.stringMatching(/^TKT-/), phase: 'ACTIVE' },
      queue: { name: 'Support' },
    })
    expect(workItems.nodes).toContainEqual({ node: { status: 'OPEN' }, queue: null })
  })
})

/** Machines do not read who asks for access. */
/** Of those who can give what was asked for, or asked for it. */
const STAFFS = [...EVERYBODYS, 'ACCESS_REQUEST']

/** The properties of a row that something looks at. */
function readBy(look: (row: object) => unknown, row: object): string[] {
  const read: string[] = []
  const get = (target: object, property: string): unknown => {
    read.push(property)
    return Reflect.get(target, property)
  }
  look(new Proxy(row, { get: get as ProxyHandler<object>['get'] }))
  return read
}

describe('who sees it', () => {
  test.each([
    ['sam', [...STAFFS, 'INBOUND_MAIL']],
    ['lea', [...STAFFS, 'INBOUND_MAIL']],
    ['fay', [...EVERYBODYS, 'INBOUND_MAIL']],
    ['cato', [...EVERYBODYS, 'INBOUND_MAIL']],
    ['rita', [...EVERYBODYS, 'INBOUND_MAIL', 'RISK_FLAG']],
    ['ada', [...STAFFS, 'INBOUND_MAIL', 'RISK_FLAG']],
    ['aldo', [...STAFFS, 'RISK_FLAG']],
    ['shop', [...EVERYBODYS, 'RISK_FLAG']],
  ] as const)('%s sees the types that they may read, in lists and counts', async (who, kinds) => {
    const wanted = [...kinds].sort()
    expect(await kindsOf(people[who])).toEqual(wanted)
    const { workItemCounts } = await people[who].ask(
      `{ workItemCounts(filter: { phases: [NEW, ACTIVE, WAITING, DONE] }, groupBy: KIND) { kind count } }`,
    )
    expect(workItemCounts.map(({ kind }: Json) => kind).sort()).toEqual(wanted)
  })

  test('what risk wrote shows to nobody who could not read it there, nor does asking for it', async () => {
    expect(await work(people.sam, { kinds: ['RISK_FLAG'] })).toMatchObject({ totalCount: 0, nodes: [] })
    for (const who of Object.values(people).filter(({ id }) => id !== 'nobody'))
      expect(JSON.stringify(await work(who, { phases: ALL_PHASES }))).not.toContain('canary-of-risk')
    expect(JSON.stringify(await work(people.aldo, { phases: ALL_PHASES }))).not.toContain('canary-of-mail')
  })

  test('nothing of an item is taken from a field that not all readers of its type may read', async () => {
    const views = (await buildSubgraphs()).flatMap(one => one.views).filter(({ work }) => work !== null)
    expect(views.length).toBeGreaterThanOrEqual(Object.keys(made).length)
    for (const { type, work } of views) {
      const { name, schema, table, allow } = entityOf(type)
      const rows = await world.sql(`select * from "${schema}"."${table ?? snake(name)}"`)
      expect({ name, rows: rows.length > 0 }).toEqual({ name, rows: true })
      const readers = allow.filter(access => READERS.some(one => one === access))
      const read = new Set(rows.flatMap(row => readBy(work!, hydrate(type as Class<object>, row))))
      const narrower = fieldsIn(type).filter(
        ({ property, only }) => read.has(property) && only && !readers.every(one => only.includes(one)),
      )
      expect({ name, narrower }).toEqual({ name, narrower: [] })
    }
  })

  test('no customer, no machine without a scope to read, nobody without a token', async () => {
    await world.sql(`insert into access.person (id, kind, name, roles, scopes)
      values ('svc_mute', 'INTEGRATION', 'Mute', '{INTEGRATION}', '{records:write}')`)
    const mute = await world.person('svc_mute')
    for (const query of ['{ workItems { totalCount } }', '{ workItemCounts(groupBy: KIND) { count } }']) {
      for (const who of [rico, mute]) {
        const { data, errors } = await who.send(query)
        expect(Object.values(data ?? {}).filter(Boolean)).toEqual([])
        expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN')
      }
      const { status, errors } = await people.nobody.send(query)
      expect({ status, code: errors?.[0]?.extensions.code }).toEqual({ status: 401, code: 'UNAUTHENTICATED' })
    }
  })
})

describe('filters', () => {
  test('by kind, phase, workspace, due date and who works on it', async () => {
    const id = await opened({ category: 'BILLING' })
    await done(people.lea, 'assignTicketToMe', { ticketId: id })
    const ids = async (filter: Json, who = people.lea) =>
      (await work(who, filter)).nodes.map(({ node }: Json) => node.id)
    expect(await ids({ assignedToMe: true })).toEqual([id])
    expect(await ids({ assignedToMe: false })).not.toContain(id)
    expect(await ids({ unassigned: true })).not.toContain(id)
    expect(await ids({ unassigned: false })).toEqual([id])
    expect((await ids({ workspaces: ['REVENUE'] })).sort()).toEqual([id, made.DISPUTE].sort())
    expect(await ids({ dueBefore: '2026-05-06T00:00:00Z' })).toEqual([made.DISPUTE])
    expect(await ids({ phases: ['NEW'], kinds: ['TICKET'] })).toEqual([])
    expect(await ids({ phases: [] })).toEqual([])
    const { workItemCounts } = await people.lea.ask(
      `{ workItemCounts(filter: { workspaces: [REVENUE] }, groupBy: ASSIGNEE) { assignee { id } count } }`,
    )
    expect(workItemCounts).toEqual(
      expect.arrayContaining([
        { assignee: { id: people.lea.id }, count: 1 },
        { assignee: null, count: 1 },
      ]),
    )
  })

  test('counts speak of the same as the list', async () => {
    for (const groupBy of ['KIND', 'PHASE', 'WORKSPACE', 'ASSIGNEE']) {
      const { workItemCounts, workItems } = await people.rita.ask(
        `query ($groupBy: WorkItemGroup!) { workItems(first: 1) { totalCount }
          workItemCounts(groupBy: $groupBy) { kind phase workspace assignee { id } count } }`,
        { groupBy },
      )
      const sum = workItemCounts.reduce((all: number, { count }: Json) => all + count, 0)
      expect({ groupBy, sum }).toEqual({ groupBy, sum: workItems.totalCount })
    }
  })

  test('a queue that moves to another workspace takes what lies in it along', async () => {
    const { queue } = await done(
      people.lea,
      'createQueue',
      { name: 'Contracts', publicName: 'Contracts', workspace: 'LEGAL', categories: [] },
      'queue { id }',
    )
    const id = await opened()
    await done(people.lea, 'routeTicket', { ticketId: id, queueId: queue.id, reason: 'WRONG_QUEUE' })
    expect(await itemOf(id)).toMatchObject({ workspace: 'LEGAL', queue })
    await done(people.lea, 'changeQueue', { queueId: queue.id, workspace: 'STORES' })
    expect(await itemOf(id)).toMatchObject({ workspace: 'STORES' })
    expect((await work(people.sam, { workspaces: ['LEGAL'] })).nodes).toEqual([])
  })
})

describe('order and pages', () => {
  const every = async (order: string, first: number, between: () => Promise<unknown> = async () => {}) => {
    const seen: Json[] = []
    for (let after: string | null = null; ; ) {
      const { nodes, pageInfo } = await work(people.ada, {}, { order, first, after })
      seen.push(...nodes)
      if (!pageInfo.hasNextPage) return seen
      after = pageInfo.endCursor
      await between()
    }
  }
  const infinity = '9999'

  test.each([
    [
      'ATTENTION',
      (one: Json) => [one.safetySensitive ? 0 : 1, one.priority, one.dueAt ?? infinity, one.createdAt],
    ],
    ['DUE_ASC', (one: Json) => [one.dueAt ?? infinity, one.createdAt]],
    ['CREATED_ASC', (one: Json) => [one.createdAt]],
  ])('%s, across kinds, however long the pages', async (order, keyOf) => {
    const safe = await opened({ subject: 'Somebody may come to harm' })
    await done(people.sam, 'markTicketSafetySensitive', { ticketId: safe, safetySensitive: true })
    const all = (await work(people.ada, {}, { order })).nodes
    expect(all.length).toBeGreaterThan(10)
    const keys = all.map((one: Json) => keyOf(one).map(String).join('|'))
    expect(keys).toEqual([...keys].sort())
    if (order === 'ATTENTION') expect(all[0].safetySensitive).toBe(true)
    expect(await every(order, 3)).toEqual(all)
  })

  test('what comes between two pages moves nothing: all that was there is seen once', async () => {
    const before = (await work(people.ada, {}, { order: 'CREATED_ASC' })).nodes.map(
      ({ node }: Json) => node.id,
    )
    const seen = await every('CREATED_ASC', 2, () => opened({ subject: 'One more' }).catch(() => null)).then(
      nodes => nodes.map(({ node }) => node.id),
    )
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen.filter(id => before.includes(id))).toEqual(before)
  })

  test('a cursor of another order, and pages that are too long, are refused', async () => {
    const { pageInfo } = await work(people.sam, {}, { first: 1 })
    const query = `query ($first: Int!, $order: WorkItemOrder!, $after: String) {
      workItems(first: $first, order: $order, after: $after) { totalCount } }`
    for (const given of [
      { first: 1, order: 'DUE_ASC', after: pageInfo.endCursor },
      { first: 101, order: 'ATTENTION' },
      { first: 1, order: 'ATTENTION', after: 'nonsense' },
    ]) {
      const { errors } = await people.sam.send(query, given)
      expect(errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT')
    }
  })
})

describe('it moves with what happens', () => {
  const phaseAfter = async (who: Person, name: string, input: Json, id: string) => {
    await done(who, name, input)
    return (await itemOf(id, people.ada))?.phase
  }

  test('a ticket, from open to close and back; kept apart it is no work', async () => {
    const { sam, lea } = people
    const ticketId = await opened()
    const say = (name: string, input: Json = {}) => phaseAfter(sam, name, { ticketId, ...input }, ticketId)
    const waiting = { status: 'WAITING_ON_BUYER', statusReason: 'INFORMATION_REQUESTED' }
    expect(await say('setTicketStatus', waiting)).toBe('WAITING')
    expect(await say('setTicketStatus', { status: 'OPEN' })).toBe('ACTIVE')
    const until = new Date(world.now.getTime() + DAY).toISOString()
    expect(await say('snoozeTicket', { until })).toBe('WAITING')
    expect(await itemOf(ticketId)).toMatchObject({ becauseOf: 'SNOOZED' })
    expect(await say('snoozeTicket')).toBe('ACTIVE')
    expect(await say('filterTicket', { filterState: 'FILTERED' })).toBeUndefined()
    expect(await say('restoreTicket')).toBe('ACTIVE')
    expect(await say('resolveTicket', { resolution: 'It is there.' })).toBe('DONE')
    expect(await phaseAfter(lea, 'closeTicket', { ticketId, early: 'TEST' }, ticketId)).toBe('DONE')
    expect((await itemOf(ticketId))?.becauseOf).toBe('CLOSED_EARLY')
    expect(await say('reopenTicket', { reason: 'HAPPENED_AGAIN' })).toBe('ACTIVE')
  })

  test('a claim waits while a party has to bring evidence, and is ours when it does not come', async () => {
    const { sam } = people
    const claimId = made.CLAIM!
    const asked = { claimId, kind: 'PHOTO', from: 'BUYER', instructions: 'Please send a picture.' }
    expect(await phaseAfter(sam, 'requestEvidence', asked, claimId)).toBe('WAITING')
    expect(await itemOf(claimId)).toMatchObject({ becauseOf: 'AWAITING_BUYER', dueAt: expect.any(String) })
  })

  test('trust cases, flags, handovers, reports, approvals, disputes and incidents', async () => {
    const { sam, rita, fay, lea, shop } = people
    const trustCaseId = made.TRUST_CASE!
    expect(await phaseAfter(rita, 'assignTrustCase', { trustCaseId }, trustCaseId)).toBe('ACTIVE')
    expect(await itemOf(trustCaseId)).toMatchObject({ assignee: { id: rita.id } })
    const decided = { outcome: 'NO_ACTION', statement: 'canary-of-risk', reason: 'UNSUBSTANTIATED' }
    const end = { trustCaseId, ...decided, idempotencyKey: 'w9' }
    expect(await phaseAfter(rita, 'decideTrustCase', end, trustCaseId)).toBe('DONE')
    expect(JSON.stringify(await itemOf(trustCaseId))).not.toContain('canary')
    const flag = { riskFlagId: made.RISK_FLAG, reason: 'FALSE_POSITIVE', idempotencyKey: 'w10' }
    expect(await phaseAfter(rita, 'clearRiskFlag', flag, made.RISK_FLAG!)).toBe('DONE')
    expect(await phaseAfter(rita, 'acceptHandoff', { handoffId: made.HANDOFF }, made.HANDOFF!)).toBe('DONE')
    const reportId = made.ACCESSIBILITY_REPORT!
    const triaged = { reportId, to: 'TRIAGED', reason: 'CONFIRMED' }
    expect(await phaseAfter(sam, 'transitionAccessibilityReport', triaged, reportId)).toBe('ACTIVE')
    const escalationId = made.TICKET_ESCALATION!
    expect(await phaseAfter(lea, 'acknowledgeEscalation', { escalationId }, escalationId)).toBe('DONE')
    const asked = { accessRequestId: made.ACCESS_REQUEST, reason: 'NOT_NEEDED' }
    const access = await lea.act('declineAccessRequest', asked)
    expect(access.userErrors).toEqual([])
    expect((await itemOf(made.ACCESS_REQUEST!))?.phase).toBe('DONE')
    const mail = { inboundMailId: made.INBOUND_MAIL, reason: 'SPAM' }
    expect(await phaseAfter(sam, 'dismissInboundMail', mail, made.INBOUND_MAIL!)).toBe('DONE')
    const approved = await fay.act('rejectApproval', {
      approvalId: made.APPROVAL,
      reason: 'OTHER',
      note: 'No.',
    })
    expect(approved.userErrors).toEqual([])
    expect((await itemOf(made.APPROVAL!))?.phase).toBe('DONE')
    const dispute = {
      source: 'shop',
      externalId: 'w2',
      order: 'w2',
      amount: usd(150_00),
      reason: 'fraudulent',
    }
    const record = { ...dispute, openedAt: '2026-04-28T00:00:00.000Z' }
    await shop.record('disputes', [{ ...record, state: 'UNDER_REVIEW' }])
    expect((await itemOf(made.DISPUTE!))?.phase).toBe('WAITING')
    await shop.record('disputes', [{ ...record, state: 'WON' }])
    expect((await itemOf(made.DISPUTE!))?.phase).toBe('DONE')
    const incidentId = made.INCIDENT!
    expect(await phaseAfter(lea, 'resolveIncident', { incidentId, note: 'Over.' }, incidentId)).toBe('DONE')
  })

  test('what was tried without effect changes nothing', async () => {
    const ticketId = await opened()
    const before = await itemOf(ticketId)
    await people.sam.act('resolveTicket', { ticketId, resolution: 'It is there.', dryRun: true })
    expect(await itemOf(ticketId)).toEqual(before)
  })

  test('evidence that does not come in time makes a claim ours again', async () => {
    world.advance(30 * DAY)
    const late = await until(async () => {
      const item = await itemOf(made.CLAIM!)
      return item?.becauseOf === 'EVIDENCE_OVERDUE' ? item : null
    })
    expect(late).toMatchObject({ phase: 'ACTIVE', priority: 2 })
  })
})

describe('sections (E98)', () => {
  test.each([
    ['sam', ['TRIAGE', 'USERS', 'STORES', 'SHIPPING']],
    ['lea', ['TRIAGE', 'USERS', 'STORES', 'LEGAL', 'SHIPPING']],
    ['rita', ['RISK', 'TRUST']],
    ['fay', ['REVENUE']],
    ['cato', ['CATALOG']],
    ['aldo', ['AUDIT']],
    ['shop', []],
  ] as const)('%s works where their roles do', async (who, workspaces) => {
    const { me } = await people[who].ask('{ me { sections { workspace openWork } } }')
    expect(me.sections.map(({ workspace }: Json) => workspace)).toEqual(workspaces)
    const { workItemCounts } = await people[who].ask(
      '{ workItemCounts(groupBy: WORKSPACE) { workspace count } }',
    )
    for (const { workspace, openWork } of me.sections)
      expect({ workspace, openWork }).toEqual({
        workspace,
        openWork: workItemCounts.find((one: Json) => one.workspace === workspace)?.count ?? 0,
      })
  })

  test('Super Admins work everywhere, customers nowhere', async () => {
    const of = async (who: Person) =>
      (await who.ask('{ me { sections { workspace openWork } } }')).me.sections
    expect(await of(people.ada)).toHaveLength(10)
    expect(await of(rico)).toEqual([])
  })
})

test('the inbox is what the log says, and can be made anew from it', async () => {
  await world.close()
  await world.sql(`update work.item set phase = 'DONE', title = 'x' where entity_id = $1`, [made.TICKET])
  await world.sql('delete from work.item where entity_id = $1', [made.CLAIM])
  const { code, said } = await world.command('rebuild')
  expect(code).toBe(1)
  const named = said.split('\n').filter(line => / (differs|missing|extra)$/.test(line))
  expect(named.sort()).toEqual([`work.item ${made.CLAIM} missing`, `work.item ${made.TICKET} differs`].sort())
  expect(await world.command('rebuild', '--replace')).toMatchObject({ code: 0 })
  expect(await world.command('rebuild')).toMatchObject({ code: 0 })
})
