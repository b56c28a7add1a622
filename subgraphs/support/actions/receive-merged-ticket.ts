import { ID, InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given, several } from '#shared/fields.js'
import { Role } from '#shared/roles.js'
import { requireTicket, ticket } from '../ticket.js'
import { Ticket } from '../views/ticket.js'

@InputType('ReceiveMergedTicketInput', {
  description: 'Which ticket went into which, with what it was about.',
})
export class ReceiveMergedTicketInput extends ActionInput {
  @given('Ticket', 'The ticket that goes on.')
  ticketId!: string

  @given('Ticket', 'The ticket that ended.')
  fromId!: string

  @several(ID, 'What that one was about.')
  linkedEntityIds!: string[]
}

/** The other half of mergeTickets, on the ticket that goes on; closed meanwhile or not, since a closed one takes links (X2). */
export const receiveMergedTicket = action({
  name: 'receiveMergedTicket',
  description: 'Takes in what a ticket was about that went into this one; by Opsgraph itself.',
  input: ReceiveMergedTicketInput,

  on: ticket,
  target: input => input.ticketId,

  allow: [Role.SYSTEM],

  decide(state, { fromId, linkedEntityIds }) {
    requireTicket(state)
    return { type: 'SupportCaseMergeReceived', data: { fromId, linkedEntityIds }, refs: linkedEntityIds }
  },

  emits: ['SupportCaseMergeReceived'],
  returns: { ticket: Ticket },
})
