import type { Clock, ClockKind } from '#shared/calendar.js'

/** What is promised on a ticket. A resolution is not: it is done as soon as one can (E103). */
export type SlaMetric = 'FIRST_RESPONSE' | 'EMERGENCY_RESPONSE'

/** Terms as they were when a ticket was opened or reopened: later changes move no promise. */
export interface SlaPromise {
  metric: SlaMetric
  /** Hours of the clock. */
  hours: number
  /** For what is urgent, or where somebody may come to harm; never more than `hours`. */
  urgentHours: number
  /** So long before it is due it is at risk, in hours of the clock. */
  nearBreachHours: number
  clock: Clock
  /** The rule that the hours are of. */
  policyKey: string
  policyVersion: number
  /** Terms of the account that go before it. */
  override: { id: string; version: number } | null
}

/** Which promise, of the opening (0) or of a reopening (1, 2, …); of EMERGENCY_RESPONSE, which of the escalations that began one. */
interface OfCycle {
  cycle: number
  metric: SlaMetric
  /** ISO 8601. */
  dueAt: string
}

export interface SlaEvents {
  SlaNearBreach: OfCycle
  SlaBreached: OfCycle
  /** What is agreed with an account; null: as the policies say. All of them null: nothing is. */
  SlaPolicyAssigned: {
    organizationId: string
    firstResponseHours: number | null
    urgentHours: number | null
    clock: ClockKind | null
    /** After an escalation that cannot wait. */
    emergencyHours?: number | null
  }
}

export const SLA_EVENTS = {
  SlaNearBreach: 'A reply to a ticket will soon be overdue.',
  SlaBreached:
    'A reply to a ticket came too late, or is overdue. Once for each opening, reopening and escalation that promised one.',
  SlaPolicyAssigned: 'How soon an account is answered was agreed anew.',
} satisfies Record<keyof SlaEvents, string>
