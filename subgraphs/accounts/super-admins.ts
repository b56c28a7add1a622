import type { EntityManager } from 'typeorm'
import type { Caller } from '#shared/context.js'
import { dualControl, type Policy, recentSignIn } from '#shared/policy.js'
import { refuse } from '#shared/refusal.js'
import { Role } from '#shared/roles.js'

/** Seconds within which one has to have signed in to change who may do what: one working day. */
export const ROLE_CHANGE_SIGN_IN = 12 * 3600

/** Roles that can do the most harm: nobody gives one alone (E22). */
const POWERFUL: readonly Role[] = [Role.SUPER_ADMIN, Role.FINANCE_ADMIN, Role.RISK_AGENT]

/** A sign-in of the day; and for a powerful role in this field of the input, a second Super Admin. */
export const twoForPowerful = (field: string): Policy =>
  recentSignIn(ROLE_CHANGE_SIGN_IN, dualControl([Role.SUPER_ADMIN], { when: { field, isOneOf: POWERFUL } }))

/**
 * How many Super Admins there are besides one person. Takes the one lock that all who remove a Super Admin take, so that of two
 * who remove each other at the same moment, the second counts after the first (E22).
 */
export async function otherSuperAdmins(
  personId: string,
  tx: EntityManager,
  { services }: Caller,
): Promise<number> {
  await services.store.lock(tx, ['super-admins'])
  const [row] = await tx.query(
    'select count(*)::int as n from accounts.staff_member where active and $1 = any(roles) and id <> $2',
    [Role.SUPER_ADMIN, personId],
  )
  return row.n
}

/** @throws Refusal LAST_SUPER_ADMIN when nobody would be left who can put things right */
export function keepOne(held: readonly Role[], others: number): void {
  if (held.includes(Role.SUPER_ADMIN) && others === 0)
    refuse('LAST_SUPER_ADMIN', 'This is the last Super Admin: grant the role to somebody else first.')
}
