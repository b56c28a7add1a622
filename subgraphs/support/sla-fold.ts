import type { SlaPromise } from '#shared/events/sla.js'
import type { MessageKind } from '#shared/events/support.js'
import { begun, followed, isOver, type SlaCycle } from './sla.js'
import type { Standing } from './standing.js'

interface Happened {
  type: string
  data: unknown
  at: Date
}

/** What of an event timers go by. */
interface Told {
  sla?: SlaPromise
  reopenCount?: number
  visibility?: string
  to?: string
  kind?: MessageKind
  cycle?: number
}

/** The customer can read a word of staff now: a machine's does not count (E102). */
function isAnswer(type: string, { kind, visibility, to }: Told): boolean {
  if (kind !== 'STAFF_REPLY') return false
  if (type === 'SupportReplyPosted') return true
  return type === 'SupportCaseOpened'
    ? visibility === 'PUBLIC'
    : type === 'SupportNoteVisibilityChanged' && to === 'PUBLIC'
}

const BEGIN = ['SupportCaseOpened', 'SupportCaseReopened']

function cyclesAfter({ type, data, at }: Happened, ticket: Standing): SlaCycle[] {
  const told = data as Told
  const { slaCycles } = ticket
  if (type === 'SlaNearBreach' || type === 'SlaBreached')
    return slaCycles.map(one => {
      if (one.cycle !== told.cycle) return one
      return { ...one, nearTold: true, breachTold: one.breachTold || type === 'SlaBreached' }
    })
  const answered = isAnswer(type, told)
  if (BEGIN.includes(type) && told.sla) {
    const fresh = begun({ promise: told.sla, cycle: told.reopenCount ?? 0, at }, ticket)
    return [...slaCycles, answered ? followed(fresh, ticket, true, at) : fresh]
  }
  return slaCycles.map(one => followed(one, ticket, answered, at))
}

/** What an event leaves of the timers of a ticket that stands like this after it; nothing for one without. */
export function slaAfter(event: Happened, ticket: Standing): Partial<Standing> {
  const slaCycles = cyclesAfter(event, ticket)
  const last = slaCycles.at(-1)
  if (!last) return {}
  const counts = !isOver(last)
  return {
    slaCycles,
    slaDueAt: counts ? last.dueAt : null,
    slaAtRiskAt: counts ? last.atRiskAt : null,
  }
}
