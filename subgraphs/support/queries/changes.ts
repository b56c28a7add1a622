import { Arg, Ctx, Extensions, Field, ID, ObjectType, Query, Resolver } from 'type-graphql'
import { UserError } from '#shared/action-schema.js'
import { replay } from '#shared/aggregate.js'
import type { Context } from '#shared/context.js'
import { newId } from '#shared/id.js'
import { Allow, holds } from '#shared/permissions.js'
import { Refusal } from '#shared/refusal.js'
import { macroSteps } from '../actions/apply-macro.js'
import { decideChange } from '../change.js'
import { WORKERS } from '../staff.js'
import { type TicketState, ticket } from '../ticket.js'
import { MessageVisibility } from '../views/ticket-message.js'

@ObjectType('MacroPreviewMessage', { description: 'What a macro would say.' })
@Extensions({ value: true })
export class MacroPreviewMessage {
  @Field(() => MessageVisibility, { description: 'Who would read it.' })
  visibility!: string

  @Field(() => String, { description: 'With its placeholders filled.' })
  body!: string
}

@ObjectType('TicketFieldChange', { description: 'A field of a ticket that would change.' })
@Extensions({ value: true })
export class TicketFieldChange {
  @Field(() => String, { description: 'The field, e.g. priority.' })
  field!: string

  @Field(() => String, { nullable: true, description: 'What it is.' })
  before!: string | null

  @Field(() => String, { nullable: true, description: 'What it would be.' })
  after!: string | null
}

@ObjectType('MacroPreview', { description: 'What a macro would do to a ticket now. Nothing was changed.' })
@Extensions({ value: true })
export class MacroPreview {
  @Field(() => MacroPreviewMessage, { nullable: true, description: 'What it would say.' })
  message!: MacroPreviewMessage | null

  @Field(() => [TicketFieldChange], { description: 'What would change.' })
  changes!: TicketFieldChange[]

  @Field(() => [UserError], { description: 'Why it could not be applied; empty when it could.' })
  userErrors!: UserError[]
}

const SHOWN = [
  'status',
  'statusReason',
  'priority',
  'category',
  'queueId',
  'assigneeId',
  'tags',
  'filterState',
] as const satisfies (keyof TicketState)[]

const shown = (value: TicketState[(typeof SHOWN)[number]]): string | null =>
  Array.isArray(value) ? value.join(', ') : value

function changesBetween(before: TicketState, after: TicketState): TicketFieldChange[] {
  return SHOWN.map(field => ({ field, before: shown(before[field]), after: shown(after[field]) })).filter(
    ({ before, after }) => before !== after,
  )
}

/** What `decide` would say, without anything being done. */
async function preview(macroId: string, ticketId: string, context: Context): Promise<MacroPreview> {
  const { db, services, identity } = context
  const read = await macroSteps({ ticketId, macroId }, db, context)
  const state = replay(ticket, await services.store.load(db, { type: ticket.type, id: ticketId }))
  const decided = decideChange(state, {
    targetId: ticketId,
    now: services.clock(),
    actorId: identity.personId,
    actorRoles: identity.roles,
    may: allow => holds(identity, allow),
    approvalId: null,
    newId,
    read,
  })
  const said = decided.drafts.find(({ type }) => type === 'SupportReplyPosted' || type === 'SupportNoteAdded')
  const body = (said?.personal as { body?: string } | undefined)?.body
  const visibility = said?.type === 'SupportNoteAdded' ? 'PRIVATE' : 'PUBLIC'
  return {
    message: body === undefined ? null : { visibility, body },
    changes: changesBetween(state, decided.state),
    userErrors: [],
  }
}

@Resolver()
export class MacroPreviews {
  @Query(() => MacroPreview, {
    description:
      'What a macro would say and change on a ticket if it were applied now (C3). Changes nothing.',
  })
  @Allow(...WORKERS)
  async previewMacro(
    @Arg('macroId', () => ID, { description: 'The macro.' }) macroId: string,
    @Arg('ticketId', () => ID, { description: 'The ticket.' }) ticketId: string,
    @Ctx() context: Context,
  ): Promise<MacroPreview> {
    try {
      return await preview(macroId, ticketId, context)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      const { code, message, field, facts } = error
      return { message: null, changes: [], userErrors: [{ code, message, field, facts }] }
    }
  }
}
