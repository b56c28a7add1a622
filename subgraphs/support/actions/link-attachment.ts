import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Draft } from '#shared/aggregate.js'
import type { AttachmentEvents, AttachmentStatus } from '#shared/events/attachments.js'
import { given } from '#shared/fields.js'
import { Role } from '#shared/roles.js'
import { attachment, noAttachment, refsTo } from '../attachments/attachment.js'
import { messageNow, ticketNow } from '../attachments/attachment-rules.js'
import { Attachment } from '../views/attachment.js'

@InputType('LinkAttachmentInput', { description: 'Which file goes with which message.' })
export class LinkAttachmentInput extends ActionInput {
  @given('Attachment', 'The attachment.')
  attachmentId!: string

  @given('TicketMessage', 'The message.')
  messageId!: string
}

const LINKED: readonly (AttachmentStatus | null)[] = ['READY', 'INFECTED', 'DISCARDED']

/** C15: a file goes with one message, and is read by who reads that message now. */
export const linkAttachment = action({
  name: 'linkAttachment',
  description: 'Puts a file to its message, or shows and hides it as its message is. For Opsgraph itself.',
  input: LinkAttachmentInput,

  on: attachment,
  target: input => input.attachmentId,
  prepare: async ({ messageId }, tx) => {
    const message = await messageNow(tx, messageId)
    return { message, ticket: await ticketNow(tx, message?.ticketId ?? null) }
  },

  allow: [Role.SYSTEM],

  decide(state, { messageId }, { read: { message, ticket } }): Draft<AttachmentEvents>[] {
    if (state.status === null) noAttachment()
    // Of what is lost meanwhile a tombstone goes with the message.
    if (!LINKED.includes(state.status) || !message || !ticket) return []
    const { visibility, ticketId } = message
    const refs = refsTo(ticketId, messageId)
    if (state.messageId === null && (state.ticketId ?? ticketId) === ticketId) {
      const { organizationId, requesterId } = ticket
      const data = { ticketId, organizationId, requesterId, messageId, visibility }
      return [{ type: 'AttachmentLinked', data, refs }]
    }
    if (state.messageId !== messageId || state.visibility === visibility) return []
    return [{ type: 'AttachmentVisibilityChanged', data: { messageId, visibility }, refs }]
  },

  emits: ['AttachmentLinked', 'AttachmentVisibilityChanged'],
  returns: { attachment: Attachment },
})
