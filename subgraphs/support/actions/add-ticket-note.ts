import { ID, InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given, several, text } from '#shared/fields.js'
import { MOST_FILES } from '#shared/file-kinds.js'
import { STAFF } from '#shared/roles.js'
import { FILES_SENT, requireFiles } from '../attachments/attachment-links.js'
import { note, writtenBy } from '../messages.js'
import { requireTicket, ticket } from '../ticket.js'
import { Ticket } from '../views/ticket.js'
import { TicketMessage } from '../views/ticket-message.js'

@InputType('AddTicketNoteInput', { description: 'What to note, on which ticket.' })
export class AddTicketNoteInput extends ActionInput {
  @given('Ticket', 'The ticket to note it on.')
  ticketId!: string

  @text('What to note: plain text, and no customer ever reads it.', { max: 20_000, multiline: true })
  body!: string

  @several(ID, FILES_SENT, { nullable: true, max: MOST_FILES })
  attachmentIds?: string[] | null
}

/** C4, C15, C32, D46: what staff tell staff; a closed ticket takes notes too. */
export const addTicketNote = action({
  name: 'addTicketNote',
  description: 'Notes something on a ticket that only staff read.',
  input: AddTicketNoteInput,

  on: ticket,
  target: input => input.ticketId,
  prepare: (input, tx, { identity }) => requireFiles(input, tx, identity),

  allow: [...STAFF, 'tickets:note'],

  decide(state, { body, attachmentIds }, { newId }) {
    requireTicket(state)
    return note(body, newId('msg'), attachmentIds)
  },

  emits: ['SupportNoteAdded'],
  returns: { ticket: Ticket, message: { type: TicketMessage, id: writtenBy } },
})
