import type { Access } from '#shared/permissions.js'
import { Role } from '#shared/roles.js'

/** Who sees risk flags whole (E56). */
export const RISK_READERS: readonly Access[] = [Role.RISK_AGENT, Role.SUPER_ADMIN, Role.AUDITOR, 'read:all']

/** Who sees payout holds whole (E57). */
export const HOLD_READERS: readonly Access[] = [Role.FINANCE_ADMIN, ...RISK_READERS]

/** Who asks risk for a measure that they may not apply (X16). */
export const RISK_ASKERS = [Role.SUPPORT_AGENT, Role.SUPPORT_LEAD] as const

/** Who applies risk measures, and who approves that they end (E15, E101). */
export const RISK_OFFICERS = [Role.RISK_AGENT, Role.SUPER_ADMIN] as const
