import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { Role, STAFF } from '#shared/roles.js'
import { apiToken } from '../api-token.js'
import { ApiToken } from '../views/api-token.js'

@InputType('RevokeTokenInput', { description: 'Which token.' })
export class RevokeTokenInput extends ActionInput {
  @given('ApiToken', "The token: one's own, or for a Super Admin any.")
  tokenId!: string
}

/** Security 5.2: ends a token now. Wants no fresh sign-in, since a leaked key is ended with whatever is at hand. */
export const revokeToken = action({
  name: 'revokeToken',
  description: 'Ends a key to the API; within two seconds it opens nothing.',
  input: RevokeTokenInput,
  risk: 'SENSITIVE',
  reasons: {
    UNUSED: 'Nobody needs it.',
    ROTATION: 'Another one took its place.',
    LEAKED: 'Somebody else may have seen it.',
  },

  on: apiToken,
  target: input => input.tokenId,

  allow: [...STAFF, Role.AUDITOR],

  decide({ personId, revoked }, _, { actorId, actorRoles }) {
    if (personId === null || (personId !== actorId && !actorRoles.includes(Role.SUPER_ADMIN)))
      refuse('NOT_FOUND', 'There is no such token, or it is not yours.', 'tokenId')
    if (revoked) refuse('INVALID_STATE', 'It was revoked already.', 'tokenId')
    return { type: 'TokenRevoked', data: { personId }, refs: [personId] }
  },

  emits: ['TokenRevoked'],
  returns: { token: ApiToken },
})
