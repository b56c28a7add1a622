import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given } from '#shared/fields.js'
import { Role } from '#shared/roles.js'
import { type Happening, ticket } from '../ticket.js'
import { Ticket } from '../views/ticket.js'

@InputType('WakeTicketInput', { description: 'Which ticket was put aside for long enough.' })
export class WakeTicketInput extends ActionInput {
  @given('Ticket', 'The ticket.')
  ticketId!: string
}

/** Nothing happens to one that is awake, or was put aside for longer since. */
export const wakeTicket = action({
  name: 'wakeTicket',
  description: 'Takes up a ticket whose time has come; by Opsgraph itself.',
  input: WakeTicketInput,

  on: ticket,
  target: input => input.ticketId,

  allow: [Role.SYSTEM],

  decide({ snoozedUntil }, _input, { now }): Happening {
    if (snoozedUntil === null || new Date(snoozedUntil) > now) return []
    return { type: 'SupportCaseUpdated', data: { change: 'SNOOZE', until: null, because: 'DUE' } }
  },

  emits: ['SupportCaseUpdated'],
  returns: { ticket: Ticket },
})
