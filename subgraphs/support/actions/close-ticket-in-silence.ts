import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given } from '#shared/fields.js'
import { Role } from '#shared/roles.js'
import { SILENCE_HOURS } from '../status.js'
import { type Happening, ticket } from '../ticket.js'
import { Ticket } from '../views/ticket.js'

@InputType('CloseTicketInSilenceInput', { description: 'Whose time may be over.' })
export class CloseTicketInSilenceInput extends ActionInput {
  @given('Ticket', 'The ticket.')
  ticketId!: string
}

/** D49, X24: nothing happens to a ticket that is not resolved any more, or was resolved anew since. */
export const closeTicketInSilence = action({
  name: 'closeTicketInSilence',
  description: `Closes a ticket whose customer kept silent for ${SILENCE_HOURS} hours after it was resolved; by Opsgraph itself.`,
  input: CloseTicketInSilenceInput,

  on: ticket,
  target: input => input.ticketId,

  allow: [Role.SYSTEM],

  decide({ status, closesAt }, _input, { now }): Happening {
    if (status !== 'RESOLVED' || !closesAt || new Date(closesAt) > now) return []
    return { type: 'SupportCaseClosed', data: { by: 'TIMER', from: status } }
  },

  emits: ['SupportCaseClosed'],
  returns: { ticket: Ticket },
})
