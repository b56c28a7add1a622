import type { EntityManager } from 'typeorm'
import type { Again } from '#shared/reaction.js'

/** So many tickets are written to in one transaction: it holds them until it ends. */
const BATCH = 50

/** What Opsgraph writes on tickets of an incident, and the id that it refers to: by those it is known where it stands already. */
interface Written {
  type: 'SupportReplyPosted' | 'SupportNoteAdded'
  ref: string
}

/** Those of the tickets that can have it and do not yet: open ones, and for customers none whose only public word was called back. */
async function unwritten(
  tx: EntityManager,
  ticketIds: readonly string[],
  { type, ref }: Written,
): Promise<string[]> {
  const rows: { id: string }[] = await tx.query(
    `select t.id from support.ticket t where t.id = any($1) and t.status <> 'CLOSED'
       and ($3 = 'SupportNoteAdded' or t.shown_since is not null) and not exists (
       select from log.event_ref r join log.event e on e.id = r.event_id
       where r.ref = $2 and e.stream_id = t.id and e.type = $3 and e.actor_kind = 'SYSTEM')
     order by t.id limit $4`,
    [ticketIds, ref, type, BATCH + 1],
  )
  return rows.map(row => row.id)
}

/** A22: on every open ticket of an incident exactly once, some tickets at a time. */
export async function onEachTicket(
  ticketIds: readonly string[],
  written: Written,
  { tx, now }: { tx: EntityManager; now: Date },
  write: (ticketId: string) => Promise<unknown>,
): Promise<Again | undefined> {
  const left = await unwritten(tx, ticketIds, written)
  for (const ticketId of left.slice(0, BATCH)) await write(ticketId)
  return left.length > BATCH ? { again: now } : undefined
}
