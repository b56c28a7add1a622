import type { EntityManager } from 'typeorm'
import { permissionsInForce } from '#shared/grants.js'
import { type Access, holds } from '#shared/permissions.js'
import { refuse } from '#shared/refusal.js'
import { PERMISSION_HOLDERS, Permission, Role } from '#shared/roles.js'

/** Who answers customers and works tickets: support, and whom a Super Admin let (D37). */
export const WORKERS: readonly Access[] = [...PERMISSION_HOLDERS.TICKETS_HANDLE, Permission.TICKETS_HANDLE]
/** Who may take a ticket or be given one. */
export const ASSIGNABLE: readonly Access[] = [...WORKERS, Role.RISK_AGENT]
/** Who gives tickets to others: leads, and whom they let (D59). */
export const ASSIGNERS: readonly Access[] = [...PERMISSION_HOLDERS.TICKETS_ASSIGN, Permission.TICKETS_ASSIGN]
/** Who runs the team: assigns without a grant, closes early, changes queues and rules. */
export const LEADS: readonly Role[] = [Role.SUPPORT_LEAD, Role.SUPER_ADMIN]

/** Everybody who leads and works here, but for one. */
export async function leadsOf(tx: EntityManager, except = ''): Promise<string[]> {
  const rows: { id: string }[] = await tx.query(
    `select id from access.person where kind = 'STAFF' and disabled_at is null and roles && $1 and id <> $2 order by id limit 200`,
    [LEADS, except],
  )
  return rows.map(({ id }) => id)
}

export const isLead = (roles: readonly Role[]): boolean => roles.some(role => LEADS.includes(role))

/** Somebody who is to get work. */
export interface Candidate {
  id: string
  known: boolean
  active: boolean
  roles: readonly Role[]
  /** Granted to them and in force. */
  permissions: readonly Permission[]
}

export async function candidate(tx: EntityManager, id: string, now: Date): Promise<Candidate> {
  const [row] = await tx.query(
    `select roles, permissions, disabled_at is null as active from access.person where id = $1 and kind = 'STAFF'`,
    [id],
  )
  const roles: Role[] = row?.roles ?? []
  return {
    id,
    known: row !== undefined,
    active: row?.active ?? false,
    roles,
    permissions: permissionsInForce(roles, row?.permissions ?? {}, now),
  }
}

/** @throws Refusal UNKNOWN_REFERENCE, or NOT_ASSIGNABLE for who left */
export function requireColleague({ known, active }: Candidate, field: string): void {
  if (!known) refuse('UNKNOWN_REFERENCE', 'There is no such member of staff.', field)
  if (!active) refuse('NOT_ASSIGNABLE', 'They do not work here any more.', field, { because: 'LEFT' })
}

/** @throws Refusal UNKNOWN_REFERENCE or NOT_ASSIGNABLE, saying whether they left or their roles do not take it */
export function requireAssignable(who: Candidate, field: string): void {
  requireColleague(who, field)
  const { roles, permissions } = who
  if (!holds({ roles, permissions, scopes: [] }, ASSIGNABLE))
    refuse('NOT_ASSIGNABLE', `Tickets are for ${ASSIGNABLE.join(', ')}.`, field, { because: 'ROLE', roles })
}
