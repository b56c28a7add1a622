import { InputType } from 'type-graphql'
import type { EntityManager } from 'typeorm'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Draft } from '#shared/aggregate.js'
import { given } from '#shared/fields.js'
import type { Sum } from '#shared/money.js'
import { refuse } from '#shared/refusal.js'
import { Role } from '#shared/roles.js'
import {
  type ChargebackStatus,
  type ClaimState,
  type ClaimStreamEvents,
  claim,
  isNews,
  isOver,
  requireClaim,
} from '../claim.js'
import { tell } from '../claim-parties.js'
import { Claim } from '../views/claim.js'

@InputType('LinkChargebackInput', { description: 'Which chargeback joins which claim, or changed.' })
export class LinkChargebackInput extends ActionInput {
  @given('Claim', 'The claim it joins.')
  claimId!: string

  @given('Dispute', 'The chargeback.')
  disputeId!: string
}

interface Chargeback {
  orderId: string
  state: ChargebackStatus
  amount: Sum
}

async function readChargeback(disputeId: string, tx: EntityManager): Promise<Chargeback | null> {
  const [found] = await tx.query(
    'select order_id as "orderId", state, amount from orders.dispute where id = $1',
    [disputeId],
  )
  return found ?? null
}

const ENDINGS: Partial<Record<ChargebackStatus, string>> = {
  WON: 'The bank decided the chargeback for the seller: the money is back.',
  CLOSED: 'The chargeback ended without a decision: the money is back.',
}

/** What the end of a chargeback means for a claim that is not decided: lost is decided for the buyer, who has the money already. */
function consequences(
  state: ClaimState,
  claimId: string,
  chargeback: Chargeback,
  noteId: string,
): Draft<ClaimStreamEvents>[] {
  if (isOver(state)) return []
  const refs = [state.orderId!]
  const note = ENDINGS[chargeback.state]
  if (note) {
    const data = { visibility: 'INTERNAL' as const, noteId }
    return [{ type: 'ClaimNoteAdded', data, personal: { body: note }, refs: [noteId, ...refs] }]
  }
  if (chargeback.state !== 'LOST') return []
  const data = { outcome: 'BUYER' as const, buyerAmount: chargeback.amount }
  const personal = { statement: 'The bank decided the chargeback for the buyer and kept the money for them.' }
  return [
    { type: 'ClaimResolved', data, personal, refs },
    ...tell(state, ['BUYER', 'SELLER'], 'CLAIM_RESOLVED', { claimId, ...data }),
  ]
}

/** E52: a chargeback joins a claim about its order, and the claim follows it. Records that repeat or come late change nothing. */
export const linkChargeback = action({
  name: 'linkChargeback',
  description: 'Joins a chargeback to a claim, or follows its state. Done by Opsgraph itself.',
  input: LinkChargebackInput,

  on: claim,
  target: input => input.claimId,
  prepare: ({ disputeId }, tx) => readChargeback(disputeId, tx),

  allow: [Role.SYSTEM],

  decide(state, { claimId, disputeId }, { read: chargeback, newId }) {
    requireClaim(state)
    if (!chargeback || chargeback.orderId !== state.orderId)
      refuse('NOT_FOUND', 'There is no such chargeback about this order.', 'disputeId')
    if (!isNews(state, disputeId, chargeback.state)) return []
    const linked: Draft<ClaimStreamEvents> = {
      type: 'ClaimChargebackLinked',
      data: { disputeId, state: chargeback.state },
      refs: [state.orderId!, disputeId],
    }
    return [linked, ...consequences(state, claimId, chargeback, newId('cln'))]
  },

  emits: ['ClaimChargebackLinked', 'ClaimNoteAdded', 'ClaimResolved', 'NotificationRequested'],
  returns: { claim: Claim },
})
