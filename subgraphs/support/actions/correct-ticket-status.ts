import { InputType } from 'type-graphql'
import { action, type Warning } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given, oneOf } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { TicketStatus } from '../enums.js'
import { calledBack, standsBy } from '../recall.js'
import { type Resolution, resolutionOf, takenBack } from '../resolution.js'
import { WORKERS } from '../staff.js'
import { REASONS_OF } from '../status.js'
import { type Happening, moved, requireWork, type TicketState, ticket } from '../ticket.js'
import { Ticket } from '../views/ticket.js'

@InputType('CorrectTicketStatusInput', { description: 'Which status was wrong.' })
export class CorrectTicketStatusInput extends ActionInput {
  @given('Ticket', 'The ticket.')
  ticketId!: string

  @oneOf(TicketStatus, 'Where it stood right before (Ticket.previousStatus).')
  to!: keyof typeof TicketStatus
}

/** The resolution that goes with the status; null: none was the status. */
const undone = (state: TicketState, resolution: Resolution, now: Date) =>
  state.status === 'RESOLVED' ? takenBack(state, resolution, now) : null

/**
 * D53, X3: back to where it stood right before, and nowhere else. What is resolved again waits for the customer anew. A
 * resolution that was not sent yet is never told, as if it was recalled (D60); of one that was, the customer learns that it is none.
 */
export const correctTicketStatus = action({
  name: 'correctTicketStatus',
  description:
    'Puts a wrong status right: back to the one right before it. The history shows both. A resolution that was not sent yet is recalled with it, and is a note; after that the customer is told that it is open again.',
  input: CorrectTicketStatusInput,
  reasons: {
    WRONG_STATUS: 'Another one was meant.',
    WRONG_TICKET: 'Another ticket was meant.',
    NOTHING_NEW: 'The customer said something that changes nothing, e.g. thanks.',
    NOT_RESOLVED: 'It turned out not to be resolved.',
  },

  on: ticket,
  target: input => input.ticketId,
  prepare: async ({ ticketId }, tx, { services }) => resolutionOf(tx, ticketId, services),

  allow: WORKERS,

  decide(state, { to }, { now, read }): Happening {
    requireWork(state)
    const { previousStatus } = state
    if (to === 'CLOSED' || previousStatus === null || to !== previousStatus)
      refuse('INVALID_STATE', 'A correction goes back to the status right before, and not to CLOSED.', 'to', {
        status: state.status,
        previousStatus,
      })
    const back = moved(state, { to, statusReason: REASONS_OF[to][0]!, now, corrective: true })
    const resolution = undone(state, read, now)
    if (!resolution) return back
    const { messageId, unsaid } = resolution
    if (!unsaid) return [back, { type: 'SupportResolutionWithdrawn', data: { messageId }, refs: [messageId] }]
    const recalled = calledBack(state, messageId)
    return standsBy(state, state.messages[messageId]!) ? recalled : [back, ...recalled]
  },
  warns: (state, _input, { now, read }): Warning[] => {
    const { messageId, unsaid = false } = undone(state, read, now) ?? {}
    if (!unsaid) return []
    return [
      {
        code: 'MESSAGE_RECALLED',
        message:
          'The resolution was not sent yet, so it is a note now and nobody is told of it. Where it is an answer all the same, show it: setTicketMessageVisibility.',
        facts: { messageId },
      },
    ]
  },

  emits: ['SupportCaseUpdated', 'SupportNoteVisibilityChanged', 'SupportResolutionWithdrawn'],
  returns: { ticket: Ticket },
})
