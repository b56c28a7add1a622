import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { approval, concerned } from '#shared/approval.js'
import { given } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { Role, STAFF } from '#shared/roles.js'
import { accessRequest, nameOf, readersOf } from '../access-request.js'
import { AccessRequest } from '../views/access-request.js'

@InputType('WithdrawAccessRequestInput', { description: 'Which request to take back.' })
export class WithdrawAccessRequestInput extends ActionInput {
  @given('AccessRequest', 'The request; one of one’s own that nobody decided.')
  accessRequestId!: string
}

type Pending = ReturnType<NonNullable<(typeof approval.evolve)['ApprovalExecuted']>>

/** D59: who asked thinks better of it. Where it waits for a second person, they are not asked any more either. */
export const withdrawAccessRequest = action({
  name: 'withdrawAccessRequest',
  description: 'Takes back what one asked for, while nobody decided about it. Only by who asked.',
  input: WithdrawAccessRequestInput,

  on: accessRequest,
  target: input => input.accessRequestId,

  allow: [...STAFF, Role.AUDITOR],

  decide(request, _input, { actorId, may }) {
    const { state, staffId, approvalId, decidedById } = request
    const isTheirs = staffId === actorId
    if (!state || !(isTheirs || may(readersOf(request).roles)))
      refuse('NOT_FOUND', 'There is no such request.', 'accessRequestId')
    if (!isTheirs)
      refuse('NOT_REQUESTER', 'Only who asked can take it back; decline it instead.', 'accessRequestId')
    if (state !== 'PENDING')
      refuse('INVALID_STATE', `It was ${state.toLowerCase()} already.`, 'accessRequestId', {
        state,
        decidedById,
      })
    const data = { staffId, what: nameOf(request), ...(approvalId ? { approvalId } : {}) }
    return { type: 'AccessRequestWithdrawn', data, refs: [staffId] }
  },

  with: {
    on: approval,
    target: ({ approvalId }) => approvalId || null,
    decide({ state, request }: Pending, _access, _input, { actorId }) {
      if (state === 'EXECUTED')
        refuse('INVALID_STATE', 'A second person approved it already.', 'accessRequestId', { state })
      if (state !== 'PENDING' || !request) return []
      return [{ type: 'ApprovalWithdrawn', data: { decidedById: actorId }, refs: concerned(request) }]
    },
    emits: ['ApprovalWithdrawn'],
  },

  emits: ['AccessRequestWithdrawn'],
  returns: { accessRequest: AccessRequest },
})
