import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given } from '#shared/fields.js'
import { onCallShift, requireAhead } from '../desk/on-call.js'
import { LEADS } from '../staff.js'
import { OnCallShift } from '../views/on-call-shift.js'

@InputType('CancelOnCallInput', { description: 'Which shift is called off.' })
export class CancelOnCallInput extends ActionInput {
  @given('OnCallShift', 'The shift.')
  shiftId!: string
}

/** A shift that has begun ends now; until then it stays on the record. */
export const cancelOnCall = action({
  name: 'cancelOnCall',
  description: 'Calls a shift off; one that has begun ends now.',
  input: CancelOnCallInput,

  on: onCallShift,
  target: input => input.shiftId,

  allow: LEADS,

  decide(state, _input, { now }) {
    const { staffId } = requireAhead(state, now)
    return { type: 'OnCallCanceled', data: { staffId }, refs: [staffId] }
  },

  emits: ['OnCallCanceled'],
  returns: { shift: OnCallShift },
})
