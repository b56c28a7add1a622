import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Role } from '#shared/roles.js'
import { DEMO_PEOPLE, ensureStaff } from '#subgraphs/accounts/bootstrap.js'
import accounts from '#subgraphs/accounts/index.js'
import type { Opened } from '../../cli/open.js'
import { addFounder } from '../../cli/staff.js'
import { codes, NOW, Office } from './office.js'

let office: Office

beforeAll(async () => {
  office = await Office.open('staff', [accounts])
  await ensureStaff(office.services)
})
afterAll(() => office?.close())

const rolesOf = async (id: string): Promise<string[]> => (await office.person(id)).roles
const hire = async (name: string, roles: Role[] = []): Promise<string> => {
  const input = { name, email: `${name}@opsgraph.example`, roles, reason: 'NEW_COLLEAGUE' }
  return (await office.act('stf_ada', 'hireStaff', input)).targetId!
}

describe('the people to begin with', () => {
  test('are there once, with a person of each role, however often they are ensured', async () => {
    expect(await ensureStaff(office.services)).toEqual([])
    const together = await Promise.all([1, 2, 3].map(() => ensureStaff(office.services, DEMO_PEOPLE)))
    expect(together).toEqual([[], [], []])
    const rows = await office.db.query('select id, kind, roles, scopes, epoch from access.person order by id')
    expect(rows).toHaveLength(11)
    expect(rows).toContainEqual({
      id: 'stf_fay',
      kind: 'STAFF',
      roles: ['FINANCE_ADMIN'],
      scopes: [],
      epoch: 1,
    })
    expect(await office.person('svc_shop')).toMatchObject({
      kind: 'INTEGRATION',
      scopes: expect.arrayContaining(['records:write', 'read:all']),
    })
  })

  test('leave events by Opsgraph itself, with their names kept apart', async () => {
    const [event] = await office.services.store.load(office.db.manager, {
      type: 'StaffMember',
      id: 'stf_sam',
    })
    expect(event).toMatchObject({
      type: 'StaffHired',
      actor: { kind: 'SYSTEM' },
      reasonCode: 'BOOTSTRAP',
      data: { name: 'Sam Okoye', roles: ['SUPPORT_AGENT'] },
    })
    const [stored] = await office.db.query(`select payload from log.event where stream_id = 'stf_sam'`)
    expect(stored.payload).toEqual({ roles: ['SUPPORT_AGENT'] })
  })
})

describe('hireStaff (A4)', () => {
  test('takes somebody in, whom the gateway then knows', async () => {
    const { rows, targetId, userErrors } = await office.act('stf_ada', 'hireStaff', {
      name: 'Nora Quist',
      email: 'Nora@opsgraph.example',
      subject: 'idp|nora',
      roles: [Role.CATALOG_ADMIN, Role.CATALOG_ADMIN],
      reason: 'NEW_COLLEAGUE',
    })
    expect(userErrors).toEqual([])
    expect(rows.staffMember).toMatchObject({
      id: targetId,
      publicName: 'Nora',
      roles: ['CATALOG_ADMIN'],
      active: true,
      version: 1,
    })
    expect(await office.person(targetId!)).toMatchObject({
      kind: 'STAFF',
      name: 'Nora Quist',
      subject: 'idp|nora',
      roles: ['CATALOG_ADMIN'],
    })
  })

  test('refuses an address twice, in whatever case, also when two are hired at the same moment', async () => {
    const input = { name: 'Twin', email: 'twin@opsgraph.example', roles: [], reason: 'NEW_COLLEAGUE' }
    const both = await Promise.all([
      office.act('stf_ada', 'hireStaff', input),
      office.act('stf_otto', 'hireStaff', { ...input, email: 'TWIN@opsgraph.example' }),
    ])
    expect(both.flatMap(codes)).toEqual(['ALREADY_EXISTS'])
  })

  test.each([
    ['no address', { email: 'nora' }, 'email'],
    ['the role of a customer', { roles: [Role.REQUESTER] }, 'roles'],
  ])('refuses %s', async (_, wrong, field) => {
    const input = { name: 'X', email: 'x@opsgraph.example', roles: [], reason: 'NEW_COLLEAGUE', ...wrong }
    expect((await office.act('stf_ada', 'hireStaff', input)).userErrors).toMatchObject([
      { code: 'INVALID', field },
    ])
  })

  test('is for Super Admins, who signed in within twelve hours', async () => {
    const input = { name: 'X', email: 'x@opsgraph.example', roles: [], reason: 'NEW_COLLEAGUE' }
    await expect(office.act('stf_lea', 'hireStaff', input)).rejects.toMatchObject({
      extensions: { code: 'FORBIDDEN' },
    })
    const stale = await office.identity('stf_ada', { authenticatedAt: NOW.getTime() / 1000 - 12 * 3600 - 1 })
    expect(codes(await office.act(stale, 'hireStaff', input))).toEqual(['STEP_UP_REQUIRED'])
  })

  test.each([Role.SUPER_ADMIN, Role.FINANCE_ADMIN, Role.RISK_AGENT])(
    'with %s takes a second Super Admin',
    async role => {
      const email = `new-${role}@opsgraph.example`
      const input = { name: 'Ned New', email, roles: [Role.SUPPORT_AGENT, role], reason: 'NEW_COLLEAGUE' }
      const { approval, rows } = await office.act('stf_ada', 'hireStaff', input)
      expect(rows.staffMember).toBeNull()
      const approvalId = approval!.id
      expect(codes(await office.act('stf_ada', 'approveHireStaff', { approvalId }))).toEqual(['SAME_PERSON'])
      const [row] = await office.owner.query('select payload from log.event where stream_id = $1', [
        approvalId,
      ])
      expect(JSON.stringify(row.payload)).not.toMatch(/Ned|new-/)
      const [asked] = await office.db.query('select input from approval.approval where id = $1', [approvalId])
      expect(asked.input).toMatchObject({ name: 'Ned New', email })
      const { userErrors, targetId } = await office.act('stf_otto', 'approveHireStaff', { approvalId })
      expect(userErrors).toEqual([])
      expect(await office.person(targetId!)).toMatchObject({
        name: 'Ned New',
        roles: ['SUPPORT_AGENT', role],
      })
      const left = await office.act('stf_ada', 'deactivateStaff', { staffId: targetId!, reason: 'LEFT' })
      expect(left.userErrors).toEqual([])
    },
  )
})

describe('grantRole and revokeRole (E22)', () => {
  test('count from the next look at the person on, and each raises the epoch', async () => {
    const id = await hire('gil', [Role.SUPPORT_AGENT])
    const before = (await office.person(id)).epoch
    await office.act('stf_ada', 'grantRole', { staffId: id, role: Role.SUPPORT_LEAD, reason: 'TEAM_CHANGE' })
    expect(await office.person(id)).toMatchObject({
      roles: ['SUPPORT_AGENT', 'SUPPORT_LEAD'],
      epoch: before + 1,
    })
    await office.act('stf_ada', 'revokeRole', { staffId: id, role: Role.SUPPORT_AGENT, reason: 'DUTY_ENDED' })
    expect(await office.person(id)).toMatchObject({ roles: ['SUPPORT_LEAD'], epoch: before + 2 })
  })

  test('nobody gives themselves a role', async () => {
    expect(
      codes(
        await office.act('stf_ada', 'grantRole', {
          staffId: 'stf_ada',
          role: Role.FINANCE_ADMIN,
          reason: 'COVER',
        }),
      ),
    ).toEqual(['SAME_PERSON'])
  })

  test('nothing is given twice or taken where it is not, to nobody, or beyond staff', async () => {
    const grant = (staffId: string, role: Role) =>
      office.act('stf_ada', 'grantRole', { staffId, role, reason: 'COVER' })
    expect(codes(await grant('stf_fay', Role.FINANCE_ADMIN))).toEqual(['ALREADY_EXISTS'])
    expect(codes(await grant('stf_nobody', Role.FINANCE_ADMIN))).toEqual(['NOT_FOUND'])
    expect(codes(await grant('stf_fay', Role.INTEGRATION))).toEqual(['INVALID'])
    expect(
      codes(
        await office.act('stf_ada', 'revokeRole', {
          staffId: 'stf_fay',
          role: Role.RISK_AGENT,
          reason: 'MISTAKE',
        }),
      ),
    ).toEqual(['INVALID_STATE'])
  })

  test('SUPER_ADMIN takes two people (X8)', async () => {
    const id = await hire('uma')
    const asked = await office.act('stf_ada', 'grantRole', {
      staffId: id,
      role: Role.SUPER_ADMIN,
      reason: 'TEAM_CHANGE',
    })
    expect(asked.events).toMatchObject([{ type: 'ApprovalRequested' }])
    expect(await rolesOf(id)).toEqual([])
    const approvalId = asked.approval!.id
    expect(codes(await office.act('stf_ada', 'approveGrantRole', { approvalId }))).toEqual(['SAME_PERSON'])
    await expect(office.act('stf_fay', 'approveGrantRole', { approvalId })).rejects.toMatchObject({
      extensions: { code: 'FORBIDDEN' },
    })
    const withToken = await office.identity('stf_otto', { tokenId: 'tok_x', authenticatedAt: 0 })
    expect(codes(await office.act(withToken, 'approveGrantRole', { approvalId }))).toEqual([
      'STEP_UP_REQUIRED',
    ])
    const done = await office.act('stf_otto', 'approveGrantRole', { approvalId })
    expect(done.events).toMatchObject([{ type: 'RoleGranted' }])
    expect(await rolesOf(id)).toEqual(['SUPER_ADMIN'])
    await office.act('stf_ada', 'revokeRole', { staffId: id, role: Role.SUPER_ADMIN, reason: 'MISTAKE' })
  })
})

describe('those who leave', () => {
  test('lose every role at once, and come back with none', async () => {
    const id = await hire('kit', [Role.CATALOG_ADMIN, Role.SUPPORT_AGENT])
    const left = await office.act('stf_ada', 'deactivateStaff', { staffId: id, reason: 'LEFT' })
    expect(left.rows.staffMember).toMatchObject({ active: false, roles: [] })
    await expect(office.identity(id)).rejects.toThrow('cannot sign in')
    expect(
      codes(await office.act('stf_ada', 'grantRole', { staffId: id, role: Role.AUDITOR, reason: 'COVER' })),
    ).toEqual(['INVALID_STATE'])
    await office.act('stf_ada', 'reactivateStaff', { staffId: id, reason: 'RETURNED' })
    expect(await office.identity(id)).toMatchObject({ roles: [] })
  })

  test('are never who asks', async () => {
    expect(
      codes(await office.act('stf_ada', 'deactivateStaff', { staffId: 'stf_ada', reason: 'LEFT' })),
    ).toEqual(['SAME_PERSON'])
  })
})

/** Last in the file: it ends with one Super Admin. */
describe('the last Super Admin', () => {
  const superAdmins = async () =>
    (
      await office.db.query(
        `select id from access.person where 'SUPER_ADMIN' = any(roles) and disabled_at is null`,
      )
    ).length

  test('stays when two remove each other at the same moment, whichever way', async () => {
    for (let round = 0; round < 5; round++) {
      const [ada, otto] = await Promise.all([office.identity('stf_ada'), office.identity('stf_otto')])
      const answers = await Promise.all([
        office.act(ada, 'revokeRole', { staffId: 'stf_otto', role: Role.SUPER_ADMIN, reason: 'MISUSE' }),
        office.act(otto, round % 2 ? 'deactivateStaff' : 'revokeRole', {
          staffId: 'stf_ada',
          role: Role.SUPER_ADMIN,
          reason: 'MISUSE',
        }),
      ])
      expect(answers.flatMap(codes)).toEqual(['LAST_SUPER_ADMIN'])
      expect(await superAdmins()).toBe(1)
      await restore()
    }
  })

  test('cannot resign', async () => {
    await office.act('stf_ada', 'revokeRole', {
      staffId: 'stf_otto',
      role: Role.SUPER_ADMIN,
      reason: 'DUTY_ENDED',
    })
    const own = await office.act('stf_ada', 'revokeRole', {
      staffId: 'stf_ada',
      role: Role.SUPER_ADMIN,
      reason: 'DUTY_ENDED',
    })
    expect(codes(own)).toEqual(['LAST_SUPER_ADMIN'])
  })

  test('is joined by a second one, and by whom they need, from the command line (E22)', async () => {
    const opened = { services: office.services } as Opened
    const add = (name: string, more: object = {}) =>
      addFounder(`${name}@opsgraph.example`, { name, ...more }, opened)
    await expect(add('nia', { role: ['SYSTEM'] })).rejects.toThrow('not a role of staff')
    await add('nia', { role: ['FINANCE_ADMIN', 'SUPPORT_AGENT'] })
    await expect(add('NIA')).rejects.toThrow('has this address already')
    await add('noa')
    await expect(add('nat')).rejects.toThrow('hireStaff and grantRole')
    const rows = await office.db.query(
      `select name, roles from access.person where name in ('nia', 'noa', 'nat') order by name`,
    )
    expect(rows).toEqual([
      { name: 'nia', roles: ['FINANCE_ADMIN', 'SUPPORT_AGENT'] },
      { name: 'noa', roles: ['SUPER_ADMIN'] },
    ])
  })

  test('leaves a trace when somebody tried', async () => {
    const refused = await office.db.query(
      `select payload from log.event where type = 'ActionRefused' and payload ->> 'code' = 'LAST_SUPER_ADMIN'`,
    )
    expect(refused.length).toBeGreaterThanOrEqual(6)
  })

  /** Puts both back as they were, by events as the approval would leave them. */
  async function restore() {
    for (const id of ['stf_ada', 'stf_otto']) {
      const row = await office.person(id)
      const stream = { type: 'StaffMember', id }
      const draft = (type: string, data: object) => ({ type, data })
      const events = [
        ...(row.disabled_at ? [draft('StaffReactivated', {})] : []),
        ...(row.roles.includes(Role.SUPER_ADMIN)
          ? []
          : [draft('RoleGranted', { role: Role.SUPER_ADMIN, approvalId: null })]),
      ]
      if (events.length) await office.append(stream, events)
    }
  }
})
