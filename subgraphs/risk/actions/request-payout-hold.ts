import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { given } from '#shared/fields.js'
import { unknownIds } from '#shared/known.js'
import { dualControl } from '#shared/policy.js'
import { RISK_ASKERS, RISK_OFFICERS } from '../audience.js'
import { requireKnown } from '../subject.js'
import { ApplyPayoutHoldInput, holding } from './apply-payout-hold.js'

@InputType('RequestPayoutHoldInput', {
  description: 'Whose money to keep back, how much, until when, and what it is about.',
})
export class RequestPayoutHoldInput extends ApplyPayoutHoldInput {
  @given('Order', 'The order that it is about.', { nullable: true })
  orderId?: string | null

  @given('Claim', 'The claim that it is about.', { nullable: true })
  claimId?: string | null
}

/** E55, X16: support asks, risk decides. Who approves holds the money, and so may release it alone (E60). */
export const requestPayoutHold = action({
  ...holding,
  name: 'requestPayoutHold',
  description: "Asks risk to keep an organization's money, or part of it, from being paid out.",
  input: RequestPayoutHoldInput,
  allow: RISK_ASKERS,
  policy: dualControl(RISK_OFFICERS),

  prepare: ({ organizationId, payoutId, orderId, claimId }, tx) =>
    unknownIds(
      tx,
      [organizationId, payoutId, orderId, claimId].filter(id => id != null),
    ),

  decide(state, input, facts) {
    if (input.orderId) requireKnown(input.orderId, 'orderId', facts.read, 'ord')
    if (input.claimId) requireKnown(input.claimId, 'claimId', facts.read, 'clm')
    return holding.decide(state, input, facts)
  },
})
