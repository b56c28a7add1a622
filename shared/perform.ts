import type { EntityManager } from 'typeorm'
import type { Action, Facts } from '#shared/action.js'
import { type ActionInput, ApproveInput } from '#shared/action-input.js'
import { noticed, replay } from '#shared/aggregate.js'
import {
  type ApprovalState,
  approval,
  approvals,
  concerned,
  currentStanding,
  hashOf,
} from '#shared/approval.js'
import type { Caller } from '#shared/context.js'
import type { EventDraft, StoredEvent, StreamRef } from '#shared/event.js'
import { VersionConflict, type Write } from '#shared/event-store.js'
import type { ApprovalEvents } from '#shared/events/approvals.js'
import { type Class, check, cleaned, revived } from '#shared/fields.js'
import { newId } from '#shared/id.js'
import { once } from '#shared/idempotency.js'
import { hasApiToken, type Identity } from '#shared/identity.js'
import { charge, judge, measuredBy } from '#shared/judge.js'
import { serialised } from '#shared/mutex.js'
import {
  type Asked,
  eachOf,
  metadataOf,
  type Outcome,
  outcomeOf,
  type Performer,
  refsOf,
  shownOnce,
} from '#shared/outcome.js'
import { holds } from '#shared/permissions.js'
import { approversFor, evaluate, type Policy, type Question, trusted } from '#shared/policy.js'
import { forbidden, Refusal, refuse } from '#shared/refusal.js'
import { requestApproval } from '#shared/request-approval.js'
import { fold } from '#shared/view.js'

/** How often a decision is repeated when another transaction was quicker: `decide` is pure (architecture 2). */
const ATTEMPTS = 3

/**
 * Runs an action: role → form → idempotency → decision on the replayed state → policy → events, rows and limits, in one
 * transaction. Answers refusals as `userErrors`; throws GraphQLError FORBIDDEN for want of a role.
 */
export async function perform(performer: Performer, input: ActionInput, caller: Caller): Promise<Outcome> {
  const { action } = performer
  if (!holds(caller.identity, action.allow)) throw forbidden(action.name, action.allow, caller.identity)
  return answering(performer, input, caller, async () => {
    validate(action, input)
    await action.guard?.(input, caller)
    const asked: Asked = { performer, caller, bearer: caller.identity, input, approved: null }
    const hot = action.target?.length === 1 ? action.target(input, undefined) : newId('call')
    return serialised(hot, () => attempt(caller, input.dryRun, tx => once(tx, asked, act)))
  })
}

/**
 * Runs an action inside a transaction that somebody else holds: how a reaction acts exactly once. Throws the Refusal, so that the
 * reaction's effect is undone with it.
 */
export async function performWithin(
  tx: EntityManager,
  performer: Performer,
  input: ActionInput,
  caller: Caller,
): Promise<Outcome> {
  const { action } = performer
  if (!holds(caller.identity, action.allow)) throw forbidden(action.name, action.allow, caller.identity)
  validate(action, input)
  return once(tx, { performer, caller, bearer: caller.identity, input, approved: null }, act)
}

/** Carries an approval out, as somebody else than who asked, once, against today's state. */
export async function performApproved(
  performer: Performer,
  input: ApproveInput,
  caller: Caller,
): Promise<Outcome> {
  const { action } = performer
  if (!holds(caller.identity, action.approvers)) throw forbidden(`Approving ${action.name}`, action.approvers)
  return answering(performer, input, caller, async () => {
    if (hasApiToken(caller.identity))
      refuse('STEP_UP_REQUIRED', 'An API token never approves: sign in yourself.')
    requireForm(ApproveInput, input)
    return serialised(input.approvalId, () =>
      attempt(caller, input.dryRun, tx => approve(tx, performer, input, caller)),
    )
  })
}

/** Refusals become data. */
async function answering(
  { action }: Performer,
  { dryRun = false }: { dryRun?: boolean },
  caller: Caller,
  run: () => Promise<Outcome>,
): Promise<Outcome> {
  try {
    return await run()
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    if (action.risk !== 'ROUTINE' && !dryRun) await noteRefusal(action.name, error.code, caller)
    const userErrors = [error, ...error.others].map(({ code, message, field, facts }) => ({
      code,
      message,
      field,
      facts,
    }))
    return { rows: {}, targetId: null, events: [], approval: null, replayed: false, dryRun, userErrors }
  }
}

/** @throws Refusal INVALID with every wrong field, not the first alone */
function requireForm(type: Class, input: object): void {
  cleaned(type, input)
  const [first, ...others] = check(type, input as Record<string, unknown>).map(
    ({ field, message, facts }) => [`${field} ${message}.`, field, facts ?? null] as const,
  )
  if (first)
    throw new Refusal(
      'INVALID',
      ...first,
      others.map(other => new Refusal('INVALID', ...other)),
    )
}

function validate(action: Action, input: ActionInput): void {
  requireForm(action.input, input)
  if (action.idempotent === 'REQUIRED' && !input.idempotencyKey && !input.dryRun)
    refuse(
      'IDEMPOTENCY_KEY_REQUIRED',
      `${action.name} wants an idempotencyKey: any text that is unique to this intention.`,
      'idempotencyKey',
    )
}

/** Thrown to make a transaction forget; carries what would have been. */
class DryRun extends Error {
  constructor(readonly outcome: Outcome) {
    super('dry run')
  }
}

/** One transaction, forgotten when dry, repeated when another one was quicker. */
async function attempt(
  { services: { db, store } }: Caller,
  dryRun: boolean | undefined,
  body: (tx: EntityManager) => Promise<Outcome>,
): Promise<Outcome> {
  for (let left = ATTEMPTS; ; left--) {
    try {
      const outcome = await db.transaction(async tx => {
        const result = await body(tx)
        if (dryRun) throw new DryRun(result)
        return result
      })
      store.poke(db)
      return outcome
    } catch (error) {
      if (error instanceof DryRun) return error.outcome
      if (!(error instanceof VersionConflict)) throw error
      if (left <= 1) refuse('CONFLICT', 'Others kept changing it meanwhile; read it again and retry.')
    }
  }
}

/** The target under its lock, as its events left it, and what else a decision about it may know. */
interface Ground {
  stream: StreamRef
  version: number
  /** The version as it counts for who acts. */
  known: number
  state: unknown
  facts: Facts
}

async function groundOf(
  tx: EntityManager,
  { performer: { action }, caller, input, bearer, approved }: Asked,
): Promise<Ground> {
  const { store, clock } = caller.services
  const read = await action.prepare?.(input, tx, caller)
  const targetId = approved?.request.targetId ?? action.target?.(input, read) ?? newId(action.on.prefix)
  const stream: StreamRef = { type: action.on.type, id: targetId }
  await store.lock(tx, [targetId])
  // Of two that waited for each other the second is the later one.
  const now = clock()
  const history = await store.load(tx, stream)
  return {
    stream,
    version: history.at(-1)?.version ?? 0,
    known: noticed(action.on, history, bearer).at(-1)?.version ?? 0,
    state: replay(action.on, history),
    facts: {
      targetId,
      now,
      actorId: bearer.personId,
      actorRoles: bearer.roles,
      may: allow => holds(bearer, allow),
      approvalId: approved?.id ?? null,
      newId,
      read,
    },
  }
}

/** The heart: lock, replay, decide, judge, append, fold. */
async function act(tx: EntityManager, asked: Asked): Promise<Outcome> {
  const { performer, caller, input, bearer, approved } = asked
  const { action } = performer
  const ground = await groundOf(tx, asked)
  const { state, facts } = ground
  const decide = () => [action.decide(state, input, facts)].flat()
  requireVersion(input, ground, decide)
  const drafts = decide()
  const question: Question = {
    identity: bearer,
    targetId: facts.targetId,
    input: input as unknown as Record<string, unknown>,
    state,
    measured: measuredBy(action, drafts, facts.targetId),
    now: facts.now,
    wall: caller.services.wall?.(),
  }
  const verdict = await judge(tx, asked, question)
  if (verdict.effect === 'STEP_UP')
    refuse('STEP_UP_REQUIRED', verdict.why!, undefined, { maxAge: action.policy.signedInWithin })
  if (verdict.effect === 'ALLOW_WITH_APPROVAL')
    return requestApproval(tx, asked, {
      targetId: facts.targetId,
      targetVersion: ground.version,
      approvers: await approversFor(action.policy, tx, question),
      why: verdict.why!,
    })
  const happened = await write(tx, asked, ground, drafts)
  if (approved) await closeApproval(tx, asked, facts.now)
  else if (happened[0]) await charge(tx, action.policy, verdict, question, happened[0].id)
  return answerOf(tx, asked, ground, happened)
}

/** @throws Refusal CONFLICT for who looked at another version, unless what they look for is not there for them */
function requireVersion({ expectedVersion }: ActionInput, { known }: Ground, decide: () => unknown): void {
  if (expectedVersion == null || expectedVersion === known) return
  refuseHidden(decide)
  refuse('CONFLICT', `It is at version ${known} by now, not ${expectedVersion}.`, 'expectedVersion', {
    version: known,
  })
}

/** What was decided happens: to the target and to what changes with it, in the log and in the rows. */
async function write(
  tx: EntityManager,
  asked: Asked,
  { stream, version, state, facts }: Ground,
  drafts: readonly EventDraft[],
): Promise<StoredEvent[]> {
  const { performer, caller, input, approved } = asked
  const { action, views } = performer
  const refs = [...refsOf(action, input), ...(approved ? [approved.id] : [])]
  const events = drafts.map(draft => ({ ...draft, refs: [...(draft.refs ?? []), ...refs] }))
  const writes: Write[] = [{ stream, expectedVersion: version, events }]
  if (action.with && drafts.length)
    writes.push(...(await companionOf(tx, asked, action.with, { state, facts, refs })))
  const happened = await caller.services.store.append(tx, writes, metadataOf(asked), facts.now)
  await fold(tx, views, happened)
  return happened
}

async function answerOf(
  tx: EntityManager,
  asked: Asked,
  { state, facts }: Ground,
  happened: readonly StoredEvent[],
): Promise<Outcome> {
  const { performer, input, approved } = asked
  const { action } = performer
  const outcome = await outcomeOf(tx, asked, facts.targetId, happened, {
    approval: approved && { id: approved.id },
  })
  if (action.warns) outcome.warnings = action.warns(state, input, facts)
  Object.assign(outcome.rows, eachOf(action, state, input, facts))
  if (!approved && !input.dryRun) Object.assign(outcome.rows, shownOnce(action, facts.read))
  return outcome
}

/** What changes with the target, as it stands now: its own history, locked like the target's. */
async function companionOf(
  tx: EntityManager,
  { caller, input }: Asked,
  { on, target, decide }: NonNullable<Action['with']>,
  { state, facts, refs }: { state: unknown; facts: Facts; refs: readonly string[] },
): Promise<Write[]> {
  const id = target(state, input, facts)
  if (id === null) return []
  const { store } = caller.services
  const stream: StreamRef = { type: on.type, id }
  await store.lock(tx, [id])
  const history = await store.load(tx, stream)
  const drafts = decide(replay(on, history), state, input, facts)
  const events = drafts.map(draft => ({ ...draft, refs: [...(draft.refs ?? []), facts.targetId, ...refs] }))
  return events.length ? [{ stream, expectedVersion: history.at(-1)?.version ?? 0, events }] : []
}

/** What is not the caller's is not there, whatever version they name: a CONFLICT would tell that it is, and its version (F9). */
function refuseHidden(decide: () => unknown): void {
  try {
    decide()
  } catch (error) {
    if (error instanceof Refusal && error.code === 'NOT_FOUND') throw error
  }
}

async function closeApproval(tx: EntityManager, asked: Asked, now: Date): Promise<void> {
  const { caller, approved } = asked
  const executed = {
    type: 'ApprovalExecuted',
    data: { decidedById: caller.identity.personId },
    refs: concerned(approved!.request),
  }
  const write = {
    stream: { type: approval.type, id: approved!.id },
    expectedVersion: null,
    events: [executed],
  }
  const metadata = { ...metadataOf(asked), note: approved!.note }
  await fold(tx, [approvals], await caller.services.store.append(tx, [write], metadata, now))
}

/** Checks everything about a request that may have changed since, then walks the usual road in the name of who asked. */
async function approve(
  tx: EntityManager,
  performer: Performer,
  input: ApproveInput,
  caller: Caller,
): Promise<Outcome> {
  const { action } = performer
  const { store } = caller.services
  await store.lock(tx, [input.approvalId])
  const history = await store.load(tx, { type: approval.type, id: input.approvalId })
  const { state, request } = replay(approval, history)
  if (!request || request.action !== action.name)
    refuse('NOT_FOUND', `There is no request for ${action.name} with this id.`, 'approvalId')
  const asked: Asked = {
    performer,
    caller,
    bearer: await bearerOf(tx, request.requesterId, caller),
    input: {
      ...revived(action.input, request.input),
      note: history[0]!.note,
      expectedVersion: input.expectedVersion,
      dryRun: input.dryRun ?? false,
    },
    approved: { id: input.approvalId, note: input.note ?? null, key: input.idempotencyKey ?? null, request },
  }
  if (isRepeated(history, input, caller)) return executedBefore(tx, asked, history.at(-1)!)
  requireAsLookedAt({ state, request }, input, caller)
  await requireSignIn(tx, action.policy, caller)
  if (!holds(asked.bearer, action.allow))
    refuse('REQUESTER_LOST_ROLE', 'Who asked for it may no longer ask for it.', 'approvalId', {
      roles: asked.bearer.roles,
    })
  return act(tx, asked)
}

type Pending = { state: ApprovalState | null; request: ApprovalEvents['ApprovalRequested'] }

/** @throws Refusal for a request that nobody can approve any more, or not they, or that is not the one they looked at */
function requireAsLookedAt(
  { state, request }: Pending,
  { expectedInputHash }: ApproveInput,
  { identity, services }: Caller,
): void {
  const { inputHash, expiresAt, requesterId } = request
  if (state !== 'PENDING')
    refuse('APPROVAL_NOT_PENDING', `This request is ${state}.`, 'approvalId', { state })
  if (new Date(expiresAt) <= services.clock())
    refuse('APPROVAL_NOT_PENDING', 'This request ran out.', 'approvalId', { state: 'EXPIRED' })
  if (hashOf(request.input) !== inputHash)
    refuse('APPROVAL_NOT_PENDING', 'Part of what was asked for was erased; ask anew.', 'approvalId', {
      state,
    })
  if (requesterId === identity.personId)
    refuse('SAME_PERSON', 'You asked for this yourself; somebody else has to approve it.', 'approvalId')
  if (expectedInputHash && expectedInputHash !== inputHash)
    refuse('CONFLICT', 'What was asked for is not what you looked at.', 'expectedInputHash', { inputHash })
}

/** Whoever approves has to have signed in as lately as who asks. */
async function requireSignIn(
  tx: EntityManager,
  { signedInWithin }: Policy,
  { identity, services }: Caller,
): Promise<void> {
  const signIn = await evaluate({ ...trusted, signedInWithin }, tx, {
    identity,
    targetId: '',
    input: {},
    now: services.clock(),
    wall: services.wall?.(),
  })
  if (signIn.effect === 'STEP_UP')
    refuse('STEP_UP_REQUIRED', signIn.why!, undefined, { maxAge: signedInWithin })
}

const bearerOf = async (
  tx: EntityManager,
  personId: string,
  { identity, services }: Caller,
): Promise<Identity> => ({
  ...identity,
  kind: 'STAFF',
  personId,
  ...(await currentStanding(tx, personId, services.clock())),
  scopes: [],
})

/** The same approver with the same key again: they want to know what came of it. */
const isRepeated = (
  history: readonly StoredEvent[],
  { idempotencyKey }: ApproveInput,
  { identity }: Caller,
): boolean => {
  const last = history.at(-1)
  return (
    last?.type === 'ApprovalExecuted' &&
    last.actor.id === identity.personId &&
    idempotencyKey != null &&
    last.idempotencyKey === idempotencyKey
  )
}

async function executedBefore(tx: EntityManager, asked: Asked, executed: StoredEvent): Promise<Outcome> {
  const { id, request } = asked.approved!
  const related = await asked.caller.services.store.byRef(tx, id, { first: 100 })
  const events = related.filter(
    event => event.stream.id === request.targetId && event.requestId === executed.requestId,
  )
  return outcomeOf(tx, asked, request.targetId, events.reverse(), { replayed: true, approval: { id } })
}

/** A refused attempt at something sensitive is itself worth knowing. Failing to note it must not hide the answer. */
export async function noteRefusal(action: string, code: string, caller: Caller): Promise<void> {
  const { store, db, clock, log } = caller.services
  const stream = { type: 'ActionRefusal', id: caller.identity.personId || 'anonymous' }
  const draft = { type: 'ActionRefused', data: { action, code, targetId: null } }
  try {
    await db.transaction(tx =>
      store.append(
        tx,
        [{ stream, expectedVersion: null, events: [draft] }],
        metadataOf({ caller, input: {}, approved: null }),
        clock(),
      ),
    )
    store.poke(db)
  } catch (error) {
    log.error({ err: error, action, code }, 'a refusal could not be recorded')
  }
}
