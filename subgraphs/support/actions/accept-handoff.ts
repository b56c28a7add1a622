import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Draft } from '#shared/aggregate.js'
import type { DeskEvents } from '#shared/events/desk.js'
import { given } from '#shared/fields.js'
import type { Identity } from '#shared/identity.js'
import { STAFF } from '#shared/roles.js'
import { coveredQueues, handoff, requireReceived } from '../handoff.js'
import { Handoff } from '../views/handoff.js'

@InputType('AcceptHandoffInput', { description: 'Which handover to take over.' })
export class AcceptHandoffInput extends ActionInput {
  @given('Handoff', 'The handover.')
  handoffId!: string
}

interface Ground {
  identity: Identity
  covered: string[]
}

/** A3. Of several who take it over at once, one has it; the others learn who. */
export const acceptHandoff = action({
  name: 'acceptHandoff',
  description:
    'Takes over what was handed over: for those who work in its workspace or cover its queue, and never for who sent it.',
  input: AcceptHandoffInput,

  on: handoff,
  target: input => input.handoffId,
  prepare: async (_input, tx, { identity }): Promise<Ground> => ({
    identity,
    covered: await coveredQueues(tx, identity.personId),
  }),

  allow: STAFF,

  decide(state, _input, { actorId, read: { identity, covered } }): Draft<DeskEvents>[] {
    if (state.status === 'ACCEPTED' && state.decidedById === actorId) return []
    requireReceived(state, identity, covered)
    const { workspace, senderId } = state
    return [{ type: 'HandoffAccepted', data: { workspace, senderId }, refs: [senderId] }]
  },

  emits: ['HandoffAccepted'],
  returns: { handoff: Handoff },
})
