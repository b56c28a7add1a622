import type { Limit } from '#shared/limits.js'
import { Role } from '#shared/roles.js'

/** What each role may give back alone (E79, E99, X14), and approve (X13). */
export const refundLimit: Limit = {
  name: 'refund.limit',
  description: 'How much may be refunded without a second person.',
  alone: {
    [Role.SUPPORT_AGENT]: 'refund.limit.SUPPORT_AGENT',
    [Role.SUPPORT_LEAD]: 'refund.limit.SUPPORT_LEAD',
    [Role.FINANCE_ADMIN]: 'refund.limit.FINANCE_ADMIN',
  },
  perPersonDay: 'refund.limit.perAgentDay',
  approves: { [Role.SUPPORT_LEAD]: 'refund.approve.SUPPORT_LEAD' },
}
