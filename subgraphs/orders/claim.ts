import { aggregate } from '#shared/aggregate.js'
import type {
  ClaimEvents,
  ClaimKind,
  ClaimOutcome,
  ClaimParty,
  ClaimSlaMetric,
} from '#shared/events/claims.js'
import type { OrderEvents } from '#shared/events/orders.js'
import type { WorkflowEvents } from '#shared/events/workflows.js'
import { type Sum, sum } from '#shared/money.js'
import { refuse } from '#shared/refusal.js'
import type { WorkItemPhase } from '#shared/work.js'

/** What lies on a claim's stream: its own events, and that its parties are to be told something. */
export type ClaimStreamEvents = ClaimEvents & Pick<WorkflowEvents, 'NotificationRequested'>

export type ClaimStatus =
  | 'OPEN'
  | 'AWAITING_BUYER'
  | 'AWAITING_SELLER'
  | 'UNDER_REVIEW'
  | 'RESOLVED'
  | 'CLOSED'
export type RequirementStatus = 'REQUESTED' | 'SATISFIED' | 'WAIVED' | 'OVERDUE'
export type ChargebackStatus = OrderEvents['DisputeRecorded']['state']

/** Something that somebody is asked to prove. Times are ISO 8601. */
export interface Requirement {
  id: string
  kind: string
  from: ClaimParty
  state: RequirementStatus
  dueAt: string
  breachedAt: string | null
  /** When it was satisfied or waived. */
  endedAt: string | null
}

/** What decisions about a claim rest on. `orderId` null: there is no such claim. */
export interface ClaimState {
  orderId: string | null
  buyerId: string | null
  sellerId: string | null
  kind: ClaimKind
  amount: Sum
  response: { dueAt: string; answeredAt: string | null; breachedAt: string | null }
  requirements: Requirement[]
  /** Chargebacks about the same order that joined it, and how each stood last, in the order in which they came. */
  chargebacks: { id: string; state: ChargebackStatus }[]
  outcome: ClaimOutcome | null
  buyerAmount: Sum | null
  closed: boolean
}

/** A promise by a date, and whether it was kept. */
export interface Sla {
  metric: ClaimSlaMetric
  dueAt: string
  state: 'RUNNING' | 'MET' | 'BREACHED'
  breachedAt: string | null
}

const isOutstanding = ({ state }: Requirement): boolean => state === 'REQUESTED' || state === 'OVERDUE'
const byDueDate = (a: { dueAt: string }, b: { dueAt: string }): number =>
  a.dueAt < b.dueAt ? -1 : a.dueAt > b.dueAt ? 1 : 0

/** What is still asked for, the most urgent first. */
export const outstanding = ({ requirements }: ClaimState): Requirement[] =>
  requirements.filter(isOutstanding).sort(byDueDate)

export const isOver = ({ outcome, closed }: ClaimState): boolean => outcome !== null || closed

/**
 * Where a claim stands (E49): with whoever of buyer and seller has to bring evidence soonest; with us once something was asked for and
 * neither has to; open before that.
 */
export function statusOf(state: ClaimState): ClaimStatus {
  if (state.closed) return 'CLOSED'
  if (state.outcome !== null) return 'RESOLVED'
  const awaited = outstanding(state).find(({ from }) => from === 'BUYER' || from === 'SELLER')
  if (awaited) return awaited.from === 'BUYER' ? 'AWAITING_BUYER' : 'AWAITING_SELLER'
  return state.requirements.length > 0 ? 'UNDER_REVIEW' : 'OPEN'
}

const PHASES: Readonly<Record<ClaimStatus, WorkItemPhase>> = {
  OPEN: 'NEW',
  AWAITING_BUYER: 'WAITING',
  AWAITING_SELLER: 'WAITING',
  UNDER_REVIEW: 'ACTIVE',
  RESOLVED: 'DONE',
  CLOSED: 'DONE',
}

/** How far a claim is, in the words for any kind of work (X1): what did not come in time is ours to go on with. */
export function phaseOf(state: ClaimState): WorkItemPhase {
  const phase = PHASES[statusOf(state)]
  return phase === 'WAITING' && isLate(state) ? 'ACTIVE' : phase
}

/** Of what is still asked for, something did not come in time. */
export const isLate = (state: ClaimState): boolean =>
  outstanding(state).some(({ state: of }) => of === 'OVERDUE')

function responseSla({ response: { dueAt, answeredAt, breachedAt } }: ClaimState): Sla {
  const late = breachedAt ?? (answeredAt !== null && answeredAt > dueAt ? dueAt : null)
  const state = late ? 'BREACHED' : answeredAt ? 'MET' : 'RUNNING'
  return { metric: 'FIRST_RESPONSE', dueAt, state, breachedAt: late }
}

const lateSince = ({ state, dueAt, breachedAt, endedAt }: Requirement): string | null =>
  breachedAt ?? (state === 'SATISFIED' && endedAt! > dueAt ? dueAt : null)

/** By the most urgent of what is still asked for; when all was brought, by all of it. */
function evidenceSla(state: ClaimState): Sla | null {
  const [urgent] = outstanding(state)
  const last = [...state.requirements].sort(byDueDate).at(-1)
  if (!last) return null
  const counted = urgent ? [urgent] : state.requirements
  const breachedAt = counted.map(lateSince).find(at => at !== null) ?? null
  const kept = urgent && !isOver(state) ? 'RUNNING' : 'MET'
  return {
    metric: 'EVIDENCE',
    dueAt: (urgent ?? last).dueAt,
    state: breachedAt ? 'BREACHED' : kept,
    breachedAt,
  }
}

/** The promises of a claim, first to last: that it is answered, then that evidence comes in time (E49). */
export const slasOf = (state: ClaimState): Sla[] => {
  const evidence = evidenceSla(state)
  return evidence ? [responseSla(state), evidence] : [responseSla(state)]
}

/** When something is due on it; null when nobody is waited for. */
export function dueAtOf(state: ClaimState): string | null {
  if (isOver(state)) return null
  if (state.response.answeredAt === null) return state.response.dueAt
  return outstanding(state)[0]?.dueAt ?? null
}

/** Behind everything that has a date. */
const LAST = '9999-12-31T00:00:00.000Z'

/** Its place in the queue, earliest first: when something is due; where nobody is waited for, since when it is our turn. */
export function queuedAt(state: ClaimState): string {
  if (isOver(state)) return LAST
  const turns = state.requirements.map(({ endedAt }) => endedAt).filter(at => at !== null)
  return dueAtOf(state) ?? turns.sort().at(-1) ?? state.response.answeredAt!
}

const isFinal = (state: ChargebackStatus): boolean =>
  state === 'WON' || state === 'LOST' || state === 'CLOSED'

/** Whether a chargeback's state says something new: nothing comes after its end, whatever arrives late. */
export function isNews(claim: ClaimState, disputeId: string, state: ChargebackStatus): boolean {
  const known = claim.chargebacks.find(({ id }) => id === disputeId)
  if (!known) return true
  return known.state !== state && !(isFinal(known.state) && !isFinal(state))
}

const answered = (state: ClaimState, at: Date): ClaimState => ({
  ...state,
  response: { ...state.response, answeredAt: state.response.answeredAt ?? at.toISOString() },
})

const changed = (state: ClaimState, requirementId: string, patch: Partial<Requirement>): ClaimState => ({
  ...state,
  requirements: state.requirements.map(one => (one.id === requirementId ? { ...one, ...patch } : one)),
})

const breached = (state: ClaimState, requirementId: string | null, dueAt: string): ClaimState =>
  requirementId === null
    ? { ...state, response: { ...state.response, breachedAt: dueAt } }
    : changed(state, requirementId, { state: 'OVERDUE', breachedAt: dueAt })

export const claim = aggregate<ClaimState, ClaimStreamEvents>({
  type: 'Claim',
  prefix: 'clm',
  initial: {
    orderId: null,
    buyerId: null,
    sellerId: null,
    kind: 'OTHER',
    amount: sum(0, 'XXX'),
    response: { dueAt: '', answeredAt: null, breachedAt: null },
    requirements: [],
    chargebacks: [],
    outcome: null,
    buyerAmount: null,
    closed: false,
  },
  evolve: {
    ClaimOpened: (state, { orderId, buyerId, sellerId, kind, amount, responseDueAt }) => ({
      ...state,
      orderId,
      buyerId,
      sellerId,
      kind,
      amount,
      response: { ...state.response, dueAt: responseDueAt },
    }),
    ClaimChargebackLinked: (state, { disputeId, state: now }) => {
      const linked = { id: disputeId, state: now as ChargebackStatus }
      const known = state.chargebacks.some(({ id }) => id === disputeId)
      const chargebacks = known
        ? state.chargebacks.map(one => (one.id === disputeId ? linked : one))
        : [...state.chargebacks, linked]
      return { ...state, chargebacks }
    },
    EvidenceRequested: (state, { requirementId, kind, from, dueAt }, { occurredAt }) => {
      const asked: Requirement = {
        id: requirementId,
        kind,
        from,
        state: 'REQUESTED',
        dueAt,
        breachedAt: null,
        endedAt: null,
      }
      return answered({ ...state, requirements: [...state.requirements, asked] }, occurredAt)
    },
    EvidenceSatisfied: (state, { requirementId }, { occurredAt }) =>
      changed(state, requirementId, { state: 'SATISFIED', endedAt: occurredAt.toISOString() }),
    EvidenceWaived: (state, { requirementId }, { occurredAt }) =>
      changed(state, requirementId, { state: 'WAIVED', endedAt: occurredAt.toISOString() }),
    ClaimNoteAdded: (state, { visibility }, { occurredAt }) =>
      visibility === 'PARTIES' ? answered(state, occurredAt) : state,
    ClaimSlaBreached: (state, { requirementId, dueAt }) => breached(state, requirementId, dueAt),
    ClaimResolved: (state, { outcome, buyerAmount }, { occurredAt }) =>
      answered({ ...state, outcome, buyerAmount }, occurredAt),
    ClaimClosed: state => ({ ...state, closed: true }),
  },
})

/** @throws Refusal NOT_FOUND when there is no such claim */
export function requireClaim({ orderId }: ClaimState): void {
  if (orderId === null) refuse('NOT_FOUND', 'There is no such claim.', 'claimId')
}

/** @throws Refusal NOT_FOUND; INVALID_STATE when it was decided already */
export function requireUndecided(state: ClaimState): void {
  requireClaim(state)
  if (isOver(state))
    refuse('INVALID_STATE', 'This claim was decided already; open another one if there is more.', 'claimId', {
      status: statusOf(state),
      outcome: state.outcome,
    })
}

/** @throws Refusal NOT_FOUND when nothing like it was asked for; INVALID_STATE when it was brought or waived already */
export function requireOutstanding(state: ClaimState, requirementId: string): Requirement {
  requireUndecided(state)
  const found = state.requirements.find(({ id }) => id === requirementId)
  if (!found) refuse('NOT_FOUND', 'Nothing like this was asked for on this claim.', 'requirementId')
  if (!isOutstanding(found))
    refuse('INVALID_STATE', 'This is not asked for any more.', 'requirementId', { state: found.state })
  return found
}
