import { GraphQLJSON } from 'graphql-scalars'
import { Arg, Ctx, Directive, Extensions, Field, ID, Int, Mutation, ObjectType } from 'type-graphql'
import { type Action, approvalName, typeName } from '#shared/action.js'
import { ApproveInput } from '#shared/action-input.js'
import { badInput } from '#shared/connection.js'
import type { Context } from '#shared/context.js'
import { type Class, current, isEntity, stub } from '#shared/fields.js'
import type { Outcome, Performer } from '#shared/outcome.js'
import { perform, performApproved } from '#shared/perform.js'
import { Allow } from '#shared/permissions.js'
import { describePolicy } from '#shared/policy.js'
import { BATCH, type RecordInput, type Recording, RecordPayload, record } from '#shared/record.js'
import { RefusalCodeEnum } from '#shared/refusal.js'
import { resolverClass } from '#shared/resolver.js'
import { DateTime } from '#shared/scalars.js'
import type { View } from '#shared/view.js'
import { WarningCodeEnum } from '#shared/warning.js'

@ObjectType('UserError', { description: 'Why an action was refused; nothing was changed.' })
@Directive('@shareable')
@Extensions({ value: true })
export class UserError {
  @Field(() => RefusalCodeEnum, { description: 'What kind of refusal; docs/errors.md lists them.' })
  code!: string

  @Field(() => String, { description: 'For people.' })
  message!: string

  @Field(() => String, { nullable: true, description: 'Path inside the input, e.g. `amount`.' })
  field!: string | null

  @Field(() => GraphQLJSON, {
    nullable: true,
    description: 'What one needs to do better, e.g. what is left to refund.',
  })
  facts!: unknown
}

@ObjectType('EventRef', { description: 'An event that a mutation left, or in a dry run would leave.' })
@Directive('@shareable')
@Extensions({ value: true })
export class EventRef {
  @Field(() => ID, { nullable: true, description: 'Open it with node(id); null in a dry run.' })
  id!: string | null

  @Field(() => String, { description: 'What happened, e.g. RefundIssued; docs/events.md lists them.' })
  type!: string

  @Field(() => Int, { description: "Its place in the target's history." })
  version!: number

  @Field(() => DateTime, { description: 'When (UTC).' })
  occurredAt!: Date
}

@ObjectType('ActionWarning', { description: 'What to know about something that was done all the same.' })
@Directive('@shareable')
@Extensions({ value: true })
export class ActionWarning {
  @Field(() => WarningCodeEnum, { description: 'What kind of warning.' })
  code!: string

  @Field(() => String, { description: 'For people.' })
  message!: string

  @Field(() => GraphQLJSON, { nullable: true, description: 'When and where, and what would help.' })
  facts!: unknown
}

/** A reference into audit. */
const ApprovalRef = stub('Approval')

function payloadOf(action: Action): Class {
  class Payload {}
  ObjectType(typeName(action, 'Payload'), { description: `What came of ${action.name}.` })(Payload)
  Extensions({ value: true })(Payload)
  const add = (name: string, type: () => unknown, description: string, nullable = false) =>
    Field(type as never, { nullable, description })(Payload.prototype, name)
  for (const [name, returned] of Object.entries(action.returns)) {
    Object.defineProperty(Payload.prototype, name, { writable: true, value: null })
    if ('once' in returned) {
      add(name, () => String, returned.description, true)
      continue
    }
    if ('each' in returned) {
      add(
        name,
        () => [returned.each],
        `${returned.description} Null when refused, and in a repeated answer.`,
        true,
      )
      continue
    }
    const type = 'type' in returned ? returned.type : returned
    add(name, () => current(type), 'As it is now; null when refused.', true)
  }
  if (!action.returns.approval)
    add('approval', () => current(ApprovalRef), 'The request for a second person, when one is needed.', true)
  add('events', () => [EventRef], 'What happened, or in a dry run would happen.')
  add('replayed', () => Boolean, 'This is the first answer to the same idempotencyKey, given again.')
  add('dryRun', () => Boolean, 'Nothing was changed, as asked.')
  if (action.warns)
    add('warnings', () => [ActionWarning], 'What to know about it; empty in a repeated answer.')
  add('userErrors', () => [UserError], 'Why it was refused; empty when it was not.')
  return Payload
}

/** Adds the reason, with the action's own enum, to its input. */
function completeInput(action: Action): void {
  if (!action.reasonType) return
  Field(() => action.reasonType as never, { description: 'Why; goes into the trail.' })(
    action.input.prototype,
    'reason',
  )
}

/** In words: what it does, who may, what it leaves. */
const describeAction = (action: Action): string =>
  [action.description, describePolicy(action.policy), `Leaves ${action.emits.join(' or ')}.`]
    .filter(Boolean)
    .join(' ')

type Run = (performer: Performer, input: never, context: Context) => Promise<Outcome>

/** The resolver class of an action: its mutation, and the approving twin where a second person can be needed. */
export function actionResolver(performer: Performer): Class {
  const { action } = performer
  completeInput(action)
  const payload = payloadOf(action)
  const approvals = current(ApprovalRef)
  const mutation = (name: string, run: Run, input: Class, description: string, allow: Action['allow']) => ({
    name,
    run: async (given: never, context: Context) => {
      const outcome = await run(performer, given, context)
      // Where approvals live a reference would stay one: nobody resolves it.
      const row =
        outcome.approval && isEntity(approvals) && context.loaders.one(approvals, outcome.approval.id)
      const approval = row ? await row : outcome.approval
      return Object.assign(new payload() as object, { warnings: [] }, outcome, { approval }, outcome.rows)
    },
    parameters: [Arg('input', () => input, { description: 'What to do, and how.' }), Ctx()],
    decorators: [Mutation(() => payload, { description }), Allow(...allow)],
  })
  const itself = mutation(action.name, perform, action.input, describeAction(action), action.allow)
  const twin = `Approves a request for ${action.name} and carries it out, once, on today's state. Never by who asked.`
  return resolverClass([
    itself,
    ...(action.approvers.length
      ? [mutation(approvalName(action), performApproved, ApproveInput, twin, action.approvers)]
      : []),
  ])
}

/** The resolver class of a recording: `recordUsers(records: […], dryRun)`. */
export function recordingResolver(recording: Recording, views: readonly View[]): Class {
  const { name, emits } = recording
  const many = `Up to ${BATCH}; a bad one is left out and reported.`
  const description = `${recording.description} Idempotent by source and externalId. Leaves ${emits.join(', ')}.`
  return resolverClass([
    {
      name,
      run: async (records: RecordInput[], dryRun: boolean, context: Context): Promise<RecordPayload> => {
        if (records.length > BATCH)
          throw badInput(`${records.length} records; one call takes at most ${BATCH}.`)
        return record({ recording, views }, records, context, dryRun)
      },
      parameters: [
        Arg('records', () => [recording.record], { description: many }),
        Arg('dryRun', () => Boolean, {
          defaultValue: false,
          description: 'Check everything, write nothing.',
        }),
        Ctx(),
      ],
      decorators: [Mutation(() => RecordPayload, { description }), Allow('records:write')],
    },
  ])
}
