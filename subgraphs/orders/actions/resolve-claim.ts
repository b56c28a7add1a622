import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { ClaimOutcome as Outcome } from '#shared/events/claims.js'
import { given, money, oneOf, text } from '#shared/fields.js'
import { exceeds, format, type Sum } from '#shared/money.js'
import { refuse } from '#shared/refusal.js'
import { claim, requireUndecided } from '../claim.js'
import { CLAIM_WORKERS, tell } from '../claim-parties.js'
import { Claim, ClaimOutcome } from '../views/claim.js'

@InputType('ResolveClaimInput', { description: 'How a claim is decided.' })
export class ResolveClaimInput extends ActionInput {
  @given('Claim', 'The claim to decide.')
  claimId!: string

  @oneOf(ClaimOutcome, 'For whom.')
  outcome!: Outcome

  @money('What of it is owed to the buyer; for SPLIT, and only there.', { nullable: true })
  buyerAmount?: Sum | null

  @text('Why; buyer and seller read it.', { max: 5_000, multiline: true })
  statement!: string
}

/** What a decision owes to the buyer; null: nothing. */
function owedBy({ outcome, buyerAmount }: ResolveClaimInput, claimed: Sum): Sum | null {
  if (outcome !== 'SPLIT') {
    if (buyerAmount) refuse('INVALID', 'Only a SPLIT says how much is owed to the buyer.', 'buyerAmount')
    return outcome === 'BUYER' ? claimed : null
  }
  if (!buyerAmount) refuse('INVALID', 'A SPLIT says how much is owed to the buyer.', 'buyerAmount')
  const { currency } = claimed
  if (buyerAmount.amount <= 0)
    refuse('NOT_POSITIVE', 'What is owed has to be more than nothing.', 'buyerAmount')
  if (buyerAmount.currency !== currency)
    refuse('CURRENCY_MISMATCH', `This claim is about ${currency}.`, 'buyerAmount', { currency })
  if (exceeds(buyerAmount, claimed))
    refuse('EXCEEDS_CLAIM', `This claim is about ${format(claimed)}.`, 'buyerAmount', { amount: claimed })
  return buyerAmount
}

/** E54: decides what is owed; the money itself moves by issueRefund with the claim. */
export const resolveClaim = action({
  name: 'resolveClaim',
  description: 'Decides a claim. What is owed to the buyer is then given by issueRefund with claimId.',
  input: ResolveClaimInput,
  risk: 'SENSITIVE',
  reasons: {
    EVIDENCE_FOR_BUYER: 'What was brought speaks for the buyer.',
    EVIDENCE_FOR_SELLER: 'What was brought speaks for the seller.',
    NO_EVIDENCE: 'What was asked for did not come.',
    CARRIER_FAULT: 'The carrier lost or broke it.',
    PARTIES_AGREED: 'Buyer and seller agreed.',
    BUYER_WITHDREW: 'The buyer took it back.',
    BANK_DECIDED: 'The bank decided the chargeback.',
    GOODWILL: 'To keep a customer.',
    DUPLICATE: 'Another claim is about the same.',
  },

  on: claim,
  target: input => input.claimId,

  allow: CLAIM_WORKERS,

  decide(state, input) {
    requireUndecided(state)
    const { claimId, outcome, statement } = input
    const buyerAmount = owedBy(input, state.amount)
    return [
      {
        type: 'ClaimResolved',
        data: { outcome, buyerAmount },
        personal: { statement },
        refs: [state.orderId!],
      },
      ...tell(state, ['BUYER', 'SELLER'], 'CLAIM_RESOLVED', { claimId, outcome, buyerAmount }),
    ]
  },

  emits: ['ClaimResolved', 'NotificationRequested'],
  returns: { claim: Claim },
})
