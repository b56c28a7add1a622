import type { EntityManager } from 'typeorm'
import { addBusinessHours } from '#shared/calendar.js'
import type { EscalationLevel, EscalationTrigger } from '#shared/events/desk.js'
import type { SupportEvents } from '#shared/events/support.js'
import { externalId } from '#shared/id.js'
import { policiesInForce } from '#shared/policies.js'

/** How escalations are judged now (A6, A20, A21): data that two Super Admins change. */
export interface EscalationRules {
  immediate: readonly string[]
  /** Of the policy that says which triggers are immediate. */
  version: number
  promptHours: number
  holidays: readonly string[]
}

export async function escalationRules(tx: Pick<EntityManager, 'query'>, now: Date): Promise<EscalationRules> {
  const keys = ['support.immediateTriggers', 'support.promptEscalationHours', 'calendar.holidays'] as const
  const rules = await policiesInForce(tx, keys, now)
  const triggers = rules.get('support.immediateTriggers')!
  return {
    immediate: triggers.value as readonly string[],
    version: triggers.version,
    promptHours: rules.get('support.promptEscalationHours')!.value as number,
    holidays: rules.get('calendar.holidays')!.value as readonly string[],
  }
}

/** Four triggers leave no choice; the others are PROMPT, and may be raised. */
export function levelOf(
  trigger: EscalationTrigger,
  asked: EscalationLevel | null | undefined,
  { immediate }: EscalationRules,
): { level: EscalationLevel; forced: boolean } {
  const forced = immediate.includes(trigger)
  return { level: forced ? 'IMMEDIATE' : (asked ?? 'PROMPT'), forced }
}

/** When somebody has to have taken it up. */
export const dueOf = (level: EscalationLevel, now: Date, { promptHours, holidays }: EscalationRules): Date =>
  level === 'IMMEDIATE' ? now : addBusinessHours(now, promptHours, holidays)

/** What somebody who is paged is told in the app: the same whenever it is asked for. */
export const pageNoticeOf = (escalationId: string, round: number, staffId: string): string =>
  externalId('ntf', 'page', `${escalationId}/${round}/${staffId}`)

/** An escalation of a ticket, as far as decisions rest on it. */
export interface Escalation {
  level: EscalationLevel
  /** How often somebody was paged; 0: nobody so far. */
  round: number
  paged: readonly string[]
  acknowledgedById: string | null
  /** ISO 8601. */
  acknowledgedAt: string | null
}

export type Escalations = Readonly<Record<string, Escalation>>

type Step<K extends keyof SupportEvents> = (
  before: Escalation | undefined,
  data: SupportEvents[K],
  event: { occurredAt: Date; actor: { id: string } },
) => Escalation

/** What becomes of an escalation. */
export const ESCALATION_STEPS: {
  [K in 'TicketEscalated' | 'EscalationPaged' | 'EscalationAcknowledged']: Step<K>
} = {
  TicketEscalated: (_, { level }) => ({
    level,
    round: 0,
    paged: [],
    acknowledgedById: null,
    acknowledgedAt: null,
  }),
  EscalationPaged: (before, { round, staffIds }) => ({
    ...before!,
    round,
    paged: [...new Set([...before!.paged, ...staffIds])],
  }),
  EscalationAcknowledged: (before, _, { actor, occurredAt }) => ({
    ...before!,
    acknowledgedById: actor.id,
    acknowledgedAt: occurredAt.toISOString(),
  }),
}
