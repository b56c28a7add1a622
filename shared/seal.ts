import { type KeyObject, sign } from 'node:crypto'
import type pg from 'pg'
import { Anchor } from '#shared/anchor.js'
import { sha256 } from '#shared/canonical.js'
import { look } from '#shared/event-row.js'
import { FEED_CHANNEL, POKE_CHANNEL } from '#shared/event-store.js'
import type { Logger } from '#shared/log.js'
import { Session, Wake } from '#shared/session.js'

/** A signed summary of the sealed log up to a position. */
export interface Checkpoint {
  /** 1, 2, 3, … */
  n: number
  firstPosition: number
  lastPosition: number
  /** Merkle root over the ids and hashes of the events between these positions, both included. */
  root: Buffer
  /** Hash of the checkpoint before; zeros for the first. */
  previous: Buffer
  /** Microseconds since 1970. */
  sealedAt: number
  hash: Buffer
  keyId: string
  /** Ed25519 over `hash`. */
  signature: Buffer
}

/** What the chain of checkpoints and that of every stream starts from. */
export const NOTHING = Buffer.alloc(32)

const LEAF = Buffer.from([0])
const NODE = Buffer.from([1])
const CHECKPOINT = Buffer.from([2])

/** An event as a checkpoint covers it. */
export interface Sealed {
  id: number
  hash: Buffer
}

/** Root of the tree over some events, in their order; a last one without a partner moves up unchanged. At least one event. */
export function merkleRoot(events: readonly Sealed[]): Buffer {
  let level = events.map(({ id, hash }) => sha256(LEAF, int64s(id), hash))
  while (level.length > 1) {
    const above: Buffer[] = []
    for (let i = 0; i < level.length; i += 2)
      above.push(i + 1 < level.length ? sha256(NODE, level[i]!, level[i + 1]!) : level[i]!)
    level = above
  }
  return level[0]!
}

/** What is signed: binds a checkpoint's number, range, time, root and predecessor. */
export function checkpointHash({
  n,
  firstPosition,
  lastPosition,
  sealedAt,
  root,
  previous,
}: Omit<Checkpoint, 'hash' | 'keyId' | 'signature'>): Buffer {
  return sha256(CHECKPOINT, int64s(n, firstPosition, lastPosition, sealedAt), root, previous)
}

function int64s(...numbers: number[]): Buffer {
  const bytes = Buffer.alloc(numbers.length * 8)
  for (const [index, number] of numbers.entries()) bytes.writeBigInt64BE(BigInt(number), index * 8)
  return bytes
}

export interface SealerOptions {
  url: string
  /** Signs the checkpoints; never in the database. */
  keys: { audit: { keyId: string; privateKey: KeyObject } }
  log: Logger
  /** Where the newest checkpoint's hash is written down outside the database: what shows that a tail was cut off (F23). */
  anchorFile?: string
}

export interface Sealer {
  /** Finishes the batch under way, writes the anchor and lets another process take over. */
  stop(): Promise<void>
}

/** At most this many events a batch: short transactions, and a page for those who read. */
const BATCH = 5_000
/** A writer that cannot poke is noticed after this, ms. */
const IDLE = 250
/** How often a process that is not the sealer looks whether it can be, ms. */
const STANDBY = 1_000

/** Any two numbers nobody else in this database takes as a lock. */
const ELECTION = 'select pg_try_advisory_lock(27183, 1) as elected'

/**
 * Gives committed events dense positions, in an order that never changes once seen, and signs each batch. One process does it at a time;
 * others stand by and take over when its connection ends. Readers are woken once a batch.
 */
export function startSealer(options: SealerOptions): Sealer {
  const wake = new Wake()
  const anchor = options.anchorFile ? new Anchor(options.anchorFile, options.log) : null
  const session = new Session({
    url: options.url,
    role: 'opsgraph_sealer',
    name: 'sealer',
    log: options.log,
    wake: () => wake.poke(),
    run: async (client, stopped) => {
      await client.query(`listen ${POKE_CHANNEL}`)
      if (await elected(client, wake, stopped)) await seal(client, options, anchor, wake, stopped)
    },
  })
  return {
    async stop() {
      await session.stop()
      await anchor?.close()
    },
  }
}

async function elected(client: pg.Client, wake: Wake, stopped: () => boolean): Promise<boolean> {
  while (!stopped()) {
    const { rows } = await client.query(ELECTION)
    if (rows[0].elected) return true
    await wake.wait(STANDBY)
  }
  return false
}

async function seal(
  client: pg.Client,
  options: SealerOptions,
  anchor: Anchor | null,
  wake: Wake,
  stopped: () => boolean,
): Promise<void> {
  let last = await lastCheckpoint(client)
  while (!stopped()) {
    const next = await sealBatch(client, options.keys.audit, last)
    if (next) {
      last = next
      anchor?.note(next)
    } else await wake.wait(IDLE)
  }
}

type Link = Pick<Checkpoint, 'n' | 'lastPosition' | 'hash'>

async function lastCheckpoint(client: pg.Client): Promise<Link> {
  const { rows } = await client.query('select n, last_pos, hash from log.checkpoint order by n desc limit 1')
  const [row] = rows
  return row
    ? { n: Number(row.n), lastPosition: Number(row.last_pos), hash: row.hash }
    : { n: 0, lastPosition: 0, hash: NOTHING }
}

/** One batch in one transaction; null when there was nothing to seal. */
async function sealBatch(
  client: pg.Client,
  key: SealerOptions['keys']['audit'],
  last: Link,
): Promise<Checkpoint | null> {
  await client.query('begin')
  const { rows } = await client.query<{ id: string; hash: Buffer }>(TAKE)
  if (!rows.length) {
    await client.query('rollback')
    return null
  }
  const events = rows.map(({ id, hash }) => ({ id: Number(id), hash }))
  const checkpoint = makeCheckpoint(events, key, last)
  await client.query({
    name: 'seal',
    text: PLACE,
    values: [
      checkpoint.firstPosition,
      rows.map(({ id }) => id),
      rows.map(({ hash }) => hash),
      checkpoint.n,
      checkpoint.lastPosition,
      checkpoint.root,
      checkpoint.previous,
      checkpoint.hash,
      checkpoint.sealedAt,
      checkpoint.keyId,
      checkpoint.signature,
    ],
  })
  await client.query('commit')
  return checkpoint
}

/**
 * In order of id, always from the smallest: ids grow within a stream, and whoever committed before another began has the smaller
 * id, so no event ever gets a position before one it could have known.
 */
const TAKE = {
  name: 'seal take',
  text: `with taken as (
      delete from log.event_unsealed where ctid = any(array(
        select ctid from log.event_unsealed order by event_id limit ${BATCH}))
      returning event_id)
    select e.id, e.hash from taken t
    cross join ${look('id, hash', 'event', 'id = t.event_id', 'e')} order by e.id`,
}

const PLACE = `with placed as (
    insert into log.event_pos (pos, event_id, hash)
    select $1::bigint + o - 1, i, h from unnest($2::bigint[], $3::bytea[]) with ordinality u(i, h, o)
  ),
  signed as (
    insert into log.checkpoint (n, first_pos, last_pos, root, prev, hash, sealed_at, key_id, signature)
    values ($4, $1, $5, $6, $7, $8, timestamptz 'epoch' + $9::bigint * interval '1 microsecond', $10, $11)
  )
  select pg_notify('${FEED_CHANNEL}', $5::text)`

function makeCheckpoint(
  events: readonly Sealed[],
  key: SealerOptions['keys']['audit'],
  last: Link,
): Checkpoint {
  const content = {
    n: last.n + 1,
    firstPosition: last.lastPosition + 1,
    lastPosition: last.lastPosition + events.length,
    root: merkleRoot(events),
    previous: last.hash,
    sealedAt: Date.now() * 1000,
  }
  const hash = checkpointHash(content)
  return { ...content, hash, keyId: key.keyId, signature: sign(null, hash, key.privateKey) }
}
