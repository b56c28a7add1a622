import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { externalId } from '#shared/id.js'
import {
  DEMO_ORGANIZATION_ID,
  DEMO_REQUESTER_ID,
  ensureDemoRequester,
  ensureStaff,
} from '#subgraphs/accounts/bootstrap.js'
import accounts from '#subgraphs/accounts/index.js'
import { codes, NOW, Office } from './office.js'

let office: Office

const user = (externalId: string, more = {}) => ({
  source: 'shop',
  externalId,
  name: `Name ${externalId}`,
  email: `${externalId}@mail.example`,
  ...more,
})
const organization = (externalId: string, more = {}) => ({
  source: 'shop',
  externalId,
  name: `Org ${externalId}`,
  slug: externalId,
  ...more,
})
const idOf = (prefix: string, external: string) => externalId(prefix, 'shop', external)

beforeAll(async () => {
  office = await Office.open('customers', [accounts])
  await ensureStaff(office.services)
})
afterAll(() => office?.close())

const identifiers = (id: string) =>
  office.db.query('select kind, norm from search.identifier where entity_id = $1 order by kind, norm', [id])

describe('recordUsers (A9)', () => {
  test('takes customers in once, and notices what changed', async () => {
    const batch = [user('u1', { stripeCustomerId: 'cus_Abc123' }), user('u2')]
    expect(await office.record('users', batch)).toMatchObject({
      created: 2,
      updated: 0,
      unchanged: 0,
      problems: [],
    })
    expect(await office.record('users', batch)).toMatchObject({ created: 0, updated: 0, unchanged: 2 })
    expect(await office.record('users', [user('u1', { status: 'SUSPENDED' }), user('u2')])).toMatchObject({
      updated: 1,
      unchanged: 1,
    })
    const [row] = await office.db.query('select * from accounts."user" where id = $1', [idOf('usr', 'u1')])
    expect(row).toMatchObject({
      name: 'Name u1',
      email: 'u1@mail.example',
      status: 'SUSPENDED',
      contact_preference: 'BOTH',
      version: 2,
      stripe_customer_id: null,
    })
  })

  test('lets them be found by address, name, payment reference and ids', async () => {
    await office.record('users', [user('u3', { stripeCustomerId: 'cus_XyZ', email: 'Jane@Mail.example' })])
    const found = (await identifiers(idOf('usr', 'u3'))).map(
      ({ kind, norm }: { kind: string; norm: string }) => `${kind} ${norm}`,
    )
    expect(found).toEqual(
      expect.arrayContaining(['EMAIL jane@mail.example', 'EXTERNAL_ID u3', 'STRIPE cus_xyz']),
    )
  })

  test('keeps what is personal apart from the event', async () => {
    await office.record('users', [user('u4', { phone: '+49 30 1234' })])
    const [event] = await office.db.query(`select payload::text from log.event where stream_id = $1`, [
      idOf('usr', 'u4'),
    ])
    expect(event.payload).not.toMatch(/Name u4|u4@mail|1234/)
  })

  test('leaves bad records out, each with what is wrong', async () => {
    const batch = [
      user('ok'),
      user('bad1', { email: 'nobody' }),
      user('bad2', { stripeCustomerId: 'pi_1' }),
      user('bad3', { name: 'a\u0000b' }),
    ]
    const { created, problems } = await office.record('users', batch)
    expect(created).toBe(1)
    expect(problems).toMatchObject([
      { index: 1, externalId: 'bad1', field: 'email' },
      { index: 2, field: 'stripeCustomerId' },
      { index: 3, field: 'name' },
    ])
  })

  test('takes 500 at once', async () => {
    const batch = Array.from({ length: 500 }, (_, i) => user(`bulk${i}`))
    expect(await office.record('users', batch)).toMatchObject({ created: 500 })
  })
})

describe('recordOrganizations (D14, D15, D20, D21)', () => {
  const acme = organization('acme', {
    plan: 'pro',
    billingState: 'PAST_DUE',
    billingAsOf: new Date('2026-04-01T00:00:00Z'),
    stripeAccountId: 'acct_1',
    sites: [{ externalId: 's1', slug: 'acme-shop', name: 'Acme Shop', url: 'https://acme.example' }],
    members: [
      { user: 'owner', role: 'OWNER' },
      { user: 'helper', role: 'OPERATOR', supportAccess: true },
      { user: 'clerk', role: 'MEMBER' },
    ],
  })

  test('takes an organization in with stores and members, and tells the gateway who may see its tickets', async () => {
    expect(await office.record('organizations', [acme])).toMatchObject({ created: 1, problems: [] })
    expect(await office.record('organizations', [acme])).toMatchObject({ unchanged: 1 })
    const rows = await office.db.query(
      'select user_id, role, support_access from access.membership where org_id = $1 order by role',
      [idOf('org', 'acme')],
    )
    expect(rows).toEqual([
      { user_id: idOf('usr', 'clerk'), role: 'MEMBER', support_access: false },
      { user_id: idOf('usr', 'helper'), role: 'OPERATOR', support_access: true },
      { user_id: idOf('usr', 'owner'), role: 'OWNER', support_access: false },
    ])
    expect(await office.identity(idOf('usr', 'owner'))).toMatchObject({
      kind: 'REQUESTER',
      orgIds: [idOf('org', 'acme')],
    })
    expect(await office.identity(idOf('usr', 'clerk'))).toMatchObject({ orgIds: [] })
    expect((await identifiers(idOf('sit', 's1'))).map(({ kind }: { kind: string }) => kind)).toEqual(
      expect.arrayContaining(['SLUG', 'NAME', 'ID', 'EXTERNAL_ID']),
    )
  })

  test('knows members by name once they are recorded, before or after', async () => {
    expect(await office.person(idOf('usr', 'owner'))).toMatchObject({ name: idOf('usr', 'owner') })
    await office.record('users', [user('owner', { name: 'Olga Owner' })])
    expect(await office.person(idOf('usr', 'owner'))).toMatchObject({ name: 'Olga Owner', email: null })
  })

  test('shuts a suspended customer out, and lets them in again', async () => {
    const id = idOf('usr', 'owner')
    const { epoch } = await office.person(id)
    await office.record('users', [user('owner', { name: 'Olga Owner', status: 'SUSPENDED' })])
    expect(await office.person(id)).toMatchObject({ epoch: epoch + 1, disabled_at: expect.any(Date) })
    await office.record('users', [user('owner', { name: 'Olga Owner' })])
    expect(await office.person(id)).toMatchObject({ epoch: epoch + 2, disabled_at: null })
  })

  test('ends a membership that ended, and of a part of the list nobody else’s', async () => {
    await office.record('organizations', [
      {
        ...acme,
        members: [{ user: 'helper', role: 'OPERATOR', supportAccess: true, ended: true }],
        membersPartial: true,
      },
    ])
    const left = await office.db.query('select user_id from access.membership where org_id = $1', [
      idOf('org', 'acme'),
    ])
    expect(left.map((row: { user_id: string }) => row.user_id).sort()).toEqual(
      [idOf('usr', 'clerk'), idOf('usr', 'owner')].sort(),
    )
    expect(await office.identity(idOf('usr', 'helper'))).toMatchObject({ orgIds: [] })
  })

  test('who is no longer on the list has left; without a list, or with a part of it, everybody stays (D15)', async () => {
    const team = (externalId: string, ...users: string[]) =>
      organization(externalId, { members: users.map(user => ({ user, role: 'ADMIN', supportAccess: true })) })
    const members = async (externalId: string) =>
      (
        await office.db.query('select user_id from access.membership where org_id = $1 order by user_id', [
          idOf('org', externalId),
        ])
      ).map((row: { user_id: string }) => row.user_id)
    const ids = (...users: string[]) => users.map(user => idOf('usr', user)).sort()
    await office.record('organizations', [team('crew', 'ann', 'bob', 'cid')])
    expect(await members('crew')).toEqual(ids('ann', 'bob', 'cid'))
    const before = (await office.person(idOf('usr', 'bob'))).epoch

    expect(await office.record('organizations', [team('crew', 'ann', 'cid')])).toMatchObject({ updated: 1 })
    expect(await members('crew')).toEqual(ids('ann', 'cid'))
    expect((await office.person(idOf('usr', 'bob'))).epoch).toBeGreaterThan(before)
    expect(await office.record('organizations', [team('crew', 'ann', 'cid')])).toMatchObject({ unchanged: 1 })

    expect(await office.record('organizations', [organization('crew')])).toMatchObject({ unchanged: 1 })
    expect(
      await office.record('organizations', [{ ...team('crew', 'dee'), membersPartial: true }]),
    ).toMatchObject({ updated: 1 })
    expect(await members('crew')).toEqual(ids('ann', 'cid', 'dee'))

    await office.record('organizations', [team('crew', 'ann', 'eve'), team('crew', 'ann', 'bob')])
    expect(await members('crew')).toEqual(ids('ann', 'bob'))
    expect(await office.record('organizations', [team('crew')], true)).toMatchObject({ updated: 1 })
    expect(await members('crew')).toEqual(ids('ann', 'bob'))
    await office.record('organizations', [team('crew'), team('other', 'ann')])
    expect(await members('crew')).toEqual([])
    expect(await members('other')).toEqual(ids('ann'))
  })

  test('two customers may share an address with each other and with staff', async () => {
    const shared = { email: 'sam@opsgraph.example' }
    await office.record('users', [user('twin1', shared), user('twin2', shared)])
    const members = [{ user: 'twin1' }, { user: 'twin2' }]
    expect(await office.record('organizations', [organization('twins', { members })])).toMatchObject({
      created: 1,
      problems: [],
    })
  })

  test('refuses odd slugs, addresses and members listed twice', async () => {
    const { problems } = await office.record('organizations', [
      organization('o1', { slug: 'a b' }),
      organization('o2', { sites: [{ externalId: 'x', slug: 'x', name: 'X', url: 'javascript:alert(1)' }] }),
      organization('o3', { members: [{ user: 'u1' }, { user: 'u1' }] }),
    ])
    expect(problems.map(({ field }) => field)).toEqual(['slug', 'sites.0.url', 'members.1.user'])
  })
})

describe('stores (A11, A12)', () => {
  const siteId = idOf('sit', 'new')
  beforeAll(async () => {
    const sites = [{ externalId: 'new', slug: 'new-shop', name: 'New', awaitsApproval: true }]
    await office.record('organizations', [organization('newcomer', { sites })])
    await office.record('users', [user('visitor')])
  })

  test('wait for approval where the marketplace says so, and what was decided stays', async () => {
    const { rows } = await office.act('stf_rita', 'approveStore', { siteId, reason: 'COMPLETE' })
    expect(rows.store).toMatchObject({ status: 'APPROVED' })
    expect(codes(await office.act('stf_rolf', 'rejectStore', { siteId, reason: 'FRAUD' }))).toEqual([
      'INVALID_STATE',
    ])
    await office.record('organizations', [
      organization('newcomer', {
        sites: [{ externalId: 'new', slug: 'newer-shop', name: 'New', awaitsApproval: true }],
      }),
    ])
    const [row] = await office.db.query('select slug, status from accounts.site where id = $1', [siteId])
    expect(row).toEqual({ slug: 'newer-shop', status: 'APPROVED' })
  })

  const grant = (who: string, hours: number, userId = idOf('usr', 'visitor')) =>
    office.act(who, 'grantWorkspaceAccess', {
      siteId,
      userId,
      role: 'OPERATOR',
      reason: 'SUPPORT_CASE',
      expiresAt: new Date(NOW.getTime() + hours * 3_600_000),
    })
  const access = async () =>
    (
      await office.ask(
        await office.identity('stf_sam'),
        `{ site(id: "${siteId}") { workspaceAccess { role expiresAt user { id } grantedBy { id } } } }`,
      )
    ).data.site.workspaceAccess

  test('let a user in for at most a day when a lead says so, longer when a Super Admin does', async () => {
    expect(codes(await grant('stf_lea', 24.01))).toEqual(['INVALID'])
    expect(codes(await grant('stf_lea', 0))).toEqual(['INVALID'])
    expect(codes(await grant('stf_lea', 24))).toEqual([])
    expect(await access()).toEqual([
      {
        role: 'OPERATOR',
        expiresAt: '2026-04-23T09:00:00.000Z',
        user: { id: idOf('usr', 'visitor') },
        grantedBy: { id: 'stf_lea' },
      },
    ])
    expect(codes(await grant('stf_ada', 24 * 30))).toEqual([])
    await expect(grant('stf_sam', 1)).rejects.toMatchObject({ extensions: { code: 'FORBIDDEN' } })
    expect(codes(await grant('stf_lea', 1, 'usr_nobody'))).toEqual(['NOT_FOUND'])
  })

  test('end access before its time', async () => {
    await grant('stf_lea', 2)
    expect(
      codes(
        await office.act('stf_lea', 'revokeWorkspaceAccess', {
          siteId,
          userId: idOf('usr', 'visitor'),
          reason: 'DONE',
        }),
      ),
    ).toEqual([])
    expect(await access()).toEqual([])
    expect(
      codes(
        await office.act('stf_lea', 'revokeWorkspaceAccess', {
          siteId,
          userId: idOf('usr', 'visitor'),
          reason: 'DONE',
        }),
      ),
    ).toEqual(['INVALID_STATE'])
  })
})

describe('looking up', () => {
  beforeAll(() => ensureDemoRequester(office.services))

  test('users by address, organizations and stores by slug, with what belongs to them', async () => {
    const { data, errors } = await office.ask(
      await office.identity('stf_sam'),
      `{ user(email: "RICO@alpenglow.example") { id name email maskedEmail memberships { nodes { role organization { id } } } }
         organization(slug: "Alpenglow") { id plan billingState sites { nodes { slug url } } members { nodes { user { id } } totalCount } }
         store(slug: "alpenglow-shop") { name organization { name } } }`,
    )
    expect(errors).toBeUndefined()
    expect(data).toEqual({
      user: {
        id: DEMO_REQUESTER_ID,
        name: 'Rico Vance',
        email: 'rico@alpenglow.example',
        maskedEmail: 'r•••@alpenglow.example',
        memberships: { nodes: [{ role: 'OWNER', organization: { id: DEMO_ORGANIZATION_ID } }] },
      },
      organization: {
        id: DEMO_ORGANIZATION_ID,
        plan: 'business',
        billingState: 'CURRENT',
        sites: { nodes: [{ slug: 'alpenglow-shop', url: 'https://alpenglow.example' }] },
        members: { nodes: [{ user: { id: DEMO_REQUESTER_ID } }], totalCount: 1 },
      },
      store: { name: 'Alpenglow Shop', organization: { name: 'Alpenglow Outfitters' } },
    })
  })

  test('lists take filters and pages', async () => {
    const lea = await office.identity('stf_lea')
    const all = await office.ask(
      lea,
      `{ users(first: 2, filter: { organizationId: "${idOf('org', 'twins')}" }) { nodes { id } totalCount }
      organizations(filter: { billingState: PAST_DUE }) { nodes { slug } } stores(filter: { status: APPROVED }) { totalCount }
      staffMembers(filter: { role: SUPER_ADMIN, active: true }) { nodes { name } } }`,
    )
    expect(all.errors).toBeUndefined()
    expect(all.data.users.totalCount).toBe(2)
    expect(all.data.organizations.nodes).toEqual([{ slug: 'acme' }])
    expect(all.data.staffMembers.nodes.map(({ name }: { name: string }) => name).sort()).toEqual([
      'Ada Moreau',
      'Otto Kranz',
    ])
    const first = await office.ask(lea, '{ users(first: 100) { pageInfo { endCursor hasNextPage } } }')
    const { endCursor } = first.data.users.pageInfo
    const second = await office.ask(lea, `{ users(first: 100, after: "${endCursor}") { nodes { id } } }`)
    expect(second.data.users.nodes).toHaveLength(100)
    const both = await office.ask(lea, '{ user { id } }')
    expect(both.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
  })

  test('an auditor sees nothing personal, staff who need none neither', async () => {
    for (const who of ['stf_aldo', 'stf_cato']) {
      const { data, errors } = await office.ask(
        await office.identity(who),
        `{ user(id: "${DEMO_REQUESTER_ID}") { status maskedEmail name email phone } }`,
      )
      expect(data.user).toEqual({
        status: 'ACTIVE',
        maskedEmail: 'r•••@alpenglow.example',
        name: null,
        email: null,
        phone: null,
      })
      expect(errors.map((error: { extensions: { code: string } }) => error.extensions.code)).toEqual([
        'FORBIDDEN',
        'FORBIDDEN',
        'FORBIDDEN',
      ])
    }
  })

  test('a customer sees themselves and the public side of their own organization, and nothing of others', async () => {
    const rico = await office.identity(DEMO_REQUESTER_ID)
    const mine = await office.ask(
      rico,
      `{ me { id kind roles user { name email } organizations { name plan sites { nodes { slug } } } staffMember { id } } }`,
    )
    expect(mine).toEqual({
      data: {
        me: {
          id: DEMO_REQUESTER_ID,
          kind: 'REQUESTER',
          roles: ['REQUESTER'],
          user: { name: 'Rico Vance', email: 'rico@alpenglow.example' },
          organizations: [
            {
              name: 'Alpenglow Outfitters',
              plan: 'business',
              sites: { nodes: [{ slug: 'alpenglow-shop' }] },
            },
          ],
          staffMember: null,
        },
      },
    })
    const others = await office.ask(
      rico,
      `{ user(id: "${idOf('usr', 'u2')}") { id } byMail: user(email: "u2@mail.example") { id } organization(slug: "acme") { id } store(slug: "acme-shop") { id } }`,
    )
    expect(others).toEqual({ data: { user: null, byMail: null, organization: null, store: null } })
    const closed = await office.ask(
      rico,
      `{ organization(slug: "alpenglow") { stripeAccountId members { totalCount } } }`,
    )
    expect(closed.data.organization).toEqual({ stripeAccountId: null, members: null })
    for (const list of ['users', 'organizations', 'stores', 'staffMembers', 'apiTokens', 'integrations'])
      expect((await office.ask(rico, `{ ${list} { nodes { id } } }`)).errors).toMatchObject([
        { extensions: { code: 'FORBIDDEN' } },
      ])
  })

  test('a customer learns the public name of who answers them, and no more, also by reference', async () => {
    const rico = await office.identity(DEMO_REQUESTER_ID)
    const byReference = (id: string, type: string, fields: string) =>
      office.ask(
        rico,
        `{ _entities(representations: [{ __typename: "${type}", id: "${id}" }]) { ... on ${type} { ${fields} } } }`,
      )
    expect((await byReference('stf_sam', 'StaffMember', 'publicName')).data._entities).toEqual([
      { publicName: 'Sam' },
    ])
    const more = await byReference('stf_sam', 'StaffMember', 'publicName name email roles active')
    expect(more.data._entities).toEqual([
      { publicName: 'Sam', name: null, email: null, roles: null, active: null },
    ])
    expect((await byReference(idOf('usr', 'u2'), 'User', 'name email')).data._entities).toEqual([null])
    expect((await byReference(idOf('org', 'acme'), 'Organization', 'name')).data._entities).toEqual([null])
    expect((await byReference('svc_shop', 'Integration', 'name')).data._entities).toEqual([null])
  })

  test('a machine and an anonymous caller', async () => {
    const shop = await office.ask(
      await office.identity('svc_shop'),
      '{ me { kind name scopes integration { name } signedInAt } }',
    )
    expect(shop.data.me).toMatchObject({
      kind: 'INTEGRATION',
      name: 'Demo shop',
      integration: { name: 'Demo shop' },
    })
    const nobody = await office.ask(
      { ...(await office.identity('stf_sam')), kind: 'ANONYMOUS', roles: [], personId: '' },
      '{ me { id } }',
    )
    expect(nobody.errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }])
  })
})
