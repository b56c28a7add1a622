import { InputType } from 'type-graphql'
import { refuse } from '#shared/refusal.js'
import { HOW_TO_GET_A_QUEUE, noQueueIn, receivingQueue, requireReceived } from '../desk/handoff.js'
import { HandoffDecisionInput, handoffDecision } from '../desk/handoff-decision.js'
import { queued } from '../routing/triage.js'
import { assigned } from '../ticket.js'

@InputType('AcceptHandoffInput', { description: 'Which handover to take over.' })
export class AcceptHandoffInput extends HandoffDecisionInput {}

/** A3. Of several who take it over at once, one has it; the others learn who. The work moves with it. */
export const acceptHandoff = handoffDecision({
  name: 'acceptHandoff',
  description:
    'Takes over what was handed over, and the ticket with it: into the queue that it is for, with whoever takes it over as assignee. For those who work in its workspace or cover its queue, and never for who sent it.',
  input: AcceptHandoffInput,

  decide(state, _input, { actorId, read: { identity, covered, ticket } }) {
    if (state.status === 'ACCEPTED' && state.decidedById === actorId) return []
    requireReceived(state, identity, covered)
    const { workspace, senderId } = state
    const moved =
      ticket && !ticket.isClosed
        ? { ticketId: ticket.id, queueId: ticket.queueId, assigneeId: ticket.assigneeId }
        : null
    return [
      {
        type: 'HandoffAccepted',
        data: { workspace, senderId, ...(moved ? { moved } : {}) },
        refs: [senderId, ...(moved ? [moved.ticketId] : [])],
      },
    ]
  },

  moves(ticket, state, { actorId, read: { queues } }) {
    const queueId = receivingQueue(state, ticket, queues)
    // There was one when it was sent.
    if (queueId === null) {
      const { workspace } = state
      refuse('INVALID_STATE', noQueueIn(workspace), 'handoffId', { workspace, ...HOW_TO_GET_A_QUEUE })
    }
    return [...queued(ticket, queueId, queues), ...assigned(ticket.assigneeId, actorId)]
  },

  emits: ['HandoffAccepted'],
})
