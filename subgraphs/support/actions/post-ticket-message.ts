import { ID, InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given, oneOf, several, text } from '#shared/fields.js'
import { MOST_FILES } from '#shared/file-kinds.js'
import type { Identity } from '#shared/identity.js'
import { refuse, refuseMissing } from '#shared/refusal.js'
import { Permission, Role, STAFF } from '#shared/roles.js'
import { FILES_SENT, requireFiles } from '../attachments/attachment-links.js'
import { isCustomer, mayTouch } from '../audience.js'
import { note, reply, writtenBy } from '../messages.js'
import { WORKERS } from '../staff.js'
import { requireOpen, requireTicket, ticket } from '../ticket.js'
import { Ticket } from '../views/ticket.js'
import { MessageVisibility, TicketMessage } from '../views/ticket-message.js'

@InputType('PostTicketMessageInput', { description: 'What to say, to whom, on which ticket.' })
export class PostTicketMessageInput extends ActionInput {
  @given('Ticket', 'The ticket.')
  ticketId!: string

  @text('What to say: plain text.', { max: 20_000, multiline: true })
  body!: string

  @oneOf(MessageVisibility, 'Who reads it. There is no default: whoever writes says it.')
  visibility!: keyof typeof MessageVisibility

  @several(ID, FILES_SENT, { nullable: true, max: MOST_FILES })
  attachmentIds?: string[] | null
}

/** C25: one surface for replyToTicket and addTicketNote. */
export const postTicketMessage = action({
  name: 'postTicketMessage',
  description: 'Says something on a ticket, to the customer or among staff; which of the two is always said.',
  input: PostTicketMessageInput,

  on: ticket,
  target: input => input.ticketId,
  prepare: async (input, tx, { identity }): Promise<Identity> => {
    await requireFiles(input, tx, identity)
    return identity
  },

  allow: [...STAFF, Role.REQUESTER],

  decide(state, { body, visibility, attachmentIds }, { newId, now, may, read: identity }) {
    requireTicket(state, mayTouch(state, identity))
    const messageId = newId('msg')
    if (visibility === 'PRIVATE') {
      if (isCustomer(identity)) refuse('INVALID', 'What you write is for you and for support.', 'visibility')
      return note(body, messageId, attachmentIds)
    }
    requireOpen(state)
    if (!isCustomer(identity) && !may(WORKERS))
      refuseMissing(Permission.TICKETS_HANDLE, 'Answering customers', 'visibility')
    return reply(state, { body, messageId, identity, now, attachmentIds })
  },

  emits: ['SupportReplyPosted', 'SupportNoteAdded', 'SupportCaseUpdated'],
  returns: { ticket: Ticket, message: { type: TicketMessage, id: writtenBy } },
})
