import type { EscalationLevel, EscalationTrigger, PageBecause } from '#shared/events/desk.js'
import type { SlaEvents, SlaPromise } from '#shared/events/sla.js'

export type TicketStatus = 'OPEN' | 'WAITING_ON_BUYER' | 'WAITING_ON_SELLER' | 'RESOLVED' | 'CLOSED'

/** Why a ticket is where it is (X1); each belongs to one or more states, see `support/status-reasons.ts`. */
export type TicketStatusReason =
  | 'NEW'
  | 'CUSTOMER_REPLIED'
  | 'REOPENED'
  | 'WORK_RESUMED'
  | 'INFORMATION_REQUESTED'
  | 'EVIDENCE_REQUESTED'
  | 'CONFIRMATION_REQUESTED'
  | 'RETURN_EXPECTED'
  | 'SHIPMENT_EXPECTED'
  | 'ANSWERED'
  | 'FIXED'
  | 'REFUNDED'
  | 'WORKAROUND'
  | 'DECLINED'
  | 'NOT_REPRODUCIBLE'
  | 'REQUESTER_CONFIRMED'
  | 'SILENCE'
  | 'CLOSED_EARLY'
  | 'MERGED'
  | 'WITHDRAWN'
export type TicketPriority = 'LOW' | 'NORMAL' | 'HIGH' | 'URGENT'
export type TicketCategory =
  | 'REPLY_NEEDED'
  | 'ACCOUNT_HELP'
  | 'BILLING'
  | 'OPERATIONAL_FOLLOW_UP'
  | 'PROBLEM_REPORT'
  | 'CLAIM'
  | 'ACCESSIBILITY'
  | 'INCIDENT'
export type TicketChannel = 'DASHBOARD' | 'EMAIL' | 'API' | 'CHAT' | 'INTERNAL' | 'ANONYMOUS_FORM'
export type MessageVisibility = 'PUBLIC' | 'PRIVATE'
export type MessageKind = 'STAFF_REPLY' | 'USER_MESSAGE' | 'INTERNAL_NOTE' | 'SYSTEM'
export type Workspace =
  | 'TRIAGE'
  | 'USERS'
  | 'STORES'
  | 'REVENUE'
  | 'LEGAL'
  | 'AUDIT'
  | 'RISK'
  | 'TRUST'
  | 'CATALOG'
  | 'SHIPPING'
/** Whether a ticket is in the inbox, or kept apart (D56). */
export type FilterState = 'INBOX' | 'FILTERED' | 'SPAM'
export type EarlyCloseReason = 'CONFIRMED_ELSEWHERE' | 'NO_ANSWER_EXPECTED' | 'ABUSE' | 'TEST' | 'OTHER'

/** Whose ticket it was when it happened: what a customer may see of it follows from this. */
interface OfCustomer {
  organizationId: string | null
  requesterId: string | null
}

/** Who works on a ticket changed; two of these when it goes from one person to another (D52). */
export interface AssigneeChanged {
  change: 'ASSIGNEE'
  assigneeId: string | null
  previousAssigneeId: string | null
}

/** Where it stands changed, otherwise than by closing and reopening, which have events of their own. */
export interface StatusChanged {
  change: 'STATUS'
  from: TicketStatus
  to: TicketStatus
  statusReason: TicketStatusReason
  /** A status that was wrong was put right (D53). */
  corrective: boolean
  /** When silence closes it, ISO 8601; null unless `to` is RESOLVED. */
  closesAt: string | null
  /** The resolution was called back: it stands there as it had since then. */
  restores?: { statusSince: string; previousStatus: TicketStatus | null }
}

export interface PriorityChanged {
  change: 'PRIORITY'
  priority: TicketPriority
  previousPriority: TicketPriority
}

export interface CategoryChanged {
  change: 'CATEGORY'
  category: TicketCategory
  previousCategory: TicketCategory
}

export interface TicketQueueChanged {
  change: 'QUEUE'
  queueId: string | null
  previousQueueId: string | null
}

export interface TagsChanged {
  change: 'TAGS'
  tags: string[]
  previousTags: string[]
}

export interface SafetyChanged {
  change: 'SAFETY'
  safetySensitive: boolean
}

/** Put aside until then, or, with null, taken up again. */
export interface SnoozeChanged {
  change: 'SNOOZE'
  /** ISO 8601. */
  until: string | null
  because: 'ASKED' | 'DUE' | 'CUSTOMER_REPLIED'
}

export interface FollowUpChanged {
  change: 'FOLLOW_UP'
  followUpNeeded: boolean
  /** When silence closes it now; null when it does not. */
  closesAt: string | null
}

/** What is true of a ticket without a message of staff that was called back. Instants are ISO 8601. */
export interface WithoutMessage {
  firstRepliedAt: string | null
  lastStaffReplyAt: string | null
  awaitsReply: boolean
  /** Since when customers know of the ticket; null: it was the first that they could read of it. Absent: as it was. */
  shownSince?: string | null
  /** The promise that it had kept, and when another reply kept it instead; null: it had kept none. */
  kept: { cycle: number; answeredAt: string | null } | null
  /** The same of a promise after an escalation that cannot wait. */
  keptEmergency?: { cycle: number; answeredAt: string | null } | null
}

export type TicketChange =
  | AssigneeChanged
  | StatusChanged
  | PriorityChanged
  | CategoryChanged
  | TicketQueueChanged
  | TagsChanged
  | SafetyChanged
  | SnoozeChanged
  | FollowUpChanged

/** One rule as it was looked at when a ticket was routed. */
export interface RoutingStep {
  rule: string
  matched: boolean
  /** What of the ticket met it, e.g. `word refund`; or what did not. */
  because: string
  queueId?: string | null
  tags?: string[]
  priority?: TicketPriority | null
  safetySensitive?: boolean
  filter?: FilterState | null
}

/** How a ticket found its queue, frozen when it was opened (D55). */
export interface RoutingFrozen {
  rulesVersion: number
  steps: RoutingStep[]
  queueId: string | null
  /** Why this queue. */
  because: string
}

export interface ContextSite {
  id: string
  slug: string
  name: string
  url: string | null
}

export interface ContextActivity {
  eventId: string
  type: string
  /** ISO 8601. */
  at: string
  /** For people. */
  summary: string
  /** Who did it. */
  actorId?: string
}

/** What Opsgraph knew of account and requester when the ticket was opened (D16, D20 to D23). Instants are ISO 8601. */
export interface TicketContext {
  capturedAt: string
  account: {
    id: string
    name: string | null
    planTier: string | null
    billingState: string | null
    billingAsOf: string | null
  } | null
  requester: {
    id: string
    name: string | null
    email: string | null
    role: string | null
    contactPreference: string | null
  } | null
  /** The one in which they were working comes first. */
  sites: ContextSite[]
  activity: ContextActivity[]
}

export interface QueueShape {
  name: string
  publicName: string
  workspace: Workspace
  categories: TicketCategory[]
  isActive: boolean
  isSpam: boolean
}

export interface RoutingConditions {
  categories?: TicketCategory[] | null
  channels?: TicketChannel[] | null
  linkTypes?: string[] | null
  words?: string[] | null
  plans?: string[] | null
}

export interface RoutingRuleShape {
  name: string
  when: RoutingConditions
  thenQueueId: string | null
  tags: string[]
  priority: TicketPriority | null
  safetySensitive: boolean
  filter: FilterState | null
  because: string
}

/**
 * What can happen to tickets (support cases, X12), to the queues they lie in, and to what staff cover. What is optional is personal, and
 * absent once it was erased, or came later than the event. Shapes only ever grow.
 */
export interface SupportEvents extends SlaEvents {
  SupportCaseOpened: OfCustomer & {
    number: string
    priority: TicketPriority
    category: TicketCategory
    channel: TicketChannel
    linkedEntityIds: string[]
    messageId: string
    visibility: MessageVisibility
    kind: MessageKind
    queueId?: string | null
    tags?: string[]
    safetySensitive?: boolean
    filterState?: FilterState
    /** The rule that kept it out of the inbox. */
    filteredBy?: string | null
    routing?: RoutingFrozen
    /** As for SupportReplyPosted. */
    authorId?: string
    inboundMailId?: string
    /** Whoever opened it did not sign in (C24). */
    isUnverified?: boolean
    contactEmail?: string
    contactName?: string | null
    /** What is promised; absent where nobody waits for a reply. */
    sla?: SlaPromise
    /** What a problem report is about, as whoever reported it named it (C2). */
    reportedId?: string | null
    subject?: string
    body?: string
    /** Files that went with the first message. */
    attachmentIds?: string[]
    context?: TicketContext
  }
  SupportReplyPosted: OfCustomer & {
    messageId: string
    kind: MessageKind
    /** The message that this one puts right (D61). */
    correctionOf?: string | null
    /** It is the resolution (D6). */
    isResolution?: boolean
    attachmentIds?: string[]
    /** The text about an incident that it is part of, the same on all tickets. */
    incidentUpdateId?: string
    /** Who wrote it, where that is not who put it there: a customer whose mail Opsgraph took in. */
    authorId?: string
    /** The mail that it came by. */
    inboundMailId?: string
    body?: string
  }
  SupportNoteAdded: { messageId: string; attachmentIds?: string[]; inboundMailId?: string; body?: string }
  SupportNoteEdited: {
    messageId: string
    /** 1 is what was written first. */
    revision: number
    visibility: MessageVisibility
    body?: string
  }
  SupportNoteVisibilityChanged: OfCustomer & {
    messageId: string
    from: MessageVisibility
    to: MessageVisibility
    kind: MessageKind
    /** Since when customers could read it; null when they never could. ISO 8601. */
    deliveredAt: string | null
    /** It was called back before anybody was told of it. */
    recalled?: boolean
    /** For what was called back. */
    without?: WithoutMessage
  }
  SupportCaseUpdated: TicketChange
  SupportCaseClosed: {
    by: 'REQUESTER_CONFIRMED' | 'STAFF' | 'TIMER' | 'MERGED' | 'WITHDRAWN'
    from?: TicketStatus
    /** Why it was closed before the customer confirmed or kept silent for long enough. */
    early?: EarlyCloseReason | null
    /** The ticket that it went into. */
    intoId?: string | null
  }
  SupportCaseReopened: {
    reopenCount: number
    /** When it had been closed. ISO 8601. */
    closedAt: string | null
    assigneeId: string | null
    /** What is promised anew. */
    sla?: SlaPromise
  }
  /** `messageId`: the resolution that was none. */
  SupportResolutionWithdrawn: { messageId: string }
  SupportCaseMergeReceived: { fromId: string; linkedEntityIds: string[] }
  TicketFiltered: { filterState: FilterState; previousState: FilterState }
  TicketUnfiltered: { queueId: string | null; previousQueueId: string | null; previousState: FilterState }
  EntityLinked: { entityId: string }
  EntityUnlinked: { entityId: string }
  RequesterContactChanged: {
    /** Where answers go to a customer, for this ticket alone; or where whoever opened it without signing in is reached (D57). */
    of: 'REQUESTER' | 'CONTACT'
    /** From now on the address counts that is recorded of the customer. */
    cleared: boolean
    /** Tokens of earlier rounds do not open the ticket any more. */
    accessRound: number
    email?: string | null
    previousEmail?: string | null
  }
  TicketEscalated: {
    escalationId: string
    trigger: EscalationTrigger
    level: EscalationLevel
    /** The trigger leaves no other level. */
    forced: boolean
    /** When somebody has to have taken it up. ISO 8601. */
    dueAt: string
    /** The incident that it belongs to; one that it begins when `begins` is there. */
    incidentId: string | null
    begins: { affectedStoreIds: string[] } | null
    /** Of the policy that says which triggers are immediate; 0: its default. */
    policyVersion: number
    incidentTitle?: string
    /** What is promised from then on, where somebody waits for a reply and it is IMMEDIATE. */
    emergency?: SlaPromise
  }
  EscalationPaged: {
    escalationId: string
    /** 1: at once; then one for each time that nobody had acknowledged it. */
    round: number
    because: PageBecause
    workspace: Workspace
    staffIds: string[]
    /** When it is paged again unless somebody acknowledges it. ISO 8601; null: not any more. */
    again: string | null
  }
  EscalationAcknowledged: { escalationId: string; round: number }
  QueueCreated: QueueShape
  QueueChanged: QueueShape
  RoutingRulesChanged: { rules: RoutingRuleShape[] }
  CoverageChanged: { staffId: string; queueIds: string[]; categories: TicketCategory[]; tags: string[] }
}

export const SUPPORT_EVENTS = {
  SupportCaseOpened: 'A ticket was opened, with its first message.',
  SupportReplyPosted: 'Somebody wrote what the customer can read: staff to the customer, or the customer.',
  SupportNoteAdded: 'Staff wrote what only staff can read.',
  SupportNoteEdited: 'A message of staff was written anew; what stood there before stays readable to staff.',
  SupportNoteVisibilityChanged: 'A message of staff was shown to the customer, or hidden from them.',
  SupportCaseUpdated: 'Something about a ticket changed; `change` says what.',
  SupportCaseClosed: 'A ticket came to its end.',
  SupportCaseReopened: 'A closed ticket was opened again.',
  SupportResolutionWithdrawn:
    'A resolution turned out to be none after the customer was told of it: it is an answer from then on.',
  SupportCaseMergeReceived: 'Another ticket went into this one, with what it was about.',
  TicketFiltered: 'A ticket was taken out of the inbox, as spam or filtered.',
  TicketUnfiltered: 'A ticket that was kept apart came back to the inbox.',
  EntityLinked: 'A ticket is about one more thing.',
  EntityUnlinked: 'A ticket is no longer about something.',
  RequesterContactChanged: 'The address that answers of a ticket go to was changed.',
  TicketEscalated: 'A ticket needs more than usual, at once or soon.',
  EscalationPaged: 'People were paged, because something was escalated that cannot wait.',
  EscalationAcknowledged: 'Somebody takes up what was escalated.',
  QueueCreated: 'There is a new queue for tickets.',
  QueueChanged: 'A queue for tickets was changed.',
  RoutingRulesChanged: 'The rules that choose queues for new tickets were changed.',
  CoverageChanged: 'What a member of staff looks after changed.',
} satisfies Record<Exclude<keyof SupportEvents, keyof SlaEvents>, string>

/** What a customer may learn about a ticket of theirs (C15, X10): a list, so that what is added later stays with staff until it is named. */
const FOR_CUSTOMERS: ReadonlySet<string> = new Set<keyof SupportEvents>([
  'SupportCaseOpened',
  'SupportReplyPosted',
  'SupportCaseClosed',
  'SupportCaseReopened',
  'SupportResolutionWithdrawn',
])
const CHANGES_FOR_CUSTOMERS: ReadonlySet<unknown> = new Set<TicketChange['change']>([
  'ASSIGNEE',
  'STATUS',
  'PRIORITY',
  'CATEGORY',
])

const quoted = (words: ReadonlySet<unknown>): string => [...words].map(word => `'${word}'`).join(', ')

/** Messages that a customer reads, reads from now on, or does not read any more: what became of them. */
const isOfPublicMessage = (type: string, { visibility, from, to }: ForCustomers): boolean =>
  (type === 'SupportNoteEdited' && visibility === 'PUBLIC') ||
  (type === 'SupportNoteVisibilityChanged' && (to === 'PUBLIC' || from === 'PUBLIC'))

interface ForCustomers {
  change?: unknown
  visibility?: unknown
  from?: unknown
  to?: unknown
}

/**
 * Whether a customer who sees the ticket may know that this happened to it. Who did it, why and what was noted down stays with staff.
 */
export const isForCustomers = ({ type, data }: { type: string; data: ForCustomers }): boolean =>
  FOR_CUSTOMERS.has(type) ||
  (type === 'SupportCaseUpdated' && CHANGES_FOR_CUSTOMERS.has(data.change)) ||
  isOfPublicMessage(type, data)

/** The same for the database, where `e` is an event. Values are of our own closed lists. */
export const FOR_CUSTOMERS_SQL = `(
  e.type in (${quoted(FOR_CUSTOMERS)})
  or e.type = 'SupportCaseUpdated' and e.payload->>'change' in (${quoted(CHANGES_FOR_CUSTOMERS)})
  or e.type = 'SupportNoteEdited' and e.payload->>'visibility' = 'PUBLIC'
  or e.type = 'SupportNoteVisibilityChanged' and 'PUBLIC' in (e.payload->>'to', e.payload->>'from'))`

/**
 * Whether it changes what a customer can read, and so counts in the versions that they see: what they may know of, and what shows
 * without being told (a ticket that came to this one).
 */
export const countsForCustomers = (event: { type: string; data: ForCustomers }): boolean =>
  isForCustomers(event) || event.type === 'SupportCaseMergeReceived'
