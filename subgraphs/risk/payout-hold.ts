import { aggregate } from '#shared/aggregate.js'
import type { RiskEvents } from '#shared/events/risk.js'

/** What decisions about a hold rest on. `state` null: there is no such hold. */
export interface PayoutHoldState {
  state: 'ACTIVE' | 'RELEASED' | null
  organizationId: string
  payoutId: string | null
  /** Who applied it, and so may release it alone (E60). */
  heldById: string
  /** When it ends by itself, ISO 8601. */
  until: string | null
}

export const payoutHold = aggregate<PayoutHoldState, RiskEvents>({
  type: 'PayoutHold',
  prefix: 'hld',
  initial: { state: null, organizationId: '', payoutId: null, heldById: '', until: null },
  evolve: {
    PayoutHeld: (_, { organizationId, payoutId, until }, { actor }) => ({
      state: 'ACTIVE',
      organizationId,
      payoutId,
      heldById: actor.id,
      until,
    }),
    PayoutHoldReleased: state => ({ ...state, state: 'RELEASED' }),
  },
})
