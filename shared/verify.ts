import { type KeyObject, verify as verifySignature } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import type { DataSource, EntityManager } from 'typeorm'
import type { Anchored } from '#shared/anchor.js'
import { sha256 } from '#shared/canonical.js'
import {
  COLUMNS,
  type EventRow,
  FROM_EVENT,
  type LeafContent,
  leafOf,
  look,
  macOf,
  privateDigestOf,
} from '#shared/event-store.js'
import { type Checkpoint, checkpointHash, merkleRoot, NOTHING, type Sealed } from '#shared/seal.js'

/** What is wrong, and where. */
export interface Finding {
  kind:
    | 'CONTENT_CHANGED'
    | 'FORGED'
    | 'COPIED'
    | 'STREAM_BROKEN'
    | 'PERSONAL_DATA_CHANGED'
    | 'REFERENCES_CHANGED'
    | 'HIDDEN'
    | 'SEALED_CHANGED'
    | 'POSITION_MISSING'
    | 'ROOT_DIFFERS'
    | 'CHECKPOINT_BROKEN'
    | 'SIGNATURE_INVALID'
    | 'ANCHOR_DIFFERS'
  message: string
  eventId?: number
  position?: number
  checkpoint?: number
}

/**
 * How far "nothing found" reaches. CHAIN_ONLY: whoever can write the database could have rewritten everything. SIGNED: they would
 * also need the signing key, but may have cut off the tail. ANCHORED: nothing up to the last anchor can have gone unnoticed.
 */
export type Trust = 'CHAIN_ONLY' | 'SIGNED' | 'ANCHORED'

export interface Verification {
  trust: Trust
  /** Empty when the log is what it was. */
  findings: Finding[]
  /** More was wrong than is listed. */
  truncated: boolean
  events: number
  checkpoints: number
  /** Lines of the anchor file that were compared. */
  anchors: number
  /** Events whose personal data was removed as it should be. */
  erased: number
  /** Events that no checkpoint covers yet. */
  unsealed: number
}

export interface VerifyOptions {
  /** By key id: those that may have signed checkpoints; none = signatures are not looked at. */
  publicKeys: Readonly<Record<string, KeyObject>>
  /** Tells forged events; left out = not looked at. */
  macKey?: Buffer
  /** See `Anchor`; a file that is not there is as none. */
  anchorFile?: string
  /** Events looked at so far, and about how many there are. */
  onProgress?(done: number, total: number): void
}

/** Rows fetched at once. */
const PAGE = 1_000
const MOST_FINDINGS = 1_000

/**
 * Proves the log, or says what is wrong with it (data 2.5, F23). Rebuilds every byte that was hashed from the columns, with no help
 * from the database but reading; in one snapshot, so the log may grow meanwhile.
 */
export async function verifyLog(db: DataSource, options: VerifyOptions): Promise<Verification> {
  // Measured before the snapshot: what is in the file up to here was committed.
  const anchorSize = await sizeOf(options.anchorFile)
  return db.transaction('REPEATABLE READ', async tx => {
    const report = new Report()
    await verifyStreams(tx, options, report)
    await verifyCheckpoints(tx, options, report)
    if (options.anchorFile && anchorSize) await verifyAnchors(tx, options.anchorFile, anchorSize, report)
    return report.result(options)
  })
}

class Report {
  findings: Finding[] = []
  truncated = false
  events = 0
  checkpoints = 0
  anchors = 0
  erased = 0
  unsealed = 0

  add(finding: Finding): void {
    if (this.findings.length < MOST_FINDINGS) this.findings.push(finding)
    else this.truncated = true
  }

  result({ publicKeys }: VerifyOptions): Verification {
    const signed = this.checkpoints > 0 && Object.keys(publicKeys).length > 0
    const { findings, truncated, events, checkpoints, anchors, erased, unsealed } = this
    const trust: Trust = anchors ? 'ANCHORED' : signed ? 'SIGNED' : 'CHAIN_ONLY'
    return { trust, findings, truncated, events, checkpoints, anchors, erased, unsealed }
  }
}

// ---------------------------------------------------------------------------------------------------- events and streams

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

async function verifyStreams(tx: EntityManager, options: VerifyOptions, report: Report): Promise<void> {
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

// ----------------------------------------------------------------------------------------------------------- checkpoints

interface Position {
  pos: string
  event_id: string
  hash: Buffer
  event_hash: Buffer | null
}

async function verifyCheckpoints(tx: EntityManager, options: VerifyOptions, report: Report): Promise<void> {
  const positions = positionsInOrder(tx)
  let position = (await positions.next()).value
  let last: Pick<Checkpoint, 'n' | 'lastPosition' | 'hash'> = { n: 0, lastPosition: 0, hash: NOTHING }
  for await (const checkpoint of checkpointsInOrder(tx)) {
    report.checkpoints++
    verifyChain(checkpoint, last, report)
    verifySigned(checkpoint, options.publicKeys, report)
    const covered: Sealed[] = []
    while (position && Number(position.pos) <= checkpoint.lastPosition) {
      if (Number(position.pos) >= checkpoint.firstPosition) {
        verifyPosition(position, checkpoint, report)
        covered.push({ id: Number(position.event_id), hash: position.hash })
      } else uncovered(position, report)
      position = (await positions.next()).value
    }
    verifyRoot(checkpoint, covered, report)
    last = checkpoint
  }
  for (; position; position = (await positions.next()).value) uncovered(position, report)
}

async function* positionsInOrder(tx: EntityManager): AsyncGenerator<Position, undefined> {
  for (let last = '0'; ; ) {
    const rows: Position[] = await tx.query(
      `select p.pos, p.event_id, p.hash, e.hash as event_hash from log.event_pos p
       left join ${look('hash', 'event', 'id = p.event_id', 'e')} on true where p.pos > $1 order by p.pos limit ${PAGE}`,
      [last],
    )
    yield* rows
    if (rows.length < PAGE) return
    last = rows.at(-1)!.pos
  }
}

async function* checkpointsInOrder(tx: EntityManager): AsyncGenerator<Checkpoint> {
  for (let last = 0; ; ) {
    const rows = await tx.query(
      `select n, first_pos, last_pos, root, prev, hash, (extract(epoch from sealed_at) * 1000000)::bigint as sealed_at, key_id,
         signature from log.checkpoint where n > $1 order by n limit ${PAGE}`,
      [last],
    )
    for (const row of rows)
      yield {
        n: Number(row.n),
        firstPosition: Number(row.first_pos),
        lastPosition: Number(row.last_pos),
        root: row.root,
        previous: row.prev,
        sealedAt: Number(row.sealed_at),
        hash: row.hash,
        keyId: row.key_id,
        signature: row.signature,
      }
    if (rows.length < PAGE) return
    last = Number(rows.at(-1).n)
  }
}

function verifyChain(
  checkpoint: Checkpoint,
  last: Pick<Checkpoint, 'n' | 'lastPosition' | 'hash'>,
  report: Report,
): void {
  const { n } = checkpoint
  const problem =
    n !== last.n + 1
      ? `checkpoint ${last.n + 1} is gone`
      : checkpoint.firstPosition !== last.lastPosition + 1
        ? `checkpoint ${n} does not begin where ${last.n} ended`
        : !checkpoint.previous.equals(last.hash)
          ? `checkpoint ${n} does not follow from ${last.n}`
          : !checkpointHash(checkpoint).equals(checkpoint.hash)
            ? `checkpoint ${n} does not match its hash`
            : null
  if (problem) report.add({ kind: 'CHECKPOINT_BROKEN', message: problem, checkpoint: n })
}

function verifySigned(checkpoint: Checkpoint, keys: VerifyOptions['publicKeys'], report: Report): void {
  if (!Object.keys(keys).length) return
  const { n, keyId, hash, signature } = checkpoint
  const key = Object.hasOwn(keys, keyId) ? keys[keyId] : undefined
  if (!key || !verifySignature(null, hash, key, signature))
    report.add({
      kind: 'SIGNATURE_INVALID',
      message: key
        ? `checkpoint ${n}: signature invalid`
        : `checkpoint ${n}: signed with an unknown key, ${keyId}`,
      checkpoint: n,
    })
}

function verifyPosition(
  { pos, event_id, hash, event_hash }: Position,
  { n }: Checkpoint,
  report: Report,
): void {
  if (event_hash?.equals(hash)) return
  const what = event_hash ? 'was changed after sealing' : 'is gone'
  report.add({
    kind: 'SEALED_CHANGED',
    message: `position ${pos} of checkpoint ${n}: event ${event_id} ${what}`,
    eventId: Number(event_id),
    position: Number(pos),
    checkpoint: n,
  })
}

function uncovered({ pos, event_id }: Position, report: Report): void {
  report.add({
    kind: 'CHECKPOINT_BROKEN',
    message: `position ${pos} (event ${event_id}) is in no checkpoint`,
    eventId: Number(event_id),
    position: Number(pos),
  })
}

function verifyRoot(checkpoint: Checkpoint, covered: readonly Sealed[], report: Report): void {
  const { n, firstPosition, lastPosition, root } = checkpoint
  const missing = lastPosition - firstPosition + 1 - covered.length
  if (missing)
    report.add({
      kind: 'POSITION_MISSING',
      message: `checkpoint ${n}: ${missing} of its positions missing`,
      checkpoint: n,
    })
  else if (!merkleRoot(covered).equals(root))
    report.add({ kind: 'ROOT_DIFFERS', message: `checkpoint ${n}: Merkle root differs`, checkpoint: n })
}

// --------------------------------------------------------------------------------------------------------------- anchors

async function sizeOf(file: string | undefined): Promise<number> {
  if (!file) return 0
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  )
}

async function verifyAnchors(tx: EntityManager, file: string, size: number, report: Report): Promise<void> {
  const lines = createInterface({ input: createReadStream(file, { end: size - 1 }), crlfDelay: Infinity })
  let page: Anchored[] = []
  for await (const line of lines) {
    const anchored = parsed(line)
    if (anchored) page.push(anchored)
    if (page.length < PAGE) continue
    await compare(tx, page, report)
    page = []
  }
  if (page.length) await compare(tx, page, report)
}

/** Null for a line that a crash cut short. */
function parsed(line: string): Anchored | null {
  try {
    const { n, hash } = JSON.parse(line)
    return typeof n === 'number' && typeof hash === 'string' ? JSON.parse(line) : null
  } catch {
    return null
  }
}

async function compare(tx: EntityManager, page: readonly Anchored[], report: Report): Promise<void> {
  const rows: { n: string; hash: Buffer }[] = await tx.query(
    'select n, hash from log.checkpoint where n = any($1)',
    [page.map(({ n }) => n)],
  )
  const hashes = new Map(rows.map(({ n, hash }) => [Number(n), hash.toString('hex')]))
  for (const { n, hash } of page) {
    report.anchors++
    const found = hashes.get(n)
    if (found === hash) continue
    const message = found ? `checkpoint ${n} was rewritten` : `checkpoint ${n} is gone`
    report.add({ kind: 'ANCHOR_DIFFERS', message, checkpoint: n })
  }
}
