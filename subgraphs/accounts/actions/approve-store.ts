import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given } from '#shared/fields.js'
import { Role } from '#shared/roles.js'
import { requireWaiting, site } from '../site.js'
import { Site } from '../views/site.js'

@InputType('ApproveStoreInput', { description: 'Which store.' })
export class ApproveStoreInput extends ActionInput {
  @given('Site', 'The store, which waits for approval.')
  siteId!: string
}

/** A12: a store that waits may open. */
export const approveStore = action({
  name: 'approveStore',
  description: 'Lets a store open that waits for approval.',
  input: ApproveStoreInput,
  risk: 'SENSITIVE',
  reasons: {
    COMPLETE: 'All that is asked for is there.',
    EXCEPTION: 'Something is missing, and it may open all the same.',
  },

  on: site,
  target: input => input.siteId,

  allow: [Role.RISK_AGENT, Role.SUPER_ADMIN],

  decide(state) {
    requireWaiting(state)
    return { type: 'StoreApproved', data: {} }
  },

  emits: ['StoreApproved'],
  returns: { store: Site },
})
