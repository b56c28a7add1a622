import { InputType } from 'type-graphql'
import type { EntityManager } from 'typeorm'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Caller } from '#shared/context.js'
import type { MemberRole } from '#shared/events/accounts.js'
import { given, instant, oneOf } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { PERMISSION_HOLDERS, Permission, Role, STAFF } from '#shared/roles.js'
import { accessRequest, nameOf } from '../access-request.js'
import { checkStaffRole } from '../staff-roles.js'
import { AccessRequest } from '../views/access-request.js'
import { MembershipRole } from '../views/membership.js'

@InputType('CreateAccessRequestInput', {
  description:
    'What one asks to be given: a permission, a role, or access of a user to a store; one of them. `note` says what for.',
})
export class CreateAccessRequestInput extends ActionInput {
  @oneOf(Permission, 'The permission.', { nullable: true })
  permission?: Permission | null

  @oneOf(Role, 'The role.', { nullable: true })
  role?: Role | null

  @given('Site', 'The store that a user is to enter; goes with userId, workspaceRole and until.', {
    nullable: true,
  })
  siteId?: string | null

  @given('User', 'The user who is to enter the store.', { nullable: true })
  userId?: string | null

  @oneOf(MembershipRole, 'As what they are to enter it.', { nullable: true })
  workspaceRole?: MemberRole | null

  @instant('Until when it is wanted (UTC); not for roles, which have no end.', { nullable: true })
  until?: Date | null
}

interface Known {
  siteKnown: boolean
  userKnown: boolean
  /** The same request, which nobody has decided yet. */
  pending: string | null
}

/** The lock makes two clicks at once one request. */
async function known(input: CreateAccessRequestInput, tx: EntityManager, caller: Caller): Promise<Known> {
  const { permission = null, role = null, siteId = null, userId = null } = input
  await caller.services.store.lock(tx, [`access-request:${caller.identity.personId}`])
  const [row] = await tx.query(
    `select exists (select from accounts.site where id = $3) as "siteKnown",
            exists (select from accounts."user" where id = $4) as "userKnown",
            (select id from accounts.access_request where staff_id = $5 and state = 'PENDING'
                and permission is not distinct from $1 and role is not distinct from $2
                and site_id is not distinct from $3 and user_id is not distinct from $4 limit 1) as pending`,
    [permission, role, siteId, userId, caller.identity.personId],
  )
  return row
}

function requireOneThing({
  permission,
  role,
  siteId,
  userId,
  workspaceRole,
  until,
}: CreateAccessRequestInput) {
  if ([permission, role, siteId].filter(Boolean).length !== 1)
    refuse('INVALID', 'Ask for one of permission, role and siteId.', 'permission')
  if (role) checkStaffRole(role, 'role')
  if (role && until) refuse('INVALID', 'A role ends when it is taken back.', 'until')
  const missing = siteId
    ? Object.entries({ userId, workspaceRole, until }).find(([, value]) => !value)?.[0]
    : undefined
  if (missing) refuse('INVALID', `Access to a store needs ${missing}, too.`, missing)
  if (!siteId && (userId || workspaceRole))
    refuse('INVALID', 'userId and workspaceRole go with siteId.', 'siteId')
}

/** D59: who lacks something asks for it; who can give it finds it in `accessRequests`, and is never who asked. */
export const createAccessRequest = action({
  name: 'createAccessRequest',
  description: 'Asks for a permission or a role that one lacks, or for access of a user to a store.',
  input: CreateAccessRequestInput,

  on: accessRequest,
  prepare: known,

  allow: [...STAFF, Role.AUDITOR],

  decide(_, input, { actorId, actorRoles, now, may, read: { siteKnown, userKnown, pending } }) {
    requireOneThing(input)
    const {
      permission = null,
      role = null,
      siteId = null,
      userId = null,
      workspaceRole = null,
      until,
    } = input
    if (until && until <= now) refuse('INVALID', 'That is over already.', 'until')
    if (siteId && !siteKnown) refuse('UNKNOWN_REFERENCE', 'There is no such store.', 'siteId')
    if (userId && !userKnown) refuse('UNKNOWN_REFERENCE', 'There is no such user.', 'userId')
    if (permission && may([...PERMISSION_HOLDERS[permission], permission]))
      refuse('UNCHANGED', 'You may do that already.', 'permission')
    if (permission && !may(STAFF))
      refuse('INVALID', `A permission goes with a role: one of ${STAFF.join(', ')}.`, 'permission')
    if (role && actorRoles.includes(role)) refuse('UNCHANGED', 'You have this role already.', 'role')
    const wanted = { permission, role, siteId, userId, workspaceRole, until: until?.toISOString() ?? null }
    if (pending)
      refuse('ALREADY_EXISTS', `You asked for ${nameOf(wanted)} already.`, undefined, {
        accessRequestId: pending,
      })
    return { type: 'AccessRequested', data: { staffId: actorId, ...wanted }, refs: [actorId] }
  },

  emits: ['AccessRequested'],
  returns: { accessRequest: AccessRequest },
})
