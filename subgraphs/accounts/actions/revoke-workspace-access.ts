import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { Role } from '#shared/roles.js'
import { site } from '../site.js'
import { Site } from '../views/site.js'

@InputType('RevokeWorkspaceAccessInput', { description: 'Whose access to which store.' })
export class RevokeWorkspaceAccessInput extends ActionInput {
  @given('Site', 'The store.')
  siteId!: string

  @given('User', 'Who may no longer enter it.')
  userId!: string
}

/** A11. */
export const revokeWorkspaceAccess = action({
  name: 'revokeWorkspaceAccess',
  description: "Ends a user's access to a store's workspace before its time.",
  input: RevokeWorkspaceAccessInput,
  risk: 'SENSITIVE',
  reasons: {
    DONE: 'It is not needed any more.',
    MISTAKE: 'It should not have been given.',
    MISUSE: 'It was misused, or may have been.',
  },

  on: site,
  target: input => input.siteId,

  allow: [Role.SUPPORT_LEAD, Role.SUPER_ADMIN],

  decide({ status, access }, { userId }) {
    if (status === null) refuse('NOT_FOUND', 'There is no such store.', 'siteId')
    if (!access[userId]) refuse('INVALID_STATE', 'This user has no access to it.', 'userId')
    return { type: 'WorkspaceAccessRevoked', data: { userId }, refs: [userId] }
  },

  emits: ['WorkspaceAccessRevoked'],
  returns: { store: Site },
})
