import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given, several } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { tagged } from '../routing/triage.js'
import { ASSIGNABLE } from '../staff.js'
import { tagsOf } from '../tags.js'
import { requireWork, ticket } from '../ticket.js'
import { Ticket } from '../views/ticket.js'

@InputType('TagTicketInput', { description: 'What a ticket is sorted by.' })
export class TagTicketInput extends ActionInput {
  @given('Ticket', 'The ticket.')
  ticketId!: string

  @several(String, 'Tags to add: letters, digits, dashes.', { nullable: true, max: 20 })
  add?: string[] | null

  @several(String, 'Tags to take away.', { nullable: true, max: 20 })
  remove?: string[] | null
}

/** A2, D38: words by which staff sort, and cover, tickets. */
export const tagTicket = action({
  name: 'tagTicket',
  description: 'Adds tags to a ticket, or takes them away.',
  input: TagTicketInput,

  on: ticket,
  target: input => input.ticketId,

  allow: ASSIGNABLE,

  decide(state, { add, remove }) {
    requireWork(state)
    if (!add?.length && !remove?.length) refuse('INVALID', 'Say which tags.', 'add')
    const gone = tagsOf(remove ?? [], 'remove')
    const kept = state.tags.filter(tag => !gone.includes(tag))
    return tagged(state, [...new Set([...kept, ...tagsOf(add ?? [], 'add')])])
  },

  emits: ['SupportCaseUpdated'],
  returns: { ticket: Ticket },
})
