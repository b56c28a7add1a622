import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given } from '#shared/fields.js'
import { format, type Sum } from '#shared/money.js'
import { refuse } from '#shared/refusal.js'
import { Role } from '#shared/roles.js'
import { claim, requireClaim, statusOf } from '../claim.js'
import { lockClaim, owedOf } from '../claim-of-order.js'
import { CLAIM_WORKERS } from '../claim-parties.js'
import { Claim } from '../views/claim.js'

@InputType('CloseClaimInput', { description: 'Which claim came to its end.' })
export class CloseClaimInput extends ActionInput {
  @given('Claim', 'The claim to close.')
  claimId!: string
}

/** E49: a decided claim ends when nothing is owed on it; by itself after two days. */
export const closeClaim = action({
  name: 'closeClaim',
  description:
    'Closes a claim that was decided and on which nothing is owed. It closes by itself after 48 h.',
  input: CloseClaimInput,

  on: claim,
  target: input => input.claimId,
  prepare: async ({ claimId }, tx, { services: { store } }): Promise<Sum | null> => {
    // First the claim's own lock, as every action does, then the row: a refund for it is either seen, or sees that it is closed.
    await store.lock(tx, [claimId])
    await lockClaim(tx, claimId)
    return (await owedOf(tx, [claimId])).get(claimId) ?? null
  },

  allow: [...CLAIM_WORKERS, Role.SYSTEM],

  decide(state, _input, { read: owed }) {
    requireClaim(state)
    const status = statusOf(state)
    if (status !== 'RESOLVED')
      refuse('INVALID_STATE', 'Only a claim that was decided, and not closed, can be closed.', 'claimId', {
        status,
      })
    if (owed && owed.amount > 0)
      refuse('INVALID_STATE', `${format(owed)} is still owed to the buyer.`, 'claimId', { status, owed })
    return { type: 'ClaimClosed', data: {}, refs: [state.orderId!] }
  },

  emits: ['ClaimClosed'],
  returns: { claim: Claim },
})
