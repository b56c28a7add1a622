import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { ClaimKind as Kind } from '#shared/events/claims.js'
import { given, money, oneOf, text } from '#shared/fields.js'
import type { Sum } from '#shared/money.js'
import { Role } from '#shared/roles.js'
import { claim } from '../claim.js'
import { claimedAmount, opened, readOpening, requireClaimable } from '../claim-opening.js'
import { Claim, ClaimKind } from '../views/claim.js'

@InputType('OpenClaimWithinInput', { description: 'What went wrong with which order, and how it came up.' })
export class OpenClaimWithinInput extends ActionInput {
  @given('Order', 'The order it is about.')
  orderId!: string

  @oneOf(ClaimKind, 'What went wrong.')
  kind!: Kind

  @money('How much it is about; left out: all that could still be given back.', { nullable: true })
  amount?: Sum | null

  @text('What happened, in a few words.', { nullable: true, max: 5_000, multiline: true })
  summary?: string | null

  @given('Dispute', 'The chargeback that it is about.', { nullable: true })
  disputeId?: string | null

  @given('Workflow', 'The workflow that it is a step of.', { nullable: true })
  workflowId?: string | null
}

/** E52, E71: a chargeback or a workflow opens a claim. What a bank took is claimed whatever is left of the payment. */
export const openClaimWithin = action({
  name: 'openClaimWithin',
  description: 'Opens a claim about an order for a chargeback or a workflow. Done by Opsgraph itself.',
  input: OpenClaimWithinInput,

  on: claim,
  prepare: readOpening,

  allow: [Role.SYSTEM],

  decide(_nothing, { amount = null, ...input }, { read }) {
    const claimable = requireClaimable(read)
    const claimed = input.disputeId && amount ? amount : claimedAmount(claimable, amount)
    return opened(read, { ...input, amount: claimed })
  },

  emits: ['ClaimOpened'],
  returns: { claim: Claim },
})
