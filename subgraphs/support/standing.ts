import type { StoredEvent } from '#shared/event.js'
import type {
  FilterState,
  SupportEvents,
  TicketCategory,
  TicketChange,
  TicketPriority,
  TicketStatus,
  TicketStatusReason,
} from '#shared/events/support.js'
import type { SlaCycle } from './sla/sla.js'
import { emergencyAfter, type SlaEmergency } from './sla/sla-emergency.js'
import { slaAfter } from './sla/sla-fold.js'

/** An instant as it is kept; in a row that was read, a Date. */
type Instant = string | Date

/** How a ticket stands: alike in what decisions rest on, and in its row. */
export interface Standing {
  status: TicketStatus | null
  statusReason: TicketStatusReason | null
  statusSince: Instant | null
  previousStatus: TicketStatus | null
  priority: TicketPriority
  category: TicketCategory
  queueId: string | null
  tags: string[]
  safetySensitive: boolean
  filterState: FilterState
  filteredBy: string | null
  assigneeId: string | null
  assignedAt: Instant | null
  linkedEntityIds: string[]
  snoozedUntil: Instant | null
  resolvedAt: Instant | null
  closesAt: Instant | null
  closedAt: Instant | null
  firstClosedAt: Instant | null
  reopenCount: number
  firstRepliedAt: Instant | null
  lastStaffReplyAt: Instant | null
  lastCustomerMessageAt: Instant | null
  /** The customer had the last word. */
  awaitsReply: boolean
  followUpNeeded: boolean
  mergedIntoId: string | null
  /** Promises of a first reply: of the opening, and of each reopening. */
  slaCycles: SlaCycle[]
  /** The last one as far as customers may know of it, where that is something else; see `sla-fold.ts`. */
  slaShown: SlaCycle | null
  /** When the last of them began. */
  slaBeganAt: Instant | null
  /** Promises of a reply after escalations that cannot wait. */
  slaEmergencies: SlaEmergency[]
  /** When what is promised is due next; null while nothing is. */
  slaDueAt: Instant | null
  slaAtRiskAt: Instant | null
  /**
   * Since when its customers know of it: from the first public word on. What staff opened for themselves is theirs alone until then,
   * whosever account it is about (C15, C25).
   */
  shownSince: Instant | null
  /** When something happened to it that customers may know of. */
  touchedAt: Instant | null
}

export const NOWHERE: Standing = {
  status: null,
  statusReason: null,
  statusSince: null,
  previousStatus: null,
  priority: 'NORMAL',
  category: 'REPLY_NEEDED',
  queueId: null,
  tags: [],
  safetySensitive: false,
  filterState: 'INBOX',
  filteredBy: null,
  assigneeId: null,
  assignedAt: null,
  linkedEntityIds: [],
  snoozedUntil: null,
  resolvedAt: null,
  closesAt: null,
  closedAt: null,
  firstClosedAt: null,
  reopenCount: 0,
  firstRepliedAt: null,
  lastStaffReplyAt: null,
  lastCustomerMessageAt: null,
  awaitsReply: false,
  followUpNeeded: false,
  mergedIntoId: null,
  slaCycles: [],
  slaShown: null,
  slaBeganAt: null,
  slaEmergencies: [],
  slaDueAt: null,
  slaAtRiskAt: null,
  shownSince: null,
  touchedAt: null,
}

type At = Pick<StoredEvent, 'occurredAt'>
type Step<K extends keyof SupportEvents> = (
  before: Standing,
  data: SupportEvents[K],
  at: At,
) => Partial<Standing>

const iso = ({ occurredAt }: At): string => occurredAt.toISOString()

/** What one change leaves. Tickets that were changed before `change` had more kinds than one have ASSIGNEE. */
function changed(data: TicketChange, at: At): Partial<Standing> {
  const now = iso(at)
  switch (data.change) {
    case 'ASSIGNEE':
      return {
        assigneeId: data.assigneeId,
        assignedAt: data.assigneeId === null ? null : now,
        touchedAt: now,
      }
    case 'STATUS':
      return {
        status: data.to,
        statusReason: data.statusReason,
        statusSince: data.restores?.statusSince ?? now,
        previousStatus: data.restores ? data.restores.previousStatus : data.from,
        closesAt: data.closesAt,
        resolvedAt: data.to === 'RESOLVED' ? now : null,
        touchedAt: now,
      }
    case 'PRIORITY':
      return { priority: data.priority, touchedAt: now }
    case 'CATEGORY':
      return { category: data.category, touchedAt: now }
    case 'QUEUE':
      return { queueId: data.queueId }
    case 'TAGS':
      return { tags: data.tags }
    case 'SAFETY':
      return { safetySensitive: data.safetySensitive }
    case 'SNOOZE':
      return { snoozedUntil: data.until }
    case 'FOLLOW_UP':
      return { followUpNeeded: data.followUpNeeded, closesAt: data.closesAt }
  }
}

const CLOSED_BECAUSE = {
  REQUESTER_CONFIRMED: 'REQUESTER_CONFIRMED',
  TIMER: 'SILENCE',
  STAFF: 'SILENCE',
  MERGED: 'MERGED',
  WITHDRAWN: 'WITHDRAWN',
} as const satisfies Record<SupportEvents['SupportCaseClosed']['by'], TicketStatusReason>

const without = (ids: readonly string[], gone: string): string[] => ids.filter(id => id !== gone)
const together = (ids: readonly string[], more: readonly string[]): string[] => [
  ...new Set([...ids, ...more]),
]

/** A word of the customer, or to the customer. */
const said = (before: Standing, kind: string, at: At): Partial<Standing> => {
  const now = iso(at)
  const known = { shownSince: before.shownSince ?? now, touchedAt: now }
  if (kind === 'USER_MESSAGE') return { ...known, lastCustomerMessageAt: now, awaitsReply: true }
  if (kind !== 'STAFF_REPLY') return known
  return {
    ...known,
    firstRepliedAt: before.firstRepliedAt ?? now,
    lastStaffReplyAt: now,
    awaitsReply: false,
  }
}

/** What each event leaves of how a ticket stands: `{}` where nothing but its version. */
export const STEPS: { [K in keyof SupportEvents]?: Step<K> } = {
  SupportCaseOpened: (_, data, at) => ({
    ...NOWHERE,
    ...(data.visibility === 'PUBLIC' ? said(NOWHERE, data.kind, at) : {}),
    status: 'OPEN',
    statusReason: 'NEW',
    statusSince: iso(at),
    priority: data.priority,
    category: data.category,
    queueId: data.queueId ?? null,
    tags: data.tags ?? [],
    safetySensitive: data.safetySensitive ?? false,
    filterState: data.filterState ?? 'INBOX',
    filteredBy: data.filteredBy ?? null,
    linkedEntityIds: data.linkedEntityIds,
    touchedAt: iso(at),
  }),
  SupportReplyPosted: (before, { kind }, at) => said(before, kind, at),
  SupportNoteAdded: () => ({}),
  SupportNoteEdited: (_, { visibility }, at) => (visibility === 'PUBLIC' ? { touchedAt: iso(at) } : {}),
  SupportNoteVisibilityChanged: (before, { to, kind, without }, at) => {
    if (to === 'PUBLIC') return said(before, kind, at)
    if (!without) return { touchedAt: iso(at) }
    const { firstRepliedAt, lastStaffReplyAt, awaitsReply, shownSince = before.shownSince } = without
    return { firstRepliedAt, lastStaffReplyAt, awaitsReply, shownSince, touchedAt: iso(at) }
  },
  SupportCaseUpdated: (_, data, at) => changed(data, at),
  SupportCaseClosed: (before, { by, early, intoId }, at) => ({
    status: 'CLOSED',
    statusReason: early ? 'CLOSED_EARLY' : CLOSED_BECAUSE[by],
    statusSince: iso(at),
    previousStatus: before.status,
    closedAt: iso(at),
    firstClosedAt: before.firstClosedAt ?? iso(at),
    closesAt: null,
    snoozedUntil: null,
    mergedIntoId: intoId ?? null,
    touchedAt: iso(at),
  }),
  SupportCaseReopened: (before, { reopenCount }, at) => ({
    status: 'OPEN',
    statusReason: 'REOPENED',
    statusSince: iso(at),
    previousStatus: 'CLOSED',
    closedAt: null,
    resolvedAt: null,
    reopenCount,
    assigneeId: before.assigneeId,
    touchedAt: iso(at),
  }),
  SupportResolutionWithdrawn: (_, _data, at) => ({ touchedAt: iso(at) }),
  SupportCaseMergeReceived: (before, { linkedEntityIds }, at) => ({
    linkedEntityIds: together(before.linkedEntityIds, linkedEntityIds),
    touchedAt: iso(at),
  }),
  TicketEscalated: () => ({}),
  RequesterContactChanged: () => ({}),
  EscalationPaged: () => ({}),
  EscalationAcknowledged: () => ({}),
  TicketFiltered: (_, { filterState }) => ({ filterState, filteredBy: null }),
  TicketUnfiltered: (_, { queueId }) => ({ filterState: 'INBOX', filteredBy: null, queueId }),
  SlaNearBreach: () => ({}),
  SlaBreached: () => ({}),
  EntityLinked: (before, { entityId }) => ({ linkedEntityIds: together(before.linkedEntityIds, [entityId]) }),
  EntityUnlinked: (before, { entityId }) => ({ linkedEntityIds: without(before.linkedEntityIds, entityId) }),
}

export type AnyStep = (before: Standing, data: unknown, at: At) => Partial<Standing>

/** What each event leaves of a ticket, its timers included. */
export const ANY_STEPS: Readonly<Record<string, AnyStep>> = Object.fromEntries(
  Object.entries(STEPS as Record<string, AnyStep>).map(([type, step]): [string, AnyStep] => [
    type,
    (before, data, at) => {
      const event = { type, data, at: at.occurredAt }
      const left = step(before, data, at)
      const timed = { ...left, ...slaAfter(event, { ...before, ...left }) }
      return { ...timed, ...emergencyAfter(event, { ...before, ...timed }) }
    },
  ]),
)
