import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Json, World } from '../kit/world.js'
import { ACCOUNT, Desk } from './desk.js'

const DAY = 86_400_000

const REPORT = `report { id status severity missing isComplete phase blocks route ticket { id } organization { id } version }`
const BARRIER = {
  pageOrFeature: 'Payment step of the checkout',
  route: '/checkout/payment',
  description: 'The button has no name.',
  assistiveTechnology: 'NVDA 2025.1',
  browser: 'Firefox 140',
  device: 'PC with Windows 11',
  blocks: [] as string[],
}

/** A5, A6, A17, A28 to A34, B36, X1, X20, X22. */
describe('reports of barriers, runbooks, legal communication', () => {
  let world: World
  let desk: Desk

  beforeAll(async () => {
    world = await World.open('desk_reports')
    desk = await Desk.at(world)
  })
  afterAll(() => world?.close())

  const reported = async (more: Json = {}, who = desk.people.sam): Promise<Json> => {
    const { report, userErrors } = await who.act('createAccessibilityReport', { ...BARRIER, ...more }, REPORT)
    expect(userErrors).toEqual([])
    return report
  }
  const transition = (reportId: string, to: string, reason: string, note?: string) =>
    desk.people.sam.act('transitionAccessibilityReport', { reportId, to, reason, note }, REPORT)

  describe('reports of barriers', () => {
    test('a customer reports for their account; staff and machines for whom they name', async () => {
      const mine = await reported({ blocks: ['LEGAL_PRIVACY_CHOICE'] }, desk.rico)
      expect(mine).toMatchObject({
        status: 'NEW',
        phase: 'NEW',
        severity: 'HIGH',
        missing: [],
        isComplete: true,
        blocks: ['LEGAL_PRIVACY_CHOICE'],
        organization: { id: ACCOUNT },
      })
      for (const who of [desk.people.cato, desk.people.shop])
        expect(await reported({ organizationId: ACCOUNT }, who)).toMatchObject({ severity: 'MEDIUM' })
      expect(await desk.forbidden(desk.people.aldo, 'createAccessibilityReport', BARRIER)).toEqual([
        'FORBIDDEN',
      ])
      for (const [more, error] of [
        [{ organizationId: 'org_none' }, { code: 'NOT_FOUND', field: 'organizationId' }],
        [{ requesterId: desk.vera.id }, { code: 'NOT_FOUND', field: 'requesterId' }],
        [{ severity: 'CRITICAL' }, { code: 'INVALID', field: 'severity' }],
        [{ route: 'checkout' }, { code: 'INVALID', field: 'route' }],
        [{ device: ' ' }, { code: 'INVALID', field: 'device' }],
        [{ ticketId: 'tkt_none' }, { code: 'NOT_FOUND', field: 'ticketId' }],
      ] as [Json, Json][])
        expect(
          await desk.refused(desk.rico, 'createAccessibilityReport', { ...BARRIER, ...more }),
        ).toMatchObject(error)
    })

    test('what is unknown is taken, and counts as missing', async () => {
      const report = await reported({
        assistiveTechnology: 'Unknown',
        browser: ' n/a ',
        device: 'a phone',
        route: null,
      })
      expect(report).toMatchObject({
        missing: ['assistiveTechnology', 'browser', 'route'],
        isComplete: false,
      })
      const { report: known } = await desk.people.sam.act(
        'updateAccessibilityReport',
        { reportId: report.id, assistiveTechnology: 'VoiceOver', browser: 'Safari 18', route: '/cart' },
        REPORT,
      )
      expect(known).toMatchObject({ missing: [], isComplete: true, route: '/cart' })
    })

    test('whatever blocks something is at least HIGH, and no longer when it does not', async () => {
      const low = await reported({ severity: 'LOW' })
      expect(low.severity).toBe('LOW')
      const blocks = ['CHECKOUT', 'AUTHENTICATION']
      expect((await reported({ severity: 'LOW', blocks })).severity).toBe('HIGH')
      expect((await reported({ severity: 'CRITICAL', blocks })).severity).toBe('CRITICAL')
      const update = (input: Json) =>
        desk.people.lea.act('updateAccessibilityReport', { reportId: low.id, ...input }, REPORT)
      expect((await update({ blocks: ['STORE_MANAGEMENT'] })).report.severity).toBe('HIGH')
      expect((await update({ severity: 'MEDIUM' })).userErrors).toMatchObject([
        { code: 'INVALID', field: 'severity', facts: { floor: 'HIGH' } },
      ])
      expect((await update({ severity: 'LOW', blocks: [] })).report).toMatchObject({
        severity: 'LOW',
        blocks: [],
      })
    })

    test('goes its own five states, each for a reason, DISMISSED with a note', async () => {
      const { id } = await reported()
      expect((await transition(id, 'IN_PROGRESS', 'WORK_STARTED')).userErrors).toMatchObject([
        { code: 'INVALID_STATE', field: 'to', facts: { status: 'NEW', ways: ['TRIAGED', 'DISMISSED'] } },
      ])
      expect((await transition(id, 'TRIAGED', 'FIXED')).userErrors).toMatchObject([
        {
          code: 'INVALID',
          field: 'reason',
          facts: { reasons: ['CONFIRMED', 'NOT_FIXED', 'NEW_INFORMATION'] },
        },
      ])
      const road = [
        ['TRIAGED', 'CONFIRMED', 'ACTIVE'],
        ['IN_PROGRESS', 'WORK_STARTED', 'ACTIVE'],
        ['RESOLVED', 'FIXED', 'DONE'],
        ['TRIAGED', 'NOT_FIXED', 'ACTIVE'],
      ] as const
      for (const [to, reason, phase] of road)
        expect((await transition(id, to, reason)).report).toMatchObject({ status: to, phase })
      expect((await transition(id, 'DISMISSED', 'DUPLICATE')).userErrors).toMatchObject([
        { code: 'INVALID', field: 'note' },
      ])
      expect((await transition(id, 'DISMISSED', 'DUPLICATE', 'Known since May.')).report.status).toBe(
        'DISMISSED',
      )
      expect((await transition(id, 'TRIAGED', 'NEW_INFORMATION')).report.status).toBe('TRIAGED')
      const input = { reportId: id, to: 'IN_PROGRESS', reason: 'WORK_STARTED' }
      expect(await desk.forbidden(desk.rico, 'transitionAccessibilityReport', input)).toEqual(['FORBIDDEN'])
    })

    test('of ten who take it on at once one does', async () => {
      const { id } = await reported()
      const answers = await Promise.all(
        Array.from({ length: 10 }, () => transition(id, 'TRIAGED', 'CONFIRMED')),
      )
      const codes = answers.flatMap(({ userErrors }) => userErrors.map((error: Json) => error.code))
      expect(codes).toEqual(Array(9).fill('INVALID_STATE'))
    })

    test('is linked to a ticket, listed, found by its id, and not shown to other accounts', async () => {
      const ticketId = await desk.ticket({}, desk.rico)
      const { id } = await reported({ ticketId, blocks: ['CHECKOUT'] }, desk.rico)
      const linked = await reported()
      const other = await desk.ticket()
      await desk.people.sam.act('linkTicket', { ticketId: other, entityId: linked.id })
      const reportOf = async (ticket: string) =>
        (
          await desk.people.sam.ask('query ($id: ID!) { ticket(id: $id) { accessibilityReport { id } } }', {
            id: ticket,
          })
        ).ticket.accessibilityReport
      expect(await reportOf(ticketId)).toEqual({ id })
      expect(await reportOf(other)).toEqual({ id: linked.id })
      const list = `query ($f: AccessibilityReportFilter) { accessibilityReports(filter: $f, first: 100) { totalCount nodes { id } } }`
      const filter = { statuses: ['NEW'], severities: ['HIGH'], blocks: 'CHECKOUT', complete: true, ticketId }
      const found = await desk.people.aldo.ask(list, { f: filter })
      expect(found.accessibilityReports).toEqual({ totalCount: 1, nodes: [{ id }] })
      const { omnibox } = await desk.people.sam.ask(
        'query ($q: String!) { omnibox(query: $q) { nodes { node { id } } } }',
        { q: id },
      )
      expect(omnibox.nodes.map((hit: Json) => hit.node.id)).toContain(id)
      const seen = async (who: typeof desk.rico) => (await who.ask(list)).accessibilityReports
      const ids = (await seen(desk.rico)).nodes.map((node: Json) => node.id)
      expect(ids).toContain(id)
      expect(ids).not.toContain(linked.id)
      expect(await seen(desk.vera)).toEqual({ totalCount: 0, nodes: [] })
      const one = 'query ($id: ID!) { accessibilityReport(id: $id) { id } }'
      expect((await desk.vera.ask(one, { id })).accessibilityReport).toBeNull()
      expect(
        await desk.refused(desk.vera, 'createAccessibilityReport', { ...BARRIER, ticketId }),
      ).toMatchObject({ code: 'NOT_FOUND', field: 'ticketId' })
    })

    test('what staff note down about it stays with staff', async () => {
      const { id } = await reported({}, desk.rico)
      await transition(id, 'DISMISSED', 'NOT_OURS', 'canary-7731')
      const all = `query ($id: ID!) { accessibilityReport(id: $id) { status statusReason statusNote createdById } }`
      const { accessibilityReport } = await desk.people.sam.ask(all, { id })
      expect(accessibilityReport).toMatchObject({ statusReason: 'NOT_OURS', statusNote: 'canary-7731' })
      const answer = await desk.rico.send(all, { id })
      expect(answer.data!.accessibilityReport).toEqual({
        status: 'DISMISSED',
        statusReason: null,
        statusNote: null,
        createdById: null,
      })
      expect(JSON.stringify(answer)).not.toContain('canary')
    })

    test('what somebody uses lies apart from the event', async () => {
      const { id } = await reported({ assistiveTechnology: 'Braille display' })
      const rows = await world.sql(`select payload::text as text from log.event where stream_id = $1`, [id])
      expect(rows[0]!.text).not.toContain('Braille')
    })
  })

  describe('runbooks', () => {
    const GUIDE = `id slug title owner reviewCadence nextReviewAt isStale notice relatedSlugs related { slug } reviewNote reviewedBy { id }`
    const runbook = async (slug: string, who = desk.people.sam): Promise<Json> =>
      (await who.ask(`query ($slug: String!) { runbook(slug: $slug) { ${GUIDE} } }`, { slug })).runbook
    const guide = (more: Json = {}) => ({
      slug: 'audit-explorer-and-evidence',
      title: 'Audit Explorer and Evidence',
      owner: 'Audit',
      body: 'Look.',
      reviewCadence: 'Monthly',
      nextReviewAt: new Date(world.now.getTime() + 30 * DAY).toISOString(),
      relatedSlugs: [],
      ...more,
    })

    test('one is there to begin with, past its review, and names others that nobody wrote yet', async () => {
      expect(await runbook('support-operations-and-escalation')).toMatchObject({
        title: 'Support Operations and Escalation',
        owner: 'Support Operations',
        reviewCadence: 'Monthly',
        isStale: true,
        notice: expect.stringContaining('past its review date'),
        relatedSlugs: expect.arrayContaining(['audit-explorer-and-evidence']),
        related: [],
      })
    })

    test('leads write and review them; they become stale by the clock', async () => {
      expect(await desk.forbidden(desk.people.sam, 'saveRunbook', guide())).toEqual(['FORBIDDEN'])
      const { userErrors } = await desk.people.lea.act('saveRunbook', guide())
      expect(userErrors).toEqual([])
      const { id } = await runbook('support-operations-and-escalation')
      expect((await runbook('support-operations-and-escalation')).related).toEqual([
        { slug: 'audit-explorer-and-evidence' },
      ])
      const nextReviewAt = new Date(world.now.getTime() + 10 * DAY).toISOString()
      const review = (more: Json) => ({ runbookId: id, nextReviewAt, note: 'Read it all.', ...more })
      for (const [more, error] of [
        [{ note: null }, { code: 'INVALID', field: 'note' }],
        [{ nextReviewAt: '2026-01-01T00:00:00Z' }, { code: 'INVALID', field: 'nextReviewAt' }],
        [{ runbookId: 'rbk_none' }, { code: 'NOT_FOUND', field: 'runbookId' }],
      ] as [Json, Json][])
        expect(await desk.refused(desk.people.lea, 'reviewRunbook', review(more))).toMatchObject(error)
      const done = await desk.people.ada.act('reviewRunbook', review({}), `runbook { ${GUIDE} }`)
      expect(done.runbook).toMatchObject({
        isStale: false,
        notice: null,
        reviewNote: 'Read it all.',
        reviewedBy: { id: desk.people.ada.id },
      })
      const stale = async (wanted: boolean) =>
        (
          await desk.people.aldo.ask(
            'query ($s: Boolean) { runbooks(filter: { stale: $s }) { nodes { slug } } }',
            {
              s: wanted,
            },
          )
        ).runbooks.nodes
      expect(await stale(true)).toEqual([])
      world.advance(11 * DAY)
      expect(await stale(true)).toEqual([{ slug: 'support-operations-and-escalation' }])
      expect(await stale(false)).toEqual([{ slug: 'audit-explorer-and-evidence' }])
    })

    test('two who write one at once write one; odd ones are refused', async () => {
      const answers = await Promise.all(
        [desk.people.lea, desk.people.ada].map(who =>
          who.act('saveRunbook', guide({ slug: 'two' }), 'runbook { id }'),
        ),
      )
      expect(new Set(answers.map(({ runbook }) => runbook.id)).size).toBe(1)
      for (const [more, field] of [
        [{ slug: 'Two Words' }, 'slug'],
        [{ relatedSlugs: ['ok', 'NO'] }, 'relatedSlugs.1'],
        [{ slug: 'self', relatedSlugs: ['self'] }, 'relatedSlugs'],
        [{ nextReviewAt: '2026-01-01T00:00:00Z' }, 'nextReviewAt'],
      ] as [Json, string][])
        expect(await desk.refused(desk.people.lea, 'saveRunbook', guide(more))).toMatchObject({
          code: 'INVALID',
          field,
        })
    })

    test('customers read none', async () => {
      const { errors } = await desk.rico.send('{ runbooks { nodes { slug } } }')
      expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
    })
  })

  describe('legal communication', () => {
    const notice = (more: Json = {}) => ({
      kind: 'SUBPOENA',
      parties: ['District Court', 'Alpenglow'],
      summary: 'Wants order records.',
      receivedAt: world.now.toISOString(),
      ...more,
    })

    test('leads write it down, auditors read it, agents do neither', async () => {
      const ticketId = await desk.ticket()
      const input = notice({ ticketId, documentIds: [ticketId] })
      const { legalCommunication, userErrors } = await desk.people.lea.act(
        'recordLegalCommunication',
        input,
        'legalCommunication { id parties documentIds recordedBy { id } }',
      )
      expect(userErrors).toEqual([])
      expect(legalCommunication).toMatchObject({
        parties: input.parties,
        recordedBy: { id: desk.people.lea.id },
      })
      const query = 'query ($id: ID!) { ticket(id: $id) { id legalCommunications { nodes { id kind } } } }'
      const { ticket } = await desk.people.aldo.ask(query, { id: ticketId })
      expect(ticket.legalCommunications.nodes).toEqual([{ id: legalCommunication.id, kind: 'SUBPOENA' }])
      const told = await desk.people.sam.send(query, { id: ticketId })
      expect(told.data!.ticket).toEqual({ id: ticketId, legalCommunications: null })
      expect(told.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
      expect(await desk.forbidden(desk.people.sam, 'recordLegalCommunication', notice())).toEqual([
        'FORBIDDEN',
      ])
      const rows = await world.sql('select payload::text as text from log.event where stream_id = $1', [
        legalCommunication.id,
      ])
      expect(rows[0]!.text).not.toContain('District Court')
    })

    test('is refused with code and field', async () => {
      for (const [more, error] of [
        [{ parties: [] }, { code: 'INVALID', field: 'parties' }],
        [{ parties: ['A', ' '] }, { code: 'INVALID', field: 'parties.1' }],
        [{ receivedAt: '2099-01-01T00:00:00Z' }, { code: 'INVALID', field: 'receivedAt' }],
        [{ dueAt: '2020-01-01T00:00:00Z' }, { code: 'INVALID', field: 'dueAt' }],
        [{ ticketId: 'tkt_none' }, { code: 'UNKNOWN_REFERENCE', field: 'ticketId' }],
        [{ documentIds: ['att_none'] }, { code: 'UNKNOWN_REFERENCE', field: 'documentIds' }],
      ] as [Json, Json][])
        expect(await desk.refused(desk.people.lea, 'recordLegalCommunication', notice(more))).toMatchObject(
          error,
        )
    })
  })

  test('the rows are what the log says', async () => {
    expect(await world.command('rebuild')).toMatchObject({ code: 0 })
  })
})
