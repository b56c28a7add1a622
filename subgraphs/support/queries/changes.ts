import {
  Arg,
  Ctx,
  Extensions,
  Field,
  ID,
  InputType,
  Int,
  Mutation,
  ObjectType,
  Query,
  Resolver,
} from 'type-graphql'
import type { Facts } from '#shared/action.js'
import { UserError } from '#shared/action-schema.js'
import { replay } from '#shared/aggregate.js'
import { badInput } from '#shared/connection.js'
import type { Context } from '#shared/context.js'
import type { Class } from '#shared/fields.js'
import { newId } from '#shared/id.js'
import type { Outcome, Performer } from '#shared/outcome.js'
import { perform } from '#shared/perform.js'
import { Allow, holds } from '#shared/permissions.js'
import { Refusal } from '#shared/refusal.js'
import { states } from '#shared/states.js'
import { macroSteps } from '../actions/apply-macro.js'
import { TicketChangeInput, updateTicket } from '../actions/update-ticket.js'
import { decideSteps } from '../change.js'
import { WORKERS } from '../staff.js'
import { requireWork, type TicketState, ticket } from '../ticket.js'
import { Ticket } from '../views/ticket.js'
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
  const steps = await macroSteps({ ticketId, macroId }, db, context)
  const state = replay(ticket, await services.store.load(db, { type: ticket.type, id: ticketId }))
  requireWork(state)
  if (steps instanceof Refusal) throw steps
  const facts: Facts<undefined> = {
    targetId: ticketId,
    now: services.clock(),
    actorId: identity.personId,
    actorRoles: identity.roles,
    may: allow => holds(identity, allow),
    approvalId: null,
    newId,
    read: undefined,
  }
  const decided = decideSteps(state, steps, facts)
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

/** Most tickets that one call changes. */
const MOST = 100

export const OnError = states('BulkErrorPolicy', 'What to do when one ticket of many is refused.', {
  STOP: 'Stop there; what was done stays done.',
  CONTINUE: 'Go on with the others.',
})

export const BulkOutcome = states('BulkOutcome', 'What became of one ticket of many.', {
  DONE: 'It was changed.',
  UNCHANGED: 'It was so already.',
  REFUSED: 'It was not changed; userErrors says why.',
  SKIPPED: 'Nobody tried, because another one was refused before.',
})

@InputType('BulkUpdateTicketsInput', { description: 'Which tickets, and what is to become of all of them.' })
export class BulkUpdateTicketsInput {
  @Field(() => [ID], { description: `The tickets, at most ${MOST}, each once.` })
  ticketIds!: string[]

  @Field(() => TicketChangeInput, { description: 'What is to become of each.' })
  change!: TicketChangeInput

  @Field(() => OnError, { description: 'What to do when one is refused. There is no default.' })
  onError!: keyof typeof OnError

  @Field(() => String, { nullable: true, description: 'Free words for the trail; colleagues read them.' })
  note?: string | null

  @Field(() => String, {
    nullable: true,
    description:
      'Makes a repeated call harmless: what was done under it is not done again. At most 80 characters.',
  })
  idempotencyKey?: string | null

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Change nothing, but say what would become of each.',
  })
  dryRun?: boolean
}

@ObjectType('BulkTicketResult', { description: 'What became of one ticket of many.' })
@Extensions({ value: true })
export class BulkTicketResult {
  @Field(() => ID, { description: 'The ticket.' })
  ticketId!: string

  @Field(() => BulkOutcome, { description: 'What became of it.' })
  outcome!: keyof typeof BulkOutcome

  @Field(() => Ticket, { nullable: true, description: 'The ticket as it is now, or in a dry run would be.' })
  ticket!: Ticket | null

  @Field(() => [UserError], { description: 'Why it was refused; empty when it was not.' })
  userErrors!: UserError[]
}

@ObjectType('BulkUpdateTicketsPayload', { description: 'What became of each of many tickets.' })
@Extensions({ value: true })
export class BulkUpdateTicketsPayload {
  @Field(() => [BulkTicketResult], {
    description: 'One for each ticket, in the order in which they were given.',
  })
  results!: BulkTicketResult[]

  @Field(() => Int, { description: 'How many were changed.' })
  done!: number

  @Field(() => Int, { description: 'How many were so already.' })
  unchanged!: number

  @Field(() => Int, { description: 'How many were refused.' })
  refused!: number

  @Field(() => Int, { description: 'How many nobody tried.' })
  skipped!: number
}

function resultOf(ticketId: string, { rows, events, userErrors }: Outcome): BulkTicketResult {
  const outcome = userErrors.length ? 'REFUSED' : events.length ? 'DONE' : 'UNCHANGED'
  return { ticketId, outcome, ticket: (rows.ticket as Ticket | undefined) ?? null, userErrors }
}

const skipped = (ticketId: string): BulkTicketResult => ({
  ticketId,
  outcome: 'SKIPPED',
  ticket: null,
  userErrors: [],
})

function requireList(ids: readonly string[], key: string | null | undefined): void {
  if (ids.length === 0 || ids.length > MOST)
    throw badInput(`ticketIds has ${ids.length} items; 1 to ${MOST} are taken.`)
  if (new Set(ids).size < ids.length) throw badInput('ticketIds names a ticket twice.')
  if (key && key.length > 80) throw badInput('idempotencyKey has more than 80 characters.')
}

/** One ticket after the other, each by updateTicket and in a transaction of its own. */
async function updateAll(
  performer: Performer,
  { ticketIds, change, onError, note, idempotencyKey: key, dryRun }: BulkUpdateTicketsInput,
  context: Context,
): Promise<BulkTicketResult[]> {
  const results: BulkTicketResult[] = []
  let stopped = false
  for (const ticketId of ticketIds) {
    if (stopped) {
      results.push(skipped(ticketId))
      continue
    }
    const idempotencyKey = key ? `${key}/${ticketId}` : null
    const input = { ticketId, change: { ...change }, note, idempotencyKey, dryRun }
    const result = resultOf(ticketId, await perform(performer, input as never, context))
    stopped = onError === 'STOP' && result.outcome === 'REFUSED'
    results.push(result)
  }
  return results
}

const countOf = (results: readonly BulkTicketResult[], wanted: keyof typeof BulkOutcome): number =>
  results.filter(({ outcome }) => outcome === wanted).length

/** `bulkUpdateTickets`, which does `updateTicket` again and again: with the performer that the finished subgraph has for it. */
export function bulkChanges(performers: () => readonly Performer[]): Class {
  @Resolver()
  class BulkChanges {
    @Mutation(() => BulkUpdateTicketsPayload, {
      description: `Changes up to ${MOST} tickets alike, each as updateTicket would and each by itself, and says what became of every one.`,
    })
    @Allow(...WORKERS)
    async bulkUpdateTickets(
      @Arg('input', () => BulkUpdateTicketsInput, { description: 'Which, and what.' })
      input: BulkUpdateTicketsInput,
      @Ctx() context: Context,
    ): Promise<BulkUpdateTicketsPayload> {
      requireList(input.ticketIds, input.idempotencyKey)
      const performer = performers().find(({ action }) => action === updateTicket)
      if (!performer) throw new Error('support has no updateTicket')
      const results = await updateAll(performer, input, context)
      return {
        results,
        done: countOf(results, 'DONE'),
        unchanged: countOf(results, 'UNCHANGED'),
        refused: countOf(results, 'REFUSED'),
        skipped: countOf(results, 'SKIPPED'),
      }
    }
  }
  return BulkChanges
}
