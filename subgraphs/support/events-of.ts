import DataLoader from 'dataloader'
import type { Context } from '#shared/context.js'
import type { StoredEvent } from '#shared/event.js'
import { COLUMNS, type EventRow, FROM_EVENT, toEvent } from '#shared/event-store.js'

const loaders = new WeakMap<Context, Map<string, DataLoader<string, StoredEvent[]>>>()

async function read(
  { db }: Context,
  ids: readonly string[],
  types: readonly string[],
): Promise<StoredEvent[][]> {
  const rows: EventRow[] = await db.query(
    `select ${COLUMNS}, p.pos from ${FROM_EVENT}
     where e.stream_type = 'Ticket' and e.stream_id = any($1) and e.type = any($2) order by e.stream_id, e.version`,
    [ids, types],
  )
  const events = new Map<string, StoredEvent[]>(ids.map(id => [id, []]))
  for (const event of rows.map(toEvent)) events.get(event.stream.id)?.push(event)
  return ids.map(id => events.get(id)!)
}

/** What happened to a ticket, of these types, oldest first; one query for all tickets of an operation. */
export function eventsOf(
  context: Context,
  ticketId: string,
  types: readonly string[],
): Promise<StoredEvent[]> {
  const mine = loaders.get(context) ?? new Map<string, DataLoader<string, StoredEvent[]>>()
  loaders.set(context, mine)
  const key = types.join()
  let loader = mine.get(key)
  if (!loader) {
    loader = new DataLoader(ids => read(context, ids, types), { maxBatchSize: 100 })
    mine.set(key, loader)
  }
  return loader.load(ticketId)
}
