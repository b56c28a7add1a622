import { openDatabase } from '#shared/database.js'
import type { EventDraft, StreamRef } from '#shared/event.js'
import { EventStore, POKE_CHANNEL } from '#shared/event-store.js'
import { createLogger } from '#shared/log.js'
import { Role } from '#shared/roles.js'
import type { World } from './world.js'

/** Appends to the log of a running product what another part of it would: for what nobody can ask for by mutation. */
export async function happened(world: World, stream: StreamRef, ...events: EventDraft[]): Promise<void> {
  const log = createLogger({ logLevel: 'silent' }, 'test')
  const db = await openDatabase({
    url: world.databaseUrl,
    entities: [],
    poolSize: 1,
    role: 'opsgraph_app',
    log,
  })
  const store = new EventStore(world.keys.eventMac)
  const metadata = {
    actor: { kind: 'SYSTEM' as const, id: 'system', roles: [Role.SYSTEM], tokenId: null },
    reasonCode: 'ROUTINE',
    note: null,
    requestId: 'req_test',
    correlationId: 'req_test',
    causationId: null,
    idempotencyKey: null,
    surface: 'opsgraph',
    site: null,
  }
  try {
    await db.transaction(tx =>
      store.append(tx, [{ stream, expectedVersion: null, events }], metadata, new Date()),
    )
    await db.query(`select pg_notify('${POKE_CHANNEL}', '')`)
  } finally {
    await db.destroy()
  }
}
