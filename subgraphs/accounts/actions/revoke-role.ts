import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given, oneOf } from '#shared/fields.js'
import { recentSignIn } from '#shared/policy.js'
import { refuse } from '#shared/refusal.js'
import { Role } from '#shared/roles.js'
import { staffMember } from '../staff-member.js'
import { keepOne, otherSuperAdmins, ROLE_CHANGE_SIGN_IN } from '../super-admins.js'
import { StaffMember } from '../views/staff-member.js'

@InputType('RevokeRoleInput', { description: 'Which role, from whom.' })
export class RevokeRoleInput extends ActionInput {
  @given('StaffMember', 'Who loses it.')
  staffId!: string

  @oneOf(Role, 'Which role.')
  role!: Role
}

/** A4, E22: one person is enough, since taking rights away has to be quick; the last Super Admin stays. */
export const revokeRole = action({
  name: 'revokeRole',
  description: 'Takes a role from a member of staff; within two seconds it no longer counts.',
  input: RevokeRoleInput,
  risk: 'SENSITIVE',
  reasons: {
    DUTY_ENDED: 'Their work no longer takes it.',
    MISTAKE: 'It should not have been given.',
    MISUSE: 'It was misused, or may have been.',
  },

  on: staffMember,
  target: input => input.staffId,
  prepare: async ({ staffId, role }, tx, caller) =>
    role === Role.SUPER_ADMIN ? await otherSuperAdmins(staffId, tx, caller) : null,

  allow: [Role.SUPER_ADMIN],
  policy: recentSignIn(ROLE_CHANGE_SIGN_IN),

  decide({ known, roles }, { role }, { read: others }) {
    if (!known) refuse('NOT_FOUND', 'There is no such member of staff.', 'staffId')
    if (!roles.includes(role)) refuse('INVALID_STATE', `They do not have ${role}.`, 'role', { roles })
    if (others !== null) keepOne([role], others)
    return { type: 'RoleRevoked', data: { role } }
  },

  emits: ['RoleRevoked'],
  returns: { staffMember: StaffMember },
})
