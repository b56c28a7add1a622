import { Field, InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given } from '#shared/fields.js'
import { ASSIGNABLE } from '../staff.js'
import { type Happening, requireWork, ticket } from '../ticket.js'
import { Ticket } from '../views/ticket.js'

@InputType('MarkTicketSafetySensitiveInput', { description: 'Whether somebody may come to harm.' })
export class MarkTicketSafetySensitiveInput extends ActionInput {
  @given('Ticket', 'The ticket.')
  ticketId!: string

  @Field(() => Boolean, { description: 'Somebody may come to harm; false when that turned out otherwise.' })
  safetySensitive!: boolean
}

/** C13: it goes before everything else in the order ATTENTION. */
export const markTicketSafetySensitive = action({
  name: 'markTicketSafetySensitive',
  description: 'Says that somebody may come to harm, so that a ticket goes before all others.',
  input: MarkTicketSafetySensitiveInput,

  on: ticket,
  target: input => input.ticketId,

  allow: ASSIGNABLE,

  decide(state, { safetySensitive }): Happening {
    requireWork(state)
    if (state.safetySensitive === safetySensitive) return []
    return { type: 'SupportCaseUpdated', data: { change: 'SAFETY', safetySensitive } }
  },

  emits: ['SupportCaseUpdated'],
  returns: { ticket: Ticket },
})
