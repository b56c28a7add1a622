import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import type { Draft } from '#shared/aggregate.js'
import type { AttachmentEvents } from '#shared/events/attachments.js'
import { Role } from '#shared/roles.js'
import { attachment, bodyOf, noAttachment, refsTo } from '../attachments/attachment.js'
import { AttachmentInput } from '../attachments/attachment-input.js'
import { Attachment } from '../views/attachment.js'

@InputType('DiscardAttachmentInput', { description: 'Which upload is given up.' })
export class DiscardAttachmentInput extends AttachmentInput {}

/** C17: what was not completed, or came to no ticket. Whether its time is over, the timer knows. */
export const discardAttachment = action({
  name: 'discardAttachment',
  description:
    'Gives up an upload that was not completed, or a file that came to no ticket. For Opsgraph itself.',
  input: DiscardAttachmentInput,

  on: attachment,
  target: input => input.attachmentId,

  allow: [Role.SYSTEM],

  decide(state, _input, { targetId }): Draft<AttachmentEvents>[] {
    if (state.status === null) noAttachment()
    const incomplete = state.status === 'UPLOADING' || state.status === 'RECEIVED'
    const homeless =
      (state.status === 'READY' || state.status === 'INFECTED') && state.ticketId === null && !state.legalHold
    if (!incomplete && !homeless) return []
    const because = incomplete ? 'NOT_COMPLETED' : 'NO_TICKET'
    return [
      {
        type: 'AttachmentDiscarded',
        data: { ...bodyOf(state, targetId), because },
        refs: refsTo(state.ticketId),
      },
    ]
  },

  emits: ['AttachmentDiscarded'],
  returns: { attachment: Attachment },
})
