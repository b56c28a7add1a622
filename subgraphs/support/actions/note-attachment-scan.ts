import { InputType } from 'type-graphql'
import type { EntityManager } from 'typeorm'
import { action } from '#shared/action.js'
import type { Draft } from '#shared/aggregate.js'
import type { AttachmentEvents } from '#shared/events/attachments.js'
import { oneOf, text } from '#shared/fields.js'
import { type PolicyValue, policyValue } from '#shared/policies.js'
import { Role } from '#shared/roles.js'
import { type AttachmentState, attachment, bodyOf, noAttachment, refsTo } from '../attachments/attachment.js'
import { AttachmentInput } from '../attachments/attachment-input.js'
import { Attachment, AttachmentScan } from '../views/attachment.js'

@InputType('NoteAttachmentScanInput', { description: 'What was found in a file.' })
export class NoteAttachmentScanInput extends AttachmentInput {
  @oneOf(AttachmentScan, 'What was found: CLEAN, INFECTED, or NOT_SCANNED when nobody looks any more.')
  verdict!: 'CLEAN' | 'INFECTED' | 'NOT_SCANNED'

  @text('What the scanner calls what it found.', { nullable: true, max: 200 })
  signature?: string | null
}

type Policy = PolicyValue<'support.infectedFiles'>

/** What is evidence, or held, is nobody's to erase before its time (X19). */
const fateOf = ({ legalHold, retention }: AttachmentState, policy: Policy) =>
  legalHold || retention === 'TRUST_SAFETY_EVIDENCE' || policy === 'QUARANTINE' ? 'QUARANTINED' : 'ERASED'

/** C5: what was looked at is given out; in what something was found is locked away or erased, and a tombstone stays. */
export const noteAttachmentScan = action({
  name: 'noteAttachmentScan',
  description: 'Notes what a scanner found in a file. For Opsgraph itself.',
  input: NoteAttachmentScanInput,

  on: attachment,
  target: input => input.attachmentId,
  prepare: async (_input, tx: EntityManager, { services }): Promise<Policy> =>
    policyValue(tx, 'support.infectedFiles', services.clock()),

  allow: [Role.SYSTEM],

  decide(state, { verdict, signature = null }, { targetId, read: policy }): Draft<AttachmentEvents>[] {
    if (state.status === null) noAttachment()
    if (state.status !== 'READY' || state.scan !== 'PENDING') return []
    const body = verdict === 'INFECTED' ? fateOf(state, policy) : 'KEPT'
    return [
      {
        type: 'AttachmentScanned',
        data: { ...bodyOf(state, targetId), verdict, signature, body },
        refs: refsTo(state.ticketId, state.messageId),
      },
    ]
  },

  emits: ['AttachmentScanned'],
  returns: { attachment: Attachment },
})
