import type { Act } from '#shared/act.js'
import type { DeskEvents, IncidentChange } from '#shared/events/desk.js'
import { type Reaction, reaction } from '#shared/reaction.js'
import { onEachTicket } from '../desk/incident-tickets.js'

type Broadcast = Extract<IncidentChange, { change: 'BROADCAST' }>

const isBroadcast = (data: unknown): data is Broadcast =>
  (data as DeskEvents['IncidentUpdated']).change === 'BROADCAST'

/** A22: one text, on every linked ticket exactly once. A text that was erased meanwhile goes to nobody. */
export const broadcastIncident = reaction<Act>({
  name: 'broadcast-incident',
  on: ['IncidentUpdated'],
  when: ({ data, occurredAt }) => (isBroadcast(data) ? occurredAt : null),
  run: async ({ event, tx, act, now }) => {
    const { ticketIds, updateId, publicText: body } = event.data as Broadcast
    if (!body) return undefined
    const incidentId = event.stream.id
    const posted = { type: 'SupportReplyPosted', ref: updateId } as const
    return onEachTicket(ticketIds, posted, { tx, now }, ticketId =>
      act('postIncidentUpdate', { ticketId, incidentId, updateId, body }, { tx, event }),
    )
  },
}) as Reaction
