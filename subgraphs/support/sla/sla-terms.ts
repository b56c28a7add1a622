import type { EntityManager } from 'typeorm'
import { aggregate } from '#shared/aggregate.js'
import type { Clock, ClockKind } from '#shared/calendar.js'
import type { SlaPromise } from '#shared/events/sla.js'
import type { SupportEvents, TicketChannel } from '#shared/events/support.js'
import { policiesInForce } from '#shared/policies.js'
import type { Owned } from '../audience.js'

/** What is agreed with an account (D10); null: as the policies say. */
export interface Terms {
  firstResponseHours: number | null
  urgentHours: number | null
  clock: ClockKind | null
  emergencyHours: number | null
}

const NO_TERMS: Terms = {
  firstResponseHours: null,
  urgentHours: null,
  clock: null,
  emergencyHours: null,
}

/** One for each account. */
export const slaTerms = aggregate<Terms, SupportEvents>({
  type: 'SlaTerms',
  prefix: 'slt',
  initial: NO_TERMS,
  evolve: {
    SlaPolicyAssigned: (_, { firstResponseHours, urgentHours, clock, emergencyHours = null }) => ({
      firstResponseHours,
      urgentHours,
      clock,
      emergencyHours,
    }),
  },
})

/** The stream of an account. */
export const termsOf = (organizationId: string): string => `slt_${organizationId.replace(/^org_/, '')}`

const HOURS_KEY = 'support.sla.firstResponseHours'
const KEYS = [
  HOURS_KEY,
  'support.sla.urgentHours',
  'support.sla.nearBreachHours',
  'support.sla.clock',
  'support.sla.businessHours',
  'calendar.holidays',
] as const

/** For so long ahead a promise knows the holidays, days. */
const AHEAD = 800
const isoDay = (at: Date): string => at.toISOString().slice(0, 10)

function clockOf(
  kind: ClockKind,
  day: Omit<Clock, 'kind' | 'holidays'>,
  dates: readonly string[],
  now: Date,
): Clock {
  const until = new Date(now.getTime() + AHEAD * 86_400_000)
  // Time zones are up to a day apart.
  const since = new Date(now.getTime() - 86_400_000)
  const holidays = dates.filter(date => date >= isoDay(since) && date <= isoDay(until))
  return { kind, ...day, holidays: kind === 'CALENDAR' ? [] : holidays }
}

async function agreed(db: EntityManager, organizationId: string | null) {
  if (organizationId === null) return null
  const [row] = await db.query(
    `select id, version, first_response_hours as "firstResponseHours", urgent_hours as "urgentHours", clock
     from support.sla_terms where id = $1 and coalesce(first_response_hours::text, urgent_hours::text, clock) is not null`,
    [termsOf(organizationId)],
  )
  return (row ?? null) as (Omit<Terms, 'emergencyHours'> & { id: string; version: number }) | null
}

/** What is promised now to whoever asks for an account: what is agreed with it goes before the policies, term by term (D10, X5). `clock`: with another one. */
export async function readPromise(
  db: EntityManager,
  organizationId: string | null,
  now: Date,
  clock?: ClockKind,
): Promise<SlaPromise> {
  const policies = await policiesInForce(db, KEYS, now)
  const value = <T>(key: (typeof KEYS)[number]): T => policies.get(key)!.value as T
  const own = await agreed(db, organizationId)
  return {
    metric: 'FIRST_RESPONSE',
    hours: own?.firstResponseHours ?? value<number>(HOURS_KEY),
    urgentHours: own?.urgentHours ?? value<number>('support.sla.urgentHours'),
    nearBreachHours: value<number>('support.sla.nearBreachHours'),
    clock: clockOf(
      clock ?? own?.clock ?? value<ClockKind>('support.sla.clock'),
      value<Omit<Clock, 'kind' | 'holidays'>>('support.sla.businessHours'),
      value<readonly string[]>('calendar.holidays'),
      now,
    ),
    policyKey: HOURS_KEY,
    policyVersion: policies.get(HOURS_KEY)!.version,
    override: own && { id: own.id, version: own.version },
  }
}

/** Whether somebody waits for a reply: not on what staff open for themselves, about something and for nobody. */
export const isAwaited = ({ organizationId, requesterId }: Owned, channel: TicketChannel): boolean =>
  channel !== 'INTERNAL' || organizationId !== null || requesterId !== null
