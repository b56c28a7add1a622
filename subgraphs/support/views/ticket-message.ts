import { ID } from 'type-graphql'
import { Row } from '#shared/entity.js'
import type { StoredEvent } from '#shared/event.js'
import type { MessageKind as Kind, MessageVisibility as Visibility } from '#shared/events/support.js'
import { count, entity, flag, instant, oneOf, ref, several, text } from '#shared/fields.js'
import { both } from '#shared/loader.js'
import { READERS } from '#shared/roles.js'
import { states } from '#shared/states.js'
import { type Happened, type Patch, view } from '#shared/view.js'
import { TICKET_READERS, theirs } from '../audience.js'
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
  sortForCustomers: 'publicSince',
  requester: identity => both({ where: `visibility = 'PUBLIC'`, values: [] }, theirs(identity)),
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

  @count('How often it was written; 1 unless it was edited. For customers, since they can read it.')
  revision!: number

  @instant('When it was edited last (UTC); for customers, since they can read it.', { nullable: true })
  editedAt!: Date | null

  @instant('Since when the customer can read it (UTC); null when they cannot.', { nullable: true })
  publicSince!: Date | null

  @ref(() => TicketMessage, 'The message that it puts right (D61).', { nullable: true, as: 'correctionOf' })
  correctionOfId!: string | null

  @count('Which revision of it customers read first.', { hidden: true, nullable: true })
  shownRevision!: number | null

  @flag('It says how the ticket was resolved.')
  isResolution!: boolean

  @several(ID, 'Files that went with it.', { hidden: true })
  attachmentIds!: string[]

  @text("Whose ticket it was: the account's id.", { hidden: true, nullable: true })
  organizationId!: string | null

  @text("Whose ticket it was: the customer's id.", { hidden: true, nullable: true })
  requesterId!: string | null

  @count('How many events shaped it that customers may know of.', { hidden: true })
  customerVersion!: number
}

type Said = Happened<{ body?: string; authorId?: string; attachmentIds?: string[] }>

const said = (event: Said, visibility: Visibility): Patch<TicketMessage> => ({
  body: event.data.body ?? REMOVED,
  ticketId: event.stream.id,
  authorId: event.data.authorId ?? event.actor.id,
  visibility,
  publicSince: visibility === MessageVisibility.PUBLIC ? event.occurredAt : null,
  revision: 1,
  shownRevision: visibility === MessageVisibility.PUBLIC ? 1 : null,
  attachmentIds: event.data.attachmentIds ?? [],
  isResolution: false,
})

export const messages = view(TicketMessage, {
  of: ticket,
  key: (event: StoredEvent) => event.data.messageId,
  on: {
    SupportCaseOpened: event => {
      const { kind, organizationId, requesterId, visibility } = event.data
      return { ...said(event, visibility), kind, organizationId, requesterId }
    },
    SupportReplyPosted: event => {
      const { kind, organizationId, requesterId, correctionOf, isResolution } = event.data
      return {
        ...said(event, MessageVisibility.PUBLIC),
        kind,
        organizationId,
        requesterId,
        correctionOfId: correctionOf ?? null,
        isResolution: isResolution ?? false,
      }
    },
    SupportNoteAdded: event => ({
      ...said(event, MessageVisibility.PRIVATE),
      kind: MessageKind.INTERNAL_NOTE,
    }),
    SupportNoteEdited: event => ({
      body: event.data.body ?? REMOVED,
      revision: event.data.revision,
      editedAt: event.occurredAt,
    }),
    SupportResolutionWithdrawn: () => ({ isResolution: false }),
    SupportNoteVisibilityChanged: (event, row) => {
      const { to, kind, organizationId, requesterId, recalled } = event.data
      const publicSince = to === MessageVisibility.PUBLIC ? event.occurredAt : null
      const shownRevision = to === MessageVisibility.PUBLIC ? (row?.revision ?? 1) : null
      const changed = { visibility: to, kind, organizationId, requesterId, publicSince, shownRevision }
      return recalled ? { ...changed, isResolution: false } : changed
    },
  },
})
