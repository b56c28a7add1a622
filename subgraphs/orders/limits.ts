import type { Limit } from '#shared/policy.js'
import { Role } from '#shared/roles.js'

/** What each role may give back alone, per order and in total (E99, X14): $100 inclusive for support. */
export const refundLimit: Limit = {
  name: 'refund.limit',
  description: 'How much may be refunded on one order without a second person.',
  perTarget: { [Role.SUPPORT_AGENT]: { USD: 100_00 }, [Role.SUPPORT_LEAD]: { USD: 100_00 } },
  unlimited: [Role.FINANCE_ADMIN],
}
