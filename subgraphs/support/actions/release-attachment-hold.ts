import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import type { Draft } from '#shared/aggregate.js'
import type { AttachmentEvents } from '#shared/events/attachments.js'
import { dualControl } from '#shared/policy.js'
import { attachment, noAttachment, refsTo, requireKept } from '../attachments/attachment.js'
import { AttachmentInput } from '../attachments/attachment-input.js'
import { KEEPERS } from '../attachments/attachment-rules.js'
import { Attachment } from '../views/attachment.js'

@InputType('ReleaseAttachmentHoldInput', { description: 'What may be erased again.' })
export class ReleaseAttachmentHoldInput extends AttachmentInput {}

/** X8: releasing takes a reason and a second person, because what is erased then does not come back. */
export const releaseAttachmentHold = action({
  name: 'releaseAttachmentHold',
  description: 'Ends the legal hold of a file; what is past its retention is then erased.',
  input: ReleaseAttachmentHoldInput,
  reasons: {
    MATTER_CLOSED: 'What it was held for is over.',
    PLACED_IN_ERROR: 'It should not have been held.',
  },
  risk: 'DANGEROUS',
  policy: dualControl(KEEPERS),

  on: attachment,
  target: input => input.attachmentId,

  allow: KEEPERS,

  decide(state): Draft<AttachmentEvents>[] {
    if (state.status === null) noAttachment()
    requireKept(state)
    if (!state.legalHold) return []
    const { ticketId } = state
    return [{ type: 'AttachmentHoldReleased', data: { ticketId }, refs: refsTo(ticketId) }]
  },

  emits: ['AttachmentHoldReleased'],
  returns: { attachment: Attachment },
})
