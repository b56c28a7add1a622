import type { Permission, Role, Scope } from '#shared/roles.js'

export type PersonKind = 'STAFF' | 'REQUESTER' | 'INTEGRATION' | 'SYSTEM' | 'ANONYMOUS'

/** Who is calling, as the gateway established it. Compared by `personId`, never by token (security 2.8). */
export interface Identity {
  kind: PersonKind
  /** `stf_…` staff, `usr_…` a customer, `svc_…` a machine, `system`; empty when anonymous. */
  personId: string
  name: string
  roles: readonly Role[]
  scopes: readonly Scope[]
  /** Granted to them besides their roles, and in force (D37); absent: none. */
  permissions?: readonly Permission[]
  /** The token or session that was shown; null for the system itself. */
  tokenId: string | null
  /** Organizations whose tickets a requester may open and read (D15). */
  orgIds: readonly string[]
  /** Grows with every change of roles or tokens of this person: an older one is refused. */
  epoch: number
  /** When the person last proved who they are, seconds since 1970. */
  authenticatedAt: number
  /** When the token ends, seconds since 1970; null when it does not. */
  expiresAt: number | null
  /** Network address of a caller who is anonymous, as far as the gateway knows it; absent for all others. */
  address?: string | null
}

export const ANONYMOUS: Identity = {
  kind: 'ANONYMOUS',
  personId: '',
  name: 'anonymous',
  roles: [],
  scopes: [],
  tokenId: null,
  orgIds: [],
  epoch: 0,
  authenticatedAt: 0,
  expiresAt: null,
}

/** Opsgraph acting by itself: timers and reactions. */
export const systemIdentity = (role: Role): Identity => ({
  ...ANONYMOUS,
  kind: 'SYSTEM',
  personId: 'system',
  name: 'Opsgraph',
  roles: [role],
})

/** Shown by an API token instead of a sign-in. Such a caller never approves (security 5.2): a token lies in files, a person does not. */
export const hasApiToken = ({ tokenId }: Identity): boolean => tokenId?.startsWith('tok_') ?? false
