import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { ClaimParty as Party } from '#shared/events/claims.js'
import { given, instant, oneOf, text } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { Role } from '#shared/roles.js'
import { claim, requireUndecided } from '../claim.js'
import { dueAfter } from '../claim-opening.js'
import { CLAIM_WORKERS, tell } from '../claim-parties.js'
import { Claim } from '../views/claim.js'
import { ClaimParty, EvidenceKind } from '../views/evidence.js'

@InputType('RequestEvidenceInput', {
  description: 'What is to be proved on which claim, by whom and until when.',
})
export class RequestEvidenceInput extends ActionInput {
  @given('Claim', 'The claim it is for.')
  claimId!: string

  @oneOf(EvidenceKind, 'What kind of proof.')
  kind!: keyof typeof EvidenceKind

  @oneOf(ClaimParty, 'Who has to bring it.')
  from!: Party

  @text('What exactly is asked for; who is asked reads it.', { max: 5_000, multiline: true })
  instructions!: string

  @instant(
    'Until when (UTC); left out: in as many business hours as the policy claim.evidenceDueHours says.',
    {
      nullable: true,
    },
  )
  dueAt?: Date | null
}

/** E50: buyer or seller is told what is asked of them. */
export const requestEvidence = action({
  name: 'requestEvidence',
  description: 'Asks buyer, seller, carrier or the platform to prove something on a claim until a date.',
  input: RequestEvidenceInput,

  on: claim,
  target: input => input.claimId,
  prepare: (_input, tx, { services }) => dueAfter(tx, 'claim.evidenceDueHours', services.clock()),

  allow: [...CLAIM_WORKERS, Role.SYSTEM],

  decide(state, { claimId, kind, from, instructions, dueAt: wanted }, { now, newId, read: due }) {
    requireUndecided(state)
    if (wanted && wanted <= now)
      refuse('INVALID', 'What is asked for now is due later.', 'dueAt', { now: now.toISOString() })
    const requirementId = newId('evr')
    const dueAt = (wanted ?? due).toISOString()
    return [
      {
        type: 'EvidenceRequested',
        data: { requirementId, kind, from, dueAt },
        personal: { instructions },
        refs: [state.orderId!],
      },
      ...tell(state, [from], 'EVIDENCE_WANTED', { claimId, requirementId, kind, dueAt }),
    ]
  },

  emits: ['EvidenceRequested', 'NotificationRequested'],
  returns: { claim: Claim },
})
