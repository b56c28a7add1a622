import type { EntityManager } from 'typeorm'
import { addBusinessHours } from '#shared/calendar.js'
import type { EscalationLevel, EscalationTrigger } from '#shared/events/desk.js'
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
