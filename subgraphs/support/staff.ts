import type { EntityManager } from 'typeorm'
import { refuse } from '#shared/refusal.js'
import { Role } from '#shared/roles.js'
import { ASSIGN, operatorOf } from './operator.js'

/** Who answers customers and works tickets. */
export const WORKERS: readonly Role[] = [Role.SUPPORT_AGENT, Role.SUPPORT_LEAD, Role.SUPER_ADMIN]
/** Who may take a ticket or be given one. */
export const ASSIGNABLE: readonly Role[] = [...WORKERS, Role.RISK_AGENT]
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
}

export async function candidate(tx: EntityManager, id: string): Promise<Candidate> {
  const [row] = await tx.query(
    `select roles, disabled_at is null as active from access.person where id = $1 and kind = 'STAFF'`,
    [id],
  )
  return { id, known: row !== undefined, active: row?.active ?? false, roles: row?.roles ?? [] }
}

/** @throws Refusal UNKNOWN_REFERENCE or NOT_ASSIGNABLE, saying whether they left or their roles do not take it */
export function requireAssignable({ known, active, roles }: Candidate): void {
  if (!known) refuse('UNKNOWN_REFERENCE', 'There is no such member of staff.', 'assigneeId')
  if (!active) refuse('NOT_ASSIGNABLE', 'They do not work here any more.', 'assigneeId', { because: 'LEFT' })
  if (!roles.some(role => ASSIGNABLE.includes(role)))
    refuse('NOT_ASSIGNABLE', `Tickets are for ${ASSIGNABLE.join(', ')}.`, 'assigneeId', {
      because: 'ROLE',
      roles,
    })
}

/** Whether this person was granted `tickets:assign` and it still counts. */
export async function isGranted(tx: EntityManager, staffId: string, now: Date): Promise<boolean> {
  const [row] = await tx.query(
    `select may_assign and coalesce(may_assign_until > $2, true) as granted from support.operator where id = $1`,
    [operatorOf(staffId), now],
  )
  return row?.granted ?? false
}

/** How one learns who can help (D59). */
export const MISSING = { permission: ASSIGN, grantableBy: LEADS, grantedWith: 'grantAssignment' } as const

/** @throws Refusal MISSING_PERMISSION for who is neither a lead nor was granted it, naming who can grant it */
export function requireAssignment(roles: readonly Role[], granted: boolean): void {
  if (isLead(roles) || granted) return
  refuse(
    'MISSING_PERMISSION',
    `Giving tickets to others takes ${ASSIGN}; ${LEADS.join(' or ')} can grant it.`,
    undefined,
    { ...MISSING },
  )
}
