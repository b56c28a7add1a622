import { registerEnumType } from 'type-graphql'

/** Who a person is to Opsgraph. Staff hold any number; the last three are never held by staff (X21). */
export enum Role {
  SUPPORT_AGENT = 'SUPPORT_AGENT',
  SUPPORT_LEAD = 'SUPPORT_LEAD',
  RISK_AGENT = 'RISK_AGENT',
  FINANCE_ADMIN = 'FINANCE_ADMIN',
  CATALOG_ADMIN = 'CATALOG_ADMIN',
  SUPER_ADMIN = 'SUPER_ADMIN',
  AUDITOR = 'AUDITOR',
  REQUESTER = 'REQUESTER',
  INTEGRATION = 'INTEGRATION',
  SYSTEM = 'SYSTEM',
}

registerEnumType(Role, {
  name: 'Role',
  description: 'What a caller is to Opsgraph; every permission names the roles it takes.',
  valuesConfig: {
    SUPPORT_AGENT: { description: 'Answers tickets, sees every entity, refunds within limits.' },
    SUPPORT_LEAD: {
      description: 'Runs the support team: everything an agent may, plus assignment and early closing.',
    },
    RISK_AGENT: { description: 'Holds, freezes, takes down, works trust cases.' },
    FINANCE_ADMIN: { description: 'Money: refunds above the limit, ledger, payout overrides.' },
    CATALOG_ADMIN: { description: 'Approves and publishes catalog changes.' },
    SUPER_ADMIN: { description: 'Manages roles and policies, acts in emergencies.' },
    AUDITOR: { description: 'Reads everything that is not personal, changes nothing.' },
    REQUESTER: { description: 'A customer: owner, or operator with support access, of an account.' },
    INTEGRATION: { description: 'A machine with a token; its scopes say what it may do.' },
    SYSTEM: { description: 'Opsgraph itself: timers and reactions.' },
  },
})

/** Roles of people who work here (SA SL RA FA CA SU). */
export const STAFF: readonly Role[] = [
  Role.SUPPORT_AGENT,
  Role.SUPPORT_LEAD,
  Role.RISK_AGENT,
  Role.FINANCE_ADMIN,
  Role.CATALOG_ADMIN,
  Role.SUPER_ADMIN,
]

/** What can be granted to one member of staff besides their roles (D37, D59). Each opens what names it in its `allow`. */
export enum Permission {
  TICKETS_ASSIGN = 'TICKETS_ASSIGN',
  TICKETS_HANDLE = 'TICKETS_HANDLE',
}

registerEnumType(Permission, {
  name: 'Permission',
  description: 'What can be granted to one member of staff besides their roles.',
  valuesConfig: {
    TICKETS_ASSIGN: {
      description: 'tickets:assign: giving tickets to others. Support leads and Super Admins grant it.',
    },
    TICKETS_HANDLE: {
      description:
        'tickets:handle: taking tickets, answering customers, changing states, as support agents do. Super Admins grant it.',
    },
  },
})

/** Roles that need no grant for it. */
export const PERMISSION_HOLDERS: Readonly<Record<Permission, readonly Role[]>> = {
  TICKETS_ASSIGN: [Role.SUPPORT_LEAD, Role.SUPER_ADMIN],
  TICKETS_HANDLE: [Role.SUPPORT_AGENT, Role.SUPPORT_LEAD, Role.SUPER_ADMIN],
}

/** Who may grant and take back which permission; it is also who decides when somebody asks for it. */
export const PERMISSION_GRANTERS: Readonly<Record<Permission, readonly Role[]>> = {
  TICKETS_ASSIGN: [Role.SUPPORT_LEAD, Role.SUPER_ADMIN],
  TICKETS_HANDLE: [Role.SUPER_ADMIN],
}

/** What a machine token may be allowed to do. */
export const SCOPES = [
  'records:write',
  'read:all',
  'tickets:write',
  'tickets:reply',
  'tickets:note',
  'risk:write',
  'shipping:write',
  'audit:read',
] as const
export type Scope = (typeof SCOPES)[number]

/** The usual readers of an entity: staff (E12: "view all entities"), auditors, and machines that may read. */
export const READERS: readonly (Role | Scope)[] = [...STAFF, Role.AUDITOR, 'read:all']
