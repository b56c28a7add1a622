interface FromSource {
  source: string
  externalId: string
}

export type UserState = 'ACTIVE' | 'SUSPENDED' | 'CLOSED'
export type ContactBy = 'EMAIL' | 'IN_APP' | 'BOTH'
export type Billing = 'TRIAL' | 'CURRENT' | 'PAST_DUE' | 'SUSPENDED' | 'CANCELED'
export type MemberRole = 'OWNER' | 'ADMIN' | 'OPERATOR' | 'MEMBER'

export type LegalDocument =
  | 'TERMS'
  | 'PRIVACY_POLICY'
  | 'COOKIE_CONSENT'
  | 'SELLER_AGREEMENT'
  | 'AUCTION_TERMS'
  | 'DATA_PROCESSING'
  | 'MARKETING'
export type ConsentChoice = 'ESSENTIAL' | 'ANALYTICS'

/**
 * What can happen to customers, their organizations and stores, and to those who work here. Shapes only ever grow. Optional
 * texts about people are personal: kept apart from the event, and absent once they were erased (X19).
 */
export interface AccountEvents {
  UserRecorded: FromSource & {
    status: UserState
    contactPreference: ContactBy
    stripeCustomerId: string | null
    name?: string | null
    email?: string | null
    phone?: string | null
  }
  OrganizationRecorded: FromSource & {
    name: string
    slug: string | null
    plan: string | null
    billingState: Billing
    billingAsOf: string | null
    stripeAccountId: string | null
  }
  SiteRecorded: FromSource & {
    organizationId: string
    slug: string
    name: string
    url: string | null
    awaitsApproval: boolean
    /** What was last done to it (D22); free words. */
    change?: string
    /** When that was done, ISO 8601. */
    changedAt?: string
  }
  MembershipRecorded: FromSource & {
    userId: string
    organizationId: string
    role: MemberRole
    supportAccess: boolean
    ended: boolean
  }
  /** Times: ISO 8601. `choices`: of a consent, what was chosen. */
  LegalAcceptanceRecorded: FromSource & {
    userId: string
    documentKind: LegalDocument
    documentVersion: string
    acceptedAt: string
    surface: string
    choices: ConsentChoice[]
    withdrawnAt: string | null
  }
  LegalAcceptanceReRequested: {
    userIds: string[]
    /** Whose members they are, when the organization was named instead of them. */
    organizationId: string | null
    documentKind: LegalDocument
    documentVersion: string
  }
  StoreApproved: Record<string, never>
  StoreRejected: Record<string, never>
  WorkspaceAccessGranted: { userId: string; role: MemberRole; expiresAt: string }
  WorkspaceAccessRevoked: { userId: string }
  StaffHired: { roles: string[]; name?: string; publicName?: string; email?: string; subject?: string | null }
  StaffDeactivated: { roles: string[] }
  StaffReactivated: Record<string, never>
  RoleGranted: { role: string; approvalId: string | null }
  RoleRevoked: { role: string }
  /** `expiresAt`: ISO 8601; null: until it is taken back. Older ones lie in the stream of what the person covers in support. */
  PermissionGranted: { staffId: string; permission: string; expiresAt: string | null }
  PermissionRevoked: { staffId: string; permission: string }
  /** One of permission, role, and store with user; older ones name a permission only. */
  AccessRequested: {
    staffId: string
    permission?: string | null
    role?: string | null
    siteId?: string | null
    userId?: string | null
    workspaceRole?: MemberRole | null
    /** Until when it is wanted, ISO 8601. */
    until?: string | null
  }
  /** `approvalId`: a second person decides; then it is granted once they approve. */
  AccessRequestPassedOn: { staffId: string; approvalId: string }
  AccessRequestGranted: { staffId: string; decidedById: string; what: string }
  AccessRequestDeclined: { staffId: string; what: string }
  /** `approvalId`: the second person it waited for is not asked any more either. */
  AccessRequestWithdrawn: { staffId: string; what: string; approvalId?: string }
  IntegrationRegistered: { name: string; scopes: string[] }
  TokenIssued: {
    kind: 'pat' | 'int'
    name: string
    prefix: string
    personId: string
    scopes: string[]
    expiresAt: string
    digest?: string
  }
  TokenRevoked: { personId: string }
}

export const ACCOUNT_EVENTS = {
  UserRecorded: 'The marketplace recorded a user, or recorded them anew.',
  OrganizationRecorded: 'The marketplace recorded an organization, or recorded it anew.',
  SiteRecorded: 'The marketplace recorded a store of an organization.',
  MembershipRecorded: 'The marketplace recorded what a user is in an organization, or that they left it.',
  LegalAcceptanceRecorded: 'The marketplace recorded that a user accepted a document, or took that back.',
  LegalAcceptanceReRequested: 'Users were asked to accept a version of a document, or a newer one.',
  StoreApproved: 'A store that waited for approval may open.',
  StoreRejected: 'A store that waited for approval may not open.',
  WorkspaceAccessGranted: "A user was let into a store's workspace for some time.",
  WorkspaceAccessRevoked: "A user's access to a store's workspace was ended.",
  StaffHired: 'Somebody works here now, in these roles.',
  StaffDeactivated: 'Somebody no longer works here; these roles ended.',
  StaffReactivated: 'Somebody works here again, without any role so far.',
  RoleGranted: 'A member of staff was given a role.',
  RoleRevoked: 'A role was taken from a member of staff.',
  PermissionGranted: 'A member of staff may do something that their role alone does not let them.',
  PermissionRevoked: 'A member of staff may no longer do something that was granted to them.',
  AccessRequested: 'A member of staff asked to be allowed something.',
  AccessRequestPassedOn: 'Who can give what was asked for wants to; a second person has to approve it.',
  AccessRequestGranted: 'A member of staff was given what they asked for.',
  AccessRequestWithdrawn: 'A member of staff took back what they asked for.',
  AccessRequestDeclined: 'A member of staff was not given what they asked for.',
  IntegrationRegistered: 'A machine may be given tokens for these scopes.',
  TokenIssued: 'An API token was made; its secret is kept nowhere.',
  TokenRevoked: 'An API token was ended before its time.',
} satisfies Record<keyof AccountEvents, string>
