import { aggregate } from '#shared/aggregate.js'
import type { RiskEvents } from '#shared/events/risk.js'

/** What decisions about a flag rest on. `state` null: there is no such flag. */
export interface RiskFlagState {
  state: 'RAISED' | 'CLEARED' | null
  subjectId: string
}

export const riskFlag = aggregate<RiskFlagState, RiskEvents>({
  type: 'RiskFlag',
  prefix: 'flg',
  initial: { state: null, subjectId: '' },
  evolve: {
    RiskFlagRaised: (_, { subjectId }) => ({ state: 'RAISED', subjectId }),
    RiskFlagCleared: state => ({ ...state, state: 'CLEARED' }),
  },
})
