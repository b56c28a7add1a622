import { Arg, Ctx, Extensions, Field, ID, InputType, Int, Mutation, ObjectType, Resolver } from 'type-graphql'
import { UserError } from '#shared/action-schema.js'
import type { Bulk } from '#shared/bulk.js'
import type { Context } from '#shared/context.js'
import type { Class } from '#shared/fields.js'
import type { Outcome, Performer } from '#shared/outcome.js'
import { perform } from '#shared/perform.js'
import { Allow } from '#shared/permissions.js'
import { TicketChangeInput, updateTicket } from '../actions/update-ticket.js'
import { type BulkOutcome, BulkTicketResult, OnError } from '../desk/bulk-result.js'
import { WORKERS } from '../staff.js'
import type { Ticket } from '../views/ticket.js'

/** Most tickets that one call changes. */
const MOST = 200
/** After so long no other ticket is begun with: the caller still waits for the answer, ms. */
const PATIENCE = 10_000

@InputType('TicketVersionInput', { description: 'The version at which somebody read a ticket.' })
export class TicketVersionInput {
  @Field(() => ID, { description: 'The ticket.' })
  ticketId!: string

  @Field(() => Int, { description: 'Change it only if it still is at this version; otherwise CONFLICT.' })
  version!: number
}

@InputType('BulkUpdateTicketsInput', { description: 'Which tickets, and what is to become of all of them.' })
export class BulkUpdateTicketsInput {
  @Field(() => [ID], { description: `The tickets, at most ${MOST}, each once.` })
  ticketIds!: string[]

  @Field(() => TicketChangeInput, { description: 'What is to become of each.' })
  change!: TicketChangeInput

  @Field(() => [TicketVersionInput], {
    nullable: true,
    description: 'Versions of some or all of them: what changed since somebody looked is refused by itself.',
  })
  expectedVersions?: TicketVersionInput[] | null

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

  @Field(() => [UserError], {
    description:
      'Why nothing was tried, or why tickets were refused, with ticketId in the facts; else empty.',
  })
  userErrors!: UserError[]
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

const problem = (code: string, field: string, message: string, facts: object | null = null): UserError => ({
  code,
  message,
  field,
  facts,
})

/** What is wrong with the call itself, before anything is tried. */
function problemsOf({
  ticketIds: ids,
  expectedVersions,
  idempotencyKey: key,
}: BulkUpdateTicketsInput): UserError[] {
  const problems: UserError[] = []
  const taken = `ticketIds has ${ids.length} items; 1 to ${MOST} are taken.`
  if (ids.length === 0) problems.push(problem('INVALID', 'ticketIds', taken))
  if (ids.length > MOST) problems.push(problem('TOO_MANY', 'ticketIds', taken, { most: MOST }))
  if (new Set(ids).size < ids.length)
    problems.push(problem('INVALID', 'ticketIds', 'ticketIds names a ticket twice.'))
  if (expectedVersions?.some(({ ticketId }) => !ids.includes(ticketId)))
    problems.push(
      problem('INVALID', 'expectedVersions', 'expectedVersions names a ticket that ticketIds does not.'),
    )
  if (key && key.length > 80)
    problems.push(problem('INVALID', 'idempotencyKey', 'idempotencyKey has more than 80 characters.'))
  return problems
}

/** Of all results, with which ticket each is about. */
const refusalsIn = (results: readonly BulkTicketResult[]): UserError[] =>
  results.flatMap(({ ticketId, userErrors }, at) =>
    userErrors.map(error => ({
      ...error,
      field: `ticketIds.${at}`,
      facts: { ...(error.facts as object | null), ticketId },
    })),
  )

/** One ticket after the other, each by updateTicket and in a transaction of its own. */
async function updateAll(
  performer: Performer,
  { ticketIds, change, expectedVersions, onError, note, idempotencyKey: key, dryRun }: BulkUpdateTicketsInput,
  context: Context,
): Promise<BulkTicketResult[]> {
  const versions = new Map(expectedVersions?.map(({ ticketId, version }) => [ticketId, version]))
  const end = performance.now() + PATIENCE
  const results: BulkTicketResult[] = []
  let stopped = false
  for (const ticketId of ticketIds) {
    if (stopped || performance.now() > end) {
      results.push(skipped(ticketId))
      continue
    }
    const idempotencyKey = key ? `${key}/${ticketId}` : null
    const expectedVersion = versions.get(ticketId) ?? null
    const input = { ticketId, change: { ...change }, expectedVersion, note, idempotencyKey, dryRun }
    const result = resultOf(ticketId, await perform(performer, input as never, context))
    stopped = onError === 'STOP' && result.outcome === 'REFUSED'
    results.push(result)
  }
  return results
}

const countOf = (results: readonly BulkTicketResult[], wanted: keyof typeof BulkOutcome): number =>
  results.filter(({ outcome }) => outcome === wanted).length

/** E5, E8. */
export const bulkUpdateTickets: Bulk = {
  name: 'bulkUpdateTickets',
  description: `Changes up to ${MOST} tickets alike, each as updateTicket would and each by itself, and says what became of every one.`,
  of: updateTicket,
  most: MOST,
}

/** `bulkUpdateTickets`, which does `updateTicket` again and again: with the performer that the finished subgraph has for it. */
export function bulkChanges(performers: () => readonly Performer[]): Class {
  @Resolver()
  class BulkChanges {
    @Mutation(() => BulkUpdateTicketsPayload, { description: bulkUpdateTickets.description })
    @Allow(...WORKERS)
    async bulkUpdateTickets(
      @Arg('input', () => BulkUpdateTicketsInput, { description: 'Which, and what.' })
      input: BulkUpdateTicketsInput,
      @Ctx() context: Context,
    ): Promise<BulkUpdateTicketsPayload> {
      const problems = problemsOf(input)
      const performer = performers().find(({ action }) => action === updateTicket)
      if (!performer) throw new Error('support has no updateTicket')
      const results = problems.length ? [] : await updateAll(performer, input, context)
      return {
        results,
        done: countOf(results, 'DONE'),
        unchanged: countOf(results, 'UNCHANGED'),
        refused: countOf(results, 'REFUSED'),
        skipped: countOf(results, 'SKIPPED'),
        userErrors: [...problems, ...refusalsIn(results)],
      }
    }
  }
  return BulkChanges
}
