import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import type { Draft } from '#shared/aggregate.js'
import type { AttachmentEvents } from '#shared/events/attachments.js'
import { Role } from '#shared/roles.js'
import { attachment, bodyOf, isKept, noAttachment, refsTo } from '../attachment.js'
import { AttachmentInput } from '../attachment-input.js'
import { retentionEnd, surroundings } from '../attachment-rules.js'
import { Attachment } from '../views/attachment.js'

@InputType('PurgeEvidenceInput', { description: 'Which evidence may be past its retention.' })
export class PurgeEvidenceInput extends AttachmentInput {}

/** E86, X19: two years after its ticket was closed, unless a legal hold keeps it or the ticket is open again. */
export const purgeEvidence = action({
  name: 'purgeEvidence',
  description: 'Erases evidence that is past its retention; what is not stays. For Opsgraph itself.',
  input: PurgeEvidenceInput,

  on: attachment,
  target: input => input.attachmentId,
  prepare: surroundings,

  allow: [Role.SYSTEM],

  decide(state, _input, { now, targetId, read: { ticket } }): Draft<AttachmentEvents>[] {
    if (state.status === null) noAttachment()
    const closedAt = ticket?.closedAt
    if (!isKept(state) || state.retention !== 'TRUST_SAFETY_EVIDENCE' || state.legalHold) return []
    if (!closedAt || retentionEnd(closedAt) > now) return []
    const data = { ...bodyOf(state, targetId), closedAt: closedAt.toISOString() }
    return [{ type: 'EvidencePurged', data, refs: refsTo(state.ticketId, state.messageId) }]
  },

  emits: ['EvidencePurged'],
  returns: { attachment: Attachment },
})
