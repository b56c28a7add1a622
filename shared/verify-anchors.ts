import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import type { EntityManager } from 'typeorm'
import type { Anchored } from '#shared/anchor.js'
import { PAGE, type Report } from '#shared/verify-report.js'

/** Of a file that is not there: 0. */
export async function sizeOf(file: string | undefined): Promise<number> {
  if (!file) return 0
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  )
}

/** That the checkpoints still are those that the anchor file tells, as far as the file reached when it was measured. */
export async function verifyAnchors(
  tx: EntityManager,
  file: string,
  size: number,
  report: Report,
): Promise<void> {
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
