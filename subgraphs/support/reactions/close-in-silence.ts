import type { Act } from '#shared/act.js'
import type { StoredEvent } from '#shared/event.js'
import type { TicketChange } from '#shared/events/support.js'
import { type Reaction, reaction } from '#shared/reaction.js'

/** When silence closes the ticket, as this event left it. */
const closesAt = ({ data }: StoredEvent): Date | null => {
  const change = data as TicketChange
  const due = change.change === 'STATUS' || change.change === 'FOLLOW_UP' ? change.closesAt : null
  return due === null ? null : new Date(due)
}

/** D49, X24: 48 hours by the clock after a ticket was resolved, unless the customer said something; the action looks. */
export const closeInSilence = reaction<Act>({
  name: 'close-ticket-in-silence',
  on: ['SupportCaseUpdated'],
  when: closesAt,
  run: async ({ event, tx, act }) => {
    await act('closeTicketInSilence', { ticketId: event.stream.id }, { tx, event })
  },
}) as Reaction
