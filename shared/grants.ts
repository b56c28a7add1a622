import type { Identity } from '#shared/identity.js'
import type { Access } from '#shared/permissions.js'
import { PERMISSION_GRANTERS, Permission, type Role, STAFF } from '#shared/roles.js'

/** Permissions granted to somebody, each with when it ends (ISO 8601; null: when it is taken back). */
export type Grants = Readonly<Partial<Record<Permission, string | null>>>

const PERMISSIONS = Object.values(Permission)

const isPermission = (access: string): access is Permission =>
  (PERMISSIONS as readonly string[]).includes(access)

const worksHere = (roles: readonly string[]): boolean =>
  roles.some(role => (STAFF as readonly string[]).includes(role))

/** Which permissions count now (D37). They are for people who work here in some role: auditors change nothing (X21). */
export const permissionsInForce = (roles: readonly string[], grants: Grants, now: Date): Permission[] =>
  worksHere(roles)
    ? PERMISSIONS.filter(permission => {
        const until = grants[permission]
        return until === null || (until !== undefined && new Date(until) > now)
      })
    : []

/** How one learns who can help (D59): who grants what one lacks, with what, and how one asks for it. */
export interface Missing {
  permission: Permission
  grantableBy: readonly Role[]
  grantedWith: string
  askedWith: string
}

export const missing = (permission: Permission): Missing => ({
  permission,
  grantableBy: PERMISSION_GRANTERS[permission],
  grantedWith: 'grantPermission',
  askedWith: 'createAccessRequest',
})

/** Permissions any of which would open something to somebody who works here; to all others none is ever granted. */
export const missingFor = (allow: readonly Access[], { roles }: Pick<Identity, 'roles'>): Missing[] =>
  worksHere(roles) ? allow.filter(isPermission).map(missing) : []

/** `TICKETS_HANDLE can be granted by SUPER_ADMIN: ask with createAccessRequest.` */
export const howToGet = ({ permission, grantableBy, askedWith }: Missing): string =>
  `${permission} can be granted by ${grantableBy.join(' or ')}: ask with ${askedWith}.`
