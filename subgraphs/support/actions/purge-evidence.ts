import { InputType } from 'type-graphql'
import type { EntityManager } from 'typeorm'
import { action } from '#shared/action.js'
import type { Draft } from '#shared/aggregate.js'
import type { Caller } from '#shared/context.js'
import type { AttachmentEvents } from '#shared/events/attachments.js'
import { Role } from '#shared/roles.js'
import { attachment, bodyOf, isKept, noAttachment, refsTo } from '../attachments/attachment.js'
import { AttachmentInput } from '../attachments/attachment-input.js'
import { type Rules, retentionEnd, rulesAt } from '../attachments/retention.js'
import { Attachment } from '../views/attachment.js'

@InputType('PurgeEvidenceInput', { description: 'Which file may be past its retention.' })
export class PurgeEvidenceInput extends AttachmentInput {}

interface Read {
  closedAt: Date | null
  addedAt: Date | null
  rules: Rules
}

async function read(
  { attachmentId }: PurgeEvidenceInput,
  tx: EntityManager,
  { services }: Caller,
): Promise<Read> {
  const [row] = await tx.query(
    `select a.added_at as "addedAt", t.closed_at as "closedAt"
     from support.attachment a left join support.ticket t on t.id = a.ticket_id where a.id = $1`,
    [attachmentId],
  )
  return { closedAt: null, addedAt: null, ...row, rules: await rulesAt(tx, services.clock()) }
}

/** E85, E86, X19: by the rule that holds now, unless a legal hold keeps it or the ticket is open again. */
export const purgeEvidence = action({
  name: 'purgeEvidence',
  description:
    'Erases evidence, or another file, that is past its retention; what is not stays. For Opsgraph itself.',
  input: PurgeEvidenceInput,

  on: attachment,
  target: input => input.attachmentId,
  prepare: read,

  allow: [Role.SYSTEM],

  decide(state, _input, { now, targetId, read: { closedAt, addedAt, rules } }): Draft<AttachmentEvents>[] {
    if (state.status === null) noAttachment()
    if (!isKept(state) || state.legalHold) return []
    const { value, version } = rules[state.retention]
    const end = retentionEnd(value, closedAt, addedAt)
    if (!closedAt || !end || end > now) return []
    return [
      {
        type: state.retention === 'TRUST_SAFETY_EVIDENCE' ? 'EvidencePurged' : 'AttachmentPurged',
        data: {
          ...bodyOf(state, targetId),
          closedAt: closedAt.toISOString(),
          period: value.period!,
          countsFrom: value.countsFrom,
          policyVersion: version,
        },
        refs: refsTo(state.ticketId, state.messageId),
      },
    ]
  },

  emits: ['EvidencePurged', 'AttachmentPurged'],
  returns: { attachment: Attachment },
})
