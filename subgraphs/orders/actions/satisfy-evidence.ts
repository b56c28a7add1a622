import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given, several, text } from '#shared/fields.js'
import { unknownIds } from '#shared/known.js'
import { refuse } from '#shared/refusal.js'
import { Role } from '#shared/roles.js'
import { claim, requireOutstanding } from '../claim.js'
import { CLAIM_WORKERS } from '../claim-parties.js'
import { isAddress } from '../evidence-address.js'
import { Claim } from '../views/claim.js'

@InputType('SatisfyEvidenceInput', { description: 'What was brought for what was asked for.' })
export class SatisfyEvidenceInput extends ActionInput {
  @given('Claim', 'The claim it is for.')
  claimId!: string

  @text('What it answers: EvidenceRequirement.id.')
  requirementId!: string

  @several(String, 'What was brought: ids of entities, and addresses that begin with https://.', {
    nullable: true,
    max: 50,
  })
  evidence?: string[] | null

  @text('What it shows.', { nullable: true, max: 5_000, multiline: true })
  description?: string | null
}

const isEntityId = (one: string): boolean => !isAddress(one)

/** E50: what was asked for was given; late is better than never, and stays visible as late. */
export const satisfyEvidence = action({
  name: 'satisfyEvidence',
  description: 'Notes that what was asked for on a claim was brought, and what it is.',
  input: SatisfyEvidenceInput,

  on: claim,
  target: input => input.claimId,
  prepare: ({ evidence }, tx) => unknownIds(tx, (evidence ?? []).filter(isEntityId)),

  allow: [...CLAIM_WORKERS, Role.SYSTEM],

  decide(state, { requirementId, description, ...input }, { read: unknown }) {
    requireOutstanding(state, requirementId)
    const evidence = [...new Set(input.evidence ?? [])]
    if (evidence.length === 0 && !description)
      refuse('INVALID', 'Give evidence, or a description of what was brought.', 'evidence')
    if (unknown[0])
      refuse(
        'UNKNOWN_REFERENCE',
        `${unknown[0].slice(0, 60)} is no address that begins with https://, and nothing that was ever recorded.`,
        'evidence',
        { unknown },
      )
    return {
      type: 'EvidenceSatisfied',
      data: { requirementId, evidence },
      personal: description ? { description } : {},
      refs: [state.orderId!, ...evidence.filter(isEntityId)],
    }
  },

  emits: ['EvidenceSatisfied'],
  returns: { claim: Claim },
})
