import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given, instant, oneOf } from '#shared/fields.js'
import { recentSignIn } from '#shared/policy.js'
import { refuse } from '#shared/refusal.js'
import { Permission, Role, STAFF } from '#shared/roles.js'
import { GRANTERS, requireGranter } from '../granters.js'
import { staffMember } from '../staff-member.js'
import { ROLE_CHANGE_SIGN_IN } from '../super-admins.js'
import { StaffMember } from '../views/staff-member.js'

@InputType('GrantPermissionInput', { description: 'Which permission, to whom, until when.' })
export class GrantPermissionInput extends ActionInput {
  @given('StaffMember', 'Who gets it; never who grants it.')
  staffId!: string

  @oneOf(Permission, 'Which one.')
  permission!: Permission

  @instant('Until when (UTC); left out: until it is taken back.', { nullable: true })
  expiresAt?: Date | null
}

/** D37, D59: what roles do not give. A new grant replaces an older one. */
export const grantPermission = action({
  name: 'grantPermission',
  description:
    'Lets a member of staff do something that their roles do not let them, until it ends or is taken back.',
  input: GrantPermissionInput,
  risk: 'SENSITIVE',
  reasons: {
    TEAM_CHANGE: 'Their work takes it from now on.',
    COVER: 'They stand in for somebody.',
    WORKLOAD: 'There is more to do than others can.',
    ACCESS_REQUEST: 'They asked for it.',
  },

  on: staffMember,
  target: input => input.staffId,

  allow: [...GRANTERS, Role.SYSTEM],
  policy: recentSignIn(ROLE_CHANGE_SIGN_IN),

  decide(state, { staffId, permission, expiresAt }, { actorId, actorRoles, now }) {
    const { known, active, roles, permissions } = state
    if (!known) refuse('NOT_FOUND', 'There is no such member of staff.', 'staffId')
    requireGranter(actorRoles, permission)
    if (staffId === actorId) refuse('SAME_PERSON', 'Nobody grants themselves anything.', 'staffId')
    if (!active) refuse('INVALID_STATE', 'They do not work here any more.', 'staffId')
    if (!roles.some(role => STAFF.includes(role)))
      refuse('INVALID', `It goes with a role: one of ${STAFF.join(', ')}.`, 'staffId', { roles })
    if (expiresAt && expiresAt <= now) refuse('INVALID', 'That is over already.', 'expiresAt')
    const until = expiresAt?.toISOString() ?? null
    if (permissions?.[permission]?.expiresAt === until) return []
    return { type: 'PermissionGranted', data: { staffId, permission, expiresAt: until } }
  },

  emits: ['PermissionGranted'],
  returns: { staffMember: StaffMember },
})
