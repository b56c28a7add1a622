import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import type { Draft } from '#shared/aggregate.js'
import type { AttachmentEvents } from '#shared/events/attachments.js'
import { refuse } from '#shared/refusal.js'
import { attachment, noAttachment, refsTo, requireStatus } from '../attachments/attachment.js'
import { AttachmentInput } from '../attachments/attachment-input.js'
import { maySee, mayTake, surroundings } from '../attachments/attachment-rules.js'
import { TICKET_READERS } from '../audience.js'
import { Attachment } from '../views/attachment.js'

@InputType('DownloadAttachmentInput', { description: 'Which file is taken.' })
export class DownloadAttachmentInput extends AttachmentInput {}

/** C15, C35: who takes a file is asked and noted each time, by what ticket and message are at that moment. */
export const downloadAttachment = action({
  name: 'downloadAttachment',
  description:
    'Notes that the caller takes a file, if they may. GET on downloadUrl does this by itself before it gives the file.',
  input: DownloadAttachmentInput,

  on: attachment,
  target: input => input.attachmentId,
  prepare: surroundings,

  allow: TICKET_READERS,

  decide(state, _input, { read }): Draft<AttachmentEvents>[] {
    const { identity, ticket } = read
    if (!maySee(state, read)) noAttachment()
    requireStatus(state, 'READY')
    if (state.scan === 'PENDING')
      refuse(
        'INVALID_STATE',
        'Somebody still looks for malware in it. Try again in a moment.',
        'attachmentId',
        { state: state.status, scan: state.scan },
      )
    if (!mayTake(state, ticket?.assigneeId ?? null, identity))
      refuse(
        'NOT_PARTICIPANT',
        'Evidence is for risk, auditors and Super Admins, and for who sent it or works on its ticket.',
        'attachmentId',
      )
    const { ticketId } = state
    const taken = { data: { ticketId }, refs: refsTo(ticketId) }
    const evidence = state.retention === 'TRUST_SAFETY_EVIDENCE'
    return [
      { type: 'AttachmentDownloaded', ...taken },
      ...(evidence ? [{ type: 'EvidenceAccessed', ...taken } as const] : []),
    ]
  },

  emits: ['AttachmentDownloaded', 'EvidenceAccessed'],
  returns: { attachment: Attachment },
})
