import { aggregate } from '#shared/aggregate.js'
import type { AccountEvents } from '#shared/events/accounts.js'

/** What decisions about a token rest on. `personId` null: there is no such token. */
export interface TokenState {
  personId: string | null
  revoked: boolean
}

export const apiToken = aggregate<TokenState, AccountEvents>({
  type: 'ApiToken',
  prefix: 'tok',
  initial: { personId: null, revoked: false },
  evolve: {
    TokenIssued: (_, { personId }) => ({ personId, revoked: false }),
    TokenRevoked: state => ({ ...state, revoked: true }),
  },
})
