import { aggregate } from '#shared/aggregate.js'
import type { SupportEvents, TicketStatus } from '#shared/events/support.js'
import { refuse } from '#shared/refusal.js'

/** What decisions about a ticket rest on. `status` null: there is no such ticket. */
export interface TicketState {
  status: TicketStatus | null
  organizationId: string | null
  requesterId: string | null
  assigneeId: string | null
  /** ISO 8601. */
  assignedAt: string | null
}

export const ticket = aggregate<TicketState, SupportEvents>({
  type: 'Ticket',
  prefix: 'tkt',
  initial: { status: null, organizationId: null, requesterId: null, assigneeId: null, assignedAt: null },
  evolve: {
    SupportCaseOpened: (state, { organizationId, requesterId }) => ({
      ...state,
      status: 'OPEN',
      organizationId,
      requesterId,
    }),
    SupportCaseUpdated: (state, { assigneeId }, { occurredAt }) => ({
      ...state,
      assigneeId,
      assignedAt: assigneeId === null ? null : occurredAt.toISOString(),
    }),
    SupportCaseClosed: state => ({ ...state, status: 'CLOSED' }),
  },
})

/** @throws Refusal NOT_FOUND when there is none, or none that this caller may know of */
export function requireTicket({ status }: TicketState, isTheirs = true): void {
  if (status === null || !isTheirs) refuse('NOT_FOUND', 'There is no such ticket.', 'ticketId')
}

/** @throws Refusal INVALID_STATE when nothing more can be said or done (D47) */
export function requireOpen({ status }: TicketState): void {
  if (status === 'CLOSED')
    refuse('INVALID_STATE', 'This ticket is closed; reopen it, or open a new one.', 'ticketId', { status })
}
