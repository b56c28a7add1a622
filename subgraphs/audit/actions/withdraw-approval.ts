import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { Approval, approval, concerned } from '#shared/approval.js'
import { given } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { STAFF } from '#shared/roles.js'

@InputType('WithdrawApprovalInput', { description: 'Which request to take back.' })
export class WithdrawApprovalInput extends ActionInput {
  @given('Approval', 'The request to take back.')
  approvalId!: string
}

/** Who asked thinks better of it; nobody else can take it back. */
export const withdrawApproval = action({
  name: 'withdrawApproval',
  description: 'Takes a request for a second person back. Only by who asked.',
  input: WithdrawApprovalInput,

  on: approval,
  target: input => input.approvalId,

  allow: STAFF,

  decide({ state, request }, _input, { actorId }) {
    if (!request) refuse('NOT_FOUND', 'There is no such request.', 'approvalId')
    if (request.requesterId !== actorId)
      refuse('NOT_REQUESTER', 'Only who asked can take it back; turn it down instead.', 'approvalId')
    if (state !== 'PENDING')
      refuse('APPROVAL_NOT_PENDING', `This request is ${state}.`, 'approvalId', { state })
    return { type: 'ApprovalWithdrawn', data: { decidedById: actorId }, refs: concerned(request) }
  },

  emits: ['ApprovalWithdrawn'],
  returns: { approval: Approval },
})
