import { aggregate } from '#shared/aggregate.js'
import type { RiskEvents } from '#shared/events/risk.js'

/** How long a strike counts, in days (E63). */
export const STRIKE_DAYS = 180

/** When a strike that is issued now stops counting. */
export const strikeEnd = (now: Date): Date => new Date(now.getTime() + STRIKE_DAYS * 86_400_000)

/** What decisions about a strike rest on. `state` null: there is no such strike. */
export interface StrikeState {
  state: 'ACTIVE' | 'REVOKED' | null
  organizationId: string
  /** Who issued it, and so may not revoke it alone. */
  issuedById: string
  /** When it ends by itself, ISO 8601. */
  expiresAt: string | null
}

export const strike = aggregate<StrikeState, RiskEvents>({
  type: 'Strike',
  prefix: 'stk',
  initial: { state: null, organizationId: '', issuedById: '', expiresAt: null },
  evolve: {
    StrikeIssued: (_, { organizationId, expiresAt }, { actor }) => ({
      state: 'ACTIVE',
      organizationId,
      issuedById: actor.id,
      expiresAt,
    }),
    StrikeRevoked: state => ({ ...state, state: 'REVOKED' }),
  },
})
