import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given } from '#shared/fields.js'
import { refuseMissing } from '#shared/refusal.js'
import { Permission, Role } from '#shared/roles.js'
import { ASSIGNABLE, ASSIGNERS } from '../staff.js'
import { assigned, requireWork, ticket } from '../ticket.js'
import { Ticket } from '../views/ticket.js'

@InputType('UnassignTicketInput', { description: 'Which ticket nobody shall work on for now.' })
export class UnassignTicketInput extends ActionInput {
  @given('Ticket', 'The ticket.')
  ticketId!: string
}

/** D52: one's own anybody gives back; somebody else's takes TICKETS_ASSIGN. */
export const unassignTicket = action({
  name: 'unassignTicket',
  description: 'Gives a ticket back to its queue: one’s own, or with TICKETS_ASSIGN anybody’s.',
  input: UnassignTicketInput,

  on: ticket,
  target: input => input.ticketId,

  allow: [...ASSIGNABLE, Permission.TICKETS_ASSIGN, Role.SYSTEM],

  decide(state, _input, { actorId, may }) {
    requireWork(state)
    if (state.assigneeId !== actorId && !may([...ASSIGNERS, Role.SYSTEM]))
      refuseMissing(Permission.TICKETS_ASSIGN, 'Taking tickets from others')
    return assigned(state.assigneeId, null)
  },

  emits: ['SupportCaseUpdated'],
  returns: { ticket: Ticket },
})
