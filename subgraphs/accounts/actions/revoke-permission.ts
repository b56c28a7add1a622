import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given, oneOf } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { Permission, Role } from '#shared/roles.js'
import { GRANTERS, requireGranter } from '../granters.js'
import { staffMember } from '../staff-member.js'
import { StaffMember } from '../views/staff-member.js'

@InputType('RevokePermissionInput', { description: 'Which permission, from whom.' })
export class RevokePermissionInput extends ActionInput {
  @given('StaffMember', 'Who loses it.')
  staffId!: string

  @oneOf(Permission, 'Which one.')
  permission!: Permission
}

/** D37, D59: before its time. Taking back what nobody granted changes nothing; what a role gives stays. */
export const revokePermission = action({
  name: 'revokePermission',
  description: 'Takes a granted permission back; within two seconds it no longer counts.',
  input: RevokePermissionInput,
  risk: 'SENSITIVE',
  reasons: {
    DUTY_ENDED: 'Their work no longer takes it.',
    MISTAKE: 'It should not have been given.',
    MISUSE: 'It was misused, or may have been.',
  },

  on: staffMember,
  target: input => input.staffId,

  allow: [...GRANTERS, Role.SYSTEM],

  decide({ known, permissions }, { staffId, permission }, { actorRoles }) {
    if (!known) refuse('NOT_FOUND', 'There is no such member of staff.', 'staffId')
    requireGranter(actorRoles, permission)
    if (!permissions?.[permission]) return []
    return { type: 'PermissionRevoked', data: { staffId, permission } }
  },

  emits: ['PermissionRevoked'],
  returns: { staffMember: StaffMember },
})
