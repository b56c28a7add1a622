import { createHmac, randomBytes } from 'node:crypto'
import type { DataSource, EntityManager } from 'typeorm'
import { canonicalJson, sha256, UnstorableValue } from '#shared/canonical.js'
import type { Actor, EventDraft, EventMetadata, StoredEvent, StreamRef } from '#shared/event.js'
import type { PersonKind } from '#shared/identity.js'
import type { Role } from '#shared/roles.js'

/** Whatever runs SQL and answers rows: an EntityManager, a DataSource, or a wrapped client. */
export interface Queryable {
  // biome-ignore lint/suspicious/noExplicitAny: rows are as the statement says
  query(sql: string, parameters?: any[]): Promise<any>
}

/** Events of one stream, and the version it has to have before them: 0 = must be new, null = whatever it is. */
export interface Write {
  stream: StreamRef
  expectedVersion: number | null
  events: readonly EventDraft[]
}

export interface EventFilter {
  /** Event types; all when left out. */
  types?: readonly string[]
  /** Only events that mention one of these ids. */
  refs?: readonly string[]
}

/** Somebody else wrote to the stream first. The transaction is lost; load, decide and try again. */
export class VersionConflict extends Error {
  override name = 'VersionConflict'
}

/** The channel on which writers say that there is something to seal. */
export const POKE_CHANNEL = 'opsgraph_poke'

/** The channel on which the sealer says that there is something to read; the payload is the last position. */
export const FEED_CHANNEL = 'opsgraph_feed'

const FIRST_LEAF = Buffer.from([0])
const MAX_ID = '9223372036854775807'

/** A filtered read looks at no more positions than this at once, so that no statement runs into its timeout. */
const SPAN = 5_000

/** Of the tables in `FROM_EVENT`; what `EventRow` says. */
export const COLUMNS = `e.id, e.stream_type, e.stream_id, e.version, e.type, e.schema_v,
  (extract(epoch from e.at) * 1000000)::bigint as at, e.actor_kind, e.actor, e.actor_roles, e.token_id, e.reason, e.request_id,
  e.correlation_id, e.causation_id, e.idempotency_key, e.surface, e.site, e.refs, e.payload, x.body`

/**
 * A look-up by key, whatever the planner thinks: OFFSET 0 keeps it from making a join of it. A plan that was kept since the tables were
 * empty would rather read them as a whole, and go on doing so while an import fills them.
 */
export const look = (columns: string, table: string, condition: string, name: string): string =>
  `lateral (select ${columns} from log.${table} where ${condition} offset 0) ${name}`

const ITS_PRIVATE = `left join ${look('event_id, body, salt, erased_by', 'event_private', 'event_id = e.id', 'x')} on true`
const ITS_POSITION = `left join ${look('pos', 'event_pos', 'event_id = e.id', 'p')} on true`

/** Events `e` with their private part `x` and position `p`, for a statement that says which. */
export const FROM_EVENT = `log.event e ${ITS_PRIVATE} ${ITS_POSITION}`

/** The event `e` with this id, and its private part `x`. */
const eventOf = (id: string): string => `${look('*', 'event', `id = ${id}`, 'e')} ${ITS_PRIVATE}`

/** The columns above as `pg` hands them over: bigint comes as text. */
export interface EventRow {
  id: string
  pos?: string | null
  stream_type: string
  stream_id: string
  version: number
  type: string
  schema_v: number
  at: string
  actor_kind: string
  actor: string
  actor_roles: string[]
  token_id: string | null
  reason: string
  request_id: string
  correlation_id: string
  causation_id: string | null
  idempotency_key: string | null
  surface: string
  site: string | null
  refs: string[]
  payload: object
  body: PrivateBody | null
}

/** What is kept apart from the event, so that it can be erased (X19). */
interface PrivateBody {
  personal?: object
  note?: string
}

/** Everything of an event that its leaf covers: the columns but id, version and hash, which the database gives. */
export interface LeafContent {
  streamType: string
  streamId: string
  type: string
  schemaVersion: number
  /** Microseconds since 1970. A number, because the text of a timestamp depends on the session's time zone. */
  at: number
  actorKind: string
  actor: string
  actorRoles: readonly string[]
  tokenId: string | null
  reason: string
  requestId: string
  correlationId: string
  causationId: number | null
  idempotencyKey: string | null
  surface: string
  site: string | null
  refs: readonly string[]
  payload: unknown
  privateDigest: string | null
  nonce: string
}

/** sha-256 over 0x00 and the canonical JSON of the content. */
export const leafOf = (content: LeafContent): Buffer => sha256(FIRST_LEAF, canonicalJson(content))

/** What only somebody with the key can write: tells a forged event from ours (data 2.5, case 11). */
export const macOf = (key: Buffer, leaf: Buffer): Buffer => createHmac('sha256', key).update(leaf).digest()

/** Salted, so that a digest says nothing about a short or guessable body. */
export const privateDigestOf = (salt: Buffer, body: unknown): Buffer => sha256(salt, canonicalJson(body))

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
    const rows: EventRow[] = await db.query(
      `select ${COLUMNS}, p.pos from ${FROM_EVENT}
       where e.stream_type = $1 and e.stream_id = $2 order by e.version`,
      [stream.type, stream.id],
    )
    return rows.map(toEvent)
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
    const rows: EventRow[] = await db.query(
      `select ${COLUMNS}, p.pos
       from (
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
    return rows.map(toEvent)
  }

  /** Events by id, in the order asked for; what is not there is left out. */
  async byIds(db: Queryable, ids: readonly number[]): Promise<StoredEvent[]> {
    const rows: EventRow[] = await db.query(
      `select ${COLUMNS}, p.pos from unnest($1::bigint[]) i(id) cross join ${eventOf('i.id')} ${ITS_POSITION}`,
      [ids],
    )
    const byId = new Map(rows.map(row => [Number(row.id), toEvent(row)]))
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

/** The last sealed position; 0 when nothing is sealed. */
export async function sealedHead(db: Queryable): Promise<number> {
  const [row] = await db.query('select coalesce(max(pos), 0)::text as head from log.event_pos')
  return Number(row.head)
}

/** Part of the sealed log, as far as it was looked at. */
export interface Page {
  events: StoredEvent[]
  /** Go on from here: further than the last event when few events match. */
  next: number
}

/** One page of the sealed log between two positions: `after` exclusive, `upTo` inclusive and at most the sealed head. */
export async function readPage(
  db: Queryable,
  { after, upTo, limit, types, refs }: EventFilter & { after: number; upTo: number; limit: number },
): Promise<Page> {
  const byRef = refs && upTo - after > SPAN && !(await areMentionedOften(db, refs))
  const end = byRef ? upTo : Math.min(upTo, after + SPAN)
  const rows: EventRow[] = await db.query(byRef ? SEALED_BY_REF : SEALED, [
    after,
    end,
    limit,
    types ?? null,
    refs ?? null,
  ])
  return { events: rows.map(toEvent), next: rows.length === limit ? Number(rows.at(-1)!.pos) : end }
}

/** The sealed event at a position; null when it is not what the filter wants, or nothing is sealed there yet. */
export async function sealedAt(
  db: Queryable,
  position: number,
  filter: EventFilter,
): Promise<StoredEvent | null> {
  const { events } = await readPage(db, { after: position - 1, upTo: position, limit: 1, ...filter })
  return events[0] ?? null
}

/** Above this it is quicker to walk the log than to collect and sort all mentions for every page. */
const OFTEN = 2_000

async function areMentionedOften(db: Queryable, refs: readonly string[]): Promise<boolean> {
  const [row] = await db.query(
    `select count(*)::int as mentions from (select from log.event_ref where ref = any($1) limit ${OFTEN}) m`,
    [refs],
  )
  return row.mentions === OFTEN
}

const BETWEEN = `where p.pos > $1 and p.pos <= $2 and ($4::text[] is null or e.type = any($4))
    and ($5::text[] is null or e.refs && $5) order by p.pos limit $3`
const SEALED = `select ${COLUMNS}, p.pos from log.event_pos p cross join ${eventOf('p.event_id')} ${BETWEEN}`
const SEALED_BY_REF = `select ${COLUMNS}, p.pos
  from (select distinct event_id from log.event_ref where ref = any($5)) r
  cross join ${look('*', 'event_pos', 'event_id = r.event_id', 'p')} cross join ${eventOf('p.event_id')} ${BETWEEN}`

/** A row as the event the rest of the product knows; what was erased is simply absent. */
export function toEvent(row: EventRow): StoredEvent {
  return {
    id: Number(row.id),
    position: row.pos == null ? null : Number(row.pos),
    stream: { type: row.stream_type, id: row.stream_id },
    version: row.version,
    type: row.type,
    schemaVersion: row.schema_v,
    occurredAt: new Date(Number(row.at) / 1000),
    actor: {
      kind: row.actor_kind as PersonKind,
      id: row.actor,
      roles: row.actor_roles as Role[],
      tokenId: row.token_id,
    },
    reasonCode: row.reason,
    note: row.body?.note ?? null,
    requestId: row.request_id,
    correlationId: row.correlation_id,
    causationId: row.causation_id === null ? null : Number(row.causation_id),
    idempotencyKey: row.idempotency_key,
    surface: row.surface,
    site: row.site,
    refs: row.refs,
    data: { ...row.payload, ...row.body?.personal },
  }
}
