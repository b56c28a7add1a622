import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given, oneOf, text } from '#shared/fields.js'
import type { Identity } from '#shared/identity.js'
import { refuse } from '#shared/refusal.js'
import { TicketStatusReason } from '../enums.js'
import { reply, writtenBy } from '../messages.js'
import { WORKERS } from '../staff.js'
import { reasonFor, SILENCE_HOURS } from '../status.js'
import { moved, requireWork, ticket } from '../ticket.js'
import { Ticket } from '../views/ticket.js'
import { TicketMessage } from '../views/ticket-message.js'

@InputType('ResolveTicketInput', { description: 'How a ticket was resolved.' })
export class ResolveTicketInput extends ActionInput {
  @given('Ticket', 'The ticket.')
  ticketId!: string

  @text('How it was resolved: plain text, and the customer reads it.', { max: 20_000, multiline: true })
  resolution!: string

  @oneOf(TicketStatusReason, 'ANSWERED unless said otherwise.', { nullable: true })
  statusReason?: keyof typeof TicketStatusReason | null
}

/** D6, D44, D45: the resolution is a public message; from then on the customer has 48 hours to object. */
export const resolveTicket = action({
  name: 'resolveTicket',
  description: `Tells the customer how it was resolved. Unless they reply it closes by itself after ${SILENCE_HOURS} hours.`,
  input: ResolveTicketInput,

  on: ticket,
  target: input => input.ticketId,
  prepare: async (_input, _tx, { identity }): Promise<Identity> => identity,

  allow: WORKERS,

  decide(state, { resolution, statusReason }, { now, newId, read: identity }) {
    requireWork(state)
    if (state.status === 'RESOLVED')
      refuse('INVALID_STATE', 'It is resolved already; replyToTicket adds to it.', 'ticketId', {
        status: state.status,
        closesAt: state.closesAt,
      })
    const why = reasonFor('RESOLVED', statusReason)
    return [
      ...reply(state, { body: resolution, messageId: newId('msg'), identity, now, isResolution: true }),
      moved(state, { to: 'RESOLVED', statusReason: why, now }),
    ]
  },

  emits: ['SupportReplyPosted', 'SupportCaseUpdated'],
  returns: { ticket: Ticket, message: { type: TicketMessage, id: writtenBy } },
})
