import type { EntityManager } from 'typeorm'
import { sha256 } from '#shared/canonical.js'
import { type LeafContent, leafOf, macOf, privateDigestOf } from '#shared/event-leaf.js'
import { COLUMNS, type EventRow, FROM_EVENT, look } from '#shared/event-row.js'
import { NOTHING } from '#shared/seal.js'
import { PAGE, type Report, type VerifyOptions } from '#shared/verify-report.js'

interface FullRow extends EventRow {
  private_digest: Buffer | null
  nonce: Buffer
  leaf: Buffer
  mac: Buffer
  hash: Buffer
  has_private: boolean
  salt: Buffer | null
  erased_by: string | null
  /** Whether the event that ordered the erasure is in the log. */
  erasure_known: boolean
  refs_found: number
  head_version: number | null
  head_hash: Buffer | null
}

/** That every event is what was written, on its own and in its stream. */
export async function verifyStreams(
  tx: EntityManager,
  options: VerifyOptions,
  report: Report,
): Promise<void> {
  const waiting = await unsealedIds(tx)
  report.unsealed = waiting.size
  const total = (await maximum(tx, 'log.event_pos', 'pos')) + waiting.size
  const streams = new StreamCheck(report)
  for await (const row of eventsByStream(tx)) {
    report.events++
    verifyContent(row, options, report)
    verifyPrivate(row, report)
    verifyIndexes(row, waiting, report)
    streams.next(row)
    if (report.events % PAGE === 0) options.onProgress?.(report.events, Math.max(total, report.events))
  }
  streams.end()
  options.onProgress?.(report.events, report.events)
  await verifyHeads(tx, streams.count, report)
}

async function unsealedIds(tx: EntityManager): Promise<Set<string>> {
  const rows: { event_id: string }[] = await tx.query('select event_id from log.event_unsealed')
  return new Set(rows.map(({ event_id }) => event_id))
}

async function maximum(tx: EntityManager, table: string, column: string): Promise<number> {
  const [row] = await tx.query(`select coalesce(max(${column}), 0) as max from ${table}`)
  return Number(row.max)
}

async function* eventsByStream(tx: EntityManager): AsyncGenerator<FullRow> {
  for (let last = { stream_type: '', stream_id: '', version: 0 }; ; ) {
    const rows: FullRow[] = await tx.query(
      `select ${COLUMNS}, p.pos, e.private_digest, e.nonce, e.leaf, e.mac, e.hash, x.event_id is not null as has_private, x.salt,
         x.erased_by, exists (select from log.event b where b.id = x.erased_by) as erasure_known,
         s.version as head_version, s.hash as head_hash,
         (select count((select true from log.event_ref r where r.ref = u and r.event_id = e.id))::int from unnest(e.refs) u)
           as refs_found
       from ${FROM_EVENT}
       left join ${look('version, hash', 'stream', 'stream_type = e.stream_type and stream_id = e.stream_id', 's')} on true
       where (e.stream_type, e.stream_id, e.version) > ($1, $2, $3)
       order by e.stream_type, e.stream_id, e.version limit ${PAGE}`,
      [last.stream_type, last.stream_id, last.version],
    )
    yield* rows
    if (rows.length < PAGE) return
    last = rows.at(-1)!
  }
}

const placeOf = (row: EventRow): { eventId: number; position?: number } => ({
  eventId: Number(row.id),
  ...(row.pos == null ? {} : { position: Number(row.pos) }),
})

const nameOf = (row: EventRow): string =>
  `event ${row.id} (${row.stream_type}/${row.stream_id} v${row.version})`

function verifyContent(row: FullRow, { macKey }: VerifyOptions, report: Report): void {
  if (!rebuiltLeaf(row)?.equals(row.leaf))
    report.add({
      kind: 'CONTENT_CHANGED',
      message: `${nameOf(row)}: content does not match its leaf`,
      ...placeOf(row),
    })
  if (macKey && !macOf(macKey, row.leaf).equals(row.mac))
    report.add({ kind: 'FORGED', message: `${nameOf(row)}: not written by Opsgraph`, ...placeOf(row) })
}

/** Null when the content could never have been written, e.g. a number beyond JavaScript's. */
function rebuiltLeaf(row: FullRow): Buffer | null {
  const content: LeafContent = {
    streamType: row.stream_type,
    streamId: row.stream_id,
    type: row.type,
    schemaVersion: row.schema_v,
    at: Number(row.at),
    actorKind: row.actor_kind,
    actor: row.actor,
    actorRoles: row.actor_roles,
    tokenId: row.token_id,
    reason: row.reason,
    requestId: row.request_id,
    correlationId: row.correlation_id,
    causationId: row.causation_id === null ? null : Number(row.causation_id),
    idempotencyKey: row.idempotency_key,
    surface: row.surface,
    site: row.site,
    refs: row.refs,
    payload: row.payload,
    privateDigest: row.private_digest?.toString('hex') ?? null,
    nonce: row.nonce.toString('hex'),
  }
  try {
    return leafOf(content)
  } catch {
    return null
  }
}

function verifyPrivate(row: FullRow, report: Report): void {
  if (!row.private_digest && !row.has_private) return
  const problem = privateProblem(row)
  if (problem)
    report.add({
      kind: 'PERSONAL_DATA_CHANGED',
      message: `${nameOf(row)}: its personal data ${problem}`,
      ...placeOf(row),
    })
  else if (row.erased_by !== null) report.erased++
}

function privateProblem(row: FullRow): string | null {
  if (!row.private_digest) return 'was added later'
  if (!row.has_private) return 'is gone without an erasure'
  if (row.erased_by !== null)
    return row.erasure_known ? null : 'was erased by an event that is not in the log'
  if (!row.salt || !privateDigestOf(row.salt, row.body).equals(row.private_digest))
    return 'does not match its digest'
  return null
}

/** What readers find events by: if it were wrong, an event would be there and yet not be seen. */
function verifyIndexes(row: FullRow, waiting: Set<string>, report: Report): void {
  if (row.refs_found !== row.refs.length)
    report.add({
      kind: 'REFERENCES_CHANGED',
      message: `${nameOf(row)}: missing on the timeline of something it mentions`,
      ...placeOf(row),
    })
  if (row.pos == null && !waiting.has(row.id))
    report.add({
      kind: 'HIDDEN',
      message: `${nameOf(row)}: neither sealed nor waiting to be sealed`,
      ...placeOf(row),
    })
}

/** Follows one stream after the other along its chain. */
class StreamCheck {
  count = 0
  private last: FullRow | null = null
  private nonces = new Set<string>()

  constructor(private readonly report: Report) {}

  next(row: FullRow): void {
    if (this.last && sameStream(this.last, row)) this.link(row, this.last.version, this.last.hash)
    else {
      this.end()
      this.count++
      this.nonces.clear()
      this.link(row, 0, NOTHING)
    }
    this.last = row
  }

  /** The stream's head must be its last event. */
  end(): void {
    const { last } = this
    if (!last) return
    if (last.head_version !== last.version || !last.head_hash?.equals(last.hash))
      this.broken(
        last,
        `the stream's head is v${last.head_version ?? 'missing'}, its last event v${last.version}`,
      )
  }

  private link(row: FullRow, version: number, previous: Buffer): void {
    if (row.version !== version + 1)
      this.broken(
        row,
        `v${version + 1}${row.version > version + 2 ? ` to v${row.version - 1}` : ''} is missing before it`,
      )
    else if (!sha256(CHAIN, previous, int32(row.version), row.leaf).equals(row.hash))
      this.broken(row, 'stream chain broken')
    const nonce = row.nonce.toString('base64')
    if (this.nonces.has(nonce))
      this.report.add({
        kind: 'COPIED',
        message: `${nameOf(row)}: a copy of an earlier event of its stream`,
        ...placeOf(row),
      })
    this.nonces.add(nonce)
  }

  private broken(row: FullRow, what: string): void {
    this.report.add({ kind: 'STREAM_BROKEN', message: `${nameOf(row)}: ${what}`, ...placeOf(row) })
  }
}

const CHAIN = Buffer.from([1])

const sameStream = (a: EventRow, b: EventRow): boolean =>
  a.stream_id === b.stream_id && a.stream_type === b.stream_type

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

async function verifyHeads(tx: EntityManager, found: number, report: Report): Promise<void> {
  const [{ count }] = await tx.query('select count(*)::int as count from log.stream')
  if (count === found) return
  const rows: { stream_type: string; stream_id: string; version: number }[] = await tx.query(
    `select stream_type, stream_id, version from log.stream s where not exists (
       select from log.event e where e.stream_type = s.stream_type and e.stream_id = s.stream_id) limit 100`,
  )
  for (const { stream_type, stream_id, version } of rows)
    report.add({
      kind: 'STREAM_BROKEN',
      message: `${stream_type}/${stream_id} is at v${version} and has no events`,
    })
}
