import { verify as verifySignature } from 'node:crypto'
import type { EntityManager } from 'typeorm'
import { look } from '#shared/event-row.js'
import { type Checkpoint, checkpointHash, merkleRoot, NOTHING, type Sealed } from '#shared/seal.js'
import { PAGE, type Report, type VerifyOptions } from '#shared/verify-report.js'

interface Position {
  pos: string
  event_id: string
  hash: Buffer
  event_hash: Buffer | null
}

/** That the checkpoints follow from each other, and cover what is sealed. */
export async function verifyCheckpoints(
  tx: EntityManager,
  options: VerifyOptions,
  report: Report,
): Promise<void> {
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
