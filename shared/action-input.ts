import { Field, InputType, Int } from 'type-graphql'
import { given, text } from '#shared/fields.js'

/** What every mutation takes besides its own fields. */
@InputType()
export abstract class ActionInput {
  @text('Free words for the trail; colleagues read them.', { nullable: true, max: 2000, multiline: true })
  note?: string | null

  @text(
    'Makes a repeated call harmless: the same key with the same input is answered with the first result.',
    {
      nullable: true,
      max: 128,
    },
  )
  idempotencyKey?: string | null

  @Field(() => Int, {
    nullable: true,
    description: 'Act only if the target is still at this version; otherwise CONFLICT.',
  })
  expectedVersion?: number | null

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Walk the whole road, change nothing: the same payload, with the events that would be.',
  })
  dryRun?: boolean

  /** Added by the kernel with the action's own enum. */
  reason?: string
}

/** What the approving twin of an action takes. */
@InputType('ApproveInput', { description: 'Carries out what somebody else asked for.' })
export class ApproveInput {
  @given('Approval', 'The request to approve.')
  approvalId!: string

  @text('Why it is right; part of the trail.', { nullable: true, max: 2000, multiline: true })
  note?: string | null

  @text('Makes a repeated call harmless.', { nullable: true, max: 128 })
  idempotencyKey?: string | null

  @text('SHA-256 of the input you looked at (Approval.inputHash): approve only that.', {
    nullable: true,
    max: 64,
  })
  expectedInputHash?: string | null

  @Field(() => Int, {
    nullable: true,
    description: "Approve only if the action's target is still at this version; otherwise CONFLICT.",
  })
  expectedVersion?: number | null

  @Field(() => Boolean, { defaultValue: false, description: 'Walk the whole road, change nothing.' })
  dryRun?: boolean
}
