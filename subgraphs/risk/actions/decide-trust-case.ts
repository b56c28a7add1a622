import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given, oneOf, text } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { RISK_OFFICERS } from '../audience.js'
import { refuseTaken, requireUndecided, trustCase } from '../trust-case.js'
import { TrustCase, TrustOutcome } from '../views/trust-case.js'

@InputType('DecideTrustCaseInput', { description: 'Which case, what comes of it, and why.' })
export class DecideTrustCaseInput extends ActionInput {
  @given('TrustCase', 'The case to decide; take it first.')
  trustCaseId!: string

  @oneOf(TrustOutcome, 'What comes of it.')
  outcome!: keyof typeof TrustOutcome

  @text('Why it is decided so, in words; risk reads it.', { max: 10_000, multiline: true })
  statement!: string
}

/** E17, E63: whoever took it decides it, once. The measures themselves are actions of their own. */
export const decideTrustCase = action({
  name: 'decideTrustCase',
  description: 'Says what comes of a trust case that one took, and ends it.',
  input: DecideTrustCaseInput,
  risk: 'SENSITIVE',
  reasons: {
    SUBSTANTIATED: 'It is as was suspected.',
    UNSUBSTANTIATED: 'Nothing shows it.',
    FALSE_ALARM: 'It is not so.',
    DUPLICATE: 'Another case is about the same.',
    OUT_OF_SCOPE: 'It is not for Trust & Safety.',
  },

  on: trustCase,
  target: input => input.trustCaseId,

  allow: RISK_OFFICERS,

  decide(state, { outcome, statement }, { actorId }) {
    requireUndecided(state)
    if (state.assigneeId === null)
      refuse('INVALID_STATE', 'Take it first, so that nobody else decides it too.', 'trustCaseId', {
        state: state.state,
      })
    if (state.assigneeId !== actorId) refuseTaken(state)
    return { type: 'TrustCaseDecided', data: { outcome }, personal: { statement } }
  },

  emits: ['TrustCaseDecided'],
  returns: { trustCase: TrustCase },
})
