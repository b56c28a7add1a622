import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Json, type Person, paidOrder, until, World } from '../kit/world.js'
import { Desk, STORE_SLUG } from './desk.js'

const HANDOFF = `handoff { id status workspace route storeSlug platformWide entityIds nextAction nextActionName missing
  observed { at what source } auditSlices { id digest isIntact } evidenceIds sender { id } decidedBy { id } decisionNote }`

/** A3, A19, A23 to A27, C3, E5. */
describe('handovers, slices, macros, many at once', () => {
  let world: World
  let desk: Desk
  let orderId: string
  let ticketId: string
  let sliceId: string

  beforeAll(async () => {
    world = await World.open('desk_handover')
    desk = await Desk.at(world)
    orderId = await paidOrder(desk.people.shop, 'handed')
    ticketId = await desk.ticket({ linkedEntityIds: [orderId] })
    const { auditSlice, userErrors } = await desk.people.sam.act(
      'createAuditSlice',
      { filter: { references: [ticketId] }, attachTo: ticketId },
      'auditSlice { id }',
    )
    expect(userErrors).toEqual([])
    sliceId = auditSlice.id
  })
  afterAll(() => world?.close())

  const whole = (more: Json = {}): Json => ({
    workspace: 'RISK',
    ticketId,
    route: '/orders/handed',
    storeSlug: STORE_SLUG,
    entityIds: [orderId],
    timeline: [
      { at: '2026-03-02T10:05:00Z', what: 'Paid again.', source: 'the customer' },
      { at: '2026-03-02T10:00:00Z', what: 'Paid.', source: 'the log' },
    ],
    auditSliceIds: [sliceId],
    nextAction: 'Look at the buyer.',
    nextActionName: 'raiseRiskFlag',
    ...more,
  })
  const handed = async (more: Json = {}, who: Person = desk.people.sam): Promise<string> => {
    const { handoff, userErrors } = await who.act('createHandoff', whole(more), HANDOFF)
    expect(userErrors).toEqual([])
    return handoff.id
  }

  describe('handovers', () => {
    test('carry all that is needed', async () => {
      const { handoff } = await desk.people.sam.act('createHandoff', whole(), HANDOFF)
      expect(handoff).toMatchObject({
        status: 'OPEN',
        workspace: 'RISK',
        route: '/orders/handed',
        storeSlug: STORE_SLUG,
        observed: [{ what: 'Paid.' }, { what: 'Paid again.' }],
        auditSlices: [{ id: sliceId, isIntact: true }],
        sender: { id: desk.people.sam.id },
        missing: [],
      })
      expect(
        await handed({ platformWide: true, storeSlug: null, auditSliceIds: null, evidenceIds: [ticketId] }),
      ).toMatch(/^hof_/)
    })

    test('are refused with all that is missing, each by name', async () => {
      const refusedFor = async (more: Json) => desk.refused(desk.people.sam, 'createHandoff', whole(more))
      expect(await desk.refused(desk.people.sam, 'createHandoff', { workspace: 'RISK' })).toMatchObject({
        code: 'HANDOFF_INCOMPLETE',
        field: 'route',
        facts: { missing: ['route', 'storeSlug', 'entityIds', 'timeline', 'evidence', 'nextAction'] },
      })
      for (const [more, missing] of [
        [{ route: 'orders' }, 'route'],
        [{ route: ' ' }, 'route'],
        [{ storeSlug: ' ' }, 'storeSlug'],
        [{ entityIds: [] }, 'entityIds'],
        [{ timeline: [] }, 'timeline'],
        [{ timeline: [{ at: '2026-03-02T10:00:00Z', what: ' ', source: 'x' }] }, 'timeline'],
        [{ auditSliceIds: [], evidenceIds: [] }, 'evidence'],
        [{ nextAction: '' }, 'nextAction'],
      ] as [Json, string][])
        expect(await refusedFor(more)).toMatchObject({
          code: 'HANDOFF_INCOMPLETE',
          facts: { missing: [missing] },
        })
      for (const [more, error] of [
        [{ entityIds: ['ord_none'] }, { code: 'UNKNOWN_REFERENCE', field: 'entityIds' }],
        [{ evidenceIds: ['att_none'] }, { code: 'UNKNOWN_REFERENCE', field: 'evidenceIds' }],
        [{ auditSliceIds: [ticketId] }, { code: 'INVALID', field: 'auditSliceIds' }],
        [{ storeSlug: 'nowhere' }, { code: 'UNKNOWN_REFERENCE', field: 'storeSlug' }],
        [{ ticketId: 'tkt_none' }, { code: 'UNKNOWN_REFERENCE', field: 'ticketId' }],
        [{ queueId: 'que_none' }, { code: 'UNKNOWN_REFERENCE', field: 'queueId' }],
        [{ queueId: 'que_trust' }, { code: 'INVALID', field: 'workspace', facts: { workspace: 'TRUST' } }],
        [{ workspace: null }, { code: 'INVALID', field: 'workspace' }],
        [{ nextActionName: 'doMagic' }, { code: 'UNKNOWN_REFERENCE', field: 'nextActionName' }],
        [
          { nextActionName: 'adjustLedger' },
          { code: 'RECIPIENT_MAY_NOT', facts: { recipients: ['RISK_AGENT'], handOff: null } },
        ],
        [
          { workspace: 'TRIAGE', nextActionName: 'applyPayoutHold' },
          { code: 'RECIPIENT_MAY_NOT', facts: { handOff: 'requestPayoutHold' } },
        ],
        [{ nextActionName: 'wakeTicket' }, { code: 'RECIPIENT_MAY_NOT', field: 'nextActionName' }],
        [
          { timeline: [{ at: '2099-01-01T00:00:00Z', what: 'x', source: 'x' }] },
          { code: 'INVALID', field: 'timeline.0.at' },
        ],
      ] as [Json, Json][])
        expect(await refusedFor(more)).toMatchObject(error)
      for (const who of [desk.rico, desk.people.aldo, desk.people.shop])
        expect(await desk.forbidden(who, 'createHandoff', whole())).toEqual(['FORBIDDEN'])
    })

    test('an id of what the sender may not read is as unknown as any other', async () => {
      const { legalCommunication } = await desk.people.lea.act(
        'recordLegalCommunication',
        { kind: 'NOTICE', parties: ['Court'], receivedAt: world.now.toISOString() },
        'legalCommunication { id }',
      )
      const input = whole({ entityIds: [legalCommunication.id] })
      expect(await desk.refused(desk.people.sam, 'createHandoff', input)).toMatchObject({
        code: 'UNKNOWN_REFERENCE',
      })
      expect((await desk.people.lea.act('createHandoff', input)).userErrors).toEqual([])
    })

    test('are taken over by one of those they are for, never by who sent them', async () => {
      const handoffId = await handed()
      const { rita, rolf, fay, ada, sam } = desk.people
      expect(await desk.refused(fay, 'acceptHandoff', { handoffId })).toMatchObject({
        code: 'NOT_RECIPIENT',
        facts: { workspace: 'RISK' },
      })
      const own = await handed({}, rita)
      expect(await desk.refused(rita, 'acceptHandoff', { handoffId: own })).toMatchObject({
        code: 'SAME_PERSON',
      })
      expect(await desk.refused(rita, 'acceptHandoff', { handoffId: 'hof_none' })).toMatchObject({
        code: 'NOT_FOUND',
      })
      const crowd = [rita, rolf, ada, desk.people.otto]
      const answers = await Promise.all(crowd.map(who => who.act('acceptHandoff', { handoffId }, HANDOFF)))
      const won = answers.findIndex(({ userErrors }) => userErrors.length === 0)
      expect(answers[won]!.handoff).toMatchObject({ status: 'ACCEPTED', decidedBy: { id: crowd[won]!.id } })
      const lost = answers.flatMap(({ userErrors }) => userErrors)
      expect(lost).toHaveLength(3)
      for (const error of lost)
        expect(error).toMatchObject({ code: 'ALREADY_ASSIGNED', facts: { acceptedById: crowd[won]!.id } })
      expect(await crowd[won]!.act('acceptHandoff', { handoffId })).toMatchObject({
        events: [],
        userErrors: [],
      })
      await until(async () => {
        const told = await world.sql(
          'select title from support.notification where recipient_id = $1 and about_ids @> array[$2]',
          [sam.id, handoffId],
        )
        return told.some(({ title }) => title === 'Your handover was taken over')
      })
    })

    test('are for those who cover the queue, too', async () => {
      const handoffId = await handed({ workspace: null, queueId: 'que_trust' })
      const { lea, rita } = desk.people
      expect(await desk.refused(lea, 'acceptHandoff', { handoffId })).toMatchObject({ code: 'NOT_RECIPIENT' })
      await lea.act('setCoverage', { staffId: lea.id, queueIds: ['que_trust'], categories: [], tags: [] })
      expect((await lea.act('acceptHandoff', { handoffId })).userErrors).toEqual([])
      expect(
        await desk.refused(rita, 'returnHandoff', { handoffId, missing: ['ROUTE'], note: 'x' }),
      ).toMatchObject({
        code: 'ALREADY_ASSIGNED',
      })
    })

    test('name what whoever covers the queue may do, by their roles and what was granted to them', async () => {
      const { ada, lea, finn } = desk.people
      const input = whole({ workspace: null, queueId: 'que_billing', nextActionName: 'setTicketPriority' })
      const sent = () => desk.people.sam.act('createHandoff', input)
      expect((await sent()).userErrors).toMatchObject([
        { code: 'RECIPIENT_MAY_NOT', facts: { recipients: ['FINANCE_ADMIN'] } },
      ])
      const grant = { staffId: finn.id, permission: 'TICKETS_HANDLE', reason: 'COVER' }
      expect((await ada.act('grantPermission', grant)).userErrors).toEqual([])
      expect((await sent()).userErrors).toHaveLength(1)
      // Who may not handle tickets covers none: the grant comes first, and reaches support a moment later.
      const coverage = { staffId: finn.id, queueIds: ['que_billing'], categories: [], tags: [] }
      await until(async () => (await lea.act('setCoverage', coverage)).userErrors.length === 0)
      expect((await sent()).userErrors).toEqual([])
    })

    test('go back with what is missing', async () => {
      const handoffId = await handed()
      const { rita, sam } = desk.people
      const back = { handoffId, missing: ['EVIDENCE', 'TIMELINE'], note: 'No screenshot.' }
      for (const [more, field] of [
        [{ missing: [] }, 'missing'],
        [{ note: null }, 'note'],
      ] as [Json, string][])
        expect(await desk.refused(rita, 'returnHandoff', { ...back, ...more })).toMatchObject({
          code: 'INVALID',
          field,
        })
      const { handoff } = await rita.act('returnHandoff', back, HANDOFF)
      expect(handoff).toMatchObject({
        status: 'RETURNED',
        missing: ['EVIDENCE', 'TIMELINE'],
        decisionNote: 'No screenshot.',
      })
      expect(await desk.refused(rita, 'acceptHandoff', { handoffId })).toMatchObject({
        code: 'INVALID_STATE',
      })
      const { handoffs } = await sam.ask(
        `query ($f: HandoffFilter) { handoffs(filter: $f) { nodes { id } } }`,
        { f: { workspace: 'RISK', status: 'RETURNED', senderId: sam.id } },
      )
      expect(handoffs.nodes).toEqual([{ id: handoffId }])
      const { ticket } = await sam.ask('query ($id: ID!) { ticket(id: $id) { handoffs { nodes { id } } } }', {
        id: ticketId,
      })
      expect(ticket.handoffs.nodes).toContainEqual({ id: handoffId })
    })
  })

  describe('the work goes along', () => {
    const placed = async (id: string): Promise<Json> =>
      (
        await desk.people.sam.ask(
          'query ($id: ID!) { ticket(id: $id) { version queue { id workspace } assignee { id } } }',
          { id },
        )
      ).ticket
    const given = async (more: Json = {}): Promise<{ id: string; handoffId: string }> => {
      const id = await desk.ticket({ linkedEntityIds: [orderId], category: 'BILLING' })
      await desk.people.sam.act('assignTicketToMe', { ticketId: id })
      return { id, handoffId: await handed({ ticketId: id, ...more }) }
    }
    const HISTORY = 'query ($id: ID!) { ticket(id: $id) { history { nodes { kind from to actorId } } } }'

    test('to the queue of whoever takes it over, and to them', async () => {
      const { id, handoffId } = await given({ workspace: 'TRUST' })
      const { rita, sam } = desk.people
      expect(await placed(id)).toMatchObject({ queue: { id: 'que_billing' }, assignee: { id: sam.id } })
      const { events } = await rita.act('acceptHandoff', { handoffId })
      expect(events.map((event: Json) => event.type)).toEqual([
        'HandoffAccepted',
        'SupportCaseUpdated',
        'SupportCaseUpdated',
        'SupportCaseUpdated',
      ])
      expect(await placed(id)).toMatchObject({
        queue: { id: 'que_trust', workspace: 'TRUST' },
        assignee: { id: rita.id },
      })
      const { ticket } = await sam.ask(HISTORY, { id })
      expect(ticket.history.nodes.slice(0, 3)).toEqual([
        { kind: 'ASSIGNEE', from: null, to: rita.id, actorId: rita.id },
        { kind: 'ASSIGNEE', from: sam.id, to: null, actorId: rita.id },
        { kind: 'QUEUE', from: 'que_billing', to: 'que_trust', actorId: rita.id },
      ])
      const refs = await world.sql(
        `select refs from log.event where stream_id = $1 and actor = $2 and type = 'SupportCaseUpdated'`,
        [id, rita.id],
      )
      for (const row of refs) expect(row.refs).toContain(handoffId)
    })

    test('and back to who sent it, with what is missing', async () => {
      const { id, handoffId } = await given({ workspace: 'TRUST' })
      const { rita, rolf, sam, lea } = desk.people
      await rita.act('acceptHandoff', { handoffId })
      const back = { handoffId, missing: ['EVIDENCE'], note: 'No screenshot.' }
      expect(await desk.refused(rolf, 'returnHandoff', back)).toMatchObject({ code: 'ALREADY_ASSIGNED' })
      expect((await rita.act('returnHandoff', back, HANDOFF)).handoff).toMatchObject({ status: 'RETURNED' })
      expect(await placed(id)).toMatchObject({ queue: { id: 'que_billing' }, assignee: { id: sam.id } })
      const notes = await world.sql(
        `select x.body->>'note' as note from log.event e join log.event_private x on x.event_id = e.id
         where e.stream_id = $1 and e.actor = $2 order by e.id desc limit 2`,
        [id, rita.id],
      )
      expect(notes).toEqual([{ note: 'No screenshot.' }, { note: 'No screenshot.' }])
      // From an open handover only who works on it moves, and whoever got it otherwise keeps it.
      const unclaimed = await desk.ticket({ linkedEntityIds: [orderId] })
      const one = await handed({ ticketId: unclaimed })
      await rita.act('returnHandoff', { ...back, handoffId: one })
      expect(await placed(unclaimed)).toMatchObject({ assignee: { id: sam.id } })
      const ofLea = await given()
      await lea.act('assignTicket', { ticketId: ofLea.id, assigneeId: lea.id })
      await rita.act('returnHandoff', { ...back, handoffId: ofLea.handoffId })
      expect(await placed(ofLea.id)).toMatchObject({ assignee: { id: lea.id } })
    })

    test('once, whoever is quicker, and not at all when it is tried', async () => {
      const { id, handoffId } = await given()
      const { rita, rolf } = desk.people
      const before = await placed(id)
      const dry = await rita.act('acceptHandoff', { handoffId, dryRun: true })
      expect(dry).toMatchObject({ dryRun: true, userErrors: [] })
      expect(await placed(id)).toEqual(before)
      const crowd = [rita, rolf]
      const answers = await Promise.all(crowd.map(who => who.act('acceptHandoff', { handoffId })))
      const won = answers.findIndex(({ userErrors }) => userErrors.length === 0)
      expect(answers[1 - won]!.userErrors).toMatchObject([{ code: 'ALREADY_ASSIGNED' }])
      expect((await placed(id)).assignee).toEqual({ id: crowd[won]!.id })
      const version = (await placed(id)).version
      await crowd[won]!.act('acceptHandoff', { handoffId })
      expect((await placed(id)).version).toBe(version)
    })

    test('only where there is a queue for the ticket to go to; who makes one is said', async () => {
      const { rita, lea, sam, ada } = desk.people
      const usual = await given()
      await rita.act('acceptHandoff', { handoffId: usual.handoffId })
      expect(await placed(usual.id)).toMatchObject({ queue: { id: 'que_risk', workspace: 'RISK' } })

      const how = { by: ['SUPPORT_LEAD', 'SUPER_ADMIN'], with: ['createQueue', 'changeQueue'] }
      const audit = whole({ workspace: 'AUDIT', nextActionName: null, route: null })
      expect(await desk.refused(sam, 'createHandoff', audit)).toMatchObject({
        code: 'HANDOFF_INCOMPLETE',
        field: 'route',
        facts: { missing: ['route', 'queueId'], workspace: 'AUDIT', ...how },
      })
      // Without a ticket there is nothing to move.
      await handed({ workspace: 'AUDIT', nextActionName: null, ticketId: null })
      const into = await given({ nextActionName: null, workspace: 'LEGAL' })
      const ended = { queueId: 'que_legal', isActive: false }
      expect((await lea.act('changeQueue', ended)).userErrors).toEqual([])
      const before = await placed(into.id)
      const accept = { handoffId: into.handoffId }
      expect(await desk.refused(ada, 'acceptHandoff', accept)).toMatchObject({
        code: 'INVALID_STATE',
        facts: { workspace: 'LEGAL', ...how },
      })
      expect(await placed(into.id)).toEqual(before)
      await lea.act('changeQueue', { ...ended, isActive: true })
      expect((await ada.act('acceptHandoff', accept)).userErrors).toEqual([])
      expect(await placed(into.id)).toMatchObject({ queue: { id: 'que_legal' }, assignee: { id: ada.id } })
    })

    test('unless the ticket is closed by then', async () => {
      const { id, handoffId } = await given()
      const into = await desk.ticket({ linkedEntityIds: [orderId] })
      await desk.people.sam.act('mergeTickets', { ticketId: id, intoId: into, reason: 'DUPLICATE' })
      const before = await placed(id)
      expect((await desk.people.rita.act('acceptHandoff', { handoffId })).events).toHaveLength(1)
      expect(await placed(id)).toEqual(before)
    })

    test('what was observed and what the log says are one list for the reader', async () => {
      const observed = new Date(world.now.getTime() - 60_000).toISOString()
      const { handoffId } = await given({
        timeline: [{ at: observed, what: 'Paid again.', source: 'the customer' }],
      })
      const query = `query ($id: ID!, $first: Int!, $after: String) { handoff(id: $id) { mergedTimeline(first: $first, after: $after) {
        totalCount pageInfo { hasNextPage endCursor } nodes { at observed { what } event { id type } } } } }`
      const read = async (who: Person, first: number, after: string | null = null) =>
        (await who.ask(query, { id: handoffId, first, after })).handoff.mergedTimeline
      const all = await read(desk.people.rita, 100)
      const types = all.nodes.map((node: Json) => node.event?.type ?? node.observed.what)
      expect(types).toEqual(
        expect.arrayContaining(['OrderRecorded', 'Paid again.', 'SupportCaseOpened', 'HandoffCreated']),
      )
      expect(types.indexOf('Paid again.')).toBeLessThan(types.indexOf('HandoffCreated'))
      expect(all.nodes.map((node: Json) => node.at)).toEqual(
        all.nodes.map((node: Json) => node.at).toSorted(),
      )
      let after: string | null = null
      const paged: Json[] = []
      do {
        const page: Json = await read(desk.people.rita, 3, after)
        paged.push(...page.nodes)
        after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null
      } while (after)
      expect(paged).toEqual(all.nodes)
      expect(all.totalCount).toBe(paged.length)
    })
  })

  describe('slices of the log', () => {
    const slice = (who: Person, input: Json) =>
      who.act(
        'createAuditSlice',
        input,
        'auditSlice { id count eventIds hashes digest isIntact events { id type } }',
      )

    test('stay what they were when more happens', async () => {
      const filter = { references: [ticketId] }
      const first = (await slice(desk.people.aldo, { filter })).auditSlice
      expect(first).toMatchObject({ isIntact: true, count: first.eventIds.length })
      expect(first.events.map((event: Json) => event.id)).toEqual(first.eventIds)
      expect(first.hashes.every((hash: string) => /^[0-9a-f]{64}$/.test(hash))).toBe(true)
      await desk.people.sam.act('addTicketNote', { ticketId, body: 'More.' })
      const { auditSlice } = await desk.people.fay.ask(
        'query ($id: ID!) { auditSlice(id: $id) { count digest isIntact } }',
        { id: first.id },
      )
      expect(auditSlice).toEqual({ count: first.count, digest: first.digest, isIntact: true })
      expect((await slice(desk.people.aldo, { filter })).auditSlice.count).toBe(first.count + 1)
      const { auditSlices } = await desk.people.sam.ask(
        'query ($t: ID) { auditSlices(filter: { attachedToId: $t }) { nodes { id } } }',
        { t: ticketId },
      )
      expect(auditSlices.nodes).toEqual([{ id: sliceId }])
    })

    test('hold what their maker may see: all for auditors, their own acts for others', async () => {
      const types = ['SupportCaseOpened']
      const all = (await slice(desk.people.ada, { filter: { types } })).auditSlice
      await desk.people.rita.act('openTicket', { subject: 'x', description: 'x', linkedEntityIds: [orderId] })
      const own = (await slice(desk.people.rita, { filter: { types } })).auditSlice
      expect(own.count).toBe(1)
      expect(all.count).toBeGreaterThanOrEqual(1)
      for (const [who, input, error] of [
        [desk.people.sam, { filter: {} }, { code: 'INVALID', field: 'filter' }],
        [desk.people.fay, { filter: { types: ['OrgFrozen'] } }, { code: 'NOT_FOUND', field: 'filter' }],
        [desk.people.sam, { filter: { types }, attachTo: orderId }, { code: 'INVALID', field: 'attachTo' }],
        [
          desk.people.sam,
          { filter: { types }, attachTo: 'tkt_no' },
          { code: 'UNKNOWN_REFERENCE', field: 'attachTo' },
        ],
        [
          desk.people.sam,
          { filter: { references: Array(51).fill(ticketId) } },
          { code: 'TOO_MANY', field: 'filter.references' },
        ],
      ] as [Person, Json, Json][])
        expect(await desk.refused(who, 'createAuditSlice', input)).toMatchObject(error)
      expect(await desk.forbidden(desk.rico, 'createAuditSlice', { filter: { types } })).toEqual([
        'FORBIDDEN',
      ])
    })
  })

  describe('macros', () => {
    const saved = async (more: Json = {}): Promise<string> => {
      const input = {
        name: 'Ask for a photo',
        visibility: 'PUBLIC',
        body: 'Hello {{requester.name}}, about {{ ticket.number }}: please send a photo. {{agent.name}}',
        setStatus: 'WAITING_ON_BUYER',
        setStatusReason: 'EVIDENCE_REQUESTED',
        setPriority: 'HIGH',
        addTags: ['photo'],
        ...more,
      }
      const { macro, userErrors } = await desk.people.lea.act('saveMacro', input, 'macro { id }')
      expect(userErrors).toEqual([])
      return macro.id
    }
    const preview = async (macroId: string, id: string): Promise<Json> =>
      (
        await desk.people.sam.ask(
          `query ($m: ID!, $t: ID!) { previewMacro(macroId: $m, ticketId: $t) {
            message { visibility body } changes { field before after } userErrors { code field facts } } }`,
          { m: macroId, t: id },
        )
      ).previewMacro
    const TICKET = 'ticket { status statusReason priority tags version } message { body visibility }'

    test('preview says what would be, changes nothing, and applying does exactly that', async () => {
      const macroId = await saved()
      const id = await desk.ticket({}, desk.rico)
      const { ticket } = await desk.rico.ask('query ($id: ID!) { ticket(id: $id) { number version } }', {
        id,
      })
      const told = await preview(macroId, id)
      const body = `Hello Rico Vance, about ${ticket.number}: please send a photo. Sam`
      expect(told).toEqual({
        message: { visibility: 'PUBLIC', body },
        changes: [
          { field: 'status', before: 'OPEN', after: 'WAITING_ON_BUYER' },
          { field: 'statusReason', before: 'NEW', after: 'EVIDENCE_REQUESTED' },
          { field: 'priority', before: 'NORMAL', after: 'HIGH' },
          { field: 'tags', before: '', after: 'photo' },
        ],
        userErrors: [],
      })
      const now = await desk.rico.ask('query ($id: ID!) { ticket(id: $id) { version } }', { id })
      expect(now.ticket.version).toBe(ticket.version)
      const applied = await desk.people.sam.act('applyMacro', { ticketId: id, macroId }, TICKET)
      expect(applied.userErrors).toEqual([])
      expect(applied).toMatchObject({
        ticket: {
          status: 'WAITING_ON_BUYER',
          statusReason: 'EVIDENCE_REQUESTED',
          priority: 'HIGH',
          tags: ['photo'],
        },
        message: { body, visibility: 'PUBLIC' },
      })
      expect(applied.events.map((event: Json) => event.type)).toEqual([
        'SupportCaseUpdated',
        'SupportCaseUpdated',
        'SupportReplyPosted',
        'SupportCaseUpdated',
      ])
    })

    test('one that resolves says the resolution; one out of use, or with nothing to say, is refused', async () => {
      const id = await desk.ticket({}, desk.rico)
      const macroId = await saved({
        name: 'Answered',
        body: 'That is how.',
        setStatus: 'RESOLVED',
        setStatusReason: null,
        setPriority: null,
        addTags: null,
      })
      const applied = await desk.people.sam.act('applyMacro', { ticketId: id, macroId }, TICKET)
      expect(applied.ticket).toMatchObject({ status: 'RESOLVED', statusReason: 'ANSWERED' })
      const again = await preview(macroId, id)
      expect(again).toMatchObject({ message: null, changes: [], userErrors: [{ code: 'INVALID_STATE' }] })
      expect(await desk.refused(desk.people.sam, 'applyMacro', { ticketId: id, macroId })).toMatchObject({
        code: 'INVALID_STATE',
      })
      const nobodys = await desk.ticket({ organizationId: null, linkedEntityIds: [orderId] })
      const greeting = await saved({ name: 'Greeting', body: 'Hello {{requester.name}}' })
      expect(
        await desk.refused(desk.people.sam, 'applyMacro', { ticketId: nobodys, macroId: greeting }),
      ).toMatchObject({ code: 'INVALID', field: 'macroId', facts: { placeholders: ['requester.name'] } })
      await saved({ name: 'Greeting', isActive: false })
      expect(await preview(greeting, id)).toMatchObject({
        userErrors: [{ code: 'INVALID_STATE', field: 'macroId' }],
      })
      expect(await preview('mac_none', id)).toMatchObject({
        userErrors: [{ code: 'NOT_FOUND', field: 'macroId' }],
      })
      expect(await preview(macroId, 'tkt_none')).toMatchObject({
        userErrors: [{ code: 'NOT_FOUND', field: 'ticketId' }],
      })
    })

    test('are written by leads, with placeholders that mean something', async () => {
      const input = { name: 'Odd', visibility: 'PUBLIC', body: 'Hi' }
      expect(await desk.forbidden(desk.people.sam, 'saveMacro', input)).toEqual(['FORBIDDEN'])
      for (const [more, error] of [
        [{ body: 'Hi {{password}}' }, { code: 'INVALID', field: 'body', facts: { unknown: ['password'] } }],
        [{ setStatus: 'CLOSED' }, { code: 'INVALID', field: 'setStatus' }],
        [
          { setStatus: 'RESOLVED', visibility: 'PRIVATE' },
          { code: 'INVALID', field: 'body' },
        ],
        [
          { setStatus: 'OPEN', setStatusReason: 'FIXED' },
          { code: 'INVALID', field: 'statusReason' },
        ],
        [{ body: null }, { code: 'INVALID', field: 'body' }],
        [{ addTags: ['a b!'] }, { code: 'INVALID', field: 'addTags.0' }],
      ] as [Json, Json][])
        expect(await desk.refused(desk.people.lea, 'saveMacro', { ...input, ...more })).toMatchObject(error)
      const { macros } = await desk.people.sam.ask('{ macros(filter: { active: false }) { nodes { name } } }')
      expect(macros.nodes).toEqual([{ name: 'Greeting' }])
    })

    test('all of it or nothing: of ten who resolve at once with a macro, one does', async () => {
      const id = await desk.ticket({}, desk.rico)
      const macroId = await saved({
        name: 'Done',
        body: 'Done.',
        setStatus: 'RESOLVED',
        setStatusReason: 'FIXED',
      })
      const answers = await Promise.all(
        Array.from({ length: 10 }, () => desk.people.sam.act('applyMacro', { ticketId: id, macroId })),
      )
      expect(answers.filter(({ userErrors }) => userErrors.length === 0)).toHaveLength(1)
      const rows = await world.sql(
        `select count(*)::int as n from support.ticket_message where ticket_id = $1 and body = 'Done.'`,
        [id],
      )
      expect(rows).toEqual([{ n: 1 }])
    })
  })

  describe('many at once', () => {
    const bulk = async (input: Json, who: Person = desk.people.sam): Promise<Json> =>
      (
        await who.ask(
          `mutation ($input: BulkUpdateTicketsInput!) { bulkUpdateTickets(input: $input) { done unchanged refused skipped
            results { ticketId outcome ticket { priority tags status } userErrors { code field } } } }`,
          { input },
        )
      ).bulkUpdateTickets

    test('each has its own result, and a refusal stops or does not', async () => {
      const ids = await Promise.all(Array.from({ length: 3 }, () => desk.ticket()))
      const ticketIds = [ids[0], 'tkt_none', ids[1], ids[2]]
      const change = {
        priority: 'HIGH',
        addTags: ['bulk'],
        status: 'WAITING_ON_SELLER',
        statusReason: 'SHIPMENT_EXPECTED',
      }
      const stopped = await bulk({ ticketIds, change, onError: 'STOP' })
      expect(stopped.results.map((result: Json) => result.outcome)).toEqual([
        'DONE',
        'REFUSED',
        'SKIPPED',
        'SKIPPED',
      ])
      expect(stopped.results[1].userErrors).toEqual([{ code: 'NOT_FOUND', field: 'ticketId' }])
      const went = await bulk({ ticketIds, change, onError: 'CONTINUE', dryRun: true })
      expect(went).toMatchObject({ done: 2, unchanged: 1, refused: 1, skipped: 0 })
      const real = await bulk({ ticketIds, change, onError: 'CONTINUE', idempotencyKey: 'all' })
      expect(real.results.map((result: Json) => result.outcome)).toEqual([
        'UNCHANGED',
        'REFUSED',
        'DONE',
        'DONE',
      ])
      expect(real.results[3].ticket).toEqual({
        priority: 'HIGH',
        tags: ['bulk'],
        status: 'WAITING_ON_SELLER',
      })
      const events = await world.sql('select count(*)::int as n from log.event where stream_id = $1', [
        ids[2],
      ])
      await bulk({ ticketIds, change, onError: 'CONTINUE', idempotencyKey: 'all' })
      expect(
        await world.sql('select count(*)::int as n from log.event where stream_id = $1', [ids[2]]),
      ).toEqual(events)
    })

    test('is refused as the ordinary actions refuse', async () => {
      const id = await desk.ticket()
      const first = async (change: Json) =>
        (await bulk({ ticketIds: [id], change, onError: 'STOP' })).results[0].userErrors
      for (const [change, error] of [
        [{}, { code: 'INVALID', field: 'change' }],
        [{ status: 'RESOLVED' }, { code: 'INVALID', field: 'status' }],
        [{ status: 'CLOSED' }, { code: 'INVALID', field: 'status' }],
        [{ queueId: 'que_none' }, { code: 'UNKNOWN_REFERENCE', field: 'queueId' }],
        [{ addTags: ['!'] }, { code: 'INVALID', field: 'addTags.0' }],
        [
          { priority: 'LOW', assigneeId: 'stf_lea' },
          { code: 'MISSING_PERMISSION', field: null },
        ],
      ] as [Json, Json][])
        expect(await first(change)).toEqual([error])
      const { ticket } = await desk.people.sam.ask('query ($id: ID!) { ticket(id: $id) { priority } }', {
        id,
      })
      expect(ticket.priority).toBe('NORMAL')
      const document = `mutation ($input: BulkUpdateTicketsInput!) { bulkUpdateTickets(input: $input) { done userErrors { code field facts } } }`
      const code = async (who: Person, ticketIds: string[]) => {
        const input = { ticketIds, change: { priority: 'LOW' }, onError: 'STOP' }
        const { data, errors } = await who.send(document, { input })
        return errors?.[0]?.extensions.code ?? data!.bulkUpdateTickets.userErrors[0]?.code
      }
      expect(await code(desk.people.sam, [])).toBe('INVALID')
      expect(await code(desk.people.sam, [id, id])).toBe('INVALID')
      expect(
        await code(
          desk.people.sam,
          Array.from({ length: 201 }, (_, n) => `tkt_${n}`),
        ),
      ).toBe('TOO_MANY')
      const none = { ticketIds: ['tkt_none'], change: { priority: 'LOW' }, onError: 'STOP' }
      expect((await desk.people.sam.ask(document, { input: none })).bulkUpdateTickets.userErrors).toEqual([
        { code: 'NOT_FOUND', field: 'ticketIds.0', facts: { ticketId: 'tkt_none' } },
      ])
      for (const who of [desk.rico, desk.people.rita, desk.people.shop])
        expect(await code(who, [id])).toBe('FORBIDDEN')
    })

    test('two who change the same tickets at once leave each ticket whole', async () => {
      const ticketIds = await Promise.all(Array.from({ length: 8 }, () => desk.ticket()))
      const change = (tag: string, priority: string) => ({ addTags: [tag], priority })
      const [one, two] = await Promise.all([
        bulk({ ticketIds, change: change('one', 'HIGH'), onError: 'CONTINUE' }),
        bulk(
          { ticketIds: [...ticketIds].reverse(), change: change('two', 'LOW'), onError: 'CONTINUE' },
          desk.people.lea,
        ),
      ])
      expect([one.refused, two.refused]).toEqual([0, 0])
      const { tickets } = await desk.people.sam.ask(
        'query ($t: [String!]) { tickets(filter: { tags: $t }, first: 100) { nodes { id tags } } }',
        { t: ['one'] },
      )
      expect(tickets.nodes.filter((node: Json) => node.tags.includes('two'))).toHaveLength(8)
    })
  })

  test('the rows are what the log says', async () => {
    expect(await world.command('rebuild')).toMatchObject({ code: 0 })
  })
})
