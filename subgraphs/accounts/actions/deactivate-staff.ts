import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given } from '#shared/fields.js'
import { recentSignIn } from '#shared/policy.js'
import { refuse } from '#shared/refusal.js'
import { Role } from '#shared/roles.js'
import { staffMember } from '../staff-member.js'
import { keepOne, otherSuperAdmins, ROLE_CHANGE_SIGN_IN } from '../super-admins.js'
import { StaffMember } from '../views/staff-member.js'

@InputType('DeactivateStaffInput', { description: 'Who no longer works here.' })
export class DeactivateStaffInput extends ActionInput {
  @given('StaffMember', 'Who; never who asks.')
  staffId!: string
}

/** E22: ends everything somebody could do here, their tokens included. */
export const deactivateStaff = action({
  name: 'deactivateStaff',
  description:
    'Ends all roles of somebody who no longer works here, and shuts them and their tokens out within two seconds.',
  input: DeactivateStaffInput,
  risk: 'DANGEROUS',
  reasons: {
    LEFT: 'They no longer work here.',
    ON_LEAVE: 'They are away for long.',
    COMPROMISED: 'Somebody else may be acting as them.',
    MISUSE: 'They misused what they could do, or may have.',
  },

  on: staffMember,
  target: input => input.staffId,
  prepare: ({ staffId }, tx, caller) => otherSuperAdmins(staffId, tx, caller),

  allow: [Role.SUPER_ADMIN],
  policy: recentSignIn(ROLE_CHANGE_SIGN_IN),

  decide({ known, active, roles }, _, { targetId, actorId, read: others }) {
    if (!known) refuse('NOT_FOUND', 'There is no such member of staff.', 'staffId')
    if (targetId === actorId) refuse('SAME_PERSON', 'Ask somebody else to do this.', 'staffId')
    if (!active) refuse('INVALID_STATE', 'They do not work here any more.', 'staffId')
    keepOne(roles, others)
    return { type: 'StaffDeactivated', data: { roles } }
  },

  emits: ['StaffDeactivated'],
  returns: { staffMember: StaffMember },
})
