import { aggregate } from '#shared/aggregate.js'
import type { AccountEvents } from '#shared/events/accounts.js'
import type { Role } from '#shared/roles.js'

/** What decisions about a member of staff rest on. */
export interface StaffState {
  known: boolean
  active: boolean
  roles: Role[]
}

export const staffMember = aggregate<StaffState, AccountEvents>({
  type: 'StaffMember',
  prefix: 'stf',
  initial: { known: false, active: false, roles: [] },
  evolve: {
    StaffHired: (_, { roles }) => ({ known: true, active: true, roles: roles as Role[] }),
    StaffDeactivated: state => ({ ...state, active: false, roles: [] }),
    StaffReactivated: state => ({ ...state, active: true }),
    RoleGranted: (state, { role }) => ({ ...state, roles: [...state.roles, role as Role] }),
    RoleRevoked: (state, { role }) => ({ ...state, roles: state.roles.filter(held => held !== role) }),
  },
})
