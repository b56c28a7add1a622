import { join } from 'node:path'
import cliProgress from 'cli-progress'
import { openDatabase } from '#shared/database.js'
import { verifyLog } from '#shared/verify.js'
import type { Verification } from '#shared/verify-report.js'
import type { Opened } from './open.js'
import { number, say } from './output.js'

const MEANING: Record<Verification['trust'], string> = {
  CHAIN_ONLY: 'the log agrees with itself; there are no signed checkpoints to compare it with yet',
  SIGNED:
    'every sealed event is covered by a signed checkpoint; a tail cut off would not show without the anchor file',
  ANCHORED: 'nothing up to the last anchor can have been changed unnoticed',
}

/**
 * `opsgraph verify`: proves the log from its bytes, or says what is wrong with it.
 * @returns whether nothing was found
 */
export async function runVerify({ url, config, keys, log }: Opened): Promise<boolean> {
  const db = await openDatabase({ url, entities: [], poolSize: 2, role: null, log })
  const bar = process.stderr.isTTY
    ? new cliProgress.SingleBar(
        { format: '{bar} {value}/{total} events', clearOnComplete: true, hideCursor: true },
        cliProgress.Presets.shades_grey,
      )
    : null
  bar?.start(1, 0)
  try {
    const { keyId, publicKey } = keys.audit
    const result = await verifyLog(db, {
      publicKeys: { [keyId]: publicKey },
      macKey: keys.eventMac,
      anchorFile: join(config.dataDir, 'anchors.ndjson'),
      onProgress(done, total) {
        bar?.setTotal(Math.max(total, 1))
        bar?.update(done)
      },
    })
    bar?.stop()
    report(result)
    return result.findings.length === 0
  } finally {
    bar?.stop()
    await db.destroy()
  }
}

function report({
  trust,
  findings,
  truncated,
  events,
  checkpoints,
  anchors,
  erased,
  unsealed,
}: Verification): void {
  for (const { kind, message } of findings) say(`${kind}: ${message}`)
  if (truncated) say('… and more')
  say(
    `${number(events)} events (${number(unsealed)} not sealed yet, ${number(erased)} with personal data erased), ` +
      `${number(checkpoints)} checkpoints, ${number(anchors)} anchors: ${findings.length ? `${findings.length} findings` : 'nothing found'}`,
  )
  if (findings.length === 0) say(`${trust}: ${MEANING[trust]}`)
}
