import { join } from 'node:path'
import { actAsSystem } from '#shared/act.js'
import { runProjections } from '#shared/projection.js'
import { runReactions } from '#shared/reaction.js'
import { startSealer } from '#shared/seal.js'
import type { Services } from '#shared/services.js'
import type { Subgraph } from '#shared/subgraph.js'

export interface WorkOptions {
  url: string
  services: Services
  /** Those of this process: each subgraph's reactions and projections run where it does. */
  subgraphs: readonly Subgraph[]
}

/** Where the newest checkpoint is written down outside of the database (F23). */
export const ANCHORS = 'anchors.ndjson'

/**
 * Starts what goes on without being asked: the sealer (where `audit` lives), projections, reactions. Any number of processes
 * may do the same; each piece of work is done by one of them.
 */
export async function startWork({
  url,
  services,
  subgraphs,
}: WorkOptions): Promise<{ stop(): Promise<void> }> {
  const { config, keys, db, feed, log } = services
  const audit = subgraphs.some(subgraph => subgraph.name === 'audit')
  const sealer = audit ? startSealer({ url, keys, log, anchorFile: join(config.dataDir, ANCHORS) }) : null
  const projections = await runProjections({
    db,
    feed,
    log,
    projections: subgraphs.flatMap(one => one.projections ?? []),
  })
  const reactions = subgraphs.flatMap(one => one.reactions ?? [])
  const reacting = reactions.length
    ? await runReactions({ services, reactions, act: actAsSystem(services, subgraphs) })
    : null
  return {
    async stop() {
      await Promise.all([reacting?.stop(), projections.stop()])
      await sealer?.stop()
    },
  }
}
