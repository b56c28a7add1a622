import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Draft } from '#shared/aggregate.js'
import type { AttachmentEvents } from '#shared/events/attachments.js'
import { given } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { Role, STAFF } from '#shared/roles.js'
import {
  type AttachmentState,
  attachment,
  bodyOf,
  noAttachment,
  refsTo,
  requireKept,
} from '../attachments/attachment.js'
import { KEEPERS, maySee, type Surroundings, surroundings } from '../attachments/attachment-rules.js'
import { isCustomer } from '../audience.js'
import { Attachment } from '../views/attachment.js'

@InputType('RemoveAttachmentInput', { description: 'Which file to take away.' })
export class RemoveAttachmentInput extends ActionInput {
  @given('Attachment', 'The attachment.')
  attachmentId!: string
}

const LEADS: readonly Role[] = [Role.SUPPORT_LEAD, Role.RISK_AGENT, Role.SUPER_ADMIN]

function requireRight(
  { retention, uploadedById, messageId }: AttachmentState,
  { identity }: Surroundings,
  roles: readonly Role[],
): void {
  const mine = uploadedById === identity.personId
  if (isCustomer(identity)) {
    if (!mine) refuse('NOT_REQUESTER', 'Only who sent it can remove it; ask support.', 'attachmentId')
    if (messageId !== null)
      refuse('INVALID_STATE', 'It is part of the conversation; ask support to remove it.', 'attachmentId')
  }
  const evidence = retention === 'TRUST_SAFETY_EVIDENCE'
  const wanted = evidence ? KEEPERS : LEADS
  if ((evidence || !mine) && !roles.some(role => wanted.includes(role)))
    refuse('NOT_PARTICIPANT', `This is for ${wanted.join(', ')}.`, 'attachmentId', { roles: wanted })
}

/** C17: the file goes, a tombstone stays. Under a legal hold nothing goes (X19). */
export const removeAttachment = action({
  name: 'removeAttachment',
  description:
    'Takes a file away and erases it; that it was there stays visible. Who sent it, a lead, risk or a Super Admin; evidence: risk or a Super Admin.',
  input: RemoveAttachmentInput,
  reasons: {
    WRONG_FILE: 'It is another file than was meant.',
    PERSONAL_DATA: 'It shows what must not be kept.',
    HARMFUL: 'It does harm to open or to see it.',
    DUPLICATE: 'It is there twice.',
  },
  risk: 'SENSITIVE',

  on: attachment,
  target: input => input.attachmentId,
  prepare: surroundings,

  allow: [...STAFF, Role.REQUESTER],

  decide(state, _input, { targetId, actorRoles, read }): Draft<AttachmentEvents>[] {
    if (!maySee(state, read)) noAttachment()
    if (state.status === 'REMOVED') return []
    requireKept(state)
    if (state.legalHold) refuse('LEGAL_HOLD', 'It is under a legal hold.', 'attachmentId')
    requireRight(state, read, actorRoles)
    return [
      {
        type: 'AttachmentRemoved',
        data: bodyOf(state, targetId),
        refs: refsTo(state.ticketId, state.messageId),
      },
    ]
  },

  emits: ['AttachmentRemoved'],
  returns: { attachment: Attachment },
})
