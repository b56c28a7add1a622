import { createHash } from 'node:crypto'
import type { EntityManager } from 'typeorm'
import type { Identity } from '#shared/identity.js'
import { holds } from '#shared/permissions.js'
import { openTo } from '#shared/readers.js'
import { readableTypes, WATCHERS } from '../audience.js'
import type { EventQuery } from '../events/read.js'

/** Most events of one slice. */
export const MOST = 500

/** An event, and the hash that the log has for it: it covers the event and all that came before it in its history. */
export interface Hashed {
  id: string
  hash: string
}

/** What vouches for both lists at once. */
export const digestOf = (entries: readonly Hashed[]): string =>
  createHash('sha256')
    .update(entries.map(({ id, hash }) => `${id} ${hash}\n`).join(''))
    .digest('hex')

/**
 * The oldest events that a filter takes, one more than a slice holds at most. For watchers of the whole log; for others their own acts,
 * and, where the filter says about what, all that they may read about it.
 */
export async function chosen(tx: EntityManager, query: EventQuery, identity: Identity): Promise<Hashed[]> {
  const { types, actorId, references, after, before } = query
  const values: unknown[] = []
  const place = (value: unknown): string => `$${values.push(value)}`
  const conditions: string[] = []
  if (types?.length) conditions.push(`e.type = any(${place(types)})`)
  if (actorId) conditions.push(`e.actor = ${place(actorId)}`)
  if (references?.length)
    conditions.push(`e.id in (select event_id from log.event_ref where ref = any(${place(references)}))`)
  if (after) conditions.push(`e.at >= ${place(after)}`)
  if (before) conditions.push(`e.at < ${place(before)}`)
  if (!holds(identity, WATCHERS)) {
    const person = place(identity.personId)
    const own = `e.actor = ${person} and e.actor_kind = 'STAFF'`
    const readable = () =>
      `e.stream_type = any(${place(readableTypes(identity))}) and ${openTo('e.stream_id', place(identity.roles), person)}`
    conditions.push(references?.length ? `((${readable()}) or ${own})` : own)
  }
  return tx.query(
    `select 'evt_' || e.id as id, encode(e.hash, 'hex') as hash from log.event e
     where ${conditions.join(' and ') || 'true'} order by e.id limit ${MOST + 1}`,
    values,
  )
}
