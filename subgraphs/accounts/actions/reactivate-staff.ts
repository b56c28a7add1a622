import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given } from '#shared/fields.js'
import { recentSignIn } from '#shared/policy.js'
import { refuse } from '#shared/refusal.js'
import { Role } from '#shared/roles.js'
import { staffMember } from '../staff-member.js'
import { ROLE_CHANGE_SIGN_IN } from '../super-admins.js'
import { StaffMember } from '../views/staff-member.js'

@InputType('ReactivateStaffInput', { description: 'Who works here again.' })
export class ReactivateStaffInput extends ActionInput {
  @given('StaffMember', 'Who.')
  staffId!: string
}

/** E22: lets somebody in again. Roles are not remembered: each is granted anew, by its own rules. */
export const reactivateStaff = action({
  name: 'reactivateStaff',
  description: 'Lets somebody in again who was deactivated; without roles, which grantRole gives.',
  input: ReactivateStaffInput,
  risk: 'SENSITIVE',
  reasons: { RETURNED: 'They work here again.', MISTAKE: 'They should not have been shut out.' },

  on: staffMember,
  target: input => input.staffId,

  allow: [Role.SUPER_ADMIN],
  policy: recentSignIn(ROLE_CHANGE_SIGN_IN),

  decide({ known, active }) {
    if (!known) refuse('NOT_FOUND', 'There is no such member of staff.', 'staffId')
    if (active) refuse('INVALID_STATE', 'They work here.', 'staffId')
    return { type: 'StaffReactivated', data: {} }
  },

  emits: ['StaffReactivated'],
  returns: { staffMember: StaffMember },
})
