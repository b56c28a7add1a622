import { ID, InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given, several, text } from '#shared/fields.js'
import { MOST_FILES } from '#shared/file-kinds.js'
import type { Identity } from '#shared/identity.js'
import { refuse } from '#shared/refusal.js'
import { Role } from '#shared/roles.js'
import { FILES_SENT, requireFiles } from '../attachments/attachment-links.js'
import { isCustomer } from '../audience.js'
import { reply, writtenBy } from '../messages.js'
import { WORKERS } from '../staff.js'
import { requireWork, ticket } from '../ticket.js'
import { Ticket } from '../views/ticket.js'
import { TicketMessage } from '../views/ticket-message.js'

@InputType('ReplyToTicketInput', { description: 'What to say, on which ticket.' })
export class ReplyToTicketInput extends ActionInput {
  @given('Ticket', 'The ticket to reply to.')
  ticketId!: string

  @text('What to say: plain text, and the customer reads it.', { max: 20_000, multiline: true })
  body!: string

  @given('TicketMessage', 'The message that this one puts right (D61); for staff.', { nullable: true })
  correctionOfId?: string | null

  @several(ID, FILES_SENT, { nullable: true, max: MOST_FILES })
  attachmentIds?: string[] | null
}

/** C3, C14, D32, D61: what the customer reads, or what the customer answers. What waited for them goes on, what slept wakes. */
export const replyToTicket = action({
  name: 'replyToTicket',
  description:
    'Says something on a ticket that the customer can read: staff to the customer, or the customer. An answer of the customer to what waited or was resolved makes it OPEN.',
  input: ReplyToTicketInput,

  on: ticket,
  target: input => input.ticketId,
  prepare: async (input, tx, { identity }): Promise<Identity> => {
    await requireFiles(input, tx, identity)
    return identity
  },

  allow: [...WORKERS, Role.REQUESTER, 'tickets:reply'],

  decide(state, { body, correctionOfId, attachmentIds }, { newId, now, read: identity }) {
    requireWork(state, identity)
    if (correctionOfId && isCustomer(identity))
      refuse('INVALID', 'Corrections of messages are for staff; simply write again.', 'correctionOfId')
    const messageId = newId('msg')
    return reply(state, { body, messageId, identity, now, correctionOf: correctionOfId, attachmentIds })
  },

  emits: ['SupportReplyPosted', 'SupportCaseUpdated'],
  returns: { ticket: Ticket, message: { type: TicketMessage, id: writtenBy } },
})
