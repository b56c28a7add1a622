import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given, oneOf } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { FilterState } from '../enums.js'
import { WORKERS } from '../staff.js'
import { requireWork, ticket } from '../ticket.js'
import { Ticket } from '../views/ticket.js'

@InputType('FilterTicketInput', { description: 'Which ticket to keep apart.' })
export class FilterTicketInput extends ActionInput {
  @given('Ticket', 'The ticket.')
  ticketId!: string

  @oneOf(FilterState, 'SPAM, or FILTERED: nothing to do here.')
  filterState!: keyof typeof FilterState
}

/** D56: out of the inbox, and still found, counted and restored. */
export const filterTicket = action({
  name: 'filterTicket',
  description:
    'Takes a ticket out of the inbox, as spam or because there is nothing to do. restoreTicket brings it back.',
  input: FilterTicketInput,

  on: ticket,
  target: input => input.ticketId,

  allow: WORKERS,

  decide(state, { filterState }) {
    requireWork(state)
    const { filterState: previousState } = state
    if (filterState === 'INBOX') refuse('INVALID', 'restoreTicket brings it back.', 'filterState')
    return filterState === previousState
      ? []
      : { type: 'TicketFiltered', data: { filterState, previousState } }
  },

  emits: ['TicketFiltered'],
  returns: { ticket: Ticket },
})
