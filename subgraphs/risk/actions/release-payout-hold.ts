import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given } from '#shared/fields.js'
import { dualControl } from '#shared/policy.js'
import { refuse } from '#shared/refusal.js'
import { RISK_OFFICERS } from '../audience.js'
import { inForce } from '../in-force.js'
import { payoutHold } from '../payout-hold.js'
import { PayoutHold } from '../views/payout-hold.js'

@InputType('ReleasePayoutHoldInput', { description: 'Which hold to release.' })
export class ReleasePayoutHoldInput extends ActionInput {
  @given('PayoutHold', 'The hold to release; others on the same money stay.')
  holdId!: string
}

/** E60: one's own alone, another's with a second person. */
export const releasePayoutHold = action({
  name: 'releasePayoutHold',
  description: 'Lets money be paid out again, as far as this hold kept it back.',
  input: ReleasePayoutHoldInput,
  risk: 'DANGEROUS',
  idempotent: 'REQUIRED',
  reasons: {
    FALSE_ALARM: 'There never was a reason.',
    VERIFIED: 'They proved who they are.',
    EXPOSURE_COVERED: 'Nothing can be lost any more.',
    REMEDIED: 'What was wrong was put right.',
    LEGAL_CLEARANCE: 'The court or authority allows it.',
  },

  on: payoutHold,
  target: input => input.holdId,

  allow: RISK_OFFICERS,
  policy: dualControl(RISK_OFFICERS, { owner: 'heldById' }),

  decide({ state, organizationId, payoutId, until }, _input, { now, approvalId }) {
    if (state === null) refuse('NOT_FOUND', 'There is no such hold.', 'holdId')
    if (state === 'RELEASED') refuse('INVALID_STATE', 'It is released already.', 'holdId', { state })
    if (!inForce(until, now))
      refuse('INVALID_STATE', 'Its time is over already.', 'holdId', { state: 'EXPIRED', until })
    const refs = payoutId ? [organizationId, payoutId] : [organizationId]
    return { type: 'PayoutHoldReleased', data: { organizationId, payoutId, approvalId }, refs }
  },

  emits: ['PayoutHoldReleased'],
  returns: { hold: PayoutHold },
})
