import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given, text } from '#shared/fields.js'
import { claim, requireOutstanding } from '../claim.js'
import { CLAIM_WORKERS } from '../claim-parties.js'
import { Claim } from '../views/claim.js'

@InputType('WaiveEvidenceInput', { description: 'What is no longer needed, on which claim.' })
export class WaiveEvidenceInput extends ActionInput {
  @given('Claim', 'The claim it was asked for on.')
  claimId!: string

  @text('What is no longer needed: EvidenceRequirement.id.')
  requirementId!: string
}

/** E50: nobody waits for it any longer. */
export const waiveEvidence = action({
  name: 'waiveEvidence',
  description: 'Takes back that something was asked for on a claim.',
  input: WaiveEvidenceInput,
  reasons: {
    NOT_NEEDED: 'The claim can be decided without it.',
    CANNOT_BE_HAD: 'It does not exist, or nobody can get it.',
    ASKED_BY_MISTAKE: 'It should not have been asked for.',
  },

  on: claim,
  target: input => input.claimId,

  allow: CLAIM_WORKERS,

  decide(state, { requirementId }) {
    requireOutstanding(state, requirementId)
    return { type: 'EvidenceWaived', data: { requirementId }, refs: [state.orderId!] }
  },

  emits: ['EvidenceWaived'],
  returns: { claim: Claim },
})
