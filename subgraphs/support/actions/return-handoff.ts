import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Draft } from '#shared/aggregate.js'
import type { DeskEvents } from '#shared/events/desk.js'
import { given, several } from '#shared/fields.js'
import type { Identity } from '#shared/identity.js'
import { refuse } from '#shared/refusal.js'
import { STAFF } from '#shared/roles.js'
import { HandoffPart } from '../desk-enums.js'
import { coveredQueues, handoff, requireReceived } from '../handoff.js'
import { Handoff } from '../views/handoff.js'

@InputType('ReturnHandoffInput', { description: 'Which handover goes back, and what it lacks.' })
export class ReturnHandoffInput extends ActionInput {
  @given('Handoff', 'The handover.')
  handoffId!: string

  @several(HandoffPart, 'What is missing, or not good enough; at least one. The note says what exactly.', {
    max: 6,
  })
  missing!: (keyof typeof HandoffPart)[]
}

interface Ground {
  identity: Identity
  covered: string[]
}

/** A3. Whoever sent it hands it over anew, with what was missing. */
export const returnHandoff = action({
  name: 'returnHandoff',
  description: 'Sends a handover back to who sent it, with what it lacks; wants a note.',
  input: ReturnHandoffInput,

  on: handoff,
  target: input => input.handoffId,
  prepare: async (_input, tx, { identity }): Promise<Ground> => ({
    identity,
    covered: await coveredQueues(tx, identity.personId),
  }),

  allow: STAFF,

  decide(state, { missing, note }, { read: { identity, covered } }): Draft<DeskEvents> {
    requireReceived(state, identity, covered)
    if (missing.length === 0) refuse('INVALID', 'Say what is missing.', 'missing')
    if (!note?.trim()) refuse('INVALID', 'Write what exactly is missing.', 'note')
    const { workspace, senderId } = state
    const data = { workspace, senderId, missing: [...new Set(missing)] }
    return { type: 'HandoffReturned', data, refs: [senderId] }
  },

  emits: ['HandoffReturned'],
  returns: { handoff: Handoff },
})
