import type { Act } from '#shared/act.js'
import type { TicketChange } from '#shared/events/support.js'
import { type Reaction, reaction } from '#shared/reaction.js'

/** What was put aside comes back when its time has come. */
export const wakeTickets = reaction<Act>({
  name: 'wake-tickets',
  on: ['SupportCaseUpdated'],
  when: ({ data }) => {
    const change = data as TicketChange
    return change.change === 'SNOOZE' && change.until !== null ? new Date(change.until) : null
  },
  run: async ({ event, tx, act }) => {
    await act('wakeTicket', { ticketId: event.stream.id }, { tx, event })
  },
}) as Reaction
