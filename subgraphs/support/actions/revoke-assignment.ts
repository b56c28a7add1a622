import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given } from '#shared/fields.js'
import { ASSIGN, operator, operatorOf } from '../operator.js'
import { LEADS } from '../staff.js'
import { Operator } from '../views/operator.js'

@InputType('RevokeAssignmentInput', { description: 'Who may no longer give tickets to others.' })
export class RevokeAssignmentInput extends ActionInput {
  @given('StaffMember', 'Who may not.')
  staffId!: string
}

/** D59: at once. Taking back what nobody granted changes nothing. */
export const revokeAssignment = action({
  name: 'revokeAssignment',
  description: `Takes ${ASSIGN} back; leads keep it by their role.`,
  input: RevokeAssignmentInput,
  risk: 'SENSITIVE',
  reasons: {
    DUTY_ENDED: 'Their work no longer takes it.',
    MISTAKE: 'It should not have been given.',
    MISUSE: 'It was misused, or may have been.',
  },

  on: operator,
  target: input => operatorOf(input.staffId),

  allow: LEADS,

  decide({ mayAssign }, { staffId }) {
    if (!mayAssign) return []
    return { type: 'PermissionRevoked', data: { staffId, permission: ASSIGN }, refs: [staffId] }
  },

  emits: ['PermissionRevoked'],
  returns: { operator: Operator },
})
