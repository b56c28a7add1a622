import { Row } from '#shared/entity.js'
import type { StoredEvent } from '#shared/event.js'
import type { MessageKind as Kind, MessageVisibility as Visibility } from '#shared/events/support.js'
import { entity, oneOf, ref, text } from '#shared/fields.js'
import type { Identity } from '#shared/identity.js'
import { READERS } from '#shared/roles.js'
import { states } from '#shared/states.js'
import { type Happened, type Patch, view } from '#shared/view.js'
import { belongsTo, TICKET_READERS } from '../audience.js'
import { REMOVED } from '../removed.js'
import { ticket } from '../ticket.js'
import { Ticket } from './ticket.js'

export const MessageVisibility = states('MessageVisibility', 'Who reads a message.', {
  PUBLIC: 'Staff, and the customers whose ticket it is.',
  PRIVATE: 'Staff alone, whatever road it is asked for on (C15).',
})

export const MessageKind = states('MessageKind', 'What a message is (C26).', {
  STAFF_REPLY: 'Staff wrote to the customer.',
  USER_MESSAGE: 'A customer wrote.',
  INTERNAL_NOTE: 'Staff wrote to staff.',
  SYSTEM: 'A machine wrote.',
})

@entity('TicketMessage', {
  description: 'Something that was said on a ticket.',
  allow: TICKET_READERS,
  schema: 'support',
  prefix: 'msg',
  requester: (message: TicketMessage, identity: Identity) =>
    message.visibility === MessageVisibility.PUBLIC && belongsTo(message, identity),
})
export class TicketMessage extends Row {
  @ref(() => Ticket, 'The ticket it was said on.')
  ticketId!: string

  @oneOf(MessageKind, 'What it is.')
  kind!: Kind

  @oneOf(MessageVisibility, 'Who reads it.')
  visibility!: Visibility

  @text('What was said: plain text.')
  body!: string

  @text('Who said it: open with node(id).', { only: READERS })
  authorId!: string

  @text("Whose ticket it was: the account's id.", { hidden: true, nullable: true })
  organizationId!: string | null

  @text("Whose ticket it was: the customer's id.", { hidden: true, nullable: true })
  requesterId!: string | null
}

type Said = Happened<{ body?: string }>

const said = ({ data, stream, actor }: Said): Patch<TicketMessage> => ({
  body: data.body ?? REMOVED,
  ticketId: stream.id,
  authorId: actor.id,
})

export const messages = view(TicketMessage, {
  of: ticket,
  key: (event: StoredEvent) => event.data.messageId,
  on: {
    SupportCaseOpened: event => ({ ...event.data, ...said(event) }),
    SupportReplyPosted: event => ({ ...event.data, ...said(event), visibility: MessageVisibility.PUBLIC }),
    SupportNoteAdded: event => ({
      ...said(event),
      kind: MessageKind.INTERNAL_NOTE,
      visibility: MessageVisibility.PRIVATE,
    }),
  },
})
