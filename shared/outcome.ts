import type { EntityManager } from 'typeorm'
import type { Action, Facts, Warning } from '#shared/action.js'
import type { ActionInput } from '#shared/action-input.js'
import { isOutside, noticed } from '#shared/aggregate.js'
import type { Caller } from '#shared/context.js'
import { actorOf, type EventDraft, type EventMetadata, type StoredEvent } from '#shared/event.js'
import type { ApprovalEvents } from '#shared/events/approvals.js'
import { fieldsIn, isEntity } from '#shared/fields.js'
import type { Identity } from '#shared/identity.js'
import { Loaders } from '#shared/loader.js'
import type { View } from '#shared/view.js'

/** An action, where it lives, and the rows it keeps. */
export interface Performer {
  action: Action
  subgraph: string
  views: readonly View[]
}

/** One attempt at an action, on its way down the road. */
export interface Asked {
  performer: Performer
  caller: Caller
  /** Who bears the action: the caller, or who asked when an approval is carried out. */
  bearer: Identity
  input: ActionInput
  /** Set when an approval is carried out. */
  approved: {
    id: string
    note: string | null
    key: string | null
    request: ApprovalEvents['ApprovalRequested']
  } | null
}

/** What a mutation answers: rows for its `returns`, and the rest of the payload. */
export interface Outcome {
  rows: Record<string, unknown>
  targetId: string | null
  events: EventOutcome[]
  approval: { id: string } | null
  replayed: boolean
  dryRun: boolean
  userErrors: UserErrorOutcome[]
  /** Absent where the action never warns, and in a repeated answer. */
  warnings?: Warning[]
}

export interface EventOutcome {
  id: string | null
  type: string
  version: number
  occurredAt: Date
}

export interface UserErrorOutcome {
  code: string
  message: string
  field: string | null
  facts: Record<string, unknown> | null
}

/** The outcome of something that was done: the rows as the transaction left them, and what happened. */
export async function outcomeOf(
  tx: EntityManager,
  { performer: { action }, caller, input }: Asked,
  targetId: string,
  events: readonly StoredEvent[],
  more: Partial<Outcome> = {},
): Promise<Outcome> {
  const dryRun = input.dryRun ?? false
  return {
    rows: await rowsOf(tx, action, events, targetId, caller.identity),
    targetId,
    events: (await shownTo(tx, action, caller, targetId, events)).map(event => ({
      id: dryRun ? null : `evt_${event.id}`,
      type: event.type,
      version: event.version,
      occurredAt: event.occurredAt,
    })),
    approval: null,
    replayed: false,
    dryRun,
    userErrors: [],
    ...more,
  }
}

/** Of what happened, what the caller may know of, numbered as they count. */
async function shownTo(
  tx: EntityManager,
  { on }: Action,
  { identity, services }: Caller,
  targetId: string,
  events: readonly StoredEvent[],
): Promise<readonly StoredEvent[]> {
  if (!on.forCustomers || !isOutside(identity)) return events
  const mine = new Set(events.map(event => event.id))
  const history = await services.store.load(tx, { type: on.type, id: targetId })
  return noticed(on, history, identity).filter(event => mine.has(event.id))
}

async function rowsOf(
  tx: EntityManager,
  action: Action,
  events: readonly EventDraft[],
  targetId: string,
  identity: Identity,
): Promise<Record<string, unknown>> {
  const loaders = new Loaders(tx, identity)
  const rows: Record<string, unknown> = {}
  for (const [name, returned] of Object.entries(action.returns)) {
    if ('once' in returned || 'each' in returned) continue
    if ('read' in returned) {
      rows[name] = await returned.read(tx, targetId, events)
      continue
    }
    const { type, id } = 'type' in returned ? returned : { type: returned, id: () => targetId }
    const key = id(events, targetId)
    rows[name] = key === null ? null : isEntity(type) ? await loaders.one(type, key) : { id: key }
  }
  return rows
}

/** Texts that this answer alone may show, e.g. the secret of a new token. */
export const shownOnce = (action: Action, read: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries(action.returns).flatMap(([name, returned]) =>
      'once' in returned ? [[name, returned.once(read)]] : [],
    ),
  )

/** What became of each of many that a decision is about. */
export const eachOf = (
  action: Action,
  state: unknown,
  input: ActionInput,
  facts: Facts,
): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(action.returns).flatMap(([name, returned]) =>
      'each' in returned ? [[name, returned.of(state, input, facts)]] : [],
    ),
  )

/** What all events of one attempt share. */
export function metadataOf({
  caller,
  input,
  approved,
}: Pick<Asked, 'caller' | 'input' | 'approved'>): EventMetadata {
  const { identity, requestId, surface, site, causationId = null, correlationId = requestId } = caller
  return {
    actor: actorOf(identity),
    reasonCode: input.reason ?? 'ROUTINE',
    note: input.note ?? null,
    requestId,
    correlationId,
    causationId,
    idempotencyKey: approved ? approved.key : (input.idempotencyKey ?? null),
    surface,
    site,
  }
}

/** Ids that the input names, one by one or in a list of links, so that what happened shows on their timelines too. */
export const refsOf = (action: Action, input: ActionInput): string[] =>
  fieldsIn(action.input)
    .filter(({ kind, links }) => kind === 'ref' || links === true)
    .flatMap(({ property }) => (input as unknown as Record<string, unknown>)[property])
    .filter(value => typeof value === 'string')

/** An input as plain data, without what is undefined: how it is pinned and compared. */
export const plain = <T>(value: T): Record<string, unknown> => JSON.parse(JSON.stringify(value))
