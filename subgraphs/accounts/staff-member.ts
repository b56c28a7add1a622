import { aggregate } from '#shared/aggregate.js'
import type { AccountEvents } from '#shared/events/accounts.js'
import type { Permission, Role } from '#shared/roles.js'

/** A permission that somebody was granted besides their roles (D37). */
export interface PermissionHeld {
  /** UTC, ISO 8601; null: until it is taken back. */
  expiresAt: string | null
  grantedAt: string
  grantedById: string
}

/** What decisions about a member of staff rest on. */
export interface StaffState {
  known: boolean
  active: boolean
  roles: Role[]
  /** Also such as ended meanwhile; absent before the first one. */
  permissions?: Partial<Record<Permission, PermissionHeld>>
}

const without = (held: StaffState['permissions'], permission: string): StaffState['permissions'] =>
  Object.fromEntries(Object.entries(held ?? {}).filter(([name]) => name !== permission))

export const staffMember = aggregate<StaffState, AccountEvents>({
  type: 'StaffMember',
  prefix: 'stf',
  initial: { known: false, active: false, roles: [] },
  evolve: {
    StaffHired: (_, { roles }) => ({ known: true, active: true, roles: roles as Role[] }),
    // Whoever comes back begins without anything.
    StaffDeactivated: ({ known }) => ({ known, active: false, roles: [] }),
    StaffReactivated: state => ({ ...state, active: true }),
    RoleGranted: (state, { role }) => ({ ...state, roles: [...state.roles, role as Role] }),
    RoleRevoked: (state, { role }) => ({ ...state, roles: state.roles.filter(held => held !== role) }),
    PermissionGranted: (state, { permission, expiresAt }, { occurredAt, actor }) => ({
      ...state,
      permissions: {
        ...state.permissions,
        [permission]: { expiresAt, grantedAt: occurredAt.toISOString(), grantedById: actor.id },
      },
    }),
    PermissionRevoked: (state, { permission }) => ({
      ...state,
      permissions: without(state.permissions, permission),
    }),
  },
})
