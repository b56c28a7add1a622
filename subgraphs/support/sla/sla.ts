import { clockAfter, ranBetween, type Standstill, stretchesOf } from '#shared/calendar.js'
import type { SlaPromise } from '#shared/events/sla.js'
import type { FilterState, TicketStatus } from '#shared/events/support.js'

const HOUR = 3_600_000

/** Why a timer runs, or is paused. Being put aside pauses nothing: the customer waits all the same. */
export type SlaBecause =
  | 'OPENED'
  | 'REOPENED'
  | 'TAKEN_UP'
  | 'ESCALATED'
  | 'WAITING_ON_BUYER'
  | 'WAITING_ON_SELLER'
  | 'RESOLVED'
  | 'KEPT_APART'

/** What happened to a timer since when; the last one goes on. Instants are ISO 8601. */
interface Span {
  from: string
  to: string | null
  kind: 'RUNNING' | 'PAUSED'
  because: SlaBecause
}

/** A promise from an opening or a reopening of a ticket to its end. Times are ms of its clock, instants ISO 8601. */
export interface SlaCycle {
  /** 0: the opening; then the reopenings. */
  cycle: number
  promise: SlaPromise
  startedAt: string
  urgent: boolean
  /** How long it may take. */
  target: number
  /** How much of that was used up when the last span began. */
  used: number
  spans: Span[]
  /** When it has to be kept; null while it is paused. */
  dueAt: string | null
  atRiskAt: string | null
  /** When its time ran out. */
  breachedAt: string | null
  answeredAt: string | null
  canceledAt: string | null
  /** How much of its time was used up when it ended; null while it goes on. */
  spent: number | null
  /** When the ticket was resolved in this opening or reopening; null when it is not, or not any more. */
  resolvedAt: string | null
  nearTold: boolean
  breachTold: boolean
}

export type SlaState = 'RUNNING' | 'PAUSED' | 'MET' | 'BREACHED' | 'CANCELED'

/** How a ticket stands, as far as a timer goes by it. */
interface Bearing {
  status: TicketStatus | null
  priority: string
  safetySensitive: boolean
  filterState: FilterState
}

export const isOver = ({ answeredAt, canceledAt }: SlaCycle): boolean =>
  answeredAt !== null || canceledAt !== null
const isRunning = ({ spans }: SlaCycle): boolean => spans.at(-1)!.kind === 'RUNNING'
const isUrgent = ({ priority, safetySensitive }: Bearing): boolean => priority === 'URGENT' || safetySensitive

/** Why a ticket does not wait for a reply of staff; null when it does. */
function pauseOf({ status, filterState }: Bearing): SlaBecause | null {
  if (filterState !== 'INBOX') return 'KEPT_APART'
  if (status === 'WAITING_ON_BUYER' || status === 'WAITING_ON_SELLER' || status === 'RESOLVED') return status
  return null
}

const usualHours = ({ hours }: SlaPromise): number => hours * HOUR
const urgentHours = ({ hours, urgentHours }: SlaPromise): number => Math.min(hours, urgentHours) * HOUR

/** How much of its time is used up at a moment, ms of its clock. */
function usedAt({ used, spans, promise }: SlaCycle, at: Date): number {
  const { from, to, kind } = spans.at(-1)!
  if (kind === 'PAUSED') return used
  const end = to === null ? at : new Date(Math.min(Date.parse(to), at.getTime()))
  return used + ranBetween(promise.clock, new Date(from), end)
}

/** When it is due and at risk, if it runs on from here. What is overdue stays due when it was. */
function dated(cycle: SlaCycle, at: Date): SlaCycle {
  if (!isRunning(cycle)) return { ...cycle, dueAt: null, atRiskAt: null }
  const { promise, target, breachedAt } = cycle
  const near = Math.min(promise.nearBreachHours * HOUR, target / 2)
  const used = usedAt(cycle, at)
  const after = (ms: number): string => clockAfter(promise.clock, at, Math.max(0, ms - used)).toISOString()
  const atRiskAt = used >= target - near ? at.toISOString() : after(target - near)
  return { ...cycle, dueAt: breachedAt ?? after(target), atRiskAt: breachedAt ?? atRiskAt }
}

/** A promise begins (E102, X2): at the opening, and anew at each reopening. */
export function begun(
  { promise, cycle, at }: { promise: SlaPromise; cycle: number; at: Date },
  bearing: Bearing,
): SlaCycle {
  const now = at.toISOString()
  const paused = pauseOf(bearing)
  const urgent = isUrgent(bearing)
  const fresh: SlaCycle = {
    cycle,
    promise,
    startedAt: now,
    urgent,
    target: urgent ? urgentHours(promise) : usualHours(promise),
    used: 0,
    spans: [
      {
        from: now,
        to: null,
        kind: paused ? 'PAUSED' : 'RUNNING',
        because: paused ?? (cycle === 0 ? 'OPENED' : 'REOPENED'),
      },
    ],
    dueAt: null,
    atRiskAt: null,
    breachedAt: null,
    answeredAt: null,
    canceledAt: null,
    spent: null,
    resolvedAt: null,
    nearTold: false,
    breachTold: false,
  }
  return dated(fresh, at)
}

const passed = ({ dueAt, breachedAt }: SlaCycle, at: Date): string | null =>
  breachedAt ?? (dueAt !== null && at.getTime() > Date.parse(dueAt) ? dueAt : null)

/** The last span ends, and another one begins unless it was the last. */
function turned(cycle: SlaCycle, at: Date, next: Omit<Span, 'from' | 'to'> | null): SlaCycle {
  const now = at.toISOString()
  const spans = [...cycle.spans.slice(0, -1), { ...cycle.spans.at(-1)!, to: now }]
  return {
    ...cycle,
    used: next ? usedAt(cycle, at) : cycle.used,
    spent: next ? null : usedAt(cycle, at),
    breachedAt: passed(cycle, at),
    spans: next ? [...spans, { ...next, from: now, to: null }] : spans,
  }
}

/** From now on it is urgent, which leaves it at most so much time; or it is not any more, and has what is left of the usual time. */
function urged(cycle: SlaCycle, urgent: boolean, at: Date): SlaCycle {
  const { promise } = cycle
  const usual = usualHours(promise)
  const target = urgent ? Math.min(usual, usedAt(cycle, at) + urgentHours(promise)) : usual
  return { ...cycle, urgent, target, breachedAt: passed(cycle, at) }
}

/** What an event leaves of a timer that goes by the ticket as it stands after it. */
export function followed(cycle: SlaCycle, bearing: Bearing, answered: boolean, at: Date): SlaCycle {
  if (isOver(cycle)) return cycle
  const now = at.toISOString()
  if (answered) return { ...turned(cycle, at, null), answeredAt: now }
  if (bearing.status === 'CLOSED') return { ...turned(cycle, at, null), canceledAt: now }
  const pause = pauseOf(bearing)
  const urgent = isUrgent(bearing)
  const because = pause ?? 'TAKEN_UP'
  const turns = isRunning(cycle) ? pause !== null : pause !== cycle.spans.at(-1)!.because
  if (!turns && urgent === cycle.urgent) return cycle
  const after = turns ? turned(cycle, at, { kind: pause ? 'PAUSED' : 'RUNNING', because }) : cycle
  return dated(urgent === cycle.urgent ? after : urged(after, urgent, at), at)
}

/** How a ticket stands, and since when. */
interface BearingSince extends Bearing {
  statusSince: string | Date | null
}

/**
 * What it is without the reply that ended it: it ran on all the while, also over its time (D60). `instead`: another reply that came after,
 * which ends it now; `until`: the ticket had closed by then.
 */
export function unanswered(
  cycle: SlaCycle,
  bearing: BearingSince,
  { instead, until }: { instead: Date | null; until: Date | null },
): SlaCycle {
  const answered = new Date(cycle.answeredAt!)
  const spans = [...cycle.spans.slice(0, -1), { ...cycle.spans.at(-1)!, to: null }]
  const running = { ...cycle, spans, answeredAt: null, spent: null }
  if (instead) return followed(running, bearing, true, instead)
  if (until) return followed(running, { ...bearing, status: 'CLOSED' }, false, until)
  const since = new Date(bearing.statusSince ?? answered)
  return followed(running, bearing, false, since > answered ? since : answered)
}

/** Where a timer stands at a moment. */
export function stateAt(cycle: SlaCycle, now: Date): SlaState {
  if (breachedBy(cycle, now) !== null) return 'BREACHED'
  if (cycle.answeredAt !== null) return 'MET'
  if (cycle.canceledAt !== null) return 'CANCELED'
  return isRunning(cycle) ? 'RUNNING' : 'PAUSED'
}

/** When its time ran out, as seen from a moment. */
export const breachedBy = (cycle: SlaCycle, now: Date): string | null =>
  isOver(cycle) ? cycle.breachedAt : passed(cycle, now)

/** Until when it runs is what was used up, and as much as there is then nothing more. */
export const remainingAt = (cycle: SlaCycle, now: Date): number =>
  Math.max(0, cycle.target - usedAt(cycle, now))

/** What is to be told of a timer at a moment: each at most once for each cycle; that it is near only while it is not too late. */
export function untold(cycle: SlaCycle, now: Date): 'SlaBreached' | 'SlaNearBreach' | null {
  if (breachedBy(cycle, now) !== null) return cycle.breachTold ? null : 'SlaBreached'
  if (isOver(cycle) || cycle.nearTold || cycle.atRiskAt === null) return null
  return now.getTime() >= Date.parse(cycle.atRiskAt) ? 'SlaNearBreach' : null
}

/** When something is to be told of it next, as it stands; null: nothing, unless something happens to the ticket. */
export function nextLook(cycle: SlaCycle): Date | null {
  const { breachedAt, breachTold, nearTold, dueAt, atRiskAt } = cycle
  if (breachedAt !== null) return breachTold ? null : new Date(breachedAt)
  if (isOver(cycle) || dueAt === null || atRiskAt === null) return null
  // A reply in the very moment in which it is due is in time.
  const late = new Date(Date.parse(dueAt) + 1)
  return nearTold ? (breachTold ? null : late) : new Date(Math.min(Date.parse(atRiskAt), late.getTime()))
}

/** A stretch of a timer, for people. */
export interface SlaSegment {
  from: Date
  /** Null: it goes on. */
  to: Date | null
  kind: 'RUNNING' | 'PAUSED' | 'OFF_HOURS'
  because: SlaBecause | Standstill
}

/** When it ran, was paused and stood still, and why. The last one goes on unless the timer is over. */
export function segmentsAt({ spans, promise: { clock } }: SlaCycle, now: Date): SlaSegment[] {
  return spans.flatMap(({ from, to, kind, because }): SlaSegment[] => {
    const start = new Date(from)
    if (kind === 'PAUSED') return [{ from: start, to: to === null ? null : new Date(to), kind, because }]
    const end = to === null ? new Date(Math.max(now.getTime(), start.getTime() + 1)) : new Date(to)
    const parts = stretchesOf(clock, start, end)
    return parts.map((part, i) => ({
      from: part.from,
      to: to === null && i === parts.length - 1 ? null : part.to,
      kind: part.off ? 'OFF_HOURS' : 'RUNNING',
      because: part.off ?? because,
    }))
  })
}

/** How long it was paused, ms of the wall clock. */
export const pausedUntil = ({ spans }: SlaCycle, now: Date): number =>
  spans
    .filter(({ kind }) => kind === 'PAUSED')
    .reduce((sum, { from, to }) => sum + (to === null ? now.getTime() : Date.parse(to)) - Date.parse(from), 0)
