import type { EntityManager } from 'typeorm'
import type { Act } from '#shared/act.js'
import type { DeskEvents } from '#shared/events/desk.js'
import { type Reaction, reaction } from '#shared/reaction.js'

/** So many tickets are written to in one transaction: it holds them until it ends. */
const BATCH = 50

/** Tickets of it that are open, and on which it was not noted yet. */
async function unnoted(
  tx: EntityManager,
  incidentId: string,
  ticketIds: readonly string[],
): Promise<string[]> {
  const rows: { id: string }[] = await tx.query(
    `select t.id from support.ticket t where t.id = any($1) and t.status <> 'CLOSED' and not exists (
       select from log.event_ref r join log.event e on e.id = r.event_id
       where r.ref = $2 and e.stream_id = t.id and e.type = 'SupportNoteAdded' and e.actor_kind = 'SYSTEM')
     order by t.id limit $3`,
    [ticketIds, incidentId, BATCH + 1],
  )
  return rows.map(row => row.id)
}

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
    const left = await unnoted(tx, incidentId, ticketIds)
    for (const ticketId of left.slice(0, BATCH))
      await act('noteIncidentOver', { ticketId, incidentId, body }, { tx, event })
    if (left.length > BATCH) return { again: now }
  },
}) as Reaction
