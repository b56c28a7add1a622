import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { ClaimSlaMetric } from '#shared/events/claims.js'
import { given, text } from '#shared/fields.js'
import { Role } from '#shared/roles.js'
import { type ClaimState, claim, isOver, requireClaim } from '../claim.js'
import { Claim } from '../views/claim.js'

@InputType('BreachClaimSlaInput', { description: 'Which promise of which claim came due.' })
export class BreachClaimSlaInput extends ActionInput {
  @given('Claim', 'The claim.')
  claimId!: string

  @text('Which evidence; left out: the first answer.', { nullable: true })
  requirementId?: string | null
}

/** When what is still waited for was due; null when nobody waits for it, or its breach is known. */
function missedAt(state: ClaimState, requirementId: string | null, now: Date): string | null {
  if (isOver(state)) return null
  const { response, requirements } = state
  const waiting = requirementId
    ? requirements.find(({ id, state }) => id === requirementId && state === 'REQUESTED')
    : response.answeredAt === null && response.breachedAt === null && response
  return waiting && new Date(waiting.dueAt) <= now ? waiting.dueAt : null
}

/** E49: a promise that was not kept is an event. What was kept in time is left as it is. */
export const breachClaimSla = action({
  name: 'breachClaimSla',
  description: 'Notes that an answer or evidence did not come in time. Done by Opsgraph itself.',
  input: BreachClaimSlaInput,

  on: claim,
  target: input => input.claimId,

  allow: [Role.SYSTEM],

  decide(state, { requirementId = null }, { now }) {
    requireClaim(state)
    const dueAt = missedAt(state, requirementId, now)
    if (!dueAt) return []
    const metric: ClaimSlaMetric = requirementId ? 'EVIDENCE' : 'FIRST_RESPONSE'
    return { type: 'ClaimSlaBreached', data: { metric, requirementId, dueAt }, refs: [state.orderId!] }
  },

  emits: ['ClaimSlaBreached'],
  returns: { claim: Claim },
})
