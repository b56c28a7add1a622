import type { EntityManager } from 'typeorm'
import type { Action, Facts } from '#shared/action.js'
import type { ActionInput } from '#shared/action-input.js'
import type { Draft } from '#shared/aggregate.js'
import type { Caller } from '#shared/context.js'
import type {
  MessageVisibility,
  SupportEvents,
  TicketCategory,
  TicketPriority,
  TicketStatus,
  TicketStatusReason,
} from '#shared/events/support.js'
import { missingFor } from '#shared/grants.js'
import { Refusal, refuse, requires } from '#shared/refusal.js'
import { assignTicket } from './actions/assign-ticket.js'
import { postTicketMessage } from './actions/post-ticket-message.js'
import { resolveTicket } from './actions/resolve-ticket.js'
import { setTicketStatus } from './actions/set-ticket-status.js'
import { tagTicket } from './actions/tag-ticket.js'
import { triageTicket } from './actions/triage-ticket.js'
import { requireWork, type TicketState, ticket } from './ticket.js'

/** Several things that are to become of a ticket at once; what is left out stays. */
export interface Change {
  message?: { visibility: MessageVisibility; body: string } | null
  status?: TicketStatus | null
  statusReason?: TicketStatusReason | null
  priority?: TicketPriority | null
  category?: TicketCategory | null
  queueId?: string | null
  assigneeId?: string | null
  addTags?: readonly string[] | null
  removeTags?: readonly string[] | null
}

/** An ordinary action, with the input that does one part of a change. */
interface Step {
  action: Action
  input: Record<string, unknown>
  /** What that action calls a field → what whoever asked calls it. */
  fields: Readonly<Record<string, string>>
}

/** A step, and what its action reads. */
interface ReadStep extends Step {
  read: unknown
}

const MESSAGE = { body: 'message', visibility: 'message', resolution: 'message' }
const TAGS = { add: 'addTags', remove: 'removeTags' }

const step = (action: Action, input: Record<string, unknown>, fields: Step['fields'] = {}): Step => ({
  action,
  input,
  fields,
})

/** What is said and resolved at once is the resolution; a ticket is not resolved without one (D6). */
function statusSteps(ticketId: string, { message, status, statusReason }: Change): Step[] {
  const said = message ? [step(postTicketMessage, { ticketId, ...message }, MESSAGE)] : []
  if (!status) return said
  if (status !== 'RESOLVED') return [...said, step(setTicketStatus, { ticketId, status, statusReason })]
  if (message?.visibility !== 'PUBLIC')
    refuse('INVALID', 'A ticket is resolved with words that the customer reads.', 'status')
  return [step(resolveTicket, { ticketId, resolution: message.body, statusReason }, MESSAGE)]
}

/**
 * The ordinary actions that make a change, in the order in which they are decided.
 * @throws Refusal INVALID for a change without any, or one that no action makes
 */
export function stepsOf(ticketId: string, change: Change): Step[] {
  const { priority, category, queueId, assigneeId, addTags, removeTags } = change
  const steps = [
    ...(priority || category || queueId
      ? [step(triageTicket, { ticketId, priority, category, queueId })]
      : []),
    ...(addTags?.length || removeTags?.length
      ? [step(tagTicket, { ticketId, add: addTags, remove: removeTags }, TAGS)]
      : []),
    ...(assigneeId ? [step(assignTicket, { ticketId, assigneeId })] : []),
    ...statusSteps(ticketId, change),
  ]
  if (steps.length === 0) refuse('INVALID', 'Say what to change.', 'change')
  return steps
}

/** Reads what each step's action reads. */
async function readSteps(steps: readonly Step[], tx: EntityManager, caller: Caller): Promise<ReadStep[]> {
  const read: ReadStep[] = []
  for (const one of steps)
    read.push({ ...one, read: await one.action.prepare?.(one.input as unknown as ActionInput, tx, caller) })
  return read
}

/** What a change rests on: its steps, or why there are none. Whether there is such a ticket at all is said before that. */
export type ChangeGround = ReadStep[] | Refusal

/** @param stepsOf the steps of the change; may refuse */
export async function readChange(
  stepsOf: () => readonly Step[],
  tx: EntityManager,
  caller: Caller,
): Promise<ChangeGround> {
  try {
    return await readSteps(stepsOf(), tx, caller)
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
}

type Drafts = Draft<SupportEvents>[]
type Happened = Parameters<NonNullable<typeof ticket.evolve.SupportCaseOpened>>[2]

/** The state as these drafts would leave it. */
function after(state: TicketState, drafts: Drafts, { now, actorId, targetId }: Facts): TicketState {
  const event: Happened = {
    occurredAt: now,
    actor: { kind: 'STAFF', id: actorId, roles: [], tokenId: null },
    stream: { type: ticket.type, id: targetId },
  }
  return drafts.reduce((before, { type, data, personal }) => {
    const evolve = ticket.evolve[type] as
      | ((state: TicketState, data: unknown, event: Happened) => TicketState)
      | undefined
    return evolve ? evolve(before, { ...data, ...personal }, event) : before
  }, state)
}

/** A refusal names the field as whoever asked calls it. */
function named<T>(fields: Step['fields'], decide: () => T): T {
  try {
    return decide()
  } catch (error) {
    if (!(error instanceof Refusal) || error.field === null) throw error
    const [head = '', ...rest] = error.field.split('.')
    const field = [fields[head] ?? head, ...rest].join('.')
    throw new Refusal(error.code, error.message, field, error.facts)
  }
}

/** A step is for whom its action is for: whoever may change several things at once may not therefore do each of them. */
function requireAllowed({ name, allow }: Action, { may, actorRoles }: Facts): void {
  if (may(allow)) return
  const lacking = missingFor(allow, { roles: actorRoles })
  const facts = { requiresOneOf: allow, ...lacking[0] }
  refuse('MISSING_PERMISSION', requires(name, allow, lacking), undefined, facts)
}

/** What each action in turn would decide, on what those before it leave. @throws Refusal of the first that refuses */
function decideSteps(
  state: TicketState,
  steps: readonly ReadStep[],
  facts: Facts,
): { drafts: Drafts; state: TicketState } {
  let left = { drafts: [] as Drafts, state }
  for (const { action, input, read, fields } of steps) {
    requireAllowed(action, facts)
    const decided = named(fields, () =>
      [action.decide(left.state, input, { ...facts, read })].flat(),
    ) as Drafts
    left = { drafts: [...left.drafts, ...decided], state: after(left.state, decided, facts) }
  }
  return left
}

/** What comes of a change, and how it leaves the ticket. @throws Refusal for what cannot be worked on, of the change, or of a step */
export function decideChange(
  state: TicketState,
  { read: ground, ...facts }: Facts<ChangeGround>,
): { drafts: Drafts; state: TicketState } {
  requireWork(state)
  if (ground instanceof Refusal) throw ground
  return decideSteps(state, ground, { ...facts, read: undefined })
}

/** Event types that a change can leave. */
export const CHANGE_EMITS = [
  'SupportReplyPosted',
  'SupportNoteAdded',
  'SupportCaseUpdated',
  'TicketFiltered',
] as const satisfies (keyof SupportEvents)[]
