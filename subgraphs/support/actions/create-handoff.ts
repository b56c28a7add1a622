import { Field, ID, InputType } from 'type-graphql'
import type { EntityManager } from 'typeorm'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Draft } from '#shared/aggregate.js'
import type { Caller } from '#shared/context.js'
import type { DeskEvents } from '#shared/events/desk.js'
import type { Workspace as Where } from '#shared/events/support.js'
import { given, instant, oneOf, parts, several, text } from '#shared/fields.js'
import { IdentifierKind, normalise } from '#shared/identifier.js'
import { requireRecorded } from '#shared/known.js'
import { openingOf } from '#shared/may-perform.js'
import { refuse } from '#shared/refusal.js'
import { STAFF } from '#shared/roles.js'
import {
  HOW_TO_GET_A_QUEUE,
  handoff,
  missingIn,
  noQueueIn,
  type Receiving,
  readableTypes,
  receivingSide,
} from '../desk/handoff.js'
import { unknownTickets } from '../desk/incident.js'
import { Workspace } from '../enums.js'
import { Handoff } from '../views/handoff.js'

@InputType('ObservedEventInput', { description: 'Something that was observed.' })
export class ObservedEventInput {
  @instant('When (UTC); not ahead of us.')
  at!: Date

  @text('What.', { min: 0, max: 2_000, multiline: true })
  what!: string

  @text('Who or what observed it: a person, a monitor, a log.', { min: 0, max: 200 })
  source!: string
}

@InputType('CreateHandoffInput', {
  description:
    'What is handed over to whom. What is left out of what has to be there is named in the refusal.',
})
export class CreateHandoffInput extends ActionInput {
  @oneOf(Workspace, 'Whom it is for; the workspace of the queue when there is one.', { nullable: true })
  workspace?: keyof typeof Workspace | null

  @given('Queue', 'The queue that it is for.', { nullable: true })
  queueId?: string | null

  @given('Ticket', 'The ticket that it is about.', { nullable: true })
  ticketId?: string | null

  @text('Has to be there: the exact route involved; starts with "/".', { nullable: true, min: 0, max: 500 })
  route?: string | null

  @text('Has to be there unless all of the platform is concerned: short name of the store.', {
    nullable: true,
    min: 0,
    max: 200,
  })
  storeSlug?: string | null

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'All of the platform is concerned, rather than a store.',
  })
  platformWide?: boolean

  @several(ID, 'Has to be there: ids of what it is about, at least one.', { nullable: true, max: 50 })
  entityIds?: string[] | null

  @parts(() => ObservedEventInput, 'Has to be there: what was observed, at least once.', {
    nullable: true,
    max: 100,
  })
  timeline?: ObservedEventInput[] | null

  @several(ID, 'Slices of the log (createAuditSlice). One of these or an evidence has to be there.', {
    nullable: true,
    max: 20,
  })
  auditSliceIds?: string[] | null

  @several(ID, 'Evidence, e.g. attachments with screenshots.', { nullable: true, max: 50 })
  evidenceIds?: string[] | null

  @text('Has to be there: what to do next.', { nullable: true, min: 0, max: 5_000, multiline: true })
  nextAction?: string | null

  @text('The mutation that does it, e.g. issueRefund: one that those who get it may do.', {
    nullable: true,
    max: 80,
  })
  nextActionName?: string | null
}

interface Ground {
  /** Ids that are there, and of a type that the sender may read; of slices and other things alike. */
  types: Map<string, string>
  isStore: boolean
  isTicket: boolean
  queueWorkspace: Where | null
  /** The ticket would have no queue to go to. */
  lacksQueue: boolean
  /** What those may do who get it. */
  receiving: Receiving
}

async function isStoreSlug(tx: EntityManager, slug: string | null | undefined): Promise<boolean> {
  if (!slug?.trim()) return true
  const [row] = await tx.query(
    `select from search.identifier where kind = 'SLUG' and entity_type = 'Site' and norm = $1 limit 1`,
    [normalise(IdentifierKind.SLUG, slug)],
  )
  return row !== undefined
}

/** Whether an open ticket could go neither to the queue that is named nor to one of the workspace. */
async function hasNoQueue(
  tx: EntityManager,
  { ticketId, queueId }: CreateHandoffInput,
  workspace: Where | null,
): Promise<boolean> {
  const [ticket] = ticketId
    ? await tx.query(`select from support.ticket where id = $1 and status <> 'CLOSED'`, [ticketId])
    : []
  if (!ticket || !workspace) return false
  const [queue] = await tx.query(
    'select from support.queue where is_active and not is_spam and (workspace = $1 or id = $2) limit 1',
    [workspace, queueId ?? null],
  )
  return queue === undefined
}

async function prepare(
  input: CreateHandoffInput,
  tx: EntityManager,
  { identity, services }: Caller,
): Promise<Ground> {
  const { entityIds, auditSliceIds, evidenceIds, queueId, workspace, ticketId, storeSlug } = input
  const ids = [...(entityIds ?? []), ...(auditSliceIds ?? []), ...(evidenceIds ?? [])]
  const [queue] = queueId
    ? await tx.query('select workspace from support.queue where id = $1', [queueId])
    : []
  const to: Where | null = queue?.workspace ?? workspace ?? null
  return {
    types: await readableTypes(tx, ids, identity),
    isStore: await isStoreSlug(tx, storeSlug),
    isTicket: !ticketId || (await unknownTickets(tx, [ticketId])).length === 0,
    queueWorkspace: queue?.workspace ?? null,
    lacksQueue: await hasNoQueue(tx, input, to),
    receiving: to ? await receivingSide(tx, to, queueId, services.clock()) : { roles: [], permissions: [] },
  }
}

function recipientOf(input: CreateHandoffInput, { queueWorkspace }: Ground): Where {
  const { queueId, workspace } = input
  if (queueId && !queueWorkspace) refuse('UNKNOWN_REFERENCE', 'There is no such queue.', 'queueId')
  if (queueWorkspace && workspace && workspace !== queueWorkspace)
    refuse('INVALID', `This queue is of ${queueWorkspace}.`, 'workspace', { workspace: queueWorkspace })
  const to = queueWorkspace ?? workspace
  return to ?? refuse('INVALID', 'Say for which workspace or queue it is.', 'workspace')
}

/** A23 to A27, all at once: whoever hands something over mends it in one go. */
function requireComplete(input: CreateHandoffInput, workspace: Where, { lacksQueue }: Ground): void {
  const missing = [...missingIn(input), ...(lacksQueue ? ['queueId'] : [])]
  if (missing.length === 0) return
  const queue = lacksQueue ? { workspace, ...HOW_TO_GET_A_QUEUE } : {}
  refuse(
    'HANDOFF_INCOMPLETE',
    lacksQueue
      ? `It lacks ${missing.join(', ')}. ${noQueueIn(workspace)}`
      : `It lacks ${missing.join(', ')}.`,
    missing[0],
    { missing, ...queue },
  )
}

const LISTS = ['entityIds', 'auditSliceIds', 'evidenceIds'] as const

function requireReal(input: CreateHandoffInput, { types, isStore, isTicket }: Ground): void {
  if (!isStore) refuse('UNKNOWN_REFERENCE', 'There is no store of this name.', 'storeSlug')
  if (!isTicket) refuse('UNKNOWN_REFERENCE', 'There is no such ticket.', 'ticketId')
  for (const field of LISTS)
    requireRecorded(
      (input[field] ?? []).filter(id => !types.has(id)),
      () => field,
    )
  const others = (input.auditSliceIds ?? []).filter(id => types.get(id) !== 'AuditSlice')
  if (others.length) refuse('INVALID', `${others[0]} is no slice of the log.`, 'auditSliceIds', { others })
}

/** A27, by the rules of `decision`: the mutation is there, and those who get it may do it. */
function requirePossible({ nextActionName: name }: CreateHandoffInput, { receiving }: Ground): void {
  if (!name) return
  const opening = openingOf(name, { ...receiving, scopes: [] })
  if (opening.code === 'OPEN') return
  if (opening.code === 'UNKNOWN_ACTION')
    refuse('UNKNOWN_REFERENCE', 'There is no such mutation.', 'nextActionName')
  const { allow } = opening.action
  const { roles } = receiving
  const handOff = opening.code === 'HANDOFF_REQUIRED' ? opening.asking.name : null
  const instead = handOff ? `; they ask for it with ${handOff}` : ''
  refuse(
    'RECIPIENT_MAY_NOT',
    `${name} is for ${allow.join(', ')}, and those who get this are ${roles.join(', ')}${instead}.`,
    'nextActionName',
    { requiresOneOf: allow, recipients: roles, handOff },
  )
}

function observed({ timeline }: CreateHandoffInput, now: Date) {
  const ahead = timeline!.findIndex(({ at }) => at > now)
  if (ahead >= 0)
    refuse('INVALID', 'What was observed cannot lie ahead of us.', `timeline.${ahead}.at`, {
      now: now.toISOString(),
    })
  return timeline!
    .map(({ at, what, source }) => ({ at: at.toISOString(), what, source }))
    .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
}

const once = (ids: readonly string[] | null | undefined): string[] => [...new Set(ids ?? [])]

/** A3, A23 to A27. */
export const createHandoff = action({
  name: 'createHandoff',
  description:
    'Hands a matter over to other people, with all that they need: route, store and ids, what was observed, evidence, and what to do next. Without one of these, or without a queue for the ticket to go to, it is refused with HANDOFF_INCOMPLETE, which names all that is missing.',
  input: CreateHandoffInput,

  on: handoff,
  prepare,

  allow: STAFF,

  decide(_nothing, input, { now, read }): Draft<DeskEvents> {
    const workspace = recipientOf(input, read)
    requireComplete(input, workspace, read)
    requireReal(input, read)
    requirePossible(input, read)
    const timeline = observed(input, now)
    const entityIds = once(input.entityIds)
    const auditSliceIds = once(input.auditSliceIds)
    const evidenceIds = once(input.evidenceIds)
    return {
      type: 'HandoffCreated',
      data: {
        ticketId: input.ticketId ?? null,
        workspace,
        queueId: input.queueId ?? null,
        route: input.route!.trim(),
        storeSlug: input.storeSlug?.trim() || null,
        platformWide: input.platformWide ?? false,
        entityIds,
        auditSliceIds,
        evidenceIds,
        nextActionName: input.nextActionName ?? null,
      },
      personal: { timeline, nextAction: input.nextAction! },
      refs: [...entityIds, ...auditSliceIds, ...evidenceIds],
    }
  },

  emits: ['HandoffCreated'],
  returns: { handoff: Handoff },
})
