import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given, oneOf } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { TicketStatus } from '../enums.js'
import { WORKERS } from '../staff.js'
import { REASONS_OF } from '../status.js'
import { moved, requireWork, ticket } from '../ticket.js'
import { Ticket } from '../views/ticket.js'

@InputType('CorrectTicketStatusInput', { description: 'Which status was wrong.' })
export class CorrectTicketStatusInput extends ActionInput {
  @given('Ticket', 'The ticket.')
  ticketId!: string

  @oneOf(TicketStatus, 'Where it stood right before (Ticket.previousStatus).')
  to!: keyof typeof TicketStatus
}

/** D53, X3: back to where it stood right before, and nowhere else. What is resolved again waits for the customer anew. */
export const correctTicketStatus = action({
  name: 'correctTicketStatus',
  description: 'Puts a wrong status right: back to the one right before it. The history shows both.',
  input: CorrectTicketStatusInput,
  reasons: {
    WRONG_STATUS: 'Another one was meant.',
    WRONG_TICKET: 'Another ticket was meant.',
    NOTHING_NEW: 'The customer said something that changes nothing, e.g. thanks.',
    NOT_RESOLVED: 'It turned out not to be resolved.',
  },

  on: ticket,
  target: input => input.ticketId,

  allow: WORKERS,

  decide(state, { to }, { now }) {
    requireWork(state)
    const { previousStatus } = state
    if (to === 'CLOSED' || previousStatus === null || to !== previousStatus)
      refuse('INVALID_STATE', 'A correction goes back to the status right before, and not to CLOSED.', 'to', {
        status: state.status,
        previousStatus,
      })
    return moved(state, { to, statusReason: REASONS_OF[to][0]!, now, corrective: true })
  },

  emits: ['SupportCaseUpdated'],
  returns: { ticket: Ticket },
})
