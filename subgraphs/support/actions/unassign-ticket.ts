import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given } from '#shared/fields.js'
import { Role } from '#shared/roles.js'
import { ASSIGNABLE, isGranted, requireAssignment } from '../staff.js'
import { assigned, requireWork, ticket } from '../ticket.js'
import { Ticket } from '../views/ticket.js'

@InputType('UnassignTicketInput', { description: 'Which ticket nobody shall work on for now.' })
export class UnassignTicketInput extends ActionInput {
  @given('Ticket', 'The ticket.')
  ticketId!: string
}

/** D52: one's own anybody gives back; somebody else's takes tickets:assign. */
export const unassignTicket = action({
  name: 'unassignTicket',
  description: 'Gives a ticket back to its queue: one’s own, or with tickets:assign anybody’s.',
  input: UnassignTicketInput,

  on: ticket,
  target: input => input.ticketId,
  prepare: (_input, tx, { identity, services }): Promise<boolean> =>
    isGranted(tx, identity.personId, services.clock()),

  allow: [...ASSIGNABLE, Role.SYSTEM],

  decide(state, _input, { actorId, actorRoles, read: granted }) {
    requireWork(state)
    if (state.assigneeId !== actorId && !actorRoles.includes(Role.SYSTEM))
      requireAssignment(actorRoles, granted)
    return assigned(state.assigneeId, null)
  },

  emits: ['SupportCaseUpdated'],
  returns: { ticket: Ticket },
})
