import { InputType } from 'type-graphql'
import type { HandoffPart as Part } from '#shared/events/desk.js'
import { several } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { HandoffPart } from '../desk/desk-enums.js'
import { isHeldBy, requireReceived, senderOrNobody } from '../desk/handoff.js'
import { HandoffDecisionInput, handoffDecision } from '../desk/handoff-decision.js'
import { queued } from '../routing/triage.js'
import { assigned } from '../ticket.js'

@InputType('ReturnHandoffInput', { description: 'Which handover goes back, and what it lacks.' })
export class ReturnHandoffInput extends HandoffDecisionInput {
  @several(HandoffPart, 'What is missing, or not good enough; at least one. The note says what exactly.', {
    max: 6,
  })
  missing!: Part[]
}

/** A3. Whoever sent it has the work again, and hands it over anew, with what was missing. */
export const returnHandoff = handoffDecision({
  name: 'returnHandoff',
  description:
    'Sends a handover back to who sent it, with what it lacks, and the ticket with it; wants a note. Whoever took it over may do so, too.',
  input: ReturnHandoffInput,

  decide(state, { missing, note }, { read: { identity, covered, ticket } }) {
    if (!isHeldBy(state, identity)) requireReceived(state, identity, covered)
    if (missing.length === 0) refuse('INVALID', 'Say what is missing.', 'missing')
    if (!note?.trim()) refuse('INVALID', 'Write what exactly is missing.', 'note')
    const { workspace, senderId } = state
    const data = { workspace, senderId, missing: [...new Set(missing)] }
    return [{ type: 'HandoffReturned', data, refs: [senderId, ...(ticket ? [ticket.id] : [])] }]
  },

  moves(ticket, state, { read: { queues, senderWorksHere } }) {
    const { queueBefore = null } = state
    const takes = queues.some(({ id, isActive }) => id === queueBefore && isActive)
    return [
      ...(takes ? queued(ticket, queueBefore!, queues) : []),
      ...assigned(ticket.assigneeId, senderOrNobody(state, ticket.assigneeId, senderWorksHere)),
    ]
  },

  emits: ['HandoffReturned'],
})
