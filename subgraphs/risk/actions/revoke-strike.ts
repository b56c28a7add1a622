import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { RISK_OFFICERS } from '../audience.js'
import { inForce } from '../in-force.js'
import { strike } from '../strike.js'
import { Strike } from '../views/strike.js'

@InputType('RevokeStrikeInput', { description: 'Which strike to take back.' })
export class RevokeStrikeInput extends ActionInput {
  @given('Strike', 'The strike to take back.')
  strikeId!: string
}

/** E63: two people look at what is taken back, since nobody revokes what they issued themselves. */
export const revokeStrike = action({
  name: 'revokeStrike',
  description: 'Takes a strike back before its time. Somebody else than who issued it has to.',
  input: RevokeStrikeInput,
  risk: 'SENSITIVE',
  idempotent: 'REQUIRED',
  reasons: {
    APPEAL_UPHELD: 'The seller was right.',
    MISTAKE: 'It should never have been issued.',
    REMEDIED: 'The seller put right what was wrong.',
  },

  on: strike,
  target: input => input.strikeId,

  allow: RISK_OFFICERS,

  decide({ state, organizationId, issuedById, expiresAt }, _input, { now, actorId }) {
    if (state === null) refuse('NOT_FOUND', 'There is no such strike.', 'strikeId')
    if (state === 'REVOKED') refuse('INVALID_STATE', 'It is taken back already.', 'strikeId', { state })
    if (!inForce(expiresAt, now))
      refuse('INVALID_STATE', 'Its time is over already.', 'strikeId', { state: 'EXPIRED', expiresAt })
    if (issuedById === actorId)
      refuse('SAME_PERSON', 'You issued it yourself; somebody else of risk has to take it back.', 'strikeId')
    return { type: 'StrikeRevoked', data: { organizationId }, refs: [organizationId] }
  },

  emits: ['StrikeRevoked'],
  returns: { strike: Strike },
})
