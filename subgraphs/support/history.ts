import type { StoredEvent } from '#shared/event.js'
import type { SupportEvents } from '#shared/events/support.js'
import { moveOf } from './reference.js'

/** What an event is in the history of a ticket. `summary`: in words, for staff. */
export interface Entry<K extends string = string> {
  kind: K
  from?: unknown
  to?: unknown
  summary?: string
}

const CHANGES: Record<string, (data: Record<string, unknown>) => Entry> = {
  ASSIGNEE: ({ previousAssigneeId, assigneeId }) => ({
    kind: 'ASSIGNEE',
    from: previousAssigneeId,
    to: assigneeId,
  }),
  STATUS: ({ from, to }) => ({ kind: to === 'RESOLVED' ? 'RESOLVED' : 'STATUS', from, to }),
  PRIORITY: ({ previousPriority, priority }) => ({ kind: 'PRIORITY', from: previousPriority, to: priority }),
  CATEGORY: ({ previousCategory, category }) => ({ kind: 'CATEGORY', from: previousCategory, to: category }),
  QUEUE: ({ previousQueueId, queueId }) => ({ kind: 'QUEUE', from: previousQueueId, to: queueId }),
  TAGS: ({ previousTags, tags }) => ({ kind: 'TAGS', from: previousTags, to: tags }),
  SAFETY: ({ safetySensitive }) => ({ kind: 'SAFETY', from: !safetySensitive, to: safetySensitive }),
  SNOOZE: ({ until }) => ({ kind: 'SNOOZE', to: until }),
  FOLLOW_UP: ({ followUpNeeded }) => ({
    kind: 'FOLLOW_UP_NEEDED',
    from: !followUpNeeded,
    to: followUpNeeded,
  }),
}

const timed =
  (kind: string, what: string) =>
  ({ data: { metric, dueAt } }: StoredEvent): Entry => ({
    kind,
    to: dueAt,
    summary: `${metric === 'FIRST_RESPONSE' ? 'The first reply' : 'The reply after an escalation'} ${what}: due at ${dueAt}.`,
  })

function escalated({ data }: StoredEvent): Entry {
  const { trigger, level, dueAt, incidentId } = data as SupportEvents['TicketEscalated']
  const part = incidentId ? ` Part of ${incidentId}.` : ''
  return { kind: 'ESCALATED', to: level, summary: `${level}: ${trigger}, to be taken up by ${dueAt}.${part}` }
}

function paged({ data }: StoredEvent): Entry {
  const { round, because, staffIds } = data as SupportEvents['EscalationPaged']
  return { kind: 'PAGED', to: staffIds, summary: `Round ${round}: ${because}.` }
}

const ENTRIES: Record<string, (event: StoredEvent) => Entry> = {
  SupportCaseOpened: () => ({ kind: 'OPENED', to: 'OPEN' }),
  SupportReplyPosted: ({ data }) => ({ kind: data.kind === 'USER_MESSAGE' ? 'FOLLOW_UP' : 'PUBLIC_REPLY' }),
  SupportNoteAdded: () => ({ kind: 'NOTE' }),
  SupportNoteEdited: () => ({ kind: 'EDITED' }),
  SupportNoteVisibilityChanged: ({ data: { from, to } }) => ({
    kind: to === 'PUBLIC' ? 'SHOWN' : 'HIDDEN',
    from,
    to,
  }),
  SupportCaseUpdated: ({ data }) => CHANGES[data.change]?.(data) ?? { kind: 'OTHER' },
  SupportCaseClosed: event =>
    event.data.by === 'MERGED'
      ? { kind: 'MERGED', to: event.data.intoId }
      : { kind: 'CLOSED', ...moveOf(event) },
  SupportCaseReopened: event => ({ kind: 'REOPENED', ...moveOf(event) }),
  SupportResolutionWithdrawn: () => ({ kind: 'RESOLUTION_WITHDRAWN' }),
  SupportCaseMergeReceived: ({ data }) => ({ kind: 'RECEIVED', from: data.fromId }),
  TicketFiltered: ({ data }) => ({ kind: 'FILTERED', from: data.previousState, to: data.filterState }),
  TicketUnfiltered: ({ data }) => ({ kind: 'RESTORED', from: data.previousState, to: 'INBOX' }),
  RequesterContactChanged: () => ({ kind: 'CONTACT' }),
  EntityLinked: ({ data }) => ({ kind: 'LINKED', to: data.entityId }),
  EntityUnlinked: ({ data }) => ({ kind: 'UNLINKED', from: data.entityId }),
  SlaNearBreach: timed('NEAR_BREACH', 'will soon be overdue'),
  SlaBreached: timed('BREACHED', 'is late'),
  TicketEscalated: escalated,
  EscalationPaged: paged,
  EscalationAcknowledged: ({ data: { escalationId, round } }) => ({
    kind: 'ACKNOWLEDGED',
    to: escalationId,
    summary: round ? `After round ${round}.` : 'Before anybody was paged.',
  }),
  IncidentUpdated: ({ stream }) => ({
    kind: 'INCIDENT',
    to: stream.id,
    summary: `It is part of ${stream.id}.`,
  }),
}

/** For customers what became public is an answer from then on, and what was hidden is gone. */
const forCustomers = ({ data: { to } }: StoredEvent): Entry => ({
  kind: to === 'PUBLIC' ? 'PUBLIC_REPLY' : 'WITHDRAWN',
})

/** What an event is to staff, or to a customer. */
export function entryOf(event: StoredEvent, customer: boolean): Entry {
  const { type } = event
  if (customer && type === 'SupportNoteVisibilityChanged') return forCustomers(event)
  return ENTRIES[type]?.(event) ?? { kind: 'OTHER' }
}

/** How customers know a ticket: from when on. */
interface Known {
  shownSince: Date | null
}

/** Whether they know of the ticket by then, and may of this: before that, only that it was opened. */
export const isKnown = (event: StoredEvent, { shownSince }: Known): boolean =>
  shownSince !== null && (event.type === 'SupportCaseOpened' || event.occurredAt >= shownSince)
