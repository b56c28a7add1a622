import { missing } from '#shared/grants.js'
import { refuse } from '#shared/refusal.js'
import { PERMISSION_GRANTERS, type Permission, Role } from '#shared/roles.js'

/** Who grants anything at all: leads within their team, Super Admins everything. */
export const GRANTERS: readonly Role[] = [Role.SUPPORT_LEAD, Role.SUPER_ADMIN]

/** @throws Refusal MISSING_PERMISSION for who may grant other permissions, but not this one */
export function requireGranter(actorRoles: readonly Role[], permission: Permission): void {
  const granters = PERMISSION_GRANTERS[permission]
  if (actorRoles.some(role => role === Role.SYSTEM || granters.includes(role))) return
  refuse('MISSING_PERMISSION', `${permission} is granted by ${granters.join(' or ')}.`, 'permission', {
    ...missing(permission),
  })
}
