import { aggregate } from '#shared/aggregate.js'
import type { SupportEvents, TicketCategory } from '#shared/events/support.js'

/** Gives tickets to others (D59): a permission besides the role. */
export const ASSIGN = 'tickets:assign'

/** What decisions about somebody's work in support rest on. */
export interface OperatorState {
  queueIds: string[]
  categories: TicketCategory[]
  tags: string[]
  mayAssign: boolean
  /** ISO 8601; null: until it is taken back. */
  mayAssignUntil: string | null
  /** When they asked for it, ISO 8601; null when nobody owes them an answer. */
  assignRequestedAt: string | null
}

export const NO_OPERATOR: OperatorState = {
  queueIds: [],
  categories: [],
  tags: [],
  mayAssign: false,
  mayAssignUntil: null,
  assignRequestedAt: null,
}

/** One for each member of staff; called Operator in the sense of the support team, never a customer (X11). */
export const operator = aggregate<OperatorState, SupportEvents>({
  type: 'Operator',
  prefix: 'opr',
  initial: NO_OPERATOR,
  evolve: {
    AccessRequested: (state, _data, { occurredAt }) => ({
      ...state,
      assignRequestedAt: occurredAt.toISOString(),
    }),
    PermissionGranted: (state, { expiresAt }) => ({
      ...state,
      mayAssign: true,
      mayAssignUntil: expiresAt,
      assignRequestedAt: null,
    }),
    PermissionRevoked: state => ({ ...state, mayAssign: false, mayAssignUntil: null }),
    CoverageChanged: (state, { queueIds, categories, tags }) => ({ ...state, queueIds, categories, tags }),
  },
})

/** The stream of a member of staff. */
export const operatorOf = (staffId: string): string => `opr_${staffId.replace(/^stf_/, '')}`
