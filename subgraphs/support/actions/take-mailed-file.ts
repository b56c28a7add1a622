import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import type { Draft } from '#shared/aggregate.js'
import type { AttachmentEvents } from '#shared/events/attachments.js'
import { count, given, text } from '#shared/fields.js'
import { storageKey } from '#shared/file-store.js'
import { Role } from '#shared/roles.js'
import { attachment } from '../attachments/attachment.js'
import { AttachmentInput } from '../attachments/attachment-input.js'
import { configuredScanner } from '../attachments/scanners/configured.js'
import { Attachment } from '../views/attachment.js'

@InputType('TakeMailedFileInput', { description: 'A file that came with a mail, and lies where files lie.' })
export class TakeMailedFileInput extends AttachmentInput {
  @given('InboundMail', 'The mail.')
  inboundMailId!: string

  @given('User', 'The customer who is sure enough to have sent it.', { nullable: true })
  senderId?: string | null

  @text('What it is called.', { nullable: true, max: 200 })
  filename?: string | null

  @text('Its kind, as its content was found to be.', { max: 100 })
  mime!: string

  @count('Its size in bytes.')
  bytes!: number

  @text('SHA-256 of its content, hex.', { max: 64 })
  sha256!: string
}

/** C5, D28: what comes by mail is a file like all others; staff's until it goes with a message. */
export const takeMailedFile = action({
  name: 'takeMailedFile',
  description: 'Takes in a file that came with a mail. For Opsgraph itself.',
  input: TakeMailedFileInput,

  on: attachment,
  target: input => input.attachmentId,
  prepare: async (_input, _tx, { services }) => ({ isLookedAt: configuredScanner(services) !== null }),

  allow: [Role.SYSTEM],

  decide(state, input, { targetId, read: { isLookedAt } }): Draft<AttachmentEvents>[] {
    if (state.status !== null) return []
    const { inboundMailId, senderId = null, filename, mime, bytes, sha256 } = input
    const file = {
      ticketId: null,
      organizationId: null,
      requesterId: null,
      purpose: 'MESSAGE',
      retention: 'MESSAGE',
      mime,
      bytes,
      sha256,
      visibility: 'PRIVATE',
      storageKey: storageKey(sha256, targetId),
    } as const
    const rest = { personal: filename ? { filename } : {}, refs: [inboundMailId] }
    return [
      { type: 'AttachmentMailed', data: { ...file, inboundMailId, senderId }, ...rest },
      { type: 'AttachmentAdded', data: { ...file, scan: isLookedAt ? 'PENDING' : 'NOT_SCANNED' }, ...rest },
    ]
  },

  emits: ['AttachmentMailed', 'AttachmentAdded'],
  returns: { attachment: Attachment },
})
