import type { Access } from '#shared/permissions.js'
import { READERS, Role } from '#shared/roles.js'

/** Those, and customers, who see rows of their own account only. */
export const readersAndCustomers: readonly Access[] = [...READERS, Role.REQUESTER]

/** Who sees how to reach a customer: those who deal with people. Auditors see nothing personal; catalog needs none. */
export const contactReaders: readonly Access[] = [
  Role.SUPPORT_AGENT,
  Role.SUPPORT_LEAD,
  Role.RISK_AGENT,
  Role.FINANCE_ADMIN,
  Role.SUPER_ADMIN,
  Role.REQUESTER,
  'read:all',
]

/** Staff, auditors, machines and customers: everybody who can sign in. */
export const everybodySignedIn: readonly Access[] = [...READERS, Role.REQUESTER, Role.INTEGRATION]
