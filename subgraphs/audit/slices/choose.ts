import { createHash } from 'node:crypto'
import type { EntityManager } from 'typeorm'
import type { Identity } from '#shared/identity.js'
import { holds } from '#shared/permissions.js'
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
  const watches = holds(identity, WATCHERS)
  return tx.query(
    `select 'evt_' || e.id as id, encode(e.hash, 'hex') as hash from log.event e
     where ($1::text[] is null or e.type = any($1)) and ($2::text is null or e.actor = $2)
       and ($3::text[] is null or e.id in (select event_id from log.event_ref where ref = any($3)))
       and ($4::timestamptz is null or e.at >= $4) and ($5::timestamptz is null or e.at < $5)
       and ($6 or (e.actor = $7 and e.actor_kind = $8) or ($3::text[] is not null and e.stream_type = any($9)))
     order by e.id limit $10`,
    [
      types ?? null,
      actorId ?? null,
      references ?? null,
      after ?? null,
      before ?? null,
      watches,
      identity.personId,
      identity.kind,
      readableTypes(identity),
      MOST + 1,
    ],
  )
}
