import { randomBytes } from 'node:crypto'
import type { DataSource, EntityManager } from 'typeorm'
import { canonicalJson, sha256, UnstorableValue } from '#shared/canonical.js'
import type { Actor, EventDraft, EventMetadata, StoredEvent, StreamRef } from '#shared/event.js'
import { type LeafContent, leafOf, macOf, privateDigestOf } from '#shared/event-leaf.js'
import {
  eventOf,
  eventsFrom,
  FROM_EVENT,
  ITS_POSITION,
  look,
  type PrivateBody,
  type Queryable,
} from '#shared/event-row.js'
import { type EventFilter, readPage, sealedHead } from '#shared/sealed-log.js'

/** Events of one stream, and the version it has to have before them: 0 = must be new, null = whatever it is. */
export interface Write {
  stream: StreamRef
  expectedVersion: number | null
  events: readonly EventDraft[]
}

/** Somebody else wrote to the stream first. The transaction is lost; load, decide and try again. */
export class VersionConflict extends Error {
  override name = 'VersionConflict'
}

/** The channel on which writers say that there is something to seal. */
export const POKE_CHANNEL = 'opsgraph_poke'

/** The channel on which the sealer says that there is something to read; the payload is the last position. */
export const FEED_CHANNEL = 'opsgraph_feed'

const MAX_ID = '9223372036854775807'

/** How `versions` names a stream. */
export const streamKey = (stream: StreamRef): string => `${stream.type}/${stream.id}`

/**
 * Lets one transaction at a time act on each of these streams, until it ends. Always in the same order, so that two callers who
 * name the same streams differently cannot wait for each other.
 */
export async function lockStreams(tx: EntityManager, streamIds: readonly string[]): Promise<void> {
  const keys = [...new Set(streamIds)].map(id => sha256(id).readBigInt64BE())
  keys.sort((a, b) => (a < b ? -1 : 1))
  await tx.query('select pg_advisory_xact_lock(k) from unnest($1::bigint[]) k', [keys.map(String)])
}

/**
 * The log: what happened, in order, for ever. Appends inside the caller's transaction, reads streams for deciding, and the
 * sealed log by position for everything that follows. `macKey`: 32 bytes that never reach the database.
 */
export class EventStore {
  private poking: Promise<void> | null = null
  private pokeAgain = false

  constructor(private readonly macKey: Buffer) {}

  /**
   * Appends to any number of streams in one round trip and answers the events as they now lie in the log, in the order given.
   * Throws `VersionConflict` when a stream is not at its expected version, `UnstorableValue` before any SQL for text or numbers
   * that would not come back the same. Call `poke` after the commit.
   */
  async append(
    tx: EntityManager,
    writes: readonly Write[],
    meta: EventMetadata,
    now: Date,
  ): Promise<StoredEvent[]> {
    const prepared = writes.flatMap(({ stream, expectedVersion, events }) =>
      events.map((draft, index) =>
        this.prepare(stream, expectedVersion === null ? null : expectedVersion + index, draft, meta, now),
      ),
    )
    if (!prepared.length) return []
    const rows = await this.insert(
      tx,
      prepared.map(({ row }) => row),
    )
    return prepared.map(({ event }, index) => ({
      ...event,
      id: Number(rows[index]!.id),
      version: rows[index]!.version,
    }))
  }

  /** The history of one aggregate, oldest first; empty when there is none. */
  async load(db: Queryable, stream: StreamRef): Promise<StoredEvent[]> {
    return eventsFrom(db, `${FROM_EVENT} where e.stream_type = $1 and e.stream_id = $2 order by e.version`, [
      stream.type,
      stream.id,
    ])
  }

  /** As `lockStreams`. */
  async lock(tx: EntityManager, streamIds: readonly string[]): Promise<void> {
    await lockStreams(tx, streamIds)
  }

  /** The version of each stream that exists, by `streamKey`. */
  async versions(db: Queryable, streams: readonly StreamRef[]): Promise<Map<string, number>> {
    const rows: { stream_type: string; stream_id: string; version: number }[] = await db.query(
      `select u.type as stream_type, u.id as stream_id, s.version from unnest($1::text[], $2::text[]) u(type, id)
       cross join ${look('version', 'stream', 'stream_type = u.type and stream_id = u.id', 's')}`,
      [streams.map(({ type }) => type), streams.map(({ id }) => id)],
    )
    return new Map(rows.map(row => [streamKey({ type: row.stream_type, id: row.stream_id }), row.version]))
  }

  /** Sealed events after a position, in order; never a gap, whoever commits in between. */
  async read(
    db: Queryable,
    { after = 0, limit, ...filter }: EventFilter & { after?: number; limit: number },
  ): Promise<StoredEvent[]> {
    const found: StoredEvent[] = []
    const head = await sealedHead(db)
    for (let position = after; position < head && found.length < limit; ) {
      const page = await readPage(db, { after: position, upTo: head, limit: limit - found.length, ...filter })
      found.push(...page.events)
      position = page.next
    }
    return found
  }

  /**
   * The timeline of an entity, or of several merged: what mentions it, newest first, sealed or not (E32). `before`: an event's
   * id, exclusive.
   */
  async byRef(
    db: Queryable,
    ref: string | readonly string[],
    { first, before, types }: { first: number; before?: number | null; types?: readonly string[] },
  ): Promise<StoredEvent[]> {
    return eventsFrom(
      db,
      `(
         select distinct newest.event_id from unnest($1::text[]) u(ref) cross join lateral (
           select r.event_id from log.event_ref r
           cross join ${look('type, refs', 'event', 'id = r.event_id', 't')}
           where r.ref = u.ref and r.event_id < $2 and u.ref = any(t.refs) and ($4::text[] is null or t.type = any($4))
           order by r.event_id desc limit $3
         ) newest
         order by newest.event_id desc limit $3
       ) r
       cross join ${eventOf('r.event_id')} ${ITS_POSITION} order by e.id desc`,
      [typeof ref === 'string' ? [ref] : ref, before ?? MAX_ID, first, types ?? null],
    )
  }

  /** Events by id, in the order asked for; what is not there is left out. */
  async byIds(db: Queryable, ids: readonly number[]): Promise<StoredEvent[]> {
    const found = await eventsFrom(
      db,
      `unnest($1::bigint[]) i(id) cross join ${eventOf('i.id')} ${ITS_POSITION}`,
      [ids],
    )
    const byId = new Map(found.map(event => [event.id, event]))
    return ids.flatMap(id => byId.get(id) ?? [])
  }

  /**
   * Removes what is personal, notes included, from events; `by` is the event that ordered it, already appended. The log stays whole: the
   * events keep their digests (X19, E84). Answers how many events had something to remove.
   */
  async erase(tx: EntityManager, eventIds: readonly number[], by: number): Promise<number> {
    const [row] = await tx.query('select log.erase($1, $2) as erased', [eventIds, by])
    return row.erased
  }

  /**
   * Tells the sealer that something was committed. Call it after the commit and do not wait for it: it never fails, and calls
   * while one is under way become one. Never inside the transaction: NOTIFY takes a lock on the whole cluster (data 3.1).
   */
  poke(dataSource: DataSource): void {
    if (this.poking) {
      this.pokeAgain = true
      return
    }
    this.poking = dataSource
      .query(`select pg_notify('${POKE_CHANNEL}', '')`)
      // Without the poke the sealer looks by itself a moment later.
      .catch(() => {})
      .then(() => {
        this.poking = null
        if (!this.pokeAgain) return
        this.pokeAgain = false
        this.poke(dataSource)
      })
  }

  private prepare(
    stream: StreamRef,
    expected: number | null,
    draft: EventDraft,
    meta: EventMetadata,
    now: Date,
  ) {
    const payload = asStored(draft.data, 'data')
    const refs = [...new Set([stream.id, ...(draft.refs ?? [])])]
    const body = privateBody(draft, meta)
    const salt = body && randomBytes(16)
    const content: LeafContent = {
      streamType: stream.type,
      streamId: stream.id,
      type: draft.type,
      schemaVersion: 1,
      at: now.getTime() * 1000,
      actorKind: meta.actor.kind,
      actor: meta.actor.id,
      actorRoles: meta.actor.roles,
      tokenId: meta.actor.tokenId,
      reason: meta.reasonCode,
      requestId: meta.requestId,
      correlationId: meta.correlationId,
      causationId: meta.causationId ?? null,
      idempotencyKey: meta.idempotencyKey ?? null,
      surface: meta.surface,
      site: meta.site ?? null,
      refs,
      payload,
      privateDigest: body && privateDigestOf(salt!, body).toString('hex'),
      nonce: randomBytes(12).toString('hex'),
    }
    const leaf = leafOf(content)
    return {
      event: draftToEvent(content, body, meta.actor, now),
      row: this.toRow(content, expected, body, salt, leaf),
    }
  }

  private toRow(
    content: LeafContent,
    expected: number | null,
    body: PrivateBody | null,
    salt: Buffer | null,
    leaf: Buffer,
  ) {
    return {
      stream_type: content.streamType,
      stream_id: content.streamId,
      expected,
      type: content.type,
      schema_v: content.schemaVersion,
      at: content.at,
      actor_kind: content.actorKind,
      actor: content.actor,
      actor_roles: content.actorRoles,
      token_id: content.tokenId,
      reason: content.reason,
      request_id: content.requestId,
      correlation_id: content.correlationId,
      causation_id: content.causationId,
      idempotency_key: content.idempotencyKey,
      surface: content.surface,
      site: content.site,
      refs: content.refs,
      payload: content.payload,
      private_digest: content.privateDigest,
      private_salt: salt?.toString('hex') ?? null,
      private_body: body,
      nonce: content.nonce,
      leaf: leaf.toString('hex'),
      mac: macOf(this.macKey, leaf).toString('hex'),
    }
  }

  private async insert(tx: EntityManager, rows: object[]): Promise<{ id: string; version: number }[]> {
    try {
      return await tx.query('select id, version from log.append($1::jsonb)', [JSON.stringify(rows)])
    } catch (error) {
      const { code, message } = error as { code?: string; message: string }
      if (code === '40001' && message.startsWith('version conflict'))
        throw new VersionConflict(message, { cause: error })
      throw error
    }
  }
}

/** The value as it will be read back, so that what is folded now is what a replay folds. */
function asStored<T extends object>(value: T, path: string): T {
  const stored = JSON.parse(canonicalJson(value, path))
  if (typeof stored !== 'object' || Array.isArray(stored))
    throw new UnstorableValue(path, 'it is not an object')
  return stored
}

function privateBody(draft: EventDraft, meta: EventMetadata): PrivateBody | null {
  const body: PrivateBody = {}
  if (draft.personal && Object.keys(draft.personal).length)
    body.personal = asStored(draft.personal, 'personal')
  if (meta.note) body.note = meta.note
  // Also refuses a note that cannot be stored, by its name.
  return Object.keys(body).length ? asStored(body, '') : null
}

function draftToEvent(
  content: LeafContent,
  body: PrivateBody | null,
  actor: Actor,
  now: Date,
): Omit<StoredEvent, 'id' | 'version'> & { position: null } {
  return {
    position: null,
    stream: { type: content.streamType, id: content.streamId },
    type: content.type,
    schemaVersion: content.schemaVersion,
    occurredAt: new Date(now),
    actor,
    reasonCode: content.reason,
    note: body?.note ?? null,
    requestId: content.requestId,
    correlationId: content.correlationId,
    causationId: content.causationId,
    idempotencyKey: content.idempotencyKey,
    surface: content.surface,
    site: content.site,
    refs: content.refs,
    data: { ...(content.payload as object), ...body?.personal },
  }
}
