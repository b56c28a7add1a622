import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given } from '#shared/fields.js'
import { ASSIGNERS, type Candidate, candidate, requireAssignable } from '../staff.js'
import { assigned, requireWork, ticket } from '../ticket.js'
import { Ticket } from '../views/ticket.js'

@InputType('AssignTicketInput', { description: 'Who gets which ticket.' })
export class AssignTicketInput extends ActionInput {
  @given('Ticket', 'The ticket.')
  ticketId!: string

  @given('StaffMember', 'Who works on it from now on.')
  assigneeId!: string
}

/** C31, D52, D59: takes TICKETS_ASSIGN, which leads have and others are granted. From one person to another leaves two events. */
export const assignTicket = action({
  name: 'assignTicket',
  description: 'Gives a ticket to somebody. Leads may; others are granted TICKETS_ASSIGN by grantPermission.',
  input: AssignTicketInput,

  on: ticket,
  target: input => input.ticketId,
  prepare: ({ assigneeId }, tx, { services }): Promise<Candidate> =>
    candidate(tx, assigneeId, services.clock()),

  allow: ASSIGNERS,

  decide(state, { assigneeId }, { read: who }) {
    requireWork(state)
    requireAssignable(who, 'assigneeId')
    return assigned(state.assigneeId, assigneeId)
  },

  emits: ['SupportCaseUpdated'],
  returns: { ticket: Ticket },
})
