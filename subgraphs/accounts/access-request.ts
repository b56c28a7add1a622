import { aggregate } from '#shared/aggregate.js'
import type { AccountEvents, MemberRole } from '#shared/events/accounts.js'
import type { Identity } from '#shared/identity.js'
import type { Readers } from '#shared/readers.js'
import { refuse } from '#shared/refusal.js'
import { PERMISSION_GRANTERS, type Permission, Role } from '#shared/roles.js'
import { GRANTERS } from './granters.js'

/** What can be asked for: one of a permission, a role, or access of a user to a store. */
export interface Wanted {
  permission?: Permission | null
  role?: Role | null
  siteId?: string | null
  userId?: string | null
  workspaceRole?: MemberRole | null
  /** Until when, ISO 8601. */
  until?: string | null
}

/** What decisions about a request rest on. `state` null: there is no such request. */
export interface AccessRequestState extends Wanted {
  state: 'PENDING' | 'GRANTED' | 'DECLINED' | 'WITHDRAWN' | null
  staffId: string
  /** Who is to approve it as a second person, when it takes two. */
  approvalId: string | null
  decidedById: string | null
}

const INITIAL: AccessRequestState = { state: null, staffId: '', approvalId: null, decidedById: null }

export const accessRequest = aggregate<AccessRequestState, AccountEvents>({
  type: 'AccessRequest',
  prefix: 'acr',
  initial: INITIAL,
  evolve: {
    AccessRequested: (_, data) => ({
      ...INITIAL,
      ...(data as Wanted & { staffId: string }),
      state: 'PENDING',
    }),
    AccessRequestPassedOn: (state, { approvalId }) => ({ ...state, approvalId }),
    AccessRequestGranted: (state, { decidedById }) => ({ ...state, state: 'GRANTED', decidedById }),
    AccessRequestDeclined: (state, _, { actor }) => ({ ...state, state: 'DECLINED', decidedById: actor.id }),
    AccessRequestWithdrawn: state => ({ ...state, state: 'WITHDRAWN' }),
  },
})

/** Who can give what is asked for. */
export const grantersOf = ({ permission, role }: Wanted): readonly Role[] => {
  if (permission) return PERMISSION_GRANTERS[permission]
  return role ? [Role.SUPER_ADMIN] : GRANTERS
}

/** Who reads a request (D59): who can give what it asks for, who asked, and auditors. */
export const readersOf = (request: Wanted & { staffId: string }): Readers => ({
  roles: [...grantersOf(request), Role.AUDITOR],
  people: [request.staffId],
})

/** In words: `the permission TICKETS_HANDLE`. */
export function nameOf({ permission, role, siteId }: Omit<Wanted, 'until'>): string {
  if (permission) return `the permission ${permission}`
  return role ? `the role ${role}` : `access to the store ${siteId}`
}

/** The mutation that gives what is asked for. */
export const grantedWith = ({ permission, role }: Wanted) => {
  if (permission) return 'grantPermission'
  return role ? 'grantRole' : 'grantWorkspaceAccess'
}

/**
 * @throws Refusal NOT_FOUND, SAME_PERSON for one's own, MISSING_PERMISSION for what others give, INVALID_STATE for what was decided, with
 * by whom
 */
export function requireDecidable(
  request: AccessRequestState,
  { personId, roles }: Pick<Identity, 'personId' | 'roles'>,
): void {
  const { state, staffId, decidedById } = request
  if (!state) refuse('NOT_FOUND', 'There is no such request.', 'accessRequestId')
  if (staffId === personId)
    refuse('SAME_PERSON', 'Nobody decides about what they asked for themselves.', 'accessRequestId')
  const granters = grantersOf(request)
  if (!roles.some(role => granters.includes(role)))
    refuse(
      'MISSING_PERMISSION',
      `What they ask for, ${nameOf(request)}, is given by ${granters.join(' or ')}.`,
      'accessRequestId',
      {
        grantableBy: granters,
        grantedWith: grantedWith(request),
      },
    )
  if (state !== 'PENDING')
    refuse('INVALID_STATE', `It was ${state.toLowerCase()} already.`, 'accessRequestId', {
      state,
      decidedById,
    })
}
