import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Draft } from '#shared/aggregate.js'
import type { SupportEvents } from '#shared/events/support.js'
import { given } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { ASSIGNABLE } from '../staff.js'
import { assigned, requireWork, ticket } from '../ticket.js'
import { Ticket } from '../views/ticket.js'

@InputType('AssignTicketToMeInput', { description: 'Which ticket to take.' })
export class AssignTicketToMeInput extends ActionInput {
  @given('Ticket', 'The ticket to take.')
  ticketId!: string
}

/** C31, D43: of all who click at once one wins, and the others learn who. Taking one's own again changes nothing. */
export const assignTicketToMe = action({
  name: 'assignTicketToMe',
  description:
    'Takes a ticket that nobody works on. Who comes second is told who was quicker, and since when.',
  input: AssignTicketToMeInput,

  on: ticket,
  target: input => input.ticketId,

  allow: ASSIGNABLE,

  decide(state, _input, { actorId }): Draft<SupportEvents>[] {
    requireWork(state)
    const { assigneeId, assignedAt } = state
    if (assigneeId === actorId) return []
    if (assigneeId !== null)
      refuse('ALREADY_ASSIGNED', 'Somebody else works on it.', 'ticketId', { assigneeId, since: assignedAt })
    return assigned(assigneeId, actorId)
  },

  emits: ['SupportCaseUpdated'],
  returns: { ticket: Ticket },
})
