import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { DEMO_ORGANIZATION_ID, DEMO_REQUESTER_ID } from '#subgraphs/accounts/bootstrap.js'
import { happened } from '../kit/happened.js'
import { type Answer, type Json, type Person, until, World } from '../kit/world.js'

const HOUR = 3_600_000

/** Permissions besides roles, and asking for access, through the gateway (D37, D59, E22). */
describe('what is granted besides roles', () => {
  let world: World
  let people: Awaited<ReturnType<World['people']>>
  let rico: Person

  beforeAll(async () => {
    world = await World.open('grants')
    people = await world.people()
    rico = await world.person(DEMO_REQUESTER_ID)
  })
  afterAll(() => world?.close())

  const inAnHour = () => new Date(world.now.getTime() + HOUR).toISOString()
  const done = async (who: Person, action: string, input: Json, selection = ''): Promise<Json> => {
    const payload = await who.act(action, input, selection)
    expect(payload.userErrors).toEqual([])
    return payload
  }
  const refused = async (who: Person, action: string, input: Json): Promise<Json> => {
    const { userErrors, events } = await who.act(action, input)
    expect(events).toEqual([])
    return userErrors[0]
  }
  const opened = async (): Promise<string> => {
    const input = {
      subject: 'Bill',
      description: 'Too high.',
      visibility: 'PUBLIC',
      organizationId: DEMO_ORGANIZATION_ID,
    }
    return (await done(people.sam, 'openTicket', input, 'ticket { id }')).ticket.id
  }
  const tried = (who: Person, action: string, input: Json): Promise<Answer> => {
    const type = `${action[0]!.toUpperCase()}${action.slice(1)}Input`
    return who.send(
      `mutation ($input: ${type}!) { ${action}(input: $input) { events { type } userErrors { code } } }`,
      { input },
    )
  }
  const granted = async (who: Person): Promise<string[]> => (await who.ask('{ me { granted } }')).me.granted
  const sees = (who: Person, ...wanted: string[]) =>
    until(async () => JSON.stringify(await granted(who).catch(() => null)) === JSON.stringify(wanted))
  const decide = async (who: Person, action: string): Promise<Json> =>
    (
      await who.ask(
        `query ($a: String!) { decision(action: $a) { effect requiresOneOf reasons { code message }
          missing { permission grantableBy grantedWith askedWith } } }`,
        { a: action },
      )
    ).decision

  describe('tickets:handle (D37)', () => {
    const LACKING = {
      permission: 'TICKETS_HANDLE',
      grantableBy: ['SUPER_ADMIN'],
      grantedWith: 'grantPermission',
      askedWith: 'createAccessRequest',
    }
    const WAYS = (ticketId: string): [string, Json][] => [
      ['assignTicketToMe', { ticketId }],
      ['replyToTicket', { ticketId, body: 'We are looking.' }],
      ['setTicketStatus', { ticketId, status: 'WAITING_ON_BUYER', statusReason: 'INFORMATION_REQUESTED' }],
      ['resolveTicket', { ticketId, resolution: 'It was corrected.' }],
    ]

    test('who lacks it is told which permission, who grants it and how to ask, at every gate', async () => {
      const { fay } = people
      const ticketId = await opened()
      for (const [action, input] of WAYS(ticketId)) {
        const { errors } = await tried(fay, action, input)
        expect(errors?.[0]).toMatchObject({
          message: expect.stringContaining(
            'TICKETS_HANDLE can be granted by SUPER_ADMIN: ask with createAccessRequest.',
          ),
          extensions: { code: 'FORBIDDEN', missing: [LACKING] },
        })
        expect(await decide(fay, action)).toMatchObject({
          effect: 'DENY',
          requiresOneOf: expect.arrayContaining(['TICKETS_HANDLE', 'SUPPORT_AGENT']),
          reasons: [{ code: 'MISSING_PERMISSION', message: expect.stringContaining('SUPER_ADMIN') }],
          missing: [LACKING],
        })
      }
      const said = { ticketId, body: 'Hello.', visibility: 'PUBLIC' }
      expect(await refused(fay, 'postTicketMessage', said)).toMatchObject({
        code: 'MISSING_PERMISSION',
        field: 'visibility',
        facts: LACKING,
      })
      expect((await fay.ask('{ me { permissions } }')).me.permissions).not.toContain('resolveTicket')
    })

    test('every role by itself: who handles tickets and who gives them to others, as `decision` has it', async () => {
      const BY_ROLE: [keyof typeof people, string, string][] = [
        ['sam', 'ALLOW', 'MISSING_PERMISSION'],
        ['lea', 'ALLOW', 'ALLOW'],
        ['ada', 'ALLOW', 'ALLOW'],
        ['rita', 'MISSING_PERMISSION', 'MISSING_PERMISSION'],
        ['fay', 'MISSING_PERMISSION', 'MISSING_PERMISSION'],
        ['cato', 'MISSING_PERMISSION', 'MISSING_PERMISSION'],
        ['aldo', 'ROLE_MISSING', 'ROLE_MISSING'],
        ['shop', 'ROLE_MISSING', 'ROLE_MISSING'],
      ]
      for (const [name, handles, assigns] of BY_ROLE)
        for (const [action, wanted] of [
          ['resolveTicket', handles],
          ['setTicketStatus', handles],
          ['assignTicket', assigns],
        ] as const) {
          const { effect, reasons } = await decide(people[name], action)
          const answered = effect === 'ALLOW' ? effect : reasons[0].code
          expect({ name, action, answered }).toEqual({ name, action, answered: wanted })
        }
      const { errors } = await tried(rico, 'resolveTicket', { ticketId: 'tkt_x', resolution: 'x' })
      expect(errors?.[0]?.message).not.toContain('createAccessRequest')
    })

    test('finance, catalog and risk handle tickets with it, until it ends by the clock', async () => {
      const { ada, lea, fay, cato, rolf } = people
      for (const who of [fay, cato, rolf]) {
        const { staffMember } = await done(
          ada,
          'grantPermission',
          { staffId: who.id, permission: 'TICKETS_HANDLE', expiresAt: inAnHour(), reason: 'COVER' },
          'staffMember { permissions { permission grantedBy { id } } }',
        )
        expect(staffMember.permissions).toEqual([{ permission: 'TICKETS_HANDLE', grantedBy: { id: ada.id } }])
        await sees(who, 'TICKETS_HANDLE')
        const ticketId = await opened()
        for (const [action, input] of WAYS(ticketId)) {
          expect(await decide(who, action)).toMatchObject({ effect: 'ALLOW', missing: [] })
          await done(who, action, input)
        }
        const said = { ticketId, body: 'And so.', visibility: 'PUBLIC' }
        await done(who, 'postTicketMessage', said)
        const { me } = await who.ask('{ me { permissions } }')
        expect(me.permissions).toContain('resolveTicket')
        expect(me.permissions).not.toContain('changeRoutingRules')
      }
      const list = 'query { staffMembers(filter: { permission: TICKETS_HANDLE }) { nodes { id } } }'
      const { staffMembers } = await lea.ask(list)
      expect(staffMembers.nodes.map(({ id }: Json) => id).sort()).toEqual([cato.id, fay.id, rolf.id])
      await done(lea, 'assignTicket', { ticketId: await opened(), assigneeId: fay.id })
      const { assignableOperators } = await lea.ask('{ assignableOperators { operators { id } } }')
      expect(assignableOperators.operators).toContainEqual({ id: fay.id })

      world.advance(HOUR + 1000)
      const ticketId = await opened()
      expect(await granted(fay)).toEqual([])
      for (const [action, input] of WAYS(ticketId))
        expect((await tried(fay, action, input)).errors?.[0]?.extensions.code).toBe('FORBIDDEN')
      expect((await lea.ask(list)).staffMembers.nodes).toEqual([])
      expect(await refused(lea, 'assignTicket', { ticketId, assigneeId: fay.id })).toMatchObject({
        code: 'NOT_ASSIGNABLE',
      })
      expect(
        (await lea.ask('{ assignableOperators { operators { id } } }')).assignableOperators.operators,
      ).not.toContainEqual({ id: fay.id })
    })

    test('Super Admins grant it, and take it back within two seconds; nobody grants themselves', async () => {
      const { ada, lea, sam, fay } = people
      const input = { staffId: fay.id, permission: 'TICKETS_HANDLE', reason: 'COVER' }
      expect(await refused(lea, 'grantPermission', input)).toMatchObject({
        code: 'MISSING_PERMISSION',
        message: 'TICKETS_HANDLE is granted by SUPER_ADMIN.',
      })
      expect((await tried(sam, 'grantPermission', input)).errors?.[0]?.extensions.code).toBe('FORBIDDEN')
      expect(await refused(ada, 'grantPermission', { ...input, staffId: ada.id })).toMatchObject({
        code: 'SAME_PERSON',
      })
      expect(await refused(ada, 'grantPermission', { ...input, staffId: people.aldo.id })).toMatchObject({
        code: 'INVALID',
        field: 'staffId',
      })
      const past = { ...input, expiresAt: new Date(world.now.getTime() - 1000).toISOString() }
      expect(await refused(ada, 'grantPermission', past)).toMatchObject({
        code: 'INVALID',
        field: 'expiresAt',
      })
      const { events } = await done(ada, 'grantPermission', input)
      expect(events).toMatchObject([{ type: 'PermissionGranted' }])
      expect((await done(ada, 'grantPermission', input)).events).toEqual([])
      await sees(fay, 'TICKETS_HANDLE')
      expect(await refused(lea, 'revokePermission', { ...input, reason: 'MISTAKE' })).toMatchObject({
        code: 'MISSING_PERMISSION',
      })
      expect((await done(ada, 'revokePermission', { ...input, reason: 'MISTAKE' })).events).toMatchObject([
        { type: 'PermissionRevoked' },
      ])
      await until(async () => (await granted(fay).catch(() => ['?'])).length === 0, 2_500)
      expect((await done(ada, 'revokePermission', { ...input, reason: 'MISTAKE' })).events).toEqual([])
    })

    test('ends with the work here, and does not come back with it', async () => {
      const { ada } = people
      const hired = await done(
        ada,
        'hireStaff',
        { name: 'Gus', email: 'gus@opsgraph.example', roles: ['CATALOG_ADMIN'], reason: 'NEW_COLLEAGUE' },
        'staffMember { id }',
      )
      const staffId = hired.staffMember.id
      await done(ada, 'grantPermission', { staffId, permission: 'TICKETS_HANDLE', reason: 'COVER' })
      await done(ada, 'deactivateStaff', { staffId, reason: 'LEFT' })
      await done(ada, 'reactivateStaff', { staffId, reason: 'RETURNED' })
      await done(ada, 'grantRole', { staffId, role: 'CATALOG_ADMIN', reason: 'TEAM_CHANGE' })
      const gus = await world.person(staffId)
      await until(async () => (await gus.send('{ me { id } }')).status === 200)
      expect(await granted(gus)).toEqual([])
    })

    test('a grant that was made before grants lay with the person counts on', async () => {
      const { sam } = people
      const data = { staffId: sam.id, permission: 'tickets:assign', expiresAt: null }
      await happened(world, { type: 'Operator', id: 'opr_sam' }, { type: 'PermissionGranted', data })
      await sees(sam, 'TICKETS_ASSIGN')
      const { staffMember } = await people.lea.ask(
        'query ($id: ID!) { staffMember(id: $id) { permissions { permission grantedBy { id } } timeline { nodes { type } } } }',
        { id: sam.id },
      )
      expect(staffMember.permissions).toEqual([{ permission: 'TICKETS_ASSIGN', grantedBy: null }])
      await done(people.lea, 'revokePermission', {
        staffId: sam.id,
        permission: 'TICKETS_ASSIGN',
        reason: 'DUTY_ENDED',
      })
      await sees(sam)
    })
  })

  describe('asking for access (D59)', () => {
    const ASKED =
      'accessRequest { id state permission role grantableBy note requestedBy { id } decidedBy { id } approval { id } }'
    const asked = async (who: Person, input: Json): Promise<Json> =>
      (await done(who, 'createAccessRequest', input, ASKED)).accessRequest
    const waiting = async (who: Person, filter: Json = {}): Promise<string[]> =>
      (
        await who.ask('query ($f: AccessRequestFilter) { accessRequests(filter: $f) { nodes { id } } }', {
          f: filter,
        })
      ).accessRequests.nodes.map(({ id }: Json) => id)
    const told = async (who: Person): Promise<Json[]> =>
      (await who.ask('{ notifications { nodes { template title body } } }')).notifications.nodes

    test('who can give it finds it, gives it in their own name, and who asked is told', async () => {
      const { sam, lea, fay, ada, aldo } = people
      const request = await asked(sam, { permission: 'TICKETS_ASSIGN', note: 'I stand in for Lea.' })
      expect(request).toMatchObject({
        state: 'PENDING',
        note: 'I stand in for Lea.',
        requestedBy: { id: sam.id },
        grantableBy: ['SUPPORT_LEAD', 'SUPER_ADMIN'],
      })
      for (const who of [sam, lea, ada, aldo]) expect(await waiting(who)).toContain(request.id)
      expect(await waiting(fay)).toEqual([])
      expect(await refused(sam, 'createAccessRequest', { permission: 'TICKETS_ASSIGN' })).toMatchObject({
        code: 'ALREADY_EXISTS',
        facts: { accessRequestId: request.id },
      })
      const grant = { accessRequestId: request.id, expiresAt: inAnHour(), reason: 'COVER' }
      const { accessRequest, events } = await done(lea, 'grantAccessRequest', grant, ASKED)
      expect(accessRequest).toMatchObject({ state: 'GRANTED', decidedBy: { id: lea.id } })
      expect(events).toMatchObject([{ type: 'AccessRequestGranted' }])
      const [event] = await world.sql(
        `select actor, reason from log.event where stream_id = $1 and type = 'PermissionGranted' order by version desc limit 1`,
        [sam.id],
      )
      expect(event).toEqual({ actor: lea.id, reason: 'ACCESS_REQUEST' })
      await sees(sam, 'TICKETS_ASSIGN')
      await done(sam, 'assignTicket', { ticketId: await opened(), assigneeId: people.rita.id })
      const news = await until(async () =>
        (await told(sam)).find(({ template }) => template === 'ACCESS_GRANTED'),
      )
      expect(news?.body).toContain('the permission TICKETS_ASSIGN')
      expect(await refused(sam, 'createAccessRequest', { permission: 'TICKETS_ASSIGN' })).toMatchObject({
        code: 'UNCHANGED',
      })
      world.advance(HOUR + 1000)
      expect(await granted(sam)).toEqual([])
    })

    test('of two who decide at once one does, and the other learns who; nobody decides about themselves', async () => {
      const { fay, ada, otto, lea } = people
      const request = await asked(fay, { permission: 'TICKETS_HANDLE' })
      expect(await waiting(lea)).not.toContain(request.id)
      expect(
        await refused(lea, 'declineAccessRequest', { accessRequestId: request.id, reason: 'NOT_NEEDED' }),
      ).toMatchObject({ code: 'MISSING_PERMISSION', facts: { grantableBy: ['SUPER_ADMIN'] } })
      const grant = { accessRequestId: request.id, reason: 'NEEDED' }
      const decline = { accessRequestId: request.id, reason: 'NOT_NEEDED' }
      const both = await Promise.all([
        ada.act('grantAccessRequest', grant),
        otto.act('declineAccessRequest', decline),
        ada.act('declineAccessRequest', decline),
        otto.act('grantAccessRequest', grant),
      ])
      const errors = both.flatMap(({ userErrors }) => userErrors)
      expect(errors).toHaveLength(3)
      const [row] = await world.sql(
        'select state, decided_by_id from accounts.access_request where id = $1',
        [request.id],
      )
      for (const error of errors)
        expect(error).toMatchObject({
          code: 'INVALID_STATE',
          facts: { state: row!.state, decidedById: row!.decided_by_id },
        })
      const held = await world.sql(
        `select permissions ? 'TICKETS_HANDLE' as held from access.person where id = $1`,
        [fay.id],
      )
      expect(held[0]!.held).toBe(row!.state === 'GRANTED')
      const mine = await asked(ada, { role: 'FINANCE_ADMIN' })
      expect(await refused(ada, 'grantAccessRequest', { ...grant, accessRequestId: mine.id })).toMatchObject({
        code: 'SAME_PERSON',
      })
    })

    test('a role that takes two people waits for the second, and comes true with them', async () => {
      const { cato, ada, otto } = people
      const request = await asked(cato, { role: 'RISK_AGENT', note: 'Rita is away.' })
      const passed = await done(
        ada,
        'grantAccessRequest',
        { accessRequestId: request.id, reason: 'COVER' },
        ASKED,
      )
      expect(passed.events).toMatchObject([{ type: 'AccessRequestPassedOn' }])
      const approvalId = passed.accessRequest.approval.id
      expect(
        await refused(otto, 'grantAccessRequest', { accessRequestId: request.id, reason: 'COVER' }),
      ).toMatchObject({ code: 'INVALID_STATE', facts: { approvalId } })
      expect(await refused(ada, 'approveGrantRole', { approvalId })).toMatchObject({ code: 'SAME_PERSON' })
      await done(otto, 'approveGrantRole', { approvalId })
      const settled = await until(async () => {
        const { node } = await ada.ask(
          `query ($id: ID!) { node(id: $id) { ... on AccessRequest { state decidedBy { id } } } }`,
          {
            id: request.id,
          },
        )
        return node.state === 'GRANTED' && node
      })
      expect(settled.decidedBy).toEqual({ id: otto.id })
      await done(ada, 'revokeRole', { staffId: cato.id, role: 'RISK_AGENT', reason: 'DUTY_ENDED' })
    })

    test('access to a store is asked for with who, as what and until when', async () => {
      const { sam, lea } = people
      const { stores } = await sam.ask('{ stores { nodes { id } } }')
      const store = { siteId: stores.nodes[0].id, userId: rico.id, workspaceRole: 'OPERATOR' }
      expect(await refused(sam, 'createAccessRequest', store)).toMatchObject({
        code: 'INVALID',
        field: 'until',
      })
      expect(
        await refused(sam, 'createAccessRequest', { ...store, userId: 'usr_none', until: inAnHour() }),
      ).toMatchObject({ code: 'UNKNOWN_REFERENCE', field: 'userId' })
      expect(
        await refused(sam, 'createAccessRequest', { ...store, permission: 'TICKETS_ASSIGN' }),
      ).toMatchObject({
        code: 'INVALID',
      })
      const far = new Date(world.now.getTime() + 40 * HOUR).toISOString()
      const { id: accessRequestId } = await asked(sam, { ...store, until: far })
      const grant = { accessRequestId, reason: 'CASE' }
      expect(await refused(lea, 'grantAccessRequest', grant)).toMatchObject({
        code: 'INVALID',
        field: 'expiresAt',
      })
      await done(lea, 'grantAccessRequest', { ...grant, expiresAt: inAnHour() })
      const { site } = await lea.ask('query ($id: ID!) { site(id: $id) { workspaceAccess { role } } }', {
        id: store.siteId,
      })
      expect(site.workspaceAccess).toEqual([{ role: 'OPERATOR' }])
    })

    /** All ways in which a request could be read, for somebody who knows its id. */
    const ways = async (who: Person, id: string): Promise<Json> => {
      const { node, nodes, omnibox, workItems } = await who.ask(
        `query ($id: ID!, $ids: [ID!]!, $text: String!) { node(id: $id) { id ... on AccessRequest { note timeline { nodes { id } } } } nodes(ids: $ids) { id }
          omnibox(query: $text) { totalCount } workItems(filter: { kinds: [ACCESS_REQUEST] }, first: 100) { nodes { title node { id } } } }`,
        { id, ids: [id], text: id },
      )
      const [event] = await world.sql('select id from log.event where stream_id = $1 order by id', [id])
      const { staffMember } = await who.ask(
        'query ($id: ID!) { staffMember(id: $id) { timeline(types: ["AccessRequested"], first: 50) { nodes { id } } links(first: 100) { node { id } } } }',
        { id: people.rolf.id },
      )
      return {
        node: node !== null,
        nodes: nodes[0] !== null,
        omnibox: omnibox.totalCount > 0,
        work: workItems.nodes.some((item: Json) => item.node?.id === id),
        timeline: staffMember.timeline.nodes.some((one: Json) => one.id === `evt_${event!.id}`),
        links: staffMember.links.some((link: Json) => link.node?.id === id),
        list: (await waiting(who)).includes(id),
      }
    }
    const everyWay = (open: boolean) =>
      Object.fromEntries(
        ['node', 'nodes', 'omnibox', 'work', 'timeline', 'links', 'list'].map(way => [way, open]),
      )

    test('is read by who can give it, who asked and auditors, by every way; by others by none', async () => {
      const { sam, lea, fay, cato, ada, otto, aldo, rolf, shop } = people
      const { id } = await asked(rolf, { role: 'CATALOG_ADMIN', note: 'canary-of-access' })
      for (const who of [ada, otto, aldo, rolf])
        expect({ who: who.id, ...(await ways(who, id)) }).toEqual({ who: who.id, ...everyWay(true) })
      for (const who of [sam, lea, fay, cato])
        expect({ who: who.id, ...(await ways(who, id)) }).toEqual({ who: who.id, ...everyWay(false) })
      expect(
        (await shop.send('query ($id: ID!) { node(id: $id) { id } }', { id })).data?.node ?? null,
      ).toBeNull()
      const [event] = await world.sql('select id from log.event where stream_id = $1', [id])
      const one = 'query ($id: ID!) { event(id: $id) { note } }'
      expect(await sam.ask(one, { id: `evt_${event!.id}` })).toEqual({ event: null })
      expect(await rolf.ask(one, { id: `evt_${event!.id}` })).toEqual({ event: { note: 'canary-of-access' } })
      const slice = { filter: { references: [id] } }
      const { auditSlice } = await sam.act('createAuditSlice', slice, 'auditSlice { id count }')
      expect(auditSlice?.count ?? 0).toBe(0)
    })

    test('can be taken back by who asked, once, while nobody decided', async () => {
      const { rolf, lea, ada, cato } = people
      const [accessRequestId] = await waiting(rolf)
      expect(await refused(cato, 'withdrawAccessRequest', { accessRequestId })).toMatchObject({
        code: 'NOT_FOUND',
      })
      expect(await refused(ada, 'withdrawAccessRequest', { accessRequestId })).toMatchObject({
        code: 'NOT_REQUESTER',
      })
      const input = { accessRequestId, note: 'Not any more.', idempotencyKey: 'back' }
      const { accessRequest, events } = await done(rolf, 'withdrawAccessRequest', input, ASKED)
      expect(accessRequest).toMatchObject({ state: 'WITHDRAWN', decidedBy: null })
      expect(events).toMatchObject([{ type: 'AccessRequestWithdrawn' }])
      expect(await done(rolf, 'withdrawAccessRequest', input, 'replayed')).toMatchObject({ replayed: true })
      for (const [who, action, more] of [
        [rolf, 'withdrawAccessRequest', {}],
        [ada, 'grantAccessRequest', { reason: 'NEEDED' }],
        [ada, 'declineAccessRequest', { reason: 'NOT_NEEDED' }],
      ] as const)
        expect(await refused(who, action, { accessRequestId, ...more })).toMatchObject({
          code: 'INVALID_STATE',
          facts: { state: 'WITHDRAWN', decidedById: null },
        })
      for (const who of [rolf, ada]) {
        expect(await waiting(who)).not.toContain(accessRequestId)
        expect((await ways(who, accessRequestId!)).work).toBe(false)
      }
      expect(await waiting(ada, { states: ['WITHDRAWN'] })).toContain(accessRequestId)
      expect(await waiting(lea, { states: ['WITHDRAWN'] })).toEqual([])
      await asked(rolf, { role: 'CATALOG_ADMIN' })
    })

    test('taken back while it waits for a second person, it waits there no longer', async () => {
      const { lea, ada, otto } = people
      const request = await asked(lea, { role: 'FINANCE_ADMIN' })
      const grant = { accessRequestId: request.id, reason: 'COVER' }
      const { accessRequest } = await done(ada, 'grantAccessRequest', grant, ASKED)
      const approvalId = accessRequest.approval.id
      const { events } = await done(lea, 'withdrawAccessRequest', { accessRequestId: request.id })
      expect(events.map(({ type }: Json) => type).sort()).toEqual([
        'AccessRequestWithdrawn',
        'ApprovalWithdrawn',
      ])
      expect(await refused(otto, 'approveGrantRole', { approvalId })).toMatchObject({
        code: 'APPROVAL_NOT_PENDING',
      })
      const { node } = await otto.ask(
        'query ($id: ID!) { node(id: $id) { ... on Approval { state decidedBy { id } } } }',
        { id: approvalId },
      )
      expect(node).toEqual({ state: 'WITHDRAWN', decidedBy: { id: lea.id } })
    })

    test('declining says why, and what is given without the request settles it', async () => {
      const { rita, rolf, ada } = people
      const declined = await asked(rita, { permission: 'TICKETS_HANDLE' })
      await done(ada, 'declineAccessRequest', {
        accessRequestId: declined.id,
        reason: 'ANOTHER_WAY',
        note: 'Sam does it.',
      })
      const news = await until(async () =>
        (await told(rita)).find(({ template }) => template === 'ACCESS_DECLINED'),
      )
      expect(news?.body).toContain('Sam does it.')
      const settled = await asked(rolf, { permission: 'TICKETS_HANDLE' })
      await done(ada, 'grantPermission', { staffId: rolf.id, permission: 'TICKETS_HANDLE', reason: 'COVER' })
      await until(async () => (await waiting(rolf, { states: ['GRANTED'] })).includes(settled.id))
    })
  })
  test('folding the log anew gives the same rows, in place as well, and nobody loses anything', async () => {
    const { ada, fay } = people
    await done(ada, 'grantPermission', { staffId: fay.id, permission: 'TICKETS_HANDLE', reason: 'COVER' })
    await sees(fay, 'TICKETS_HANDLE')
    await world.close()
    // The grant of earlier days was put into the log past the rows: only folding gives it one.
    expect(await world.command('rebuild', '--replace')).toMatchObject({ code: 0 })
    expect(await world.command('rebuild')).toMatchObject({ code: 0 })
    await world.start()
    expect(await granted(fay)).toEqual(['TICKETS_HANDLE'])
  }, 180_000)
})
