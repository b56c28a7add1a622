import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { Approval, approval, concerned } from '#shared/approval.js'
import { given } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { Role } from '#shared/roles.js'

@InputType('ExpireApprovalInput', { description: 'Which request ran out.' })
export class ExpireApprovalInput extends ActionInput {
  @given('Approval', 'The request that ran out.')
  approvalId!: string
}

/** Running out is an event too, never silence (beyond 3). What was decided in time is left as it is. */
export const expireApproval = action({
  name: 'expireApproval',
  description: 'Closes a request that nobody decided in time. Done by Opsgraph itself.',
  input: ExpireApprovalInput,

  on: approval,
  target: input => input.approvalId,

  allow: [Role.SYSTEM],

  decide({ state, request }, _input, { now }) {
    if (!request) refuse('NOT_FOUND', 'There is no such request.', 'approvalId')
    if (state !== 'PENDING' || new Date(request.expiresAt) > now) return []
    return { type: 'ApprovalExpired', data: {}, refs: concerned(request) }
  },

  emits: ['ApprovalExpired'],
  returns: { approval: Approval },
})
