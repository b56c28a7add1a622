import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given } from '#shared/fields.js'
import { Role } from '#shared/roles.js'
import { accessRequest, nameOf } from '../access-request.js'
import { AccessRequest } from '../views/access-request.js'

@InputType('SettleAccessRequestInput', { description: 'Which request has come true, by whom.' })
export class SettleAccessRequestInput extends ActionInput {
  @given('AccessRequest', 'The request.')
  accessRequestId!: string

  @given('StaffMember', 'Who gave what it asks for.')
  decidedById!: string
}

/** D59: what was asked for was given without the request, or by the second person. */
export const settleAccessRequest = action({
  name: 'settleAccessRequest',
  description: 'Notes that somebody has what they asked for.',
  input: SettleAccessRequestInput,

  on: accessRequest,
  target: input => input.accessRequestId,

  allow: [Role.SYSTEM],

  decide(request, { decidedById }) {
    const { state, staffId } = request
    if (state !== 'PENDING') return []
    return {
      type: 'AccessRequestGranted',
      data: { staffId, decidedById, what: nameOf(request) },
      refs: [staffId],
    }
  },

  emits: ['AccessRequestGranted'],
  returns: { accessRequest: AccessRequest },
})
