import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import type { Draft } from '#shared/aggregate.js'
import type { AttachmentEvents } from '#shared/events/attachments.js'
import { attachment, noAttachment, refsTo, requireKept } from '../attachments/attachment.js'
import { AttachmentInput } from '../attachments/attachment-input.js'
import { KEEPERS } from '../attachments/attachment-rules.js'
import { Attachment } from '../views/attachment.js'

@InputType('PlaceAttachmentHoldInput', { description: 'What must not be erased.' })
export class PlaceAttachmentHoldInput extends AttachmentInput {}

/** X19: a legal hold wins over retention and removal. Alone, since it only keeps. */
export const placeAttachmentHold = action({
  name: 'placeAttachmentHold',
  description: 'Puts a file under a legal hold: nothing erases it until the hold is released.',
  input: PlaceAttachmentHoldInput,
  reasons: {
    LITIGATION: 'There is or will be a lawsuit.',
    AUTHORITY_REQUEST: 'An authority asked to keep it.',
    INVESTIGATION: 'It is being looked into.',
  },
  risk: 'SENSITIVE',

  on: attachment,
  target: input => input.attachmentId,

  allow: KEEPERS,

  decide(state): Draft<AttachmentEvents>[] {
    if (state.status === null) noAttachment()
    requireKept(state)
    if (state.legalHold) return []
    const { ticketId } = state
    return [{ type: 'AttachmentHoldPlaced', data: { ticketId }, refs: refsTo(ticketId) }]
  },

  emits: ['AttachmentHoldPlaced'],
  returns: { attachment: Attachment },
})
