import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Draft } from '#shared/aggregate.js'
import type { AttachmentEvents } from '#shared/events/attachments.js'
import { given } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { Role, STAFF } from '#shared/roles.js'
import { attachment, bodyOf, noAttachment, refsTo, requireStatus } from '../attachments/attachment.js'
import { maySee, type Surroundings, surroundings } from '../attachments/attachment-rules.js'
import { configuredScanner } from '../attachments/scanners/configured.js'
import { Attachment } from '../views/attachment.js'

@InputType('CompleteAttachmentUploadInput', { description: 'Which upload is complete.' })
export class CompleteAttachmentUploadInput extends ActionInput {
  @given('Attachment', 'The attachment whose file was sent.')
  attachmentId!: string
}

/** C5: from here on it can be taken, or is looked at first. Completing again changes nothing. */
export const completeAttachmentUpload = action({
  name: 'completeAttachmentUpload',
  description:
    'Says that a file was sent: whoever announced it. From then on it can be taken, as soon as somebody looked for malware where somebody does (scan).',
  input: CompleteAttachmentUploadInput,

  on: attachment,
  target: input => input.attachmentId,
  prepare: async (input, tx, caller): Promise<Surroundings & { isLookedAt: boolean }> => ({
    ...(await surroundings(input, tx, caller)),
    isLookedAt: configuredScanner(caller.services) !== null,
  }),

  allow: [...STAFF, Role.REQUESTER, 'tickets:write'],

  decide(state, _input, { actorId, targetId, read }): Draft<AttachmentEvents>[] {
    if (!maySee(state, read)) noAttachment()
    if (state.uploadedById !== actorId)
      refuse('NOT_REQUESTER', 'Whoever announced it completes it.', 'attachmentId')
    if (state.status === 'READY' || state.status === 'INFECTED') return []
    requireStatus(state, 'RECEIVED')
    const { organizationId, requesterId, purpose, retention, mime, bytes, visibility, filename } = state
    const data = { organizationId, requesterId, purpose, retention, mime, bytes, visibility }
    return [
      {
        type: 'AttachmentAdded',
        data: { ...data, ...bodyOf(state, targetId), scan: read.isLookedAt ? 'PENDING' : 'NOT_SCANNED' },
        personal: filename === null ? {} : { filename },
        refs: refsTo(state.ticketId),
      },
    ]
  },

  emits: ['AttachmentAdded'],
  returns: { attachment: Attachment },
})
