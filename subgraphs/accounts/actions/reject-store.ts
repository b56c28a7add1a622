import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given } from '#shared/fields.js'
import { Role } from '#shared/roles.js'
import { requireWaiting, site } from '../site.js'
import { Site } from '../views/site.js'

@InputType('RejectStoreInput', { description: 'Which store.' })
export class RejectStoreInput extends ActionInput {
  @given('Site', 'The store, which waits for approval.')
  siteId!: string
}

/** A12: a store that waits may not open. */
export const rejectStore = action({
  name: 'rejectStore',
  description: 'Keeps a store that waits for approval from opening.',
  input: RejectStoreInput,
  risk: 'SENSITIVE',
  reasons: {
    INCOMPLETE: 'Something that is asked for is missing.',
    POLICY: 'It breaks the rules of the marketplace.',
    FRAUD: 'It is not what it says it is.',
  },

  on: site,
  target: input => input.siteId,

  allow: [Role.RISK_AGENT, Role.SUPER_ADMIN],

  decide(state) {
    requireWaiting(state)
    return { type: 'StoreRejected', data: {} }
  },

  emits: ['StoreRejected'],
  returns: { store: Site },
})
