import type { EntityManager } from 'typeorm'
import type { SlaPromise } from '#shared/events/sla.js'
import type { SupportEvents } from '#shared/events/support.js'
import { policiesInForce } from '#shared/policies.js'
import type { Standing } from '../standing.js'
import { begun, followed, isOver, type SlaCycle } from './sla.js'
import { type Happened, isAnswer, soonest, type Told, takenBack, toldOf } from './sla-fold.js'
import { termsOf } from './sla-terms.js'

/** A promise from an escalation that cannot wait to the next public word of staff (A20). `cycle` counts them, from 0. */
export interface SlaEmergency extends SlaCycle {
  escalationId: string
}

const HOURS_KEY = 'support.sla.emergencyHours'
const KEYS = [HOURS_KEY, 'support.sla.nearBreachHours', 'support.sla.businessHours'] as const

/** What is promised when it cannot wait: hours of the wall clock, as agreed with the account, else as the policy says. */
export async function readEmergency(
  db: EntityManager,
  organizationId: string | null,
  now: Date,
): Promise<SlaPromise> {
  const policies = await policiesInForce(db, KEYS, now)
  const [own] = await db.query(
    'select id, version, emergency_hours as hours from support.sla_terms where id = $1 and emergency_hours is not null',
    [organizationId === null ? null : termsOf(organizationId)],
  )
  const { value, version } = policies.get(HOURS_KEY)!
  const hours: number = own?.hours ?? value
  return {
    metric: 'EMERGENCY_RESPONSE',
    hours,
    urgentHours: hours,
    nearBreachHours: policies.get('support.sla.nearBreachHours')!.value as number,
    clock: {
      kind: 'CALENDAR',
      ...(policies.get('support.sla.businessHours')!.value as Omit<SlaPromise['clock'], 'kind' | 'holidays'>),
      holidays: [],
    },
    policyKey: HOURS_KEY,
    policyVersion: version,
    override: own ? { id: own.id, version: own.version } : null,
  }
}

/** Whether an escalation promises something more: somebody waits for a reply, and nothing like it runs already. */
export const isPromising = ({ slaCycles, slaEmergencies }: Standing): boolean =>
  slaCycles.length > 0 && slaEmergencies.every(isOver)

type Escalated = SupportEvents['TicketEscalated']

function beginning({ emergency, escalationId }: Escalated, at: Date, ticket: Standing): SlaEmergency {
  const cycle = begun({ promise: emergency!, cycle: ticket.slaEmergencies.length, at }, ticket)
  const [first] = cycle.spans
  const spans = [first!.kind === 'RUNNING' ? { ...first!, because: 'ESCALATED' as const } : first!]
  return { ...cycle, spans, escalationId }
}

function emergenciesAfter({ type, data, at }: Happened, ticket: Standing): SlaEmergency[] {
  const told = data as Told
  const { slaEmergencies } = ticket
  const noted = toldOf(slaEmergencies, type, told)
  if (noted) return noted
  if (told.without) return takenBack(slaEmergencies, told.without.keptEmergency ?? null, ticket)
  const answered = isAnswer(type, told)
  const going = slaEmergencies.map(one => ({ ...one, ...followed(one, ticket, answered, at) }))
  const begins = type === 'TicketEscalated' && (data as Escalated).emergency !== undefined
  return begins ? [...going, beginning(data as Escalated, at, ticket)] : going
}

/** What an event leaves of these promises of a ticket that stands like this after it, the usual timers included. */
export function emergencyAfter(event: Happened, ticket: Standing): Partial<Standing> {
  const slaEmergencies = emergenciesAfter(event, ticket)
  const open = slaEmergencies.filter(one => !isOver(one))
  if (slaEmergencies.length === 0) return {}
  return {
    slaEmergencies,
    slaDueAt: soonest([ticket.slaDueAt, ...open.map(({ dueAt }) => dueAt)]),
    slaAtRiskAt: soonest([ticket.slaAtRiskAt, ...open.map(({ atRiskAt }) => atRiskAt)]),
  }
}
