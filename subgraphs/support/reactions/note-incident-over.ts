import type { Act } from '#shared/act.js'
import type { DeskEvents } from '#shared/events/desk.js'
import { type Reaction, reaction } from '#shared/reaction.js'
import { onEachTicket } from '../desk/incident-tickets.js'

/** A22: on every ticket of an incident that is over stands so, for whoever works on it, once. */
export const noteIncidentsOver = reaction<Act>({
  name: 'note-incident-over',
  on: ['IncidentResolved'],
  since: 'NOW',
  run: async ({ event, tx, act, now }) => {
    const { ticketIds } = event.data as DeskEvents['IncidentResolved']
    const incidentId = event.stream.id
    const [row] = await tx.query('select title from support.incident where id = $1', [incidentId])
    const body = `The incident "${row?.title ?? incidentId}" (${incidentId}) is over. What this customer still needs is to be looked at; when it is nothing, the ticket can be resolved.`
    const noted = { type: 'SupportNoteAdded', ref: incidentId } as const
    return onEachTicket(ticketIds, noted, { tx, now }, ticketId =>
      act('noteIncidentOver', { ticketId, incidentId, body }, { tx, event }),
    )
  },
}) as Reaction
