import { states } from '#shared/states.js'

export const SlaState = states('SlaState', 'Where the promise of a reply stands on a ticket, now.', {
  RUNNING: 'The customer waits for staff, and it is not overdue.',
  NEAR_BREACH: 'It runs, and soon will be overdue.',
  PAUSED: 'Staff wait for somebody else, or it is kept apart; it was not overdue before.',
  BREACHED: 'Its time ran out, whether or not staff replied afterwards.',
  MET: 'It was kept.',
  CANCELED: 'The ticket closed before.',
})
export type SlaState = keyof typeof SlaState

type Condition = [sql: string, ...values: unknown[]]

/** One kind of promise in that state, as the index of its column has it. Values: the moment as ISO 8601. */
function standing(column: 'sla_cycles' | 'sla_emergencies', state: SlaState): [sql: string, moments: number] {
  const last = `ticket.${column} -> -1`
  const is = (word: string): string =>
    `ticket.${column} <> '[]' and support.sla_standing(${last}) = '${word}'`
  const due = `(${last} ->> 'dueAt') collate "C"`
  if (state === 'RUNNING') return [`${is('RUNNING')} and ${due} >= ?`, 1]
  if (state === 'NEAR_BREACH')
    return [`${is('RUNNING')} and ${due} >= ? and (${last} ->> 'atRiskAt') collate "C" <= ?`, 2]
  if (state === 'BREACHED') return [`${is('BREACHED')} or ${is('RUNNING')} and ${due} < ?`, 1]
  return [is(state), 0]
}

/** Tickets on which the last promise of a first reply, or of a reply after an escalation that cannot wait, stands so (E102); as `stateAt` has it. */
export function standingSo(state: SlaState, now: Date): Condition {
  const kinds = (['sla_cycles', 'sla_emergencies'] as const).map(column => standing(column, state))
  return [
    kinds.map(([sql]) => `(${sql})`).join(' or '),
    ...kinds.flatMap(([, moments]) => Array<string>(moments).fill(now.toISOString())),
  ]
}
