import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { idOf, type Json, paidOrder, usd, World } from '../kit/world.js'
import { ClaimDesk } from './desk.js'

const refusals = (answers: readonly Json[]) => answers.flatMap(({ userErrors }) => userErrors)

/** E40, E49 to E54: claims from open to close, with every refusal and every race. */
describe('claims', () => {
  let world: World
  let desk: ClaimDesk
  let people: ClaimDesk['people']

  beforeAll(async () => {
    world = await World.open('claims')
    people = await world.people()
    desk = new ClaimDesk(world, people)
  })
  afterAll(() => world?.close())

  describe('opening', () => {
    test('support, leads, risk and finance open one, about all that is left unless they say how much', async () => {
      for (const [at, who] of [people.sam, people.lea, people.rita, people.fay].entries()) {
        const orderId = await paidOrder(people.shop, `o${at}`)
        const { claim, userErrors } = await desk.open(who, orderId)
        expect(userErrors).toEqual([])
        expect(claim).toMatchObject({
          status: 'OPEN',
          kind: 'DAMAGED',
          amount: usd(150_00),
          summary: 'It came in pieces.',
          checklist: [],
          sla: { metric: 'FIRST_RESPONSE', state: 'RUNNING' },
        })
      }
      const orderId = await paidOrder(people.shop, 'o-part')
      expect((await desk.open(people.sam, orderId, { amount: usd(20_00) })).claim.amount).toEqual(usd(20_00))
    })

    test('takes a role', async () => {
      const orderId = await paidOrder(people.shop, 'o-role')
      const document = `mutation ($i: OpenClaimInput!) { openClaim(input: $i) { claim { id } } }`
      for (const who of [people.cato, people.aldo, people.shop]) {
        const { errors } = await who.send(document, { i: { orderId, kind: 'OTHER', summary: 'x' } })
        expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
      }
      const within = `mutation ($i: OpenClaimWithinInput!) { openClaimWithin(input: $i) { claim { id } } }`
      const { errors } = await people.ada.send(within, { i: { orderId, kind: 'OTHER' } })
      expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
    })

    test('shows on the order, and on the timelines of all whom it concerns', async () => {
      const { orderId, claimId } = await desk.opened('o-links')
      const [claim] = await desk.claimsOf(orderId)
      expect(claim).toMatchObject({
        id: claimId,
        openedById: people.sam.id,
        order: { id: orderId },
        buyer: { id: idOf('usr', 'buyer-1') },
        seller: { id: idOf('org', 'seller-1') },
        owed: null,
        refunds: { nodes: [] },
      })
      const [opened] = await desk.events(claimId, 'ClaimOpened')
      expect(opened!.refs).toEqual(
        expect.arrayContaining([orderId, idOf('usr', 'buyer-1'), idOf('org', 'seller-1')]),
      )
      expect(opened!.payload).not.toHaveProperty('summary')
    })

    test('is refused with code, field and facts', async () => {
      const orderId = await paidOrder(people.shop, 'o-bad')
      const cases: [Json, Json][] = [
        [{ amount: usd(0) }, { code: 'NOT_POSITIVE', field: 'amount' }],
        [{ amount: usd(-1) }, { code: 'NOT_POSITIVE', field: 'amount' }],
        [
          { amount: { amount: 1, currency: 'EUR' } },
          { code: 'CURRENCY_MISMATCH', field: 'amount', facts: { currency: 'USD' } },
        ],
        [
          { amount: usd(150_01) },
          { code: 'REFUND_EXCEEDS_PAYMENT', field: 'amount', facts: { refundable: usd(150_00) } },
        ],
        [{ orderId: 'ord_nothing' }, { code: 'NOT_FOUND', field: 'orderId' }],
        [{ summary: ' ' }, { code: 'INVALID', field: 'summary' }],
      ]
      for (const [input, error] of cases)
        expect((await desk.open(people.sam, orderId, input)).userErrors).toMatchObject([error])
      expect(await desk.claimsOf(orderId)).toEqual([])
    })

    test('is refused when nothing was paid, or nothing is left', async () => {
      const unpaid = await paidOrder(people.shop, 'o-unpaid', usd(150_00), {
        payment: { externalId: 'p-o-unpaid', amount: usd(150_00), status: 'PENDING' },
      })
      expect((await desk.open(people.sam, unpaid)).userErrors).toMatchObject([{ code: 'NOT_PAID' }])
      const canceled = await paidOrder(people.shop, 'o-canceled')
      await people.sam.act('cancelOrder', { orderId: canceled, reason: 'BUYER_REQUEST' })
      await desk.refund(people.fay, canceled, 150_00)
      expect((await desk.open(people.sam, canceled)).userErrors).toMatchObject([
        { code: 'INVALID_STATE', field: 'orderId', facts: { refundable: usd(0) } },
      ])
    })

    test('is about what is left after refunds', async () => {
      const orderId = await paidOrder(people.shop, 'o-left')
      await desk.refund(people.fay, orderId, 100_00)
      expect((await desk.open(people.sam, orderId, { amount: usd(50_01) })).userErrors).toMatchObject([
        { code: 'REFUND_EXCEEDS_PAYMENT', facts: { refundable: usd(50_00) } },
      ])
      expect((await desk.open(people.sam, orderId)).claim.amount).toEqual(usd(50_00))
    })

    test('twelve at once make one claim, and eleven learn which', async () => {
      const orderId = await paidOrder(people.shop, 'o-race')
      const all = await Promise.all(
        Array.from({ length: 12 }, (_, at) =>
          desk.open([people.sam, people.lea, people.rita, people.fay][at % 4]!, orderId, {
            kind: at % 2 ? 'DAMAGED' : 'NOT_RECEIVED',
          }),
        ),
      )
      const made = all.filter(({ claim }) => claim)
      expect(made).toHaveLength(1)
      const claimId = made[0]!.claim.id
      expect(refusals(all)).toHaveLength(11)
      for (const error of refusals(all))
        expect(error).toMatchObject({ code: 'ALREADY_EXISTS', field: 'orderId', facts: { claimId } })
      expect(await desk.claimsOf(orderId)).toHaveLength(1)
    })

    test('a dry run opens nothing, and a key makes it once', async () => {
      const orderId = await paidOrder(people.shop, 'o-dry')
      const dry = await desk.open(people.sam, orderId, { dryRun: true })
      expect(dry).toMatchObject({ dryRun: true, userErrors: [] })
      expect(dry.events[0]).toMatchObject({ type: 'ClaimOpened', id: null })
      expect(await desk.claimsOf(orderId)).toEqual([])
      const [first, second] = await Promise.all([
        desk.open(people.sam, orderId, { idempotencyKey: 'claim-once' }),
        desk.open(people.sam, orderId, { idempotencyKey: 'claim-once' }),
      ])
      expect(first.claim.id).toBe(second.claim.id)
      expect([first.replayed, second.replayed].sort()).toEqual([false, true])
    })

    test('another one can be opened when the first was decided', async () => {
      const { orderId, claimId } = await desk.opened('o-again')
      await desk.resolve(people.sam, claimId, { outcome: 'WITHDRAWN', reason: 'BUYER_WITHDREW' })
      const { claim, userErrors } = await desk.open(people.sam, orderId)
      expect(userErrors).toEqual([])
      expect(claim.id).not.toBe(claimId)
    })
  })

  describe('evidence', () => {
    test('the status follows from who has to bring something', async () => {
      const { claimId } = await desk.opened('e-status')
      const status = async () => (await desk.claim(claimId)).status
      const first = (await desk.ask(people.sam, claimId)).claim.checklist[0]
      expect(await status()).toBe('AWAITING_BUYER')
      const dueAt = new Date(world.now.getTime() + 60_000).toISOString()
      const urgent = (await desk.ask(people.rita, claimId, { from: 'SELLER', kind: 'TRACKING', dueAt })).claim
        .checklist[1]
      expect(await status()).toBe('AWAITING_SELLER')
      await desk.satisfy(people.sam, claimId, urgent.id)
      expect(await status()).toBe('AWAITING_BUYER')
      const carrier = await desk.ask(people.sam, claimId, { from: 'CARRIER', kind: 'PROOF_OF_DELIVERY' })
      expect(carrier.claim.status).toBe('AWAITING_BUYER')
      await people.sam.act('waiveEvidence', { claimId, requirementId: first.id, reason: 'NOT_NEEDED' })
      expect(await status()).toBe('UNDER_REVIEW')
      await desk.satisfy(people.sam, claimId, carrier.claim.checklist[2].id)
      expect(await desk.claim(claimId)).toMatchObject({
        status: 'UNDER_REVIEW',
        dueAt: null,
        sla: { metric: 'EVIDENCE', state: 'MET' },
        slas: [{ metric: 'FIRST_RESPONSE', state: 'MET' }, { metric: 'EVIDENCE' }],
        checklist: [{ state: 'WAIVED' }, { state: 'SATISFIED' }, { state: 'SATISFIED' }],
      })
    })

    test('keeps what was asked and what was brought', async () => {
      const { claimId, orderId } = await desk.opened('e-words')
      const asked = (await desk.ask(people.sam, claimId, { from: 'SELLER', kind: 'OTHER' })).claim
      expect(asked.checklist).toMatchObject([
        {
          from: 'SELLER',
          kind: 'OTHER',
          state: 'REQUESTED',
          instructions: 'Please send a picture.',
          evidence: [],
        },
      ])
      const { id } = asked.checklist[0]
      const evidence = [orderId, 'https://pictures.example/2.jpg', orderId]
      const { claim } = await desk.satisfy(people.fay, claimId, id, { evidence })
      expect(claim.checklist).toMatchObject([
        {
          id,
          state: 'SATISFIED',
          instructions: 'Please send a picture.',
          evidence: [orderId, 'https://pictures.example/2.jpg'],
          description: 'The box is crushed.',
          satisfiedAt: expect.any(String),
        },
      ])
      const [request] = await desk.events(claimId, 'EvidenceRequested')
      expect(request!.payload).not.toHaveProperty('instructions')
    })

    test('buyer and seller are told; nobody tells carriers', async () => {
      const { claimId, orderId } = await desk.opened('e-told')
      await desk.ask(people.sam, claimId)
      await desk.ask(people.sam, claimId, { from: 'SELLER' })
      await desk.ask(people.sam, claimId, { from: 'CARRIER' })
      const told = await desk.events(claimId, 'NotificationRequested')
      expect(told.map(({ payload }) => payload)).toMatchObject([
        { recipientId: idOf('usr', 'buyer-1'), template: 'CLAIM_OPENED', about: [claimId, orderId] },
        { recipientId: idOf('org', 'seller-1'), template: 'CLAIM_OPENED', about: [claimId, orderId] },
        { recipientId: idOf('usr', 'buyer-1'), template: 'EVIDENCE_WANTED', about: [claimId, orderId] },
        { recipientId: idOf('org', 'seller-1'), template: 'EVIDENCE_WANTED', about: [claimId, orderId] },
      ])
    })

    test('is refused with code, field and facts', async () => {
      const { claimId } = await desk.opened('e-bad')
      const past = new Date(world.now.getTime() - 1_000).toISOString()
      expect((await desk.ask(people.sam, claimId, { dueAt: past })).userErrors).toMatchObject([
        { code: 'INVALID', field: 'dueAt' },
      ])
      expect((await desk.ask(people.sam, 'clm_nothing')).userErrors).toMatchObject([
        { code: 'NOT_FOUND', field: 'claimId' },
      ])
      const { id } = (await desk.ask(people.sam, claimId)).claim.checklist[0]
      const cases: [string, Json, Json][] = [
        ['evr_nothing', {}, { code: 'NOT_FOUND', field: 'requirementId' }],
        [id, { evidence: [], description: null }, { code: 'INVALID', field: 'evidence' }],
        [
          id,
          { evidence: ['javascript:alert(1)'] },
          { code: 'UNKNOWN_REFERENCE', field: 'evidence', facts: { unknown: ['javascript:alert(1)'] } },
        ],
        [id, { evidence: ['http://plain.example'] }, { code: 'UNKNOWN_REFERENCE' }],
        [id, { evidence: ['ord_nothing'] }, { code: 'UNKNOWN_REFERENCE' }],
      ]
      for (const [requirementId, input, error] of cases)
        expect((await desk.satisfy(people.sam, claimId, requirementId, input)).userErrors).toMatchObject([
          error,
        ])
      await desk.satisfy(people.sam, claimId, id)
      expect((await desk.satisfy(people.sam, claimId, id)).userErrors).toMatchObject([
        { code: 'INVALID_STATE', field: 'requirementId', facts: { state: 'SATISFIED' } },
      ])
      const waived = await people.sam.act('waiveEvidence', {
        claimId,
        requirementId: id,
        reason: 'NOT_NEEDED',
      })
      expect(waived.userErrors).toMatchObject([{ code: 'INVALID_STATE' }])
      await desk.resolve(people.sam, claimId)
      expect((await desk.ask(people.sam, claimId)).userErrors).toMatchObject([
        { code: 'INVALID_STATE', field: 'claimId', facts: { status: 'RESOLVED' } },
      ])
    })

    test('twelve who bring the same at once: one is noted', async () => {
      const { claimId } = await desk.opened('e-race')
      const { id } = (await desk.ask(people.sam, claimId)).claim.checklist[0]
      const all = await Promise.all(Array.from({ length: 12 }, () => desk.satisfy(people.sam, claimId, id)))
      expect(refusals(all)).toHaveLength(11)
      for (const error of refusals(all)) expect(error).toMatchObject({ code: 'INVALID_STATE' })
      expect(await desk.events(claimId, 'EvidenceSatisfied')).toHaveLength(1)
    })
  })

  describe('notes', () => {
    const note = (claimId: string, input: Json) =>
      people.sam.act(
        'addClaimNote',
        { claimId, ...input },
        'claim { sla { state } } note { id body visibility }',
      )

    test('say for whom they are; what is for the parties answers the claim', async () => {
      const { claimId } = await desk.opened('n1')
      const inner = await note(claimId, { visibility: 'INTERNAL', body: 'Seems odd.' })
      expect(inner).toMatchObject({
        claim: { sla: { state: 'RUNNING' } },
        note: { id: expect.stringMatching(/^cln_/), body: 'Seems odd.', visibility: 'INTERNAL' },
      })
      const told = async () =>
        (await desk.events(claimId, 'NotificationRequested')).map(({ payload }) => payload.template).slice(2)
      expect(await told()).toEqual([])
      const outer = await note(claimId, { visibility: 'PARTIES', body: 'We look into it.' })
      expect(outer.claim.sla.state).toBe('MET')
      expect(await told()).toEqual(['CLAIM_ANSWERED', 'CLAIM_ANSWERED'])
      expect((await desk.claim(claimId)).notes).toMatchObject({
        totalCount: 2,
        nodes: [
          { body: 'We look into it.', visibility: 'PARTIES', authorId: people.sam.id },
          { body: 'Seems odd.', visibility: 'INTERNAL' },
        ],
      })
    })

    test('have no default: whoever forgets to say for whom is told so', async () => {
      const { claimId } = await desk.opened('n2')
      const { errors } = await people.sam.send(
        'mutation ($i: AddClaimNoteInput!) { addClaimNote(input: $i) { claim { id } } }',
        { i: { claimId, body: 'Which?' } },
      )
      expect(errors).toHaveLength(1)
      expect((await note('clm_nothing', { visibility: 'INTERNAL', body: 'x' })).userErrors).toMatchObject([
        { code: 'NOT_FOUND', field: 'claimId' },
      ])
    })
  })

  describe('deciding', () => {
    test('for the buyer all of it is owed, for the seller nothing, in between what is said', async () => {
      const decided = async (external: string, input: Json) => {
        const { claimId } = await desk.opened(external)
        const { claim, userErrors } = await desk.resolve(people.sam, claimId, input)
        expect(userErrors).toEqual([])
        expect(claim).toMatchObject({ status: 'RESOLVED', dueAt: null, outcome: input.outcome })
        const { owed, statement, resolvedReasonCode } = await desk.claim(claimId)
        expect({ statement, resolvedReasonCode }).toEqual({
          statement: 'The pictures show it.',
          resolvedReasonCode: 'EVIDENCE_FOR_BUYER',
        })
        return owed.amount
      }
      expect(await decided('d-buyer', { outcome: 'BUYER' })).toBe(150_00)
      expect(await decided('d-seller', { outcome: 'SELLER' })).toBe(0)
      expect(await decided('d-withdrawn', { outcome: 'WITHDRAWN' })).toBe(0)
      expect(await decided('d-split', { outcome: 'SPLIT', buyerAmount: usd(40_01) })).toBe(40_01)
    })

    test('is refused with code, field and facts', async () => {
      const { claimId } = await desk.opened('d-bad', { amount: usd(100_00) })
      const cases: [Json, Json][] = [
        [{ outcome: 'SPLIT' }, { code: 'INVALID', field: 'buyerAmount' }],
        [
          { outcome: 'SPLIT', buyerAmount: usd(0) },
          { code: 'NOT_POSITIVE', field: 'buyerAmount' },
        ],
        [
          { outcome: 'SPLIT', buyerAmount: { amount: 1, currency: 'EUR' } },
          { code: 'CURRENCY_MISMATCH', facts: { currency: 'USD' } },
        ],
        [
          { outcome: 'SPLIT', buyerAmount: usd(100_01) },
          { code: 'EXCEEDS_CLAIM', field: 'buyerAmount', facts: { amount: usd(100_00) } },
        ],
        [
          { outcome: 'SELLER', buyerAmount: usd(1) },
          { code: 'INVALID', field: 'buyerAmount' },
        ],
        [{ claimId: 'clm_nothing' }, { code: 'NOT_FOUND', field: 'claimId' }],
        [{ expectedVersion: 7 }, { code: 'CONFLICT', field: 'expectedVersion' }],
      ]
      for (const [input, error] of cases)
        expect((await desk.resolve(people.sam, claimId, input)).userErrors).toMatchObject([error])
      expect((await desk.claim(claimId)).status).toBe('OPEN')
    })

    test('twelve who decide at once: one wins, the parties are told once', async () => {
      const { claimId } = await desk.opened('d-race')
      const all = await Promise.all(
        Array.from({ length: 12 }, (_, at) =>
          desk.resolve(people.sam, claimId, { outcome: at % 2 ? 'BUYER' : 'SELLER' }),
        ),
      )
      expect(all.filter(({ userErrors }) => userErrors.length === 0)).toHaveLength(1)
      for (const error of refusals(all))
        expect(error).toMatchObject({
          code: 'INVALID_STATE',
          field: 'claimId',
          facts: { status: 'RESOLVED' },
        })
      expect(await desk.events(claimId, 'ClaimResolved')).toHaveLength(1)
      const told = await desk.events(claimId, 'NotificationRequested')
      expect(told.map(({ payload }) => payload.template).slice(2)).toEqual([
        'CLAIM_RESOLVED',
        'CLAIM_RESOLVED',
      ])
    })

    test('closes only when decided and nothing is owed', async () => {
      const { claimId } = await desk.opened('d-close')
      expect((await desk.close(people.sam, claimId)).userErrors).toMatchObject([
        { code: 'INVALID_STATE', facts: { status: 'OPEN' } },
      ])
      await desk.resolve(people.sam, claimId)
      expect((await desk.close(people.sam, claimId)).userErrors).toMatchObject([
        { code: 'INVALID_STATE', facts: { status: 'RESOLVED', owed: usd(150_00) } },
      ])
      const { claimId: nothing } = await desk.opened('d-close2')
      await desk.resolve(people.sam, nothing, { outcome: 'SELLER' })
      const all = await Promise.all(Array.from({ length: 12 }, () => desk.close(people.sam, nothing)))
      expect(refusals(all).map(({ code }) => code)).toEqual(Array(11).fill('INVALID_STATE'))
      expect(await desk.claim(nothing)).toMatchObject({ status: 'CLOSED', closedAt: expect.any(String) })
    })
  })

  describe('refunds for a claim', () => {
    const decided = async (external: string, amount: number) => {
      const opened = await desk.opened(external)
      await desk.resolve(people.sam, opened.claimId, { outcome: 'SPLIT', buyerAmount: usd(amount) })
      return opened
    }

    test('show on it, and lessen what is owed', async () => {
      const { claimId, orderId } = await decided('r1', 60_00)
      const { refund, userErrors } = await desk.refund(people.sam, orderId, 25_00, { claimId })
      expect({ claimId: refund.claimId, userErrors }).toEqual({ claimId, userErrors: [] })
      const claim = await desk.claim(claimId)
      expect(claim).toMatchObject({
        owed: usd(35_00),
        refunds: { nodes: [{ id: refund.id, amount: { amount: 25_00 } }] },
      })
      expect(claim.timeline.nodes.map(({ type }: Json) => type)).toContain('RefundIssued')
    })

    test('are refused when the claim is closed, is unknown, is about another order, or less is owed', async () => {
      const { claimId, orderId } = await decided('r2', 10_00)
      const other = await paidOrder(people.shop, 'r2-other')
      const wrong = async (amount: number, input: Json = {}) =>
        (await desk.refund(people.fay, orderId, amount, { claimId, ...input })).userErrors
      expect(await wrong(10_01)).toMatchObject([
        { code: 'EXCEEDS_CLAIM', field: 'amount', facts: { owed: usd(10_00) } },
      ])
      expect(await wrong(1, { claimId: 'clm_nothing' })).toMatchObject([
        { code: 'NOT_FOUND', field: 'claimId' },
      ])
      expect(await wrong(1, { orderId: other })).toMatchObject([
        { code: 'INVALID', field: 'claimId', facts: { orderId } },
      ])
      expect(await wrong(10_00)).toEqual([])
      expect((await desk.close(people.sam, claimId)).userErrors).toEqual([])
      expect(await wrong(1)).toMatchObject([
        { code: 'INVALID_STATE', field: 'claimId', facts: { status: 'CLOSED' } },
      ])
    })

    test('a claim that was closed meanwhile stops a refund that waited for approval', async () => {
      const { claimId, orderId } = await desk.opened('r3')
      const { approval } = await desk.refund(people.sam, orderId, 120_00, { claimId })
      await desk.resolve(people.sam, claimId, { outcome: 'SELLER' })
      await desk.close(people.sam, claimId)
      const { userErrors } = await people.fay.act('approveIssueRefund', { approvalId: approval.id })
      expect(userErrors).toMatchObject([{ code: 'INVALID_STATE', facts: { status: 'CLOSED' } }])
    })

    test('twelve at once give what is owed once, while others decide, note and close', async () => {
      const { claimId, orderId } = await decided('r4', 20_00)
      const all = await Promise.all([
        ...Array.from({ length: 12 }, () => desk.refund(people.fay, orderId, 20_00, { claimId })),
        ...Array.from({ length: 4 }, () => desk.close(people.sam, claimId)),
        ...Array.from({ length: 4 }, () =>
          people.sam.act('addClaimNote', { claimId, visibility: 'INTERNAL', body: 'Now.' }),
        ),
        ...Array.from({ length: 4 }, () => desk.open(people.sam, orderId)),
      ])
      expect(all.slice(0, 12).filter(({ refund }) => refund)).toHaveLength(1)
      for (const error of refusals(all.slice(0, 12)))
        expect(['EXCEEDS_CLAIM', 'INVALID_STATE']).toContain(error.code)
      expect(await desk.claim(claimId)).toMatchObject({ owed: usd(0), refunds: { nodes: [{}] } })
      expect(await desk.events(orderId, 'RefundIssued')).toHaveLength(1)
    })
  })

  describe('the queue', () => {
    const queue = async (filter: Json, order = 'DUE_ASC', first = 100) =>
      (
        await people.aldo.ask(
          `query ($filter: ClaimFilter, $order: ClaimOrder!, $first: Int!) { claims(filter: $filter, order: $order, first: $first)
            { totalCount nodes { id status dueAt } pageInfo { hasNextPage endCursor } } }`,
          { filter, order, first },
        )
      ).claims

    test('brings what is due first, page by page, and what is decided last', async () => {
      const { totalCount, nodes } = await queue({})
      expect(nodes).toHaveLength(totalCount)
      const over = nodes.map(({ status }: Json) => ['RESOLVED', 'CLOSED'].includes(status))
      expect(over).toEqual([...over].sort())
      const due = nodes.map(({ dueAt }: Json) => dueAt).filter(Boolean)
      expect(due).toEqual([...due].sort())
      const seen: string[] = []
      for (let after: string | null = null; ; ) {
        const { claims } = await people.aldo.ask(
          'query ($after: String) { claims(first: 7, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }',
          { after },
        )
        seen.push(...claims.nodes.map(({ id }: Json) => id))
        after = claims.pageInfo.endCursor
        if (!claims.pageInfo.hasNextPage) break
      }
      expect(seen).toEqual(nodes.map(({ id }: Json) => id))
    })

    test('is narrowed by status, kind, order and lateness', async () => {
      const { orderId, claimId } = await desk.opened('q1', { kind: 'UNAUTHORIZED' })
      const ids = async (filter: Json) => (await queue(filter)).nodes.map(({ id }: Json) => id)
      expect(await ids({ kind: 'UNAUTHORIZED', status: 'OPEN' })).toEqual([claimId])
      expect(await ids({ orderId })).toEqual([claimId])
      expect(await ids({ orderId, status: 'RESOLVED' })).toEqual([])
      expect(await ids({ orderId, overdue: true })).toEqual([])
      expect(await ids({ orderId, overdue: false })).toEqual([claimId])
      expect((await queue({}, 'NEWEST', 1)).nodes[0].id).toBe(claimId)
    })

    test('is not for customers', async () => {
      const members = [{ user: 'buyer-1', role: 'OWNER' }]
      await people.shop.record('organizations', [
        { source: 'shop', externalId: 'seller-1', name: 'Lamps', members },
      ])
      const requester = await world.person(idOf('usr', 'buyer-1'))
      const { claimId } = await desk.opened('q2')
      const { data } = await requester.send('query ($id: ID!) { node(id: $id) { id } }', { id: claimId })
      expect(data?.node ?? null).toBeNull()
      const { errors } = await requester.send('{ claims { totalCount } }')
      expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
    })
  })

  describe('in the end', () => {
    test('every row follows from the events', async () => {
      await desk.settled()
      expect((await world.sql('select count(*)::int as n from orders.claim'))[0]!.n).toBeGreaterThan(20)
      const { code, said } = await world.command('rebuild')
      expect({ code, said }).toMatchObject({ code: 0 })
    })
  })
})
