import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Draft } from '#shared/aggregate.js'
import type { AttachmentEvents } from '#shared/events/attachments.js'
import { given } from '#shared/fields.js'
import { dualControl } from '#shared/policy.js'
import { Role } from '#shared/roles.js'
import { attachment, noAttachment, refsTo, requireStatus } from '../attachment.js'
import { Attachment } from '../views/attachment.js'

const OFFICERS = [Role.RISK_AGENT, Role.SUPER_ADMIN]

@InputType('ReleaseAttachmentHoldInput', { description: 'What may be erased again.' })
export class ReleaseAttachmentHoldInput extends ActionInput {
  @given('Attachment', 'The attachment.')
  attachmentId!: string
}

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
  policy: dualControl(OFFICERS),

  on: attachment,
  target: input => input.attachmentId,

  allow: OFFICERS,

  decide(state): Draft<AttachmentEvents>[] {
    if (state.status === null) noAttachment()
    requireStatus(state, 'READY')
    if (!state.legalHold) return []
    const { ticketId } = state
    return [{ type: 'AttachmentHoldReleased', data: { ticketId }, refs: refsTo(ticketId) }]
  },

  emits: ['AttachmentHoldReleased'],
  returns: { attachment: Attachment },
})
