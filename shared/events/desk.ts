import type {
  MessageVisibility,
  TicketCategory,
  TicketPriority,
  TicketStatus,
  TicketStatusReason,
  Workspace,
} from '#shared/events/support.js'

/** Why a ticket is escalated (A20, A21). */
export type EscalationTrigger =
  | 'PLATFORM_WIDE_ACCESS'
  | 'PAYMENTS'
  | 'LEGAL_COMPLIANCE'
  | 'WIDESPREAD_CUSTOMER_IMPACT'
  | 'MODERATION_EDGE_CASE'
  | 'CONFLICTING_LEGAL_EVIDENCE'
  | 'PRODUCTION_RELEASE_REGRESSION'
  | 'MULTI_STORE_ORDER_FAILURE'
  | 'MULTI_STORE_NOTIFICATION_FAILURE'
export type EscalationLevel = 'IMMEDIATE' | 'PROMPT'
/** Why these people were paged. */
export type PageBecause = 'ON_CALL' | 'NOBODY_ON_CALL' | 'NOT_ACKNOWLEDGED'

/** Who is on call when; `workspace` null: for all of them. Instants are ISO 8601. */
export interface OnCallPlan {
  staffId: string
  workspace: Workspace | null
  startsAt: string
  endsAt: string
}

export type AccessibilityReportStatus = 'NEW' | 'TRIAGED' | 'IN_PROGRESS' | 'RESOLVED' | 'DISMISSED'
export type AccessibilitySeverity = 'LOW' | 'MEDIUM' | 'HIGH' | 'CRITICAL'
export type BlockedCapability = 'CHECKOUT' | 'AUTHENTICATION' | 'LEGAL_PRIVACY_CHOICE' | 'STORE_MANAGEMENT'

/** What a barrier was met with; people's own words, and so personal. */
export interface BarrierWords {
  pageOrFeature: string
  description: string
  assistiveTechnology: string
  browser: string
  device: string
}

/** A ticket of an incident whose customer is not told. */
export interface LeftOut {
  ticketId: string
  because: 'PRIVATE' | 'CLOSED'
}

/** What changed about an incident. */
export type IncidentChange =
  | { change: 'TICKETS'; ticketIds: string[] }
  | { change: 'STORES'; affectedStoreIds: string[] }
  | { change: 'LEVEL'; level: EscalationLevel; previousLevel: EscalationLevel }
  /** One text for every ticket that was linked by then, but those that were left out. */
  | {
      change: 'BROADCAST'
      updateId: string
      ticketIds: string[]
      leftOut?: LeftOut[]
      publicText?: string
    }

export type HandoffPart = 'route' | 'storeSlug' | 'entityIds' | 'timeline' | 'evidence' | 'nextAction'

export interface ObservedEvent {
  /** ISO 8601. */
  at: string
  what: string
  source: string
}

export interface RunbookShape {
  slug: string
  title: string
  owner: string
  body: string
  reviewCadence: string
  /** ISO 8601. */
  nextReviewAt: string
  relatedSlugs: string[]
}

export interface MacroShape {
  name: string
  category: TicketCategory | null
  visibility: MessageVisibility
  body: string | null
  setStatus: TicketStatus | null
  setStatusReason: TicketStatusReason | null
  setPriority: TicketPriority | null
  addTags: string[]
  removeTags: string[]
  isActive: boolean
}

export type LegalCommunicationKind = 'NOTICE' | 'REQUEST' | 'TAKEDOWN_NOTICE' | 'SUBPOENA'

/**
 * What happens around tickets: reports of barriers, incidents over many tickets, handovers, runbooks, macros, legal communication. What is
 * optional is personal. Shapes only ever grow.
 */
export interface DeskEvents {
  AccessibilityReportCreated: Partial<BarrierWords> & {
    organizationId: string | null
    requesterId: string | null
    route: string | null
    ticketId: string | null
    blocks: BlockedCapability[]
    severity: AccessibilitySeverity
  }
  AccessibilityReportUpdated: Partial<BarrierWords> & {
    route?: string | null
    blocks?: BlockedCapability[]
    severity?: AccessibilitySeverity
  }
  AccessibilityReportTransitioned: { from: AccessibilityReportStatus; to: AccessibilityReportStatus }
  IncidentDeclared: {
    trigger: EscalationTrigger
    level: EscalationLevel
    affectedStoreIds: string[]
    declaredById: string
    title?: string
  }
  IncidentUpdated: IncidentChange
  IncidentResolved: { ticketIds: string[] }
  HandoffCreated: {
    ticketId: string | null
    workspace: Workspace
    queueId: string | null
    route: string
    storeSlug: string | null
    platformWide: boolean
    entityIds: string[]
    auditSliceIds: string[]
    evidenceIds: string[]
    nextActionName: string | null
    timeline?: ObservedEvent[]
    nextAction?: string
  }
  HandoffAccepted: {
    workspace: Workspace
    senderId: string
    /** The ticket that went along with it, and where it was before; absent where none did. */
    moved?: { ticketId: string; queueId: string | null; assigneeId: string | null }
  }
  HandoffReturned: { workspace: Workspace; senderId: string; missing: HandoffPart[] }
  OnCallScheduled: OnCallPlan
  OnCallChanged: OnCallPlan
  OnCallCanceled: { staffId: string }
  RunbookSaved: RunbookShape
  RunbookReviewed: { nextReviewAt: string; previousReviewAt: string }
  MacroSaved: MacroShape
  LegalCommunicationRecorded: {
    kind: LegalCommunicationKind
    /** ISO 8601. */
    receivedAt: string
    /** ISO 8601; null when nothing has to be done by a date. */
    dueAt: string | null
    documentIds: string[]
    ticketId: string | null
    parties?: string[]
    summary?: string
  }
}

export const DESK_EVENTS = {
  AccessibilityReportCreated: 'Somebody reported that something cannot be used by everybody.',
  AccessibilityReportUpdated: 'More is known of a barrier, or how grave it is was judged anew.',
  AccessibilityReportTransitioned: 'A report of a barrier went from one state to another.',
  IncidentDeclared: 'Something affects many: an incident began.',
  IncidentUpdated: 'Something about an incident changed, or its customers were told; `change` says what.',
  IncidentResolved: 'An incident is over.',
  HandoffCreated: 'A matter was handed over to other people, with all that they need.',
  HandoffAccepted: 'Somebody took over what was handed to them.',
  HandoffReturned: 'What was handed over went back, because something is missing.',
  OnCallScheduled: 'Somebody is to be on call.',
  OnCallChanged: 'When somebody is on call, or who is, was planned otherwise.',
  OnCallCanceled: 'A shift on call was called off, or ended before its time.',
  RunbookSaved: 'A guide for staff was written, or written anew.',
  RunbookReviewed: 'A guide for staff was read again and holds until its next review.',
  MacroSaved: 'A prepared answer was written, or changed.',
  LegalCommunicationRecorded: 'Somebody wrote to us in a legal matter.',
} satisfies Record<keyof DeskEvents, string>
