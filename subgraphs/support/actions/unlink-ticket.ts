import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { STAFF } from '#shared/roles.js'
import { requireTicket, ticket } from '../ticket.js'
import { Ticket } from '../views/ticket.js'

@InputType('UnlinkTicketInput', { description: 'What a ticket is not about.' })
export class UnlinkTicketInput extends ActionInput {
  @given('Ticket', 'The ticket.')
  ticketId!: string

  @given('Node', 'What it is not about.')
  entityId!: string
}

/** E66, X17: a ticket without an account stays about something. */
export const unlinkTicket = action({
  name: 'unlinkTicket',
  description: 'Says that a ticket is not about something after all.',
  input: UnlinkTicketInput,

  on: ticket,
  target: input => input.ticketId,

  allow: STAFF,

  decide(state, { entityId }) {
    requireTicket(state)
    const { linkedEntityIds, organizationId } = state
    if (!linkedEntityIds.includes(entityId))
      refuse('NOT_FOUND', 'The ticket is not linked to that.', 'entityId')
    if (organizationId === null && linkedEntityIds.length === 1)
      refuse(
        'INVALID_STATE',
        'A ticket without an account has to be about something: link the right thing first.',
        'entityId',
      )
    return { type: 'EntityUnlinked', data: { entityId } }
  },

  emits: ['EntityUnlinked'],
  returns: { ticket: Ticket },
})
