import type { DataSource } from 'typeorm'
import { sizeOf, verifyAnchors } from '#shared/verify-anchors.js'
import { verifyCheckpoints } from '#shared/verify-checkpoints.js'
import { Report, type Verification, type VerifyOptions } from '#shared/verify-report.js'
import { verifyStreams } from '#shared/verify-streams.js'

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
