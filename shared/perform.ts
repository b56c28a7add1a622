import { createHash } from 'node:crypto'
import type { EntityManager } from 'typeorm'
import type { Action, Facts } from '#shared/action.js'
import type { ActionInput, ApproveInput } from '#shared/action-input.js'
import { replay } from '#shared/aggregate.js'
import { APPROVAL_HOURS, approval, approvals, currentRoles, hashOf } from '#shared/approval.js'
import { canonicalJson } from '#shared/canonical.js'
import type { Caller } from '#shared/context.js'
import type { EventDraft, EventMetadata, StoredEvent, StreamRef } from '#shared/event.js'
import { VersionConflict } from '#shared/event-store.js'
import type { ApprovalEvents } from '#shared/events/approvals.js'
import { check, cleaned, fieldsIn, isEntity } from '#shared/fields.js'
import { newId } from '#shared/id.js'
import type { Identity } from '#shared/identity.js'
import { Loaders } from '#shared/loader.js'
import { serialised } from '#shared/mutex.js'
import { holds } from '#shared/permissions.js'
import { evaluate, type Question, useLimit } from '#shared/policy.js'
import { forbidden, Refusal, refuse } from '#shared/refusal.js'
import { fold, type View } from '#shared/view.js'

/** What a mutation answers: rows for its `returns`, and the rest of the payload. */
export interface Outcome {
  rows: Record<string, unknown>
  events: EventOutcome[]
  approval: { id: string } | null
  replayed: boolean
  dryRun: boolean
  userErrors: UserErrorOutcome[]
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

/** The action, where it lives, and the rows it keeps. */
export interface Performer {
  action: Action
  subgraph: string
  views: readonly View[]
}

/** How often a decision is repeated when another transaction was quicker: `decide` is pure (architecture 2). */
const ATTEMPTS = 3

interface Asked {
  performer: Performer
  caller: Caller
  /** Who bears the action: the caller, or who asked when an approval is carried out. */
  bearer: Identity
  input: ActionInput
  /** Set when an approval is carried out. */
  approved: { id: string; note: string | null; key: string | null; request: ApprovalEvents['ApprovalRequested'] } | null
}

/**
 * Runs an action: role → form → idempotency → decision on the replayed state → policy → events, rows and limits, in one
 * transaction. Answers refusals as `userErrors`; throws GraphQLError FORBIDDEN for want of a role.
 */
export async function perform(performer: Performer, input: ActionInput, caller: Caller): Promise<Outcome> {
  const { action } = performer
  if (!holds(caller.identity, action.allow)) throw forbidden(action.name, action.allow)
  return answering(performer, caller, input.dryRun ?? false, async () => {
    validate(action, input)
    const asked: Asked = { performer, caller, bearer: caller.identity, input, approved: null }
    const lock = action.target && !action.prepare ? action.target(input, undefined) : newId('lock')
    return serialised(lock, () => attempt(asked, tx => act(tx, asked)))
  })
}

/** Carries an approval out, as somebody else than who asked, once, against today's state. */
export async function performApproved(performer: Performer, input: ApproveInput, caller: Caller): Promise<Outcome> {
  const { action } = performer
  if (!holds(caller.identity, action.approvers)) throw forbidden(`Approving ${action.name}`, action.approvers)
  return answering(performer, caller, input.dryRun ?? false, () =>
    serialised(input.approvalId, () =>
      caller.services.db
        .transaction(async tx => {
          const outcome = await approve(tx, performer, input, caller)
          return input.dryRun ? rollBack(outcome) : outcome
        })
        .catch(undone)
        .finally(() => caller.services.store.poke(caller.services.db)),
    ),
  )
}

async function approve(tx: EntityManager, performer: Performer, input: ApproveInput, caller: Caller): Promise<Outcome> {
  const { store, clock } = caller.services
  const { action } = performer
  await store.lock(tx, [input.approvalId])
  const history = await store.load(tx, { type: approval.type, id: input.approvalId })
  const { state, request } = replay(approval, history)
  if (!request || request.action !== action.name) refuse('NOT_FOUND', `There is no request for ${action.name} with this id.`, 'approvalId')
  if (state === 'EXECUTED' && history.at(-1)!.actor.id === caller.identity.personId && input.idempotencyKey && input.idempotencyKey === history.at(-1)!.idempotencyKey)
    return replayOf(tx, performer, caller, request.targetId, await executedEvents(tx, caller, input.approvalId, request))
  if (state !== 'PENDING') refuse('APPROVAL_NOT_PENDING', `This request is ${state}.`, 'approvalId', { state })
  if (new Date(request.expiresAt) <= clock()) refuse('APPROVAL_NOT_PENDING', 'This request ran out.', 'approvalId', { state: 'EXPIRED' })
  if (request.requesterId === caller.identity.personId) refuse('SAME_PERSON', 'You asked for this yourself; somebody else has to approve it.', 'approvalId')
  if (input.expectedInputHash && input.expectedInputHash !== request.inputHash)
    refuse('CONFLICT', 'What was asked for is not what you looked at.', 'expectedInputHash', { inputHash: request.inputHash })
  const roles = await currentRoles(tx, request.requesterId)
  const bearer: Identity = { ...caller.identity, personId: request.requesterId, roles, kind: 'STAFF' }
  if (!holds(bearer, action.allow))
    refuse('REQUESTER_LOST_ROLE', 'Who asked for it may no longer ask for it.', 'approvalId', { roles })
  const asked: Asked = {
    performer,
    caller,
    bearer,
    input: { ...(request.input as ActionInput), expectedVersion: null, dryRun: input.dryRun ?? false },
    approved: { id: input.approvalId, note: input.note ?? null, key: input.idempotencyKey ?? null, request },
  }
  return act(tx, asked)
}

/** Refusals become data; a rollback by dry run becomes its outcome. */
async function answering(performer: Performer, caller: Caller, dryRun: boolean, run: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await run()
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    if (performer.action.risk !== 'ROUTINE' && !dryRun) await noteRefusal(performer.action.name, error.code, caller)
    const { code, message, field, facts } = error
    return { rows: {}, events: [], approval: null, replayed: false, dryRun, userErrors: [{ code, message, field, facts }] }
  }
}

function validate(action: Action, input: ActionInput): void {
  cleaned(action.input, input)
  const [problem] = check(action.input, input as unknown as Record<string, unknown>)
  if (problem) refuse('INVALID', `${problem.field} ${problem.message}.`, problem.field)
  if (action.idempotent === 'REQUIRED' && !input.idempotencyKey && !input.dryRun)
    refuse('IDEMPOTENCY_KEY_REQUIRED', `${action.name} wants an idempotencyKey: any text that is unique to this intention.`, 'idempotencyKey')
}

/** One transaction, repeated when another one was quicker to bring the same thing into being. */
async function attempt(asked: Asked, body: (tx: EntityManager) => Promise<Outcome>): Promise<Outcome> {
  for (let left = ATTEMPTS; ; left--) {
    try {
      const outcome = await asked.caller.services.db.transaction(async tx => {
        const result = await withIdempotency(tx, asked, body)
        return asked.input.dryRun ? rollBack(result) : result
      })
      asked.caller.services.store.poke(asked.caller.services.db)
      return outcome
    } catch (error) {
      if (error instanceof DryRun) return error.outcome
      if (!(error instanceof VersionConflict)) throw error
      if (left <= 1) refuse('CONFLICT', 'Others kept changing it meanwhile; read it again and retry.')
    }
  }
}

/** Thrown to make the transaction forget; carries what would have been. */
class DryRun extends Error {
  constructor(readonly outcome: Outcome) {
    super('dry run')
  }
}
const rollBack = (outcome: Outcome): never => {
  throw new DryRun(outcome)
}
const undone = (error: unknown): Outcome => {
  if (error instanceof DryRun) return error.outcome
  throw error
}

/** First in the transaction: a second caller with the same key waits here for the first, then gets its answer. */
async function withIdempotency(tx: EntityManager, asked: Asked, body: (tx: EntityManager) => Promise<Outcome>): Promise<Outcome> {
  const { input, caller, performer } = asked
  if (!input.idempotencyKey || input.dryRun) return body(tx)
  const { idempotencyKey, ...rest } = input
  const digest = createHash('sha256').update(canonicalJson({ action: performer.action.name, input: plain(rest) })).digest()
  const actor = caller.identity.personId
  const [claimed] = await tx.query(
    'insert into log.idempotency (actor, key, request_hash) values ($1, $2, $3) on conflict do nothing returning key',
    [actor, idempotencyKey, digest],
  )
  if (!claimed) return repeated(tx, asked, actor, idempotencyKey, digest)
  const outcome = await body(tx)
  await tx.query('update log.idempotency set event_ids = $3, response = $4 where actor = $1 and key = $2', [
    actor,
    idempotencyKey,
    outcome.events.map(event => event.id!.slice('evt_'.length)),
    JSON.stringify({ targetId: outcome.rows[TARGET], approvalId: outcome.approval?.id ?? null }),
  ])
  return outcome
}

async function repeated(tx: EntityManager, { performer, caller }: Asked, actor: string, key: string, digest: Buffer): Promise<Outcome> {
  const [first] = await tx.query('select request_hash, event_ids, response from log.idempotency where actor = $1 and key = $2', [actor, key])
  if (!digest.equals(first.request_hash))
    refuse('IDEMPOTENCY_MISMATCH', 'This idempotencyKey was used with another input; take a new one for a new intention.', 'idempotencyKey')
  const events = await caller.services.store.byIds(tx, first.event_ids.map(Number))
  return { ...(await replayOf(tx, performer, caller, first.response.targetId, events)), approval: first.response.approvalId ? { id: first.response.approvalId } : null }
}

async function executedEvents(tx: EntityManager, caller: Caller, approvalId: string, request: ApprovalEvents['ApprovalRequested']) {
  const related = await caller.services.store.byRef(tx, approvalId, { first: 10 })
  return related.filter(event => event.stream.id === request.targetId)
}

async function replayOf(tx: EntityManager, performer: Performer, caller: Caller, targetId: string, events: StoredEvent[]): Promise<Outcome> {
  return {
    rows: await rowsOf(tx, performer.action, events, targetId, caller.identity),
    events: events.map(shown),
    approval: null,
    replayed: true,
    dryRun: false,
    userErrors: [],
  }
}

/** Under which name an outcome carries the target's id: a symbol, so that no payload field can clash with it. */
const TARGET = Symbol('target') as unknown as string

/** The heart: lock, replay, decide, judge, append, fold. */
async function act(tx: EntityManager, asked: Asked): Promise<Outcome> {
  const { performer, caller, input, bearer, approved } = asked
  const { action, views } = performer
  const { store, clock } = caller.services
  const now = clock()
  const read = await action.prepare?.(input, tx, caller)
  const targetId = approved?.request.targetId ?? action.target?.(input, read) ?? newId(action.on.prefix)
  const stream: StreamRef = { type: action.on.type, id: targetId }
  await store.lock(tx, [targetId])
  const history = await store.load(tx, stream)
  const version = history.at(-1)?.version ?? 0
  if (input.expectedVersion != null && input.expectedVersion !== version)
    refuse('CONFLICT', `It is at version ${version} by now, not ${input.expectedVersion}.`, 'expectedVersion', { version })
  const facts: Facts = {
    targetId,
    now,
    actorId: bearer.personId,
    actorRoles: bearer.roles,
    approvalId: approved?.id ?? null,
    newId,
    read,
  }
  const drafts = [action.decide(replay(action.on, history), input, facts)].flat()
  const question: Question = { identity: bearer, targetId, input: input as unknown as Record<string, unknown>, now }
  const verdict = approved ? null : await evaluate(action.policy, tx, question)
  if (verdict?.effect === 'STEP_UP') refuse('STEP_UP_REQUIRED', verdict.why!, undefined, { maxAge: action.policy.signedInWithin })
  if (verdict?.effect === 'ALLOW_WITH_APPROVAL') return request(tx, asked, targetId, version, verdict.why!)

  const refs = [...refsOf(action, input), ...(approved ? [approved.id] : [])]
  const metadata = metadataOf(asked)
  const events = await store.append(tx, [{ stream, expectedVersion: version, events: drafts.map(d => ({ ...d, refs: [...(d.refs ?? []), ...refs] })) }], metadata, now)
  if (approved) {
    const executed: EventDraft = { type: 'ApprovalExecuted', data: { decidedById: caller.identity.personId }, refs: [targetId] }
    const decision = await store.append(tx, [{ stream: { type: approval.type, id: approved.id }, expectedVersion: null, events: [executed] }], { ...metadata, note: approved.note, idempotencyKey: approved.key }, now)
    await fold(tx, [approvals], decision)
    await fold(tx, views, events)
  } else {
    await fold(tx, views, events)
    if (events[0]) await useLimit(verdict!.limits.length ? action.policy : { kind: 'TRUSTED' }, tx, question, events[0].id)
  }
  return {
    rows: { ...(await rowsOf(tx, action, events, targetId, caller.identity)), [TARGET]: targetId },
    events: events.map(event => shown(event, input.dryRun)),
    approval: approved ? { id: approved.id } : null,
    replayed: false,
    dryRun: input.dryRun ?? false,
    userErrors: [],
  }
}

/** Instead of doing it: asks for a second person, pinning exactly what was asked. */
async function request(tx: EntityManager, asked: Asked, targetId: string, targetVersion: number, why: string): Promise<Outcome> {
  const { performer, caller, input } = asked
  const { action, subgraph } = performer
  const now = caller.services.clock()
  const pinned = plain({ ...input, idempotencyKey: undefined, expectedVersion: undefined, dryRun: undefined })
  const id = newId(approval.prefix)
  const data: ApprovalEvents['ApprovalRequested'] = {
    action: action.name,
    subgraph,
    targetId,
    targetVersion,
    input: pinned,
    inputHash: hashOf(pinned),
    requesterId: caller.identity.personId,
    requesterRoles: [...caller.identity.roles],
    approverRoles: [...action.approvers],
    why,
    expiresAt: new Date(now.getTime() + APPROVAL_HOURS * 3_600_000).toISOString(),
  }
  const draft: EventDraft = { type: 'ApprovalRequested', data, refs: [targetId, ...refsOf(action, input)] }
  const events = await caller.services.store.append(tx, [{ stream: { type: approval.type, id }, expectedVersion: 0, events: [draft] }], metadataOf(asked), now)
  await fold(tx, [approvals], events)
  return {
    rows: { ...(await rowsOf(tx, action, [], targetId, caller.identity)), [TARGET]: targetId },
    events: events.map(event => shown(event, input.dryRun)),
    approval: input.dryRun ? null : { id },
    replayed: false,
    dryRun: input.dryRun ?? false,
    userErrors: [],
  }
}

/** Ids that the input names, so that what happened shows on their timelines too. */
const refsOf = (action: Action, input: ActionInput): string[] =>
  fieldsIn(action.input)
    .filter(({ kind }) => kind === 'ref')
    .flatMap(({ property }) => {
      const value = (input as unknown as Record<string, unknown>)[property]
      return typeof value === 'string' ? [value] : []
    })

function metadataOf({ caller, input, approved }: Asked): EventMetadata {
  const { identity, requestId, surface, site, causationId = null, correlationId = requestId } = caller
  return {
    actor: { kind: identity.kind, id: identity.personId, roles: identity.roles, tokenId: identity.tokenId },
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

async function rowsOf(tx: EntityManager, action: Action, events: readonly EventDraft[], targetId: string, identity: Identity) {
  const loaders = new Loaders(tx, identity)
  const rows: Record<string, unknown> = {}
  for (const [name, returned] of Object.entries(action.returns)) {
    const { type, id } = 'type' in returned ? returned : { type: returned, id: () => targetId }
    const key = id(events, targetId)
    rows[name] = key === null ? null : isEntity(type) ? await loaders.one(type, key) : { id: key }
  }
  return rows
}

/** An event as a payload shows it. One that would be has no id. */
const shown = (event: StoredEvent, dryRun?: boolean | number): EventOutcome => ({
  id: dryRun === true ? null : `evt_${event.id}`,
  type: event.type,
  version: event.version,
  occurredAt: event.occurredAt,
})

const plain = <T>(value: T): Record<string, unknown> => JSON.parse(JSON.stringify(value))

/** A refused attempt at something sensitive is itself worth knowing. Failing to note it must not hide the answer. */
export async function noteRefusal(action: string, code: string, caller: Caller): Promise<void> {
  const { store, db, clock, log } = caller.services
  const { identity } = caller
  try {
    await db.transaction(async tx => {
      const stream = { type: 'ActionRefusal', id: identity.personId || 'anonymous' }
      const draft = { type: 'ActionRefused', data: { action, code, targetId: null } }
      const asked = { caller, input: {}, approved: null } as unknown as Asked
      await store.append(tx, [{ stream, expectedVersion: null, events: [draft] }], metadataOf(asked), clock())
    })
    store.poke(db)
  } catch (error) {
    log.error({ err: error, action, code }, 'a refusal could not be recorded')
  }
}

