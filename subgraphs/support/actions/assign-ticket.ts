import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given } from '#shared/fields.js'
import {
  ASSIGNABLE,
  type Candidate,
  candidate,
  isGranted,
  requireAssignable,
  requireAssignment,
} from '../staff.js'
import { assigned, requireWork, ticket } from '../ticket.js'
import { Ticket } from '../views/ticket.js'

@InputType('AssignTicketInput', { description: 'Who gets which ticket.' })
export class AssignTicketInput extends ActionInput {
  @given('Ticket', 'The ticket.')
  ticketId!: string

  @given('StaffMember', 'Who works on it from now on.')
  assigneeId!: string
}

/** C31, D52, D59: takes tickets:assign, which leads have and others are granted. From one person to another leaves two events. */
export const assignTicket = action({
  name: 'assignTicket',
  description:
    'Gives a ticket to somebody. Takes tickets:assign: leads have it, others are granted it by grantAssignment.',
  input: AssignTicketInput,

  on: ticket,
  target: input => input.ticketId,
  prepare: async (
    { assigneeId },
    tx,
    { identity, services },
  ): Promise<{ who: Candidate; granted: boolean }> => ({
    who: await candidate(tx, assigneeId),
    granted: await isGranted(tx, identity.personId, services.clock()),
  }),

  allow: ASSIGNABLE,

  decide(state, { assigneeId }, { actorRoles, read: { who, granted } }) {
    requireAssignment(actorRoles, granted)
    requireWork(state)
    requireAssignable(who)
    return assigned(state.assigneeId, assigneeId)
  },

  emits: ['SupportCaseUpdated'],
  returns: { ticket: Ticket },
})
