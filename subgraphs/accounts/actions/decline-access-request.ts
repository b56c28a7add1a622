import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given } from '#shared/fields.js'
import { accessRequest, nameOf, requireDecidable } from '../access-request.js'
import { GRANTERS } from '../granters.js'
import { AccessRequest } from '../views/access-request.js'

@InputType('DeclineAccessRequestInput', { description: 'Which request not to grant; `note` says why.' })
export class DeclineAccessRequestInput extends ActionInput {
  @given('AccessRequest', 'The request; never one of one’s own.')
  accessRequestId!: string
}

/** D59: who asked is told, and may ask again. */
export const declineAccessRequest = action({
  name: 'declineAccessRequest',
  description: 'Does not give what somebody asked for, and tells them.',
  input: DeclineAccessRequestInput,
  risk: 'SENSITIVE',
  reasons: {
    NOT_NEEDED: 'Their work does not take it.',
    TOO_FAR_REACHING: 'Something smaller will do.',
    ANOTHER_WAY: 'Somebody else does it for them.',
  },

  on: accessRequest,
  target: input => input.accessRequestId,

  allow: GRANTERS,

  decide(request, _input, { actorId, actorRoles }) {
    requireDecidable(request, { personId: actorId, roles: actorRoles })
    const { staffId } = request
    return {
      type: 'AccessRequestDeclined',
      data: { staffId, what: nameOf(request) },
      refs: [staffId],
    }
  },

  emits: ['AccessRequestDeclined'],
  returns: { accessRequest: AccessRequest },
})
