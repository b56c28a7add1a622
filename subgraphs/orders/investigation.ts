import { aggregate } from '#shared/aggregate.js'
import type { ShippingEvents } from '#shared/events/shipping.js'
import { refuse } from '#shared/refusal.js'

/** What is looked into, in this order, when nobody says otherwise (E48). */
export const STEPS = [
  'ASK_CARRIER',
  'CHECK_ADDRESS',
  'CHECK_DELIVERY_PROOF',
  'ASK_BUYER',
  'ASK_SELLER',
] as const
export type StepName = (typeof STEPS)[number]

/** What decisions about an investigation rest on. `state` null: there is no such investigation. */
export interface InvestigationState {
  state: 'OPEN' | 'CONCLUDED' | null
  shipmentId: string
  orderId: string
  steps: Record<string, 'OPEN' | 'DONE' | 'SKIPPED'>
}

export const investigation = aggregate<InvestigationState, ShippingEvents>({
  type: 'ShipmentInvestigation',
  prefix: 'inv',
  initial: { state: null, shipmentId: '', orderId: '', steps: {} },
  evolve: {
    ShipmentInvestigationStarted: (_, { shipmentId, orderId, steps }) => ({
      state: 'OPEN',
      shipmentId,
      orderId,
      steps: Object.fromEntries(steps.map(step => [step, 'OPEN' as const])),
    }),
    ShipmentInvestigationStepDone: (state, { step, skipped }) => ({
      ...state,
      steps: { ...state.steps, [step]: skipped ? 'SKIPPED' : 'DONE' },
    }),
    ShipmentInvestigationConcluded: state => ({ ...state, state: 'CONCLUDED' }),
  },
})

/** @throws Refusal NOT_FOUND when there is none, INVALID_STATE when it came to its end */
export function requireOpen({ state }: InvestigationState): void {
  if (state === null) refuse('NOT_FOUND', 'There is no such investigation.', 'investigationId')
  if (state === 'CONCLUDED')
    refuse('INVALID_STATE', 'It came to its end already; start another.', 'investigationId', { state })
}
