import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { Approval, approval, concerned } from '#shared/approval.js'
import { given } from '#shared/fields.js'
import { forbidden, refuse } from '#shared/refusal.js'
import { STAFF } from '#shared/roles.js'

@InputType('RejectApprovalInput', { description: 'Which request to turn down.' })
export class RejectApprovalInput extends ActionInput {
  @given('Approval', 'The request to turn down.')
  approvalId!: string
}

/** The other answer of a second person (beyond 3). The approver roles are those of the action that was asked for. */
export const rejectApproval = action({
  name: 'rejectApproval',
  description:
    'Turns a request for a second person down: takes a role that could have approved it. Never by who asked.',
  input: RejectApprovalInput,
  risk: 'SENSITIVE',
  reasons: {
    NOT_JUSTIFIED: 'What was asked for is not called for.',
    WRONG_AMOUNT: 'The amount is not right.',
    NEEDS_MORE_INFORMATION: 'It cannot be decided on what is there.',
    AGAINST_POLICY: 'A policy speaks against it.',
    DUPLICATE: 'It was asked for twice.',
    OTHER: 'Something else: the note says what.',
  },

  on: approval,
  target: input => input.approvalId,

  allow: STAFF,

  decide({ state, request }, _input, { actorId, actorRoles, now }) {
    if (!request) refuse('NOT_FOUND', 'There is no such request.', 'approvalId')
    if (request.requesterId === actorId)
      refuse('SAME_PERSON', 'You asked for this yourself; withdraw it instead.', 'approvalId')
    if (!request.approverRoles.some(role => actorRoles.some(held => held === role)))
      throw forbidden(`Deciding about ${request.action}`, request.approverRoles as typeof STAFF)
    if (state !== 'PENDING')
      refuse('APPROVAL_NOT_PENDING', `This request is ${state}.`, 'approvalId', { state })
    if (new Date(request.expiresAt) <= now)
      refuse('APPROVAL_NOT_PENDING', 'This request ran out.', 'approvalId', { state: 'EXPIRED' })
    return { type: 'ApprovalRejected', data: { decidedById: actorId }, refs: concerned(request) }
  },

  emits: ['ApprovalRejected'],
  returns: { approval: Approval },
})
