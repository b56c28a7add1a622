import type { EntityManager } from 'typeorm'
import type { Act } from '#shared/act.js'
import type { StoredEvent } from '#shared/event.js'
import type { SupportEvents, TicketChange } from '#shared/events/support.js'
import { type Reaction, reaction } from '#shared/reaction.js'
import { nextLook, type SlaCycle } from '../sla/sla.js'

/** Changes that make a timer run, or its time shorter. */
const CHANGES: readonly TicketChange['change'][] = ['STATUS', 'PRIORITY', 'SAFETY']

/** When something is to be said of the timers of a ticket next, as they stand; null: nothing, until it changes. */
async function nextOf(db: EntityManager, ticketId: string): Promise<Date | null> {
  const [row]: { cycles: SlaCycle[] }[] = await db.query(
    'select sla_cycles || sla_emergencies as cycles from support.ticket where id = $1',
    [ticketId],
  )
  const looks = (row?.cycles ?? []).flatMap(one => nextLook(one) ?? [])
  return looks.length ? new Date(Math.min(...looks.map(Number))) : null
}

function concerns({ type, data }: StoredEvent): boolean {
  if (type === 'SupportNoteVisibilityChanged')
    return (data as SupportEvents['SupportNoteVisibilityChanged']).without !== undefined
  return type !== 'SupportCaseUpdated' || CHANGES.includes((data as TicketChange).change)
}

/**
 * E102: looks when a reply is at risk, and when it is overdue. Whatever moves that (a pause ends, it becomes urgent, a reply is called back) has a look of its
 * own; one that comes too early finds nothing to say and looks again.
 */
export const watchSla = reaction<Act>({
  name: 'watch-sla',
  on: [
    'SupportCaseOpened',
    'SupportCaseReopened',
    'SupportCaseUpdated',
    'SupportNoteVisibilityChanged',
    'TicketUnfiltered',
    'TicketEscalated',
  ],
  when: (event, db) => (concerns(event) ? nextOf(db, event.stream.id) : null),
  run: async ({ event, tx, act, now }) => {
    await act('noteSla', { ticketId: event.stream.id }, { tx, event })
    const next = await nextOf(tx, event.stream.id)
    if (next && next > now) return { again: next }
  },
}) as Reaction
