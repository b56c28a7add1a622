import { InputType } from 'type-graphql'
import { action, namedBy, type Warning } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given, text } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { STAFF } from '#shared/roles.js'
import { delivered, requireOwnMessage } from '../mail/delivered.js'
import { departureOf } from '../mail/deliveries.js'
import { requireOpen, requireTicket, ticket } from '../ticket.js'
import { Ticket } from '../views/ticket.js'
import { TicketMessage } from '../views/ticket-message.js'

@InputType('EditTicketMessageInput', { description: 'What a message shall say instead.' })
export class EditTicketMessageInput extends ActionInput {
  @given('Ticket', 'The ticket.')
  ticketId!: string

  @given('TicketMessage', 'The message; one of staff.')
  messageId!: string

  @text('What it says from now on: plain text.', { max: 20_000, multiline: true })
  body!: string
}

/** C32, X18: every revision is an event; what stood there before stays readable to staff. */
export const editTicketMessage = action({
  name: 'editTicketMessage',
  description:
    'Writes a message of staff anew: who wrote it, or a lead. Earlier wordings stay on TicketMessage.revisions.',
  input: EditTicketMessageInput,

  on: ticket,
  target: input => input.ticketId,
  prepare: async (input, tx, { services }) => departureOf(tx, input, services),

  allow: STAFF,

  decide(state, { messageId, body }, { actorId, actorRoles }) {
    requireTicket(state)
    const message = requireOwnMessage(state, messageId, actorId, actorRoles)
    const { visibility, revision } = message
    if (visibility === 'PUBLIC') requireOpen(state)
    if (message.kind === 'USER_MESSAGE')
      refuse('INVALID_STATE', 'What a customer wrote stays as they wrote it.', 'messageId')
    return {
      type: 'SupportNoteEdited',
      data: { messageId, revision: revision + 1, visibility },
      personal: { body },
      refs: [messageId],
    }
  },
  warns: (state, { messageId }, { read, now }): Warning[] => delivered(state, messageId, read, now),

  emits: ['SupportNoteEdited'],
  returns: { ticket: Ticket, message: namedBy(TicketMessage, 'messageId') },
})
