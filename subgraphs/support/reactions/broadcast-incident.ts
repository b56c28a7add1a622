import type { EntityManager } from 'typeorm'
import type { Act } from '#shared/act.js'
import type { DeskEvents, IncidentChange } from '#shared/events/desk.js'
import { type Reaction, reaction } from '#shared/reaction.js'

type Broadcast = Extract<IncidentChange, { change: 'BROADCAST' }>

/** So many tickets are written to in one transaction: it holds them until it ends. */
const BATCH = 50

/** Tickets that were not told yet, and can be: one whose only public word was called back meanwhile is staff's alone again. */
async function untold(tx: EntityManager, { ticketIds, updateId }: Broadcast): Promise<string[]> {
  const rows: { id: string }[] = await tx.query(
    `select t.id from support.ticket t where t.id = any($1) and t.status <> 'CLOSED' and t.shown_since is not null and not exists (
       select from log.event_ref r join log.event e on e.id = r.event_id
       where r.ref = $2 and e.stream_id = t.id and e.type = 'SupportReplyPosted')
     order by t.id limit $3`,
    [ticketIds, updateId, BATCH + 1],
  )
  return rows.map(row => row.id)
}

const isBroadcast = (data: unknown): data is Broadcast =>
  (data as DeskEvents['IncidentUpdated']).change === 'BROADCAST'

/** A22: one text, on every linked ticket exactly once, some tickets at a time. A text that was erased meanwhile goes to nobody. */
export const broadcastIncident = reaction<Act>({
  name: 'broadcast-incident',
  on: ['IncidentUpdated'],
  when: ({ data, occurredAt }) => (isBroadcast(data) ? occurredAt : null),
  run: async ({ event, tx, act, now }) => {
    const update = event.data as Broadcast
    if (!update.publicText) return
    const left = await untold(tx, update)
    const incidentId = event.stream.id
    for (const ticketId of left.slice(0, BATCH))
      await act(
        'postIncidentUpdate',
        { ticketId, incidentId, updateId: update.updateId, body: update.publicText },
        { tx, event },
      )
    if (left.length > BATCH) return { again: now }
  },
}) as Reaction
