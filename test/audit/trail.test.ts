import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { idOf, type Json, paidOrder, until, usd, World } from '../kit/world.js'

let world: World
let people: Awaited<ReturnType<World['people']>>

beforeAll(async () => {
  world = await World.open('trail')
  people = await world.people()
})
afterAll(() => world?.close())

const key = () => ({ idempotencyKey: Math.random().toString() })
const refund = (orderId: string, amount: number, who = people.sam) =>
  who.act(
    'issueRefund',
    { orderId, amount: usd(amount), reason: 'ITEM_DAMAGED', note: 'a broken shade', ...key() },
    'refund { id }',
  )

describe('node(id)', () => {
  test('opens entities and events, by their owner', async () => {
    const orderId = await paidOrder(people.shop, 'n1')
    const { events } = await refund(orderId, 10_00)
    const { nodes } = await people.sam.ask(
      'query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Order { refunded { amount } } ... on Event { type } } }',
      { ids: [orderId, 'ord_nothing', events[0].id, 'evt_999999999', 'evt_x', ''] },
    )
    expect(nodes).toEqual([
      { __typename: 'Order', id: orderId, refunded: { amount: 10_00 } },
      null,
      { __typename: 'Event', id: events[0].id, type: 'RefundIssued' },
      null,
      null,
      null,
    ])
  })

  test('takes no more than a hundred', async () => {
    const { errors } = await people.sam.send('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', {
      ids: Array(101).fill('ord_1'),
    })
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
  })
})

describe('an entity', () => {
  const TIMELINE =
    'nodes { id type reasonCode summary actor { id kind roles person { id } } aggregate { type id version } } pageInfo { hasNextPage endCursor }'

  test('has a timeline, newest first, in pages, of some types (E32, E83)', async () => {
    const orderId = await paidOrder(people.shop, 't1')
    for (const amount of [1_00, 2_00, 3_00]) await refund(orderId, amount)
    const read = async (args: string) =>
      (
        await people.fay.ask(`query ($id: ID!) { order(id: $id) { timeline(${args}) { ${TIMELINE} } } }`, {
          id: orderId,
        })
      ).order.timeline
    // What the provider does about them comes afterwards, by itself.
    await until(async () => (await read('first: 50, types: ["RefundSettled"]')).nodes.length === 3)
    const all = await read('first: 50')
    expect(all.nodes.find(({ type }: Json) => type === 'RefundIssued')).toMatchObject({
      type: 'RefundIssued',
      reasonCode: 'ITEM_DAMAGED',
      summary: 'Refund issued by a support agent: It arrived broken.',
      actor: { id: 'stf_sam', kind: 'STAFF', roles: ['SUPPORT_AGENT'], person: { id: 'stf_sam' } },
      aggregate: { type: 'Order', id: orderId },
    })
    const first = await read('first: 2')
    const rest = await read(`first: 50, after: "${first.pageInfo.endCursor}"`)
    expect([...first.nodes, ...rest.nodes]).toEqual(all.nodes)
    expect(
      new Set((await read('first: 50, types: ["RefundIssued"]')).nodes.map((event: Json) => event.type)),
    ).toEqual(new Set(['RefundIssued']))
  })

  test('has links in both directions (E31)', async () => {
    const orderId = await paidOrder(people.shop, 't2')
    const { order } = await people.sam.ask(
      'query ($id: ID!) { order(id: $id) { links { relation direction node { __typename id } } } }',
      {
        id: orderId,
      },
    )
    expect(order.links).toEqual(
      expect.arrayContaining([
        { relation: 'checkout', direction: 'OUT', node: { __typename: 'Checkout', id: idOf('chk', 'c-t2') } },
        { relation: 'order', direction: 'IN', node: { __typename: 'Payment', id: idOf('pay', 'p-t2') } },
      ]),
    )
  })

  test('of several, merged and without doubles', async () => {
    const orderId = await paidOrder(people.shop, 't3')
    const { timeline } = await people.sam.ask(
      'query ($ids: [ID!]!) { timeline(ids: $ids, first: 100) { nodes { id type } } }',
      {
        ids: [orderId, idOf('chk', 'c-t3'), orderId, 'ord_nothing'],
      },
    )
    const ids = timeline.nodes.map((event: Json) => event.id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(timeline.nodes.map((event: Json) => event.type)).toEqual(
      expect.arrayContaining(['CheckoutRecorded', 'OrderRecorded']),
    )
    expect([...ids].sort((a: string, b: string) => Number(b.slice(4)) - Number(a.slice(4)))).toEqual(ids)
  })

  test('keeps events of closed types from those who may not read them, on every road', async () => {
    const orderId = await paidOrder(people.shop, 't4')
    const { riskFlag, events } = await people.rita.act(
      'raiseRiskFlag',
      { subjectId: orderId, kind: 'PAYMENT_FRAUD', severity: 'LOW', reason: 'MANUAL_REVIEW' },
      'riskFlag { id }',
    )
    const roads = `query ($order: ID!, $flag: ID!, $event: ID!) {
      order(id: $order) { timeline(first: 100) { nodes { type } } }
      timeline(ids: [$order, $flag]) { nodes { type } }
      flag: node(id: $flag) { id } event: node(id: $event) { id } event2: event(id: $event) { id } }`
    const variables = { order: orderId, flag: riskFlag.id, event: events[0].id }
    const seen = JSON.stringify(await people.sam.ask(roads, variables))
    expect(seen).not.toContain('RiskFlagRaised')
    expect(JSON.parse(seen)).toMatchObject({ flag: null, event: null, event2: null })
    const full = JSON.stringify(await people.ada.ask(roads, variables))
    expect(full).toContain('RiskFlagRaised')
    expect(JSON.parse(full)).toMatchObject({ flag: { id: riskFlag.id }, event: { id: events[0].id } })
  })
})

describe('an event', () => {
  test('shows what is in it to auditors, free words to staff, and bodies to nobody', async () => {
    const { ticket } = await people.sam.act(
      'openTicket',
      {
        subject: 'Where is it',
        description: 'first words',
        linkedEntityIds: [await paidOrder(people.shop, 'e1')],
      },
      'ticket { id }',
    )
    const note = await people.sam.act('addTicketNote', {
      ticketId: ticket.id,
      body: 'the buyer lies',
      note: 'for the trail',
    })
    const read = async (who = people.sam) =>
      who.send(
        'query ($id: ID!) { event(id: $id) { type note data references { id } position correlationId surface } }',
        { id: note.events[0].id },
      )
    const sam = await read()
    expect(sam.data!.event).toMatchObject({ type: 'SupportNoteAdded', note: 'for the trail', data: null })
    expect(sam.data!.event.references).toContainEqual({ id: ticket.id })
    const aldo = await read(people.aldo)
    expect(aldo.data!.event).toMatchObject({
      note: null,
      data: { messageId: expect.stringMatching(/^msg_/) },
    })
    const ada = await read(people.ada)
    expect(ada.data!.event).toMatchObject({ note: 'for the trail', data: { messageId: expect.any(String) } })
    const { node } = await people.sam.ask(
      'query ($id: ID!) { node(id: $id) { ... on Ticket { links { direction node { __typename } } } } }',
      { id: ticket.id },
    )
    expect(node.links).toContainEqual({ direction: 'OUT', node: { __typename: 'Order' } })
    for (const answer of [sam, aldo, ada]) expect(JSON.stringify(answer)).not.toContain('the buyer lies')
  })

  test('what is pinned for an approval shows no free words to auditors', async () => {
    const asked = await refund(await paidOrder(people.shop, 'e2', usd(900_00)), 500_00)
    const { event } = await people.aldo.ask('query ($id: ID!) { event(id: $id) { type data } }', {
      id: asked.events[0].id,
    })
    expect(event).toMatchObject({ type: 'ApprovalRequested', data: { input: { amount: usd(500_00) } } })
    expect(JSON.stringify(event)).not.toContain('broken shade')
  })

  const EVENTS =
    'query ($f: EventFilter) { events(filter: $f, first: 100) { nodes { id type occurredAt actor { id } } } }'

  test('is found by type, actor, reference and time by those who watch', async () => {
    const from = new Date().toISOString()
    const orderId = await paidOrder(people.shop, 'e3')
    await refund(orderId, 5_00)
    const read = async (f: Json) => (await people.aldo.ask(EVENTS, { f })).events.nodes
    const found = await read({
      types: ['RefundIssued'],
      actorId: 'stf_sam',
      references: [orderId],
      after: from,
    })
    expect(found).toMatchObject([{ type: 'RefundIssued', actor: { id: 'stf_sam' } }])
    expect(await read({ references: [orderId], before: from })).toEqual([])
    expect((await read({ actorId: 'svc_shop' })).every((event: Json) => event.actor.id === 'svc_shop')).toBe(
      true,
    )
  })

  test('others find their own acts, and nobody else’s', async () => {
    const { events } = await people.sam.ask(EVENTS, { f: {} })
    expect(new Set(events.nodes.map((event: Json) => event.actor.id))).toEqual(new Set(['stf_sam']))
    const { errors } = await people.sam.send(EVENTS, { f: { actorId: 'stf_ada' } })
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
  })

  test('refuses a cursor that is none, and too large a page', async () => {
    for (const args of ['after: "rubbish"', 'first: 101', 'first: 0']) {
      const { errors } = await people.ada.send(`{ events(${args}) { nodes { id } } }`)
      expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
    }
  })
})

describe('approvals', () => {
  const ask = async (external: string) => {
    const orderId = await paidOrder(people.shop, external, usd(900_00))
    return { orderId, approvalId: (await refund(orderId, 500_00)).approval.id as string }
  }
  const read = async (id: string, who = people.fay) =>
    (
      await who.ask(
        'query ($id: ID!) { approval(id: $id) { state isStale iCanVote target { __typename id } decidedBy { id } timeline { nodes { type } } } }',
        { id },
      )
    ).approval

  test('are an inbox of what one may decide', async () => {
    const { approvalId, orderId } = await ask('a1')
    const list = async (who: typeof people.sam, filter: Json) =>
      (
        await who.ask('query ($f: ApprovalFilter) { approvals(filter: $f) { nodes { id } totalCount } }', {
          f: { targetId: orderId, ...filter },
        })
      ).approvals.nodes
    expect(await list(people.fay, { iCanVote: true })).toEqual([{ id: approvalId }])
    expect(await list(people.sam, { iCanVote: true })).toEqual([])
    expect(await list(people.sam, { requestedByMe: true, state: 'PENDING', action: 'issueRefund' })).toEqual([
      { id: approvalId },
    ])
    expect(await list(people.fay, { iCanVote: false })).toEqual([])
    expect(await read(approvalId)).toMatchObject({
      state: 'PENDING',
      isStale: false,
      iCanVote: true,
      target: { __typename: 'Order', id: orderId },
    })
  })

  test('are nodes, links and hits like any entity', async () => {
    const { approvalId, orderId } = await ask('a0')
    const { node, order, omnibox } = await people.sam.ask(
      `query ($id: ID!, $order: ID!, $q: String!) {
        node(id: $id) { ... on Approval { state version } }
        order(id: $order) { links { direction node { ... on Approval { state } } } }
        omnibox(query: $q) { nodes { entityType node { ... on Approval { state } } } } }`,
      { id: approvalId, order: orderId, q: approvalId },
    )
    expect(node).toEqual({ state: 'PENDING', version: 1 })
    expect(order.links).toContainEqual({ direction: 'IN', node: { state: 'PENDING' } })
    expect(omnibox.nodes).toEqual([{ entityType: 'APPROVAL', node: { state: 'PENDING' } }])
  })

  test('grow stale when their target changes', async () => {
    const { approvalId, orderId } = await ask('a2')
    await refund(orderId, 1_00)
    expect(await read(approvalId)).toMatchObject({ isStale: true })
  })

  test('are turned down by who could approve, never by who asked', async () => {
    const { approvalId } = await ask('a3')
    const input = { approvalId, reason: 'NOT_JUSTIFIED', note: 'look again' }
    expect((await people.sam.act('rejectApproval', input)).userErrors).toMatchObject([
      { code: 'SAME_PERSON' },
    ])
    const cato = await people.cato.send(
      'mutation ($i: RejectApprovalInput!) { rejectApproval(input: $i) { events { id } } }',
      { i: input },
    )
    expect(cato.errors).toMatchObject([
      { extensions: { code: 'FORBIDDEN', requires: ['FINANCE_ADMIN', 'SUPER_ADMIN'] } },
    ])
    const { approval, events } = await people.fay.act(
      'rejectApproval',
      input,
      'approval { id state decidedBy { id } decisionNote }',
    )
    expect(approval).toEqual({
      id: approvalId,
      state: 'REJECTED',
      decidedBy: { id: 'stf_fay' },
      decisionNote: 'look again',
    })
    expect(events).toMatchObject([{ type: 'ApprovalRejected' }])
    expect((await people.fay.act('approveIssueRefund', { approvalId })).userErrors).toMatchObject([
      { code: 'APPROVAL_NOT_PENDING' },
    ])
    expect((await read(approvalId)).timeline.nodes.map((event: Json) => event.type)).toEqual([
      'ApprovalRejected',
      'ApprovalRequested',
    ])
  })

  test('are taken back by who asked alone', async () => {
    const { approvalId } = await ask('a4')
    expect((await people.fay.act('withdrawApproval', { approvalId })).userErrors).toMatchObject([
      { code: 'NOT_REQUESTER' },
    ])
    expect(await people.sam.act('withdrawApproval', { approvalId }, 'approval { state }')).toMatchObject({
      approval: { state: 'WITHDRAWN' },
    })
    expect((await people.sam.act('withdrawApproval', { approvalId })).userErrors).toMatchObject([
      { code: 'APPROVAL_NOT_PENDING' },
    ])
  })
})

describe('decision', () => {
  const decide = async (who: typeof people.sam, action: string, target?: string, input?: Json) =>
    (
      await who.ask(
        `query ($action: String!, $target: ID, $input: JSONObject) { decision(action: $action, target: $target, input: $input) {
          effect reasons { code field } requiresOneOf approvers reasonCodes { code } idempotencyKeyRequired
          limits { scope policy policyVersion currency limit used asked remaining } } }`,
        { action, target, input },
      )
    ).decision

  test('says the same as the action itself, for any sum and person', async () => {
    const orderId = await paidOrder(people.shop, 'd1', usd(900_00))
    await refund(orderId, 60_00)
    const sums = [1_00, 40_00, 40_01, 100_00, 500_00].map(usd)
    for (const who of [people.sam, people.fay, people.cato])
      for (const amount of [...sums, { amount: 1_00, currency: 'JPY' }]) {
        const { effect } = await decide(who, 'issueRefund', orderId, { amount })
        const { data, errors } = await who.send(
          'mutation ($i: IssueRefundInput!) { issueRefund(input: $i) { events { type } userErrors { code } } }',
          { i: { orderId, amount, reason: 'ITEM_DAMAGED', dryRun: true } },
        )
        const type = data?.issueRefund?.events[0]?.type
        if (amount.currency === 'JPY')
          expect(effect).toBe(
            who === people.fay ? 'ALLOW' : who === people.sam ? 'ALLOW_WITH_APPROVAL' : 'DENY',
          )
        else
          expect({ who: who.id, amount, effect }).toEqual({
            who: who.id,
            amount,
            effect: errors ? 'DENY' : type === 'ApprovalRequested' ? 'ALLOW_WITH_APPROVAL' : 'ALLOW',
          })
      }
  })

  test('says what it takes, and what is left of a limit', async () => {
    const orderId = await paidOrder(people.shop, 'd2', usd(900_00))
    await refund(orderId, 60_00)
    expect(await decide(people.sam, 'issueRefund', undefined, { orderId, amount: usd(41_00) })).toMatchObject(
      {
        effect: 'ALLOW_WITH_APPROVAL',
        reasons: [{ code: 'APPROVAL_REQUIRED' }],
        approvers: ['FINANCE_ADMIN', 'SUPER_ADMIN'],
        idempotencyKeyRequired: true,
        limits: [
          {
            scope: 'PER_REFUND',
            policy: 'refund.limit.SUPPORT_AGENT',
            policyVersion: 0,
            ...{ currency: 'USD', limit: 100_00, used: 0, asked: 41_00, remaining: 100_00 },
          },
          {
            scope: 'PER_ORDER_CUMULATIVE',
            policy: 'refund.limit.SUPPORT_AGENT',
            ...{ currency: 'USD', limit: 100_00, used: 60_00, asked: 41_00, remaining: 40_00 },
          },
          {
            scope: 'PER_AGENT_ROLLING_24H',
            policy: 'refund.limit.perAgentDay',
            ...{ currency: 'USD', limit: 500_00, asked: 41_00 },
          },
        ],
      },
    )
    expect(await decide(people.sam, 'issueRefund', orderId)).toMatchObject({
      effect: 'ALLOW',
      reasons: [{ code: 'INPUT_MISSING', field: 'amount' }],
      limits: [
        { scope: 'PER_REFUND', remaining: 100_00, asked: 0 },
        { scope: 'PER_ORDER_CUMULATIVE', currency: 'USD', remaining: 40_00, asked: 0 },
        { scope: 'PER_AGENT_ROLLING_24H', asked: 0 },
      ],
    })
  })

  test('names the roles that may, and does not know what does not exist', async () => {
    const denied = await decide(people.cato, 'issueRefund')
    expect(denied).toMatchObject({ effect: 'DENY', reasons: [{ code: 'ROLE_MISSING' }], limits: [] })
    expect(denied.requiresOneOf).toContain('FINANCE_ADMIN')
    expect(await decide(people.ada, 'noSuchThing')).toMatchObject({
      effect: 'DENY',
      reasons: [{ code: 'UNKNOWN_ACTION' }],
    })
  })

  test('answers up to a hundred questions in order', async () => {
    const { decisions } = await people.sam.ask(
      'query ($r: [DecisionRequest!]!) { decisions(requests: $r) { action effect } }',
      {
        r: [{ action: 'cancelOrder' }, { action: 'nothing' }],
      },
    )
    expect(decisions).toEqual([
      { action: 'cancelOrder', effect: 'ALLOW' },
      { action: 'nothing', effect: 'DENY' },
    ])
  })
})

describe('operations', () => {
  test('the log proves itself, and says how far that reaches', async () => {
    const { verifyAuditLog } = await people.aldo.ask(
      '{ verifyAuditLog { intact trust findings { kind message } events checkpoints } }',
    )
    expect(verifyAuditLog).toMatchObject({ intact: true, findings: [] })
    expect(verifyAuditLog.trust).not.toBe('CHAIN_ONLY')
    expect(verifyAuditLog.events).toBeGreaterThan(0)
  })

  test('who follows the log is known, and nothing was given up', async () => {
    const { consumers, deadLetters } = await people.ada.ask(
      '{ consumers { name kind lag parked } deadLetters { id } }',
    )
    expect(consumers).toContainEqual(
      expect.objectContaining({ name: 'expire-approvals', kind: 'REACTION', parked: 0 }),
    )
    expect(deadLetters).toEqual([])
    expect(
      (await people.ada.act('retryReaction', { jobId: 'job_999999', reason: 'OTHER' })).userErrors,
    ).toMatchObject([{ code: 'NOT_FOUND' }])
  })
})
