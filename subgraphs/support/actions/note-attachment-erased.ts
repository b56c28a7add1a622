import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import type { Draft } from '#shared/aggregate.js'
import type { AttachmentEvents } from '#shared/events/attachments.js'
import { Role } from '#shared/roles.js'
import { attachment, bodyOf, noAttachment, refsTo } from '../attachments/attachment.js'
import { AttachmentInput } from '../attachments/attachment-input.js'
import { Attachment } from '../views/attachment.js'

@InputType('NoteAttachmentErasedInput', { description: 'Whose body is gone.' })
export class NoteAttachmentErasedInput extends AttachmentInput {}

/** X19: that it is gone is known when the store said so, not when it was decided. */
export const noteAttachmentErased = action({
  name: 'noteAttachmentErased',
  description: 'Notes that the body of a file is gone from the store. For Opsgraph itself.',
  input: NoteAttachmentErasedInput,

  on: attachment,
  target: input => input.attachmentId,

  allow: [Role.SYSTEM],

  decide(state, _input, { targetId }): Draft<AttachmentEvents>[] {
    if (state.status === null) noAttachment()
    if (state.bodyErased) return []
    const { ticketId, storageKey } = bodyOf(state, targetId)
    return [{ type: 'AttachmentBodyErased', data: { storageKey }, refs: refsTo(ticketId) }]
  },

  emits: ['AttachmentBodyErased'],
  returns: { attachment: Attachment },
})
