import type { EntityManager } from 'typeorm'
import type { EventStore } from '#shared/event-store.js'
import { refuse } from '#shared/refusal.js'
import { type RoutableQueue, readQueues } from './routing.js'

/** All queues, which nobody else changes until the transaction ends: names are compared over all of them. */
export async function lockedQueues(tx: EntityManager, store: EventStore): Promise<RoutableQueue[]> {
  await store.lock(tx, ['queues'])
  return readQueues(tx)
}

/** @throws Refusal ALREADY_EXISTS when another queue is called so */
export function requireOwnName(name: string, id: string, queues: readonly RoutableQueue[]): void {
  const same = queues.find(one => one.id !== id && one.name.toLowerCase() === name.toLowerCase())
  if (same) refuse('ALREADY_EXISTS', 'Another queue is called so.', 'name', { queueId: same.id })
}
