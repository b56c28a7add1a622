import type { StoredEvent } from '#shared/event.js'
import type { MessageKind, SupportEvents, TicketStatus } from '#shared/events/support.js'

/** What scripts and audit logs call this part of the product (D62). */
export const SURFACE = 'ticket-and-support-workflow'

/** An instant as the documents write it: UTC, without parts of a second. */
export const stamp = (at: Date): string => at.toISOString().replace(/\.\d{3}Z$/, 'Z')

/** The three words of the documents for our five states (X1). */
export const statusWord = (status: TicketStatus): string =>
  status === 'RESOLVED' || status === 'CLOSED' ? status.toLowerCase() : 'open'

/** `Account help` as scripts write it. */
export const slugOf = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '')

const TYPES: Record<MessageKind, string> = {
  STAFF_REPLY: 'public-reply',
  SYSTEM: 'public-reply',
  INTERNAL_NOTE: 'internal-note',
  USER_MESSAGE: 'follow-up',
}

/** What a message is in the words of the documents (D65). */
export const messageWord = (kind: MessageKind, visibility: string): string =>
  visibility === 'PRIVATE' ? 'internal-note' : TYPES[kind]

/** From where to where an event moved a ticket; null when it did not. */
export function moveOf({ type, data }: StoredEvent): { from: TicketStatus | null; to: TicketStatus } | null {
  if (type === 'SupportCaseOpened') return { from: null, to: 'OPEN' }
  if (type === 'SupportCaseReopened') return { from: 'CLOSED', to: 'OPEN' }
  if (type === 'SupportCaseClosed')
    return { from: (data as SupportEvents['SupportCaseClosed']).from ?? null, to: 'CLOSED' }
  if (type === 'SupportCaseUpdated' && data.change === 'STATUS') return { from: data.from, to: data.to }
  return null
}

export const MOVES = [
  'SupportCaseOpened',
  'SupportCaseUpdated',
  'SupportCaseClosed',
  'SupportCaseReopened',
] as const
