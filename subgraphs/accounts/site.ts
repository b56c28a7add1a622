import { aggregate } from '#shared/aggregate.js'
import type { AccountEvents, MemberRole } from '#shared/events/accounts.js'
import { refuse } from '#shared/refusal.js'

export type SiteStatus = 'PENDING_APPROVAL' | 'APPROVED' | 'REJECTED'

export interface WorkspaceAccess {
  userId: string
  role: MemberRole
  /** UTC, ISO 8601. */
  grantedAt: string
  expiresAt: string
  grantedById: string
}

/** What decisions about a store rest on. `status` null: there is no such store. */
export interface SiteState {
  status: SiteStatus | null
  /** By user; the newest grant replaces an older one. */
  access: Record<string, WorkspaceAccess>
}

const without = (access: SiteState['access'], userId: string): SiteState['access'] =>
  Object.fromEntries(Object.entries(access).filter(([id]) => id !== userId))

export const site = aggregate<SiteState, AccountEvents>({
  type: 'Site',
  prefix: 'sit',
  initial: { status: null, access: {} },
  evolve: {
    // What was decided here outlives what the source says later (A12).
    SiteRecorded: (state, { awaitsApproval }) => ({
      ...state,
      status: state.status ?? (awaitsApproval ? 'PENDING_APPROVAL' : 'APPROVED'),
    }),
    StoreApproved: state => ({ ...state, status: 'APPROVED' }),
    StoreRejected: state => ({ ...state, status: 'REJECTED' }),
    WorkspaceAccessGranted: (state, { userId, role, expiresAt }, { occurredAt, actor }) => ({
      ...state,
      access: {
        ...state.access,
        [userId]: { userId, role, expiresAt, grantedAt: occurredAt.toISOString(), grantedById: actor.id },
      },
    }),
    WorkspaceAccessRevoked: (state, { userId }) => ({ ...state, access: without(state.access, userId) }),
  },
})

/** @throws Refusal NOT_FOUND, or INVALID_STATE for a store about which nobody has to decide */
export function requireWaiting({ status }: SiteState): void {
  if (status === null) refuse('NOT_FOUND', 'There is no such store.', 'siteId')
  if (status !== 'PENDING_APPROVAL')
    refuse('INVALID_STATE', `It does not wait for approval: it is ${status}.`, 'siteId', { status })
}
