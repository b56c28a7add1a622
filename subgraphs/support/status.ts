import type { TicketStatus, TicketStatusReason } from '#shared/events/support.js'
import { refuse } from '#shared/refusal.js'
import type { WorkItemPhase } from '#shared/work.js'

/** So long a customer has to say that something is not resolved, by the wall clock (D49, X24). */
export const SILENCE_HOURS = 48

/** When silence closes a ticket that is resolved now. */
export const closesAfter = (now: Date): Date => new Date(now.getTime() + SILENCE_HOURS * 3_600_000)

/** Why a ticket may be in each state (X1); the first one is meant when nobody says. */
export const REASONS_OF: Readonly<Record<TicketStatus, readonly TicketStatusReason[]>> = {
  OPEN: ['WORK_RESUMED', 'NEW', 'CUSTOMER_REPLIED', 'REOPENED'],
  WAITING_ON_BUYER: [
    'INFORMATION_REQUESTED',
    'EVIDENCE_REQUESTED',
    'CONFIRMATION_REQUESTED',
    'RETURN_EXPECTED',
  ],
  WAITING_ON_SELLER: [
    'INFORMATION_REQUESTED',
    'EVIDENCE_REQUESTED',
    'CONFIRMATION_REQUESTED',
    'SHIPMENT_EXPECTED',
  ],
  RESOLVED: ['ANSWERED', 'FIXED', 'REFUNDED', 'WORKAROUND', 'DECLINED', 'NOT_REPRODUCIBLE'],
  CLOSED: ['REQUESTER_CONFIRMED', 'SILENCE', 'CLOSED_EARLY', 'MERGED', 'WITHDRAWN'],
}

const PHASES: Readonly<Record<TicketStatus, WorkItemPhase>> = {
  OPEN: 'ACTIVE',
  WAITING_ON_BUYER: 'WAITING',
  WAITING_ON_SELLER: 'WAITING',
  RESOLVED: 'DONE',
  CLOSED: 'DONE',
}

/** How far a ticket is, in the words for any kind of work (X1). */
export const phaseOf = (status: TicketStatus): WorkItemPhase => PHASES[status]

/** Where a ticket goes from where, and by which action (D8). */
export const WAYS: readonly { from: TicketStatus; to: TicketStatus; by: string }[] = [
  { from: 'OPEN', to: 'WAITING_ON_BUYER', by: 'setTicketStatus' },
  { from: 'OPEN', to: 'WAITING_ON_SELLER', by: 'setTicketStatus' },
  { from: 'WAITING_ON_BUYER', to: 'OPEN', by: 'setTicketStatus' },
  { from: 'WAITING_ON_BUYER', to: 'OPEN', by: 'replyToTicket' },
  { from: 'WAITING_ON_BUYER', to: 'WAITING_ON_SELLER', by: 'setTicketStatus' },
  { from: 'WAITING_ON_SELLER', to: 'OPEN', by: 'setTicketStatus' },
  { from: 'WAITING_ON_SELLER', to: 'OPEN', by: 'replyToTicket' },
  { from: 'WAITING_ON_SELLER', to: 'WAITING_ON_BUYER', by: 'setTicketStatus' },
  { from: 'OPEN', to: 'RESOLVED', by: 'resolveTicket' },
  { from: 'WAITING_ON_BUYER', to: 'RESOLVED', by: 'resolveTicket' },
  { from: 'WAITING_ON_SELLER', to: 'RESOLVED', by: 'resolveTicket' },
  { from: 'RESOLVED', to: 'OPEN', by: 'replyToTicket' },
  { from: 'RESOLVED', to: 'CLOSED', by: 'closeTicket' },
  { from: 'OPEN', to: 'CLOSED', by: 'closeTicket' },
  { from: 'WAITING_ON_BUYER', to: 'CLOSED', by: 'closeTicket' },
  { from: 'WAITING_ON_SELLER', to: 'CLOSED', by: 'closeTicket' },
  { from: 'CLOSED', to: 'OPEN', by: 'reopenTicket' },
]

/** @throws Refusal INVALID when a ticket waits, and nobody says what for (X1) */
export function requireReason(
  status: TicketStatus,
  reason: TicketStatusReason | null | undefined,
  field = 'statusReason',
): void {
  if (reason || phaseOf(status) !== 'WAITING') return
  const reasons = REASONS_OF[status]
  refuse('INVALID', `Say why it is ${status}: ${reasons.join(', ')}.`, field, { reasons })
}

/** @throws Refusal INVALID when a ticket is not in this state for this reason */
export function reasonFor(
  status: TicketStatus,
  reason: TicketStatusReason | null | undefined,
): TicketStatusReason {
  const reasons = REASONS_OF[status]
  if (reason && !reasons.includes(reason))
    refuse('INVALID', `A ticket is not ${status} because of ${reason}.`, 'statusReason', { reasons })
  return reason ?? reasons[0]!
}
