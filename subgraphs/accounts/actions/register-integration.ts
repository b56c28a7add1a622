import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { several, text } from '#shared/fields.js'
import { recentSignIn } from '#shared/policy.js'
import { Role } from '#shared/roles.js'
import { integration } from '../integration.js'
import { checkScopes } from '../scopes.js'
import { ROLE_CHANGE_SIGN_IN } from '../super-admins.js'
import { Integration } from '../views/integration.js'

@InputType('RegisterIntegrationInput', { description: 'Which machine, and what it may at most do.' })
export class RegisterIntegrationInput extends ActionInput {
  @text('What it is called, e.g. `shop`.')
  name!: string

  @several(String, 'What its tokens may be made for, e.g. `records:write`.')
  scopes!: string[]
}

/** D62: a machine that may then be given tokens by issueToken. */
export const registerIntegration = action({
  name: 'registerIntegration',
  description: 'Makes a machine known, which then may be given tokens.',
  input: RegisterIntegrationInput,
  risk: 'SENSITIVE',
  reasons: { NEW_SYSTEM: 'Another system is connected.', REPLACEMENT: 'It stands in for one that goes.' },

  on: integration,
  allow: [Role.SUPER_ADMIN],
  policy: recentSignIn(ROLE_CHANGE_SIGN_IN),

  decide: (_, { name, scopes }) => ({
    type: 'IntegrationRegistered',
    data: { name, scopes: checkScopes(scopes, 'scopes') },
  }),

  emits: ['IntegrationRegistered'],
  returns: { integration: Integration },
})
