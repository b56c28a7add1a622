import type { Act } from '#shared/act.js'
import { type Reaction, reaction } from '#shared/reaction.js'

/** So many at once, so that nobody waits long for one of them. */
const BATCH = 50

/** Whoever left works on nothing any more: their open tickets lie in their queues again, for others to take. */
export const takeBackTickets = reaction<Act>({
  name: 'take-back-tickets',
  on: ['StaffDeactivated'],
  run: async ({ event, tx, act, now }) => {
    const [person] = await tx.query('select disabled_at from access.person where id = $1', [event.stream.id])
    if (!person?.disabled_at) return
    const tickets: { id: string }[] = await tx.query(
      `select id from support.ticket where assignee_id = $1 and status <> 'CLOSED' order by id limit ${BATCH}`,
      [event.stream.id],
    )
    for (const { id } of tickets) await act('unassignTicket', { ticketId: id }, { tx, event })
    if (tickets.length === BATCH) return { again: now }
  },
}) as Reaction
