import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given, oneOf } from '#shared/fields.js'
import { TicketPriority } from '../enums.js'
import { prioritised } from '../routing/triage.js'
import { WORKERS } from '../staff.js'
import { requireWork, ticket } from '../ticket.js'
import { Ticket } from '../views/ticket.js'

@InputType('SetTicketPriorityInput', { description: 'How soon a ticket is due.' })
export class SetTicketPriorityInput extends ActionInput {
  @given('Ticket', 'The ticket.')
  ticketId!: string

  @oneOf(TicketPriority, 'How soon.')
  priority!: keyof typeof TicketPriority
}

/** C30. */
export const setTicketPriority = action({
  name: 'setTicketPriority',
  description: 'Says how soon a ticket is due.',
  input: SetTicketPriorityInput,

  on: ticket,
  target: input => input.ticketId,

  allow: WORKERS,

  decide(state, { priority }) {
    requireWork(state)
    return prioritised(state, priority)
  },

  emits: ['SupportCaseUpdated'],
  returns: { ticket: Ticket },
})
