import type { EntityManager } from 'typeorm'
import { actorOf, type EventDraft, type EventMetadata, type StreamRef } from '#shared/event.js'
import { streamKey } from '#shared/event-store.js'
import { systemIdentity } from '#shared/identity.js'
import { Role } from '#shared/roles.js'
import type { Services } from '#shared/services.js'
import { fold, type View } from '#shared/view.js'

/** A stream that Opsgraph itself begins, and its first event. */
export interface Beginning {
  stream: StreamRef
  event: EventDraft
}

/** What events bear that Opsgraph itself leaves when it starts. */
export const atStart = (reasonCode: 'BOOTSTRAP' | 'CONFIGURATION'): EventMetadata => ({
  actor: actorOf(systemIdentity(Role.SYSTEM)),
  reasonCode,
  requestId: 'bootstrap',
  correlationId: 'bootstrap',
  surface: 'opsgraph',
  site: null,
})

/**
 * Begins those streams that are not there yet; what became of the others stays. Under a lock that its caller took.
 * @returns ids of those that are new
 */
export async function beginStreams(
  tx: EntityManager,
  beginnings: readonly Beginning[],
  views: readonly View[],
  { store, clock }: Pick<Services, 'store' | 'clock'>,
): Promise<string[]> {
  const known = await store.versions(
    tx,
    beginnings.map(({ stream }) => stream),
  )
  const fresh = beginnings.filter(({ stream }) => !known.has(streamKey(stream)))
  if (fresh.length === 0) return []
  const writes = fresh.map(({ stream, event }) => ({ stream, expectedVersion: 0, events: [event] }))
  await fold(tx, views, await store.append(tx, writes, atStart('BOOTSTRAP'), clock()))
  return fresh.map(({ stream }) => stream.id)
}
