import type { Act } from '#shared/act.js'
import type { SupportEvents } from '#shared/events/support.js'
import { type Reaction, reaction } from '#shared/reaction.js'

/** What a ticket was about that went into another one, that one is about from now on. */
export const receiveMerged = reaction<Act>({
  name: 'receive-merged-tickets',
  on: ['SupportCaseClosed'],
  when: ({ data, occurredAt }) =>
    (data as SupportEvents['SupportCaseClosed']).by === 'MERGED' ? occurredAt : null,
  run: async ({ event, tx, act }) => {
    const { intoId } = event.data as SupportEvents['SupportCaseClosed']
    const [row] = await tx.query('select linked_entity_ids from support.ticket where id = $1', [
      event.stream.id,
    ])
    const input = { ticketId: intoId, fromId: event.stream.id, linkedEntityIds: row?.linked_entity_ids ?? [] }
    await act('receiveMergedTicket', input, { tx, event })
  },
}) as Reaction
