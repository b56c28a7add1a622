import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type GraphQLObjectType, getNamedType, isLeafType, isObjectType, isRequiredArgument } from 'graphql'
import pg from 'pg'
import { buildSubgraphs } from '#gateway/subgraphs.js'
import { entityOf, snake } from '#shared/fields.js'
import { ANONYMOUS } from '#shared/identity.js'
import { type Access, holds } from '#shared/permissions.js'
import { Role, type Scope } from '#shared/roles.js'
import { happened } from '../kit/happened.js'
import { type Answer, type Person, paidOrder, idOf as recordedId, until, usd, World } from '../kit/world.js'

/** Who asks, and what opens a field for them. */
const CALLERS: { id: string; roles: Role[]; scopes: Scope[] }[] = [
  { id: 'stf_sam', roles: [Role.SUPPORT_AGENT], scopes: [] },
  { id: 'stf_lea', roles: [Role.SUPPORT_LEAD], scopes: [] },
  { id: 'stf_rita', roles: [Role.RISK_AGENT], scopes: [] },
  { id: 'stf_fay', roles: [Role.FINANCE_ADMIN], scopes: [] },
  { id: 'stf_cato', roles: [Role.CATALOG_ADMIN], scopes: [] },
  { id: 'stf_ada', roles: [Role.SUPER_ADMIN], scopes: [] },
  { id: 'stf_aldo', roles: [Role.AUDITOR], scopes: [] },
  {
    id: 'svc_shop',
    roles: [Role.INTEGRATION],
    scopes: [
      'read:all',
      'records:write',
      'audit:read',
      'tickets:write',
      'tickets:reply',
      'tickets:note',
      'risk:write',
      'shipping:write',
    ],
  },
]

const MAIL_SECRET = 'secret-of-the-mail-server'

const subgraphs = await buildSubgraphs()

/** Every field of every entity type that can be asked for without arguments, and who may, as declared. */
const entities = subgraphs.flatMap(({ audiences, name }) =>
  Object.entries(audiences).map(([type, { allow }]) => ({ type, allow, owner: name })),
)

/** Where ids of what is no row are found. */
const REFERENCES: Record<string, string> = {
  Event: `(select 'evt_' || id as id from log.event) events`,
  Policy: `(select policy_id as id from policy.version) policies`,
}

const tableOf = (type: string): string => {
  const row = subgraphs.flatMap(one => one.entities).find(one => entityOf(one).name === type)
  if (!row) return REFERENCES[type] ?? `(select null as id where false) nothing`
  const { schema, table, name } = entityOf(row)
  return `"${schema}"."${table ?? snake(name)}"`
}

interface Asked {
  field: string
  selection: string
  allow: readonly Access[]
}

const fieldsOf = (typeName: string, audience: readonly Access[]): Asked[] =>
  subgraphs.flatMap(({ schema, permissions }) => {
    const type = schema.getType(typeName)
    if (!isObjectType(type)) return []
    return Object.values((type as GraphQLObjectType).getFields())
      .filter(field => field.name !== 'id' && !field.args.some(isRequiredArgument))
      .map(field => ({
        field: field.name,
        selection: isLeafType(getNamedType(field.type)) ? field.name : `${field.name} { __typename }`,
        allow: permissions.get(typeName)?.get(field.name) ?? audience,
      }))
  })

describe('every object field × every role, through node(id)', () => {
  let world: World
  let database: pg.Client

  beforeAll(async () => {
    world = await World.open('matrix', { env: { DEMO: 'true', MAIL_INBOUND_SECRET: MAIL_SECRET } })
    database = new pg.Client(world.databaseUrl)
    await database.connect()
    await oneOfEach(await world.people())
    await somebodyTold(world)
    // Reactions bring it about.
    await until(() => idOf('ShipmentIssue').catch(() => null))
  })
  afterAll(async () => {
    await database?.end()
    await world?.close()
  })

  const idOf = async (type: string): Promise<string> => {
    const { rows } = await database.query(`select id from ${tableOf(type)} limit 1`)
    if (!rows[0]) throw new Error(`there is no ${type} to look at`)
    return rows[0].id
  }

  /** Rows of some types have readers of their own; all others are for whoever may read the type. */
  const readersOf = async (id: string): Promise<{ roles: string[]; people: string[] } | null> =>
    (await database.query('select roles, people from search.reader where entity_id = $1', [id])).rows[0] ??
    null

  test.each(entities)('$type', async ({ type, allow }) => {
    const id = await idOf(type)
    const fields = fieldsOf(type, allow)
    const query = `query ($id: ID!) { node(id: $id) { id ... on ${type} { ${fields.map(f => f.selection).join(' ')} } } }`
    const readers = await readersOf(id)
    for (const caller of CALLERS) {
      const person = await world.person(caller.id)
      const answer = await person.send(query, { id })
      const identity = { ...ANONYMOUS, ...caller, kind: 'STAFF' as const, personId: caller.id }
      const isReader =
        !readers ||
        readers.people.includes(caller.id) ||
        readers.roles.some(role => (identity.roles as readonly string[]).includes(role))
      if (!holds(identity, allow) || !isReader)
        expect({ caller: caller.id, node: answer.data?.node ?? null }).toEqual({
          caller: caller.id,
          node: null,
        })
      else
        expect({ caller: caller.id, refused: refusedIn(answer) }).toEqual({
          caller: caller.id,
          refused: fields
            .filter(field => !holds(identity, field.allow))
            .map(field => field.field)
            .sort(),
        })
    }
  })

  test('without a token nothing but __typename, counts included', async () => {
    const nobody = (await world.people()).nobody
    expect((await nobody.send('{ __typename }')).data).toEqual({ __typename: 'Query' })
    for (const query of [
      '{ orders { totalCount } }',
      '{ node(id: "ord_1") { id } }',
      '{ omnibox(query: "abc") { hiddenCount } }',
      '{ me { id } }',
    ]) {
      const { status, data, errors } = await nobody.send(query)
      expect({ query, status, data: data ?? null, code: errors?.[0]?.extensions.code }).toEqual({
        query,
        status: 401,
        data: null,
        code: 'UNAUTHENTICATED',
      })
    }
  })

  test('a customer reaches nothing of others by any road', async () => {
    const { rows } = await database.query(`select id from access.person where kind = 'REQUESTER' limit 1`)
    const requester = await world.person(rows[0].id)
    for (const { type } of entities) {
      const id = await idOf(type)
      const { data } = await requester.send(`query ($id: ID!) { node(id: $id) { id } }`, { id })
      expect({ type, node: data?.node ?? null }).toEqual({ type, node: null })
    }
  })
})

/** Names of the fields that were refused, each with the code FORBIDDEN. */
function refusedIn({ errors = [], data }: Answer): string[] {
  if (!data?.node) throw new Error(`no node: ${JSON.stringify(errors)}`)
  const wrong = errors.filter(error => error.extensions.code !== 'FORBIDDEN')
  if (wrong.length) throw new Error(JSON.stringify(wrong))
  return errors.map(error => String(error.path?.[1])).sort()
}

/** What only a workflow asks for. */
async function somebodyTold(world: World): Promise<void> {
  const data = { recipientId: 'stf_sam', template: 'NEWS', about: [], facts: {} }
  await happened(world, { type: 'Workflow', id: 'wfl_matrix' }, { type: 'NotificationRequested', data })
  await until(async () => (await world.sql('select from support.notification')).length > 0)
}

/** What support works with besides tickets. */
async function atTheDesk({ sam, lea }: Record<'sam' | 'lea', Person>, ticketId: string): Promise<void> {
  const { auditSlice } = await sam.act(
    'createAuditSlice',
    { filter: { references: [ticketId] } },
    'auditSlice { id }',
  )
  await sam.act('createHandoff', {
    workspace: 'RISK',
    platformWide: true,
    route: '/',
    entityIds: [ticketId],
    timeline: [{ at: '2026-03-02T10:00:00Z', what: 'It broke.', source: 'a monitor' }],
    auditSliceIds: [auditSlice.id],
    nextAction: 'Look.',
  })
  const affectedStoreIds: string[] = []
  await lea.act('declareIncident', { title: 'Odd', affectedStoreIds, trigger: 'PAYMENTS' })
  await sam.act('escalateTicket', { ticketId, trigger: 'MODERATION_EDGE_CASE' })
  const startsAt = sam.world.now
  const endsAt = new Date(startsAt.getTime() + 3_600_000)
  await lea.act('scheduleOnCall', { staffId: sam.id, everywhere: true, startsAt, endsAt })
  await sam.act('createAccessibilityReport', {
    pageOrFeature: 'Checkout',
    description: 'No names.',
    assistiveTechnology: 'unknown',
    browser: 'unknown',
    device: 'unknown',
    blocks: [],
  })
  await lea.act('saveMacro', { name: 'Thanks', visibility: 'PUBLIC', body: 'Thank you.' })
  await lea.act('recordLegalCommunication', {
    kind: 'NOTICE',
    parties: ['Court'],
    receivedAt: '2026-03-02T10:00:00Z',
    ticketId,
  })
}

/** Leaves at least one row of every entity type, by the actions that make them. */
async function oneOfEach({
  sam,
  lea,
  fay,
  finn,
  rita,
  rolf,
  ada,
  otto,
  shop,
}: Record<
  'sam' | 'lea' | 'fay' | 'finn' | 'rita' | 'rolf' | 'ada' | 'otto' | 'shop',
  Person
>): Promise<void> {
  const orderId = await paidOrder(shop, 'matrix')
  await sam.act('issueRefund', { orderId, amount: usd(1_00), reason: 'GOODWILL', idempotencyKey: 'm1' })
  await sam.act('issueRefund', { orderId, amount: usd(149_00), reason: 'GOODWILL', idempotencyKey: 'm2' })
  const claim = await sam.act('openClaim', { orderId, kind: 'OTHER', summary: 'Scratched.' }, 'claim { id }')
  await sam.act('addClaimNote', { claimId: claim.claim.id, visibility: 'INTERNAL', body: 'Hm.' })
  await shop.record('shipments', [
    { source: 'shop', externalId: 'matrix', order: 'matrix', labelStatus: 'FAILED', labelError: 'no money' },
  ])
  await sam.act('startShipmentInvestigation', {
    shipmentId: recordedId('shp', 'matrix'),
    reason: 'NOT_RECEIVED',
  })
  const entry = { account: 'ADJUSTMENTS', amount: usd(1) }
  const adjusted = await fay.act('adjustLedger', {
    lines: [
      { ...entry, side: 'DEBIT' },
      { ...entry, side: 'CREDIT' },
    ],
    reason: 'ROUNDING',
    idempotencyKey: 'm10',
  })
  await finn.act('approveAdjustLedger', { approvalId: adjusted.approval.id })
  const unsent = await paidOrder(shop, 'matrix-unsent')
  await fay.act('refundBeforeShipping', { orderIds: [unsent], reason: 'FRAUD', idempotencyKey: 'm11' })
  const { organizations, listings } = await fay.ask(
    '{ organizations { nodes { id } } listings { nodes { id } } }',
  )
  const [organization, listing] = [organizations.nodes[0].id, listings.nodes[0].id]
  const ticket = await sam.act(
    'openTicket',
    { subject: 'Where is it?', description: 'It never came.', linkedEntityIds: [orderId] },
    'ticket { id }',
  )
  await sam.act('replyToTicket', { ticketId: ticket.ticket.id, body: 'We are looking.' })
  await lea.act('setSlaTerms', { organizationId: organization, clock: 'CALENDAR', reason: 'GOODWILL' })
  await sam.act('beginAttachmentUpload', {
    ticketId: ticket.ticket.id,
    filename: 'lamp.png',
    mime: 'image/png',
    bytes: 10,
    sha256: '0'.repeat(64),
    purpose: 'SCREENSHOT',
  })
  const theirs = await sam.act(
    'openTicket',
    { subject: 'When?', description: 'Soon?', organizationId: organization, visibility: 'PRIVATE' },
    'ticket { id }',
  )
  await sam.act('replyToTicket', { ticketId: theirs.ticket.id, body: 'Soon.' })
  await fetch(`${sam.world.url}/inbound/mail`, {
    method: 'POST',
    headers: { authorization: `Bearer ${MAIL_SECRET}` },
    body: 'From: somebody@else.example\r\nMessage-ID: <matrix@else.example>\r\n\r\nHello.',
  })
  await sam.act('setNotificationPreferences', { choices: [{ topic: 'NEWS', channel: 'EMAIL', on: false }] })
  await lea.act('setCoverage', { staffId: sam.id, queueIds: ['que_support'], categories: [], tags: [] })
  await sam.act('createAccessRequest', { permission: 'TICKETS_ASSIGN' })
  await atTheDesk({ sam, lea }, ticket.ticket.id)
  await rita.act('raiseRiskFlag', {
    subjectId: organization,
    kind: 'PAYMENT_FRAUD',
    severity: 'HIGH',
    reason: 'MANUAL_REVIEW',
    idempotencyKey: 'm3',
  })
  await rita.act('freezeOrg', { organizationId: organization, reason: 'FRAUD', idempotencyKey: 'm4' })
  await rolf.act('applyPayoutHold', { organizationId: organization, reason: 'FRAUD', idempotencyKey: 'm5' })
  await sam.act('handOffToTrust', { fromId: orderId, summary: 'Odd.', reason: 'FRAUD', idempotencyKey: 'm8' })
  await rita.act('issueStrike', {
    organizationId: organization,
    severity: 'MINOR',
    statement: 'Late.',
    reason: 'NON_FULFILMENT',
    idempotencyKey: 'm9',
  })
  await sam.act('issueToken', { name: 'script', scopes: [], reason: 'AUTOMATION', idempotencyKey: 'm7' })
  await rita.act('takeDownListing', {
    listingId: listing,
    policy: 'COUNTERFEIT',
    reason: 'FRAUD',
    idempotencyKey: 'm6',
  })
  await shop.record('legalAcceptances', [
    {
      source: 'shop',
      externalId: 'matrix',
      user: 'buyer-1',
      documentKind: 'TERMS',
      documentVersion: '1',
      acceptedAt: '2026-03-02T10:00:00.000Z',
      surface: 'checkout',
    },
  ])
  const { users } = await ada.ask('{ users { nodes { id } } }')
  await ada.act('reRequestLegalAcceptance', {
    userIds: [users.nodes[0].id],
    documentKind: 'TERMS',
    documentVersion: '2',
    reason: 'DOCUMENT_CHANGED',
  })
  const changed = await ada.act('changePolicy', {
    key: 'shipping.trackingStaleDays',
    value: 7,
    reason: 'SEASON',
  })
  await otto.act('approveChangePolicy', { approvalId: changed.approval.id })
}
