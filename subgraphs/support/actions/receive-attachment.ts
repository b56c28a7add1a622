import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { count, given, text } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { Role } from '#shared/roles.js'
import { attachment, bodyOf, noAttachment, refsTo, requireStatus } from '../attachments/attachment.js'
import { Attachment } from '../views/attachment.js'

@InputType('ReceiveAttachmentInput', { description: 'Which file arrived.' })
export class ReceiveAttachmentInput extends ActionInput {
  @given('Attachment', 'The attachment.')
  attachmentId!: string

  @count('How many bytes arrived.')
  bytes!: number

  @text('SHA-256 of what arrived, hex.', { max: 64 })
  sha256!: string
}

/** C5: the gateway has checked and stored it. Once for each upload. */
export const receiveAttachment = action({
  name: 'receiveAttachment',
  description: 'Notes that an announced file arrived. For Opsgraph itself.',
  input: ReceiveAttachmentInput,

  on: attachment,
  target: input => input.attachmentId,

  allow: [Role.SYSTEM],

  decide(state, { bytes, sha256 }, { targetId }) {
    if (state.status === null) noAttachment()
    requireStatus(state, 'UPLOADING')
    if (bytes !== state.bytes || sha256 !== state.sha256)
      refuse('INVALID', 'It is not what was announced.', 'sha256')
    const { ticketId, ...body } = bodyOf(state, targetId)
    return { type: 'AttachmentReceived', data: { bytes, ...body }, refs: refsTo(ticketId) }
  },

  emits: ['AttachmentReceived'],
  returns: { attachment: Attachment },
})
