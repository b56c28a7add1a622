import { refuse } from '#shared/refusal.js'
import { READERS, type Role } from '#shared/roles.js'

/** @throws Refusal INVALID for roles that are not for people who work here: customers and machines have theirs by what they are (X21) */
export function checkStaffRole(role: Role, field: string): void {
  if (!READERS.includes(role))
    refuse('INVALID', `${role} is not a role of staff; those are ${READERS.join(', ')}.`, field, {
      roles: READERS,
    })
}
