import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given, oneOf } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { Role } from '#shared/roles.js'
import { staffMember } from '../staff-member.js'
import { checkStaffRole } from '../staff-roles.js'
import { twoForPowerful } from '../super-admins.js'
import { StaffMember } from '../views/staff-member.js'

@InputType('GrantRoleInput', { description: 'Which role, to whom.' })
export class GrantRoleInput extends ActionInput {
  @given('StaffMember', 'Who gets it; never who asks.')
  staffId!: string

  @oneOf(Role, 'Which role.')
  role!: Role
}

/** A4, E22, X8: powerful roles take two people, and nobody gives themselves anything. */
export const grantRole = action({
  name: 'grantRole',
  description: 'Gives a member of staff a role; from their next request on it counts.',
  input: GrantRoleInput,
  risk: 'DANGEROUS',
  reasons: {
    TEAM_CHANGE: 'Their work takes it from now on.',
    COVER: 'They stand in for somebody.',
    EMERGENCY: 'Something has to be dealt with now.',
    ACCESS_REQUEST: 'They asked for it.',
  },

  on: staffMember,
  target: input => input.staffId,

  allow: [Role.SUPER_ADMIN],
  policy: twoForPowerful('role'),

  decide({ known, active, roles }, { role }, { targetId, actorId, approvalId }) {
    if (!known) refuse('NOT_FOUND', 'There is no such member of staff.', 'staffId')
    if (targetId === actorId) refuse('SAME_PERSON', 'Nobody gives themselves a role.', 'staffId')
    checkStaffRole(role, 'role')
    if (!active)
      refuse('INVALID_STATE', 'They do not work here any more: reactivateStaff comes first.', 'staffId')
    if (roles.includes(role)) refuse('ALREADY_EXISTS', `They have ${role} already.`, 'role', { roles })
    return { type: 'RoleGranted', data: { role, approvalId } }
  },

  emits: ['RoleGranted'],
  returns: { staffMember: StaffMember },
})
