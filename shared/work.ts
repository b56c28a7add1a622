import { Role } from '#shared/roles.js'
import { states } from '#shared/states.js'

export const WorkItemPhase = states(
  'WorkItemPhase',
  'How far any kind of work is, in the same four words (X1).',
  {
    NEW: 'Nobody did anything yet.',
    ACTIVE: 'Somebody here has to do something.',
    WAITING: 'Somebody else has to do something.',
    DONE: 'There is nothing left to do.',
  },
)
export type WorkItemPhase = keyof typeof WorkItemPhase

/** What waits for a person here. */
export const OPEN_PHASES: readonly WorkItemPhase[] = ['NEW', 'ACTIVE']

export const Workspace = states('Workspace', 'Where the people work who look after a queue (A2).', {
  TRIAGE: 'Whoever looks first.',
  USERS: 'Customers and their accounts.',
  STORES: 'Stores.',
  REVENUE: 'Plans, invoices, payouts.',
  LEGAL: 'Legal matters.',
  AUDIT: 'Audits.',
  RISK: 'Risk.',
  TRUST: 'Trust and safety.',
  CATALOG: 'The catalog.',
  SHIPPING: 'Orders on their way.',
})
export type Workspace = keyof typeof Workspace

const SUPPORT: readonly Role[] = [Role.SUPPORT_AGENT, Role.SUPPORT_LEAD]

/** Who works in each workspace (A2), besides those who cover a queue of it; Super Admins work in all. */
export const WORKING_IN: Readonly<Record<Workspace, readonly Role[]>> = {
  TRIAGE: SUPPORT,
  USERS: SUPPORT,
  STORES: SUPPORT,
  SHIPPING: SUPPORT,
  REVENUE: [Role.FINANCE_ADMIN],
  LEGAL: [Role.SUPPORT_LEAD],
  AUDIT: [],
  RISK: [Role.RISK_AGENT],
  TRUST: [Role.RISK_AGENT],
  CATALOG: [Role.CATALOG_ADMIN],
}

/** How soon work is due, whatever its own type calls that; 1 comes first (X20). */
export const RANK = { AT_ONCE: 1, SOON: 2, IN_TURN: 3, LATER: 4 } as const
export type Rank = (typeof RANK)[keyof typeof RANK]

/** The four words that most types have for how grave or urgent something is. */
export const RANK_OF = {
  URGENT: RANK.AT_ONCE,
  CRITICAL: RANK.AT_ONCE,
  HIGH: RANK.SOON,
  NORMAL: RANK.IN_TURN,
  MEDIUM: RANK.IN_TURN,
  LOW: RANK.LATER,
} as const satisfies Record<string, Rank>

/** In a row that was read a Date, in one that events just made also ISO 8601. */
type Instant = Date | string

/** What a row is as work for a person (A7). All of it may be read by everybody who may read the row's type at all. */
export interface Work {
  phase: WorkItemPhase
  /** What it is, in a line. */
  title: string
  priority: Rank
  /** Somebody may come to harm: it goes before everything else (C13). */
  safetySensitive?: boolean
  dueAt?: Instant | null
  /** Since when it stands there; since it came, unless said otherwise. */
  since?: Instant | null
  assigneeId?: string | null
  /** The queue it lies in; it is in the workspace of that, unless `workspace` says otherwise. */
  queueId?: string | null
  workspace?: Workspace | null
  /** Why it stands there, as a word of its own type, e.g. a reason or a status. */
  becauseOf: string
}

/** `NOT_RECEIVED` → `Not received`. */
export const inWords = (constant: string): string =>
  constant[0]!.toUpperCase() + constant.slice(1).replaceAll('_', ' ').toLowerCase()
