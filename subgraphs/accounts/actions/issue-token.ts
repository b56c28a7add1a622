import { Field, InputType, Int } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { AccountEvents } from '#shared/events/accounts.js'
import { given, several, text } from '#shared/fields.js'
import { recentSignIn } from '#shared/policy.js'
import { refuse } from '#shared/refusal.js'
import { Role, type Scope, STAFF } from '#shared/roles.js'
import { mintToken } from '#shared/token.js'
import { apiToken } from '../api-token.js'
import { checkScopes } from '../scopes.js'
import { ROLE_CHANGE_SIGN_IN } from '../super-admins.js'
import { ApiToken } from '../views/api-token.js'

const DAYS = 90
const MAX_DAYS = 366
const DAY_MS = 86_400_000

@InputType('IssueTokenInput', { description: 'For whom, for what, how long.' })
export class IssueTokenInput extends ActionInput {
  @given('Integration', 'The machine it is for (Super Admin only); left out, it is for oneself.', {
    nullable: true,
  })
  integrationId?: string | null

  @text('What it is for, to recognise it by.')
  name!: string

  @several(String, 'What a machine may use it for: some of its own scopes. None for oneself.', {
    default: [],
  })
  scopes!: string[]

  @Field(() => Int, { defaultValue: DAYS, description: `Days until it ends, 1 to ${MAX_DAYS}.` })
  expiresInDays!: number
}

interface Holder {
  id: string
  scopes: Scope[]
}

/**
 * Security 5.2: a key to the API. Only for oneself or a machine: with a token of a colleague one could ask as them and approve as
 * oneself. Its digest is kept apart from the event, its secret nowhere.
 */
export const issueToken = action({
  name: 'issueToken',
  description:
    'Makes a key to the API, for oneself or for a machine. It never approves anything, and never counts as a sign-in.',
  input: IssueTokenInput,
  risk: 'SENSITIVE',
  reasons: { AUTOMATION: 'A script or system needs it.', ROTATION: 'It takes the place of one that goes.' },

  on: apiToken,
  async prepare({ integrationId }, tx, { identity }) {
    const personId = integrationId ?? identity.personId
    const [holder]: Holder[] = await tx.query(
      `select id, scopes from access.person where id = $1 and kind = any($2) and disabled_at is null`,
      [personId, integrationId ? ['INTEGRATION'] : ['STAFF']],
    )
    return { holder: holder ?? null, minted: mintToken(integrationId ? 'int' : 'pat') }
  },

  allow: [...STAFF, Role.AUDITOR],
  policy: recentSignIn(ROLE_CHANGE_SIGN_IN),

  decide(_, { integrationId, name, scopes, expiresInDays }, { now, actorRoles, read: { holder, minted } }) {
    if (!holder || (integrationId && !actorRoles.includes(Role.SUPER_ADMIN)))
      refuse(
        'NOT_FOUND',
        'There is no such integration, or it is not yours to give keys to.',
        'integrationId',
      )
    if (expiresInDays < 1 || expiresInDays > MAX_DAYS)
      refuse('INVALID', `A token lives 1 to ${MAX_DAYS} days.`, 'expiresInDays')
    if (!integrationId && scopes.length)
      refuse('INVALID', 'A token for oneself acts in the roles of its owner: leave scopes out.', 'scopes')
    return {
      type: 'TokenIssued',
      data: {
        kind: (integrationId ? 'int' : 'pat') as AccountEvents['TokenIssued']['kind'],
        name,
        prefix: minted.prefix,
        personId: holder.id,
        scopes: integrationId ? checkScopes(scopes, 'scopes', holder.scopes) : [],
        expiresAt: new Date(now.getTime() + expiresInDays * DAY_MS).toISOString(),
      },
      personal: { digest: minted.digest.toString('hex') },
      refs: [holder.id],
    }
  },

  emits: ['TokenIssued'],
  returns: {
    token: ApiToken,
    secret: {
      once: ({ minted }: { minted: { token: string } }) => minted.token,
      description:
        'The key itself. Shown here, once: a repeated call has null. Lost, it is revoked and made anew.',
    },
  },
})
