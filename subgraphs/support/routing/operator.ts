import { aggregate } from '#shared/aggregate.js'
import type { AccountEvents } from '#shared/events/accounts.js'
import type { SupportEvents, TicketCategory } from '#shared/events/support.js'

/** What decisions about somebody's work in support rest on. */
export interface OperatorState {
  queueIds: string[]
  categories: TicketCategory[]
  tags: string[]
}

export const NO_OPERATOR: OperatorState = { queueIds: [], categories: [], tags: [] }

/** Grants lay here before they lay with the person (accounts): such events are read still, and change nothing any more. */
type Former = Pick<AccountEvents, 'AccessRequested' | 'PermissionGranted' | 'PermissionRevoked'>

/** One for each member of staff; called Operator in the sense of the support team, never a customer (X11). */
export const operator = aggregate<OperatorState, SupportEvents & Former>({
  type: 'Operator',
  prefix: 'opr',
  initial: NO_OPERATOR,
  evolve: {
    CoverageChanged: (_, { queueIds, categories, tags }) => ({ queueIds, categories, tags }),
  },
})

/** The stream of a member of staff. */
export const operatorOf = (staffId: string): string => `opr_${staffId.replace(/^stf_/, '')}`
