import { isDeepStrictEqual } from 'node:util'
import type { SlaMetric, SlaPromise } from '#shared/events/sla.js'
import type { MessageKind, WithoutMessage } from '#shared/events/support.js'
import type { Standing } from '../standing.js'
import { begun, followed, isOver, type SlaCycle, unanswered } from './sla.js'

export interface Happened {
  type: string
  data: unknown
  at: Date
}

/** What of an event timers go by. */
export interface Told {
  sla?: SlaPromise
  reopenCount?: number
  visibility?: string
  to?: string
  kind?: MessageKind
  cycle?: number
  without?: WithoutMessage
  metric?: SlaMetric
}

/** The customer can read a word of staff now: a machine's does not count (E102). */
export function isAnswer(type: string, { kind, visibility, to }: Told): boolean {
  if (kind !== 'STAFF_REPLY') return false
  if (type === 'SupportReplyPosted') return true
  return type === 'SupportCaseOpened'
    ? visibility === 'PUBLIC'
    : type === 'SupportNoteVisibilityChanged' && to === 'PUBLIC'
}

/** A reply was called back: the promise that it had kept is as if it had never been given. */
export function takenBack<T extends SlaCycle>(
  cycles: readonly T[],
  kept: WithoutMessage['kept'],
  ticket: Standing,
): T[] {
  return cycles.map((one, i) => {
    if (one.cycle !== kept?.cycle || one.answeredAt === null) return one
    const next = cycles[i + 1]
    const without = unanswered(one, ticket, {
      instead: kept.answeredAt === null ? null : new Date(kept.answeredAt),
      until: next ? new Date(next.startedAt) : null,
    })
    return { ...one, ...without }
  })
}

const TELLING = ['SlaNearBreach', 'SlaBreached']

/** What was told of one of these promises, so that it is told once; null for an event that tells nothing of the kind. */
export function toldOf<T extends SlaCycle>(
  cycles: readonly T[],
  type: string,
  { cycle, metric }: Told,
): T[] | null {
  if (!TELLING.includes(type)) return null
  return cycles.map(one =>
    one.cycle === cycle && one.promise.metric === metric
      ? { ...one, nearTold: true, breachTold: one.breachTold || type === 'SlaBreached' }
      : one,
  )
}

const BEGIN = ['SupportCaseOpened', 'SupportCaseReopened']

function timersAfter({ type, data, at }: Happened, ticket: Standing): SlaCycle[] {
  const told = data as Told
  const { slaCycles } = ticket
  const noted = toldOf(slaCycles, type, told)
  if (noted) return noted
  if (told.without) return takenBack(slaCycles, told.without.kept, ticket)
  const answered = isAnswer(type, told)
  if (BEGIN.includes(type) && told.sla) {
    const fresh = begun({ promise: told.sla, cycle: told.reopenCount ?? 0, at }, ticket)
    return [...slaCycles, answered ? followed(fresh, ticket, true, at) : fresh]
  }
  return slaCycles.map(one => followed(one, ticket, answered, at))
}

/** The last one knows when the ticket was resolved. */
function cyclesAfter(event: Happened, ticket: Standing): SlaCycle[] {
  const cycles = timersAfter(event, ticket)
  const last = cycles.at(-1)
  if (!last) return cycles
  const resolvedAt = ticket.resolvedAt && new Date(ticket.resolvedAt).toISOString()
  return last.resolvedAt === resolvedAt ? cycles : [...cycles.slice(0, -1), { ...last, resolvedAt }]
}

/**
 * The last timer as it would be by what a customer knows of the ticket: that somebody may come to harm, or that it is kept apart, shows in
 * no date that they read (C15). Null: as it is.
 */
function shownAfter(event: Happened, ticket: Standing, last: SlaCycle): SlaCycle | null {
  const before = ticket.slaShown ?? ticket.slaCycles.at(-1)
  const known: Standing = {
    ...ticket,
    safetySensitive: false,
    filterState: 'INBOX',
    slaCycles: before ? [before] : [],
  }
  const shown = cyclesAfter(event, known).at(-1)
  return shown && !isDeepStrictEqual(shown, last) ? shown : null
}

/** What an event leaves of the timers of a ticket that stands like this after it; nothing for one without. */
export function slaAfter(event: Happened, ticket: Standing): Partial<Standing> {
  const slaCycles = cyclesAfter(event, ticket)
  const last = slaCycles.at(-1)
  if (!last) return {}
  const counts = !isOver(last)
  return {
    slaCycles,
    slaShown: shownAfter(event, ticket, last),
    slaBeganAt: last.startedAt,
    slaDueAt: counts ? last.dueAt : null,
    slaAtRiskAt: counts ? last.atRiskAt : null,
  }
}

type Instant = Standing['slaDueAt']

/** The earliest of moments that are there. */
export const soonest = (moments: readonly Instant[]): Instant =>
  moments.reduce((first, next) => {
    if (first === null || next === null) return first ?? next
    return new Date(next) < new Date(first) ? next : first
  }, null)
