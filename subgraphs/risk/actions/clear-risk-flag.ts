import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { RISK_OFFICERS } from '../audience.js'
import { riskFlag } from '../risk-flag.js'
import { RiskFlag } from '../views/risk-flag.js'

@InputType('ClearRiskFlagInput', { description: 'Which flag to clear.' })
export class ClearRiskFlagInput extends ActionInput {
  @given('RiskFlag', 'The flag to clear.')
  riskFlagId!: string
}

/** E59. */
export const clearRiskFlag = action({
  name: 'clearRiskFlag',
  description: 'Takes a risk flag away again.',
  input: ClearRiskFlagInput,
  risk: 'SENSITIVE',
  reasons: {
    FALSE_POSITIVE: 'There never was a risk.',
    RESOLVED: 'There is none any more.',
    ACCEPTED: 'It is known, and accepted.',
    DUPLICATE: 'Another flag says the same.',
  },

  on: riskFlag,
  target: input => input.riskFlagId,

  allow: RISK_OFFICERS,

  decide({ state, subjectId }) {
    if (state === null) refuse('NOT_FOUND', 'There is no such flag.', 'riskFlagId')
    if (state === 'CLEARED') refuse('INVALID_STATE', 'It is cleared already.', 'riskFlagId', { state })
    return { type: 'RiskFlagCleared', data: { subjectId }, refs: [subjectId] }
  },

  emits: ['RiskFlagCleared'],
  returns: { riskFlag: RiskFlag },
})
