import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { ClaimKind as Kind } from '#shared/events/claims.js'
import { given, money, oneOf, text } from '#shared/fields.js'
import type { Sum } from '#shared/money.js'
import { claim } from '../claim.js'
import { claimedAmount, opened, readOpening, requireClaimable } from '../claim-opening.js'
import { CLAIM_WORKERS } from '../claim-parties.js'
import { Claim, ClaimKind } from '../views/claim.js'

@InputType('OpenClaimInput', { description: 'What went wrong with which order.' })
export class OpenClaimInput extends ActionInput {
  @given('Order', 'The order it is about.')
  orderId!: string

  @oneOf(ClaimKind, 'What went wrong.')
  kind!: Kind

  @money('How much it is about; left out: all that could still be given back.', { nullable: true })
  amount?: Sum | null

  @text('What happened, in a few words.', { max: 5_000, multiline: true })
  summary!: string
}

/** E40: one claim at most is open about an order; who comes second learns which. */
export const openClaim = action({
  name: 'openClaim',
  description:
    'Opens a claim about an order. While one is open, another is refused with the id of the first.',
  input: OpenClaimInput,

  on: claim,
  prepare: readOpening,

  allow: CLAIM_WORKERS,

  decide(_nothing, { orderId, kind, amount = null, summary }, { targetId, read }) {
    const claimable = requireClaimable(read)
    return opened(targetId, read, { orderId, kind, amount: claimedAmount(claimable, amount), summary })
  },

  emits: ['ClaimOpened', 'NotificationRequested'],
  returns: { claim: Claim },
})
