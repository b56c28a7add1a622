import { aggregate } from '#shared/aggregate.js'
import type { RiskEvents } from '#shared/events/risk.js'
import { refuse } from '#shared/refusal.js'

/** What decisions about a trust case rest on. `state` null: there is no such case. */
export interface TrustCaseState {
  state: 'OPEN' | 'IN_REVIEW' | 'DECIDED' | null
  assigneeId: string | null
  /** ISO 8601. */
  assignedAt: string | null
}

export const trustCase = aggregate<TrustCaseState, RiskEvents>({
  type: 'TrustCase',
  prefix: 'tcs',
  initial: { state: null, assigneeId: null, assignedAt: null },
  evolve: {
    TrustCaseOpened: state => ({ ...state, state: 'OPEN' }),
    TrustCaseAssigned: (_, { assigneeId }, { occurredAt }) => ({
      state: assigneeId === null ? 'OPEN' : 'IN_REVIEW',
      assigneeId,
      assignedAt: assigneeId === null ? null : occurredAt.toISOString(),
    }),
    TrustCaseDecided: state => ({ ...state, state: 'DECIDED' }),
  },
})

/** @throws Refusal NOT_FOUND when there is none, INVALID_STATE when nothing can be done about it any more */
export function requireUndecided({ state }: TrustCaseState): void {
  if (state === null) refuse('NOT_FOUND', 'There is no such trust case.', 'trustCaseId')
  if (state === 'DECIDED')
    refuse('INVALID_STATE', 'It is decided; hand it over anew.', 'trustCaseId', { state })
}

/** @throws Refusal ALREADY_ASSIGNED, saying who has it and since when */
export function refuseTaken({ assigneeId, assignedAt }: TrustCaseState): never {
  refuse('ALREADY_ASSIGNED', 'Somebody else works on it.', 'trustCaseId', { assigneeId, since: assignedAt })
}
