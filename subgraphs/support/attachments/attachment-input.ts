import { InputType } from 'type-graphql'
import { ActionInput } from '#shared/action-input.js'
import { given } from '#shared/fields.js'

/** What is done with one file, and nothing else to say. */
@InputType()
export abstract class AttachmentInput extends ActionInput {
  @given('Attachment', 'The attachment.')
  attachmentId!: string
}
