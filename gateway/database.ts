import { join } from 'node:path'
import { MIGRATIONS } from '#gateway/migrations.js'
import { ANCHORS } from '#gateway/work.js'
import { clockOf } from '#shared/clock.js'
import type { Config } from '#shared/config.js'
import { MigrationError, migrate, openDatabase, waitForDatabase } from '#shared/database.js'
import { EventStore } from '#shared/event-store.js'
import { Feed } from '#shared/feed.js'
import { FileTokens } from '#shared/file-token.js'
import type { Keys } from '#shared/keys.js'
import type { Logger } from '#shared/log.js'
import { startPostgres } from '#shared/postgres.js'
import type { Services } from '#shared/services.js'
import type { Subgraph } from '#shared/subgraph.js'
import { TicketTokens } from '#shared/ticket-token.js'

/** A database that is being restarted is waited for. */
const WAIT_MS = 30_000

export interface Prepared {
  url: string
  /** Lets go of the PostgreSQL that was started here, if it was. */
  stop(): Promise<void>
}

/**
 * Makes the database ready: starts the one that Opsgraph brings unless DATABASE_URL names another, and migrates it. Several
 * processes may do this at once.
 * @param say told what takes its time
 */
export async function prepareDatabase(
  config: Pick<Config, 'databaseUrl' | 'dataDir'>,
  say: (line: string) => void,
): Promise<Prepared> {
  const own = config.databaseUrl ? null : await startPostgres({ dataDir: config.dataDir })
  const url = config.databaseUrl ?? own!.url
  const stop = async () => own?.stop()
  try {
    let waiting = false
    await waitForDatabase(url, WAIT_MS, () => {
      if (!waiting) say('Waiting for the database …')
      waiting = true
    })
    await migrate(url, [...MIGRATIONS])
    return { url, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Opens what one process works with. `clock` is for who starts it in a process of their own; a setting moves it from outside. */
export async function openServices(
  config: Config,
  keys: Keys,
  url: string,
  subgraphs: readonly Pick<Subgraph, 'entities'>[],
  log: Logger,
  clock?: () => Date,
): Promise<{ services: Services; stop(): Promise<void> }> {
  const entities = [...new Set(subgraphs.flatMap(subgraph => subgraph.entities))]
  const db = await openDatabase({ url, entities, poolSize: config.poolSize, role: 'opsgraph_app', log })
  const feed = new Feed({ url, log })
  const proof = {
    publicKeys: { [keys.audit.keyId]: keys.audit.publicKey },
    macKey: keys.eventMac,
    anchorFile: join(config.dataDir, ANCHORS),
  }
  const files = new FileTokens(keys)
  const services = {
    config,
    keys,
    db,
    store: new EventStore(keys.eventMac),
    feed,
    log,
    ...clocks(config, clock),
    files,
    tickets: new TicketTokens(keys),
    proof,
  }
  return {
    services,
    async stop() {
      await feed.close()
      await db.destroy()
    },
  }
}

/**
 * After some upgrades rows have to be folded anew before anybody decides on them.
 * @throws MigrationError naming why, and the command
 */
export async function requireCurrentRows({ db }: Pick<Services, 'db'>): Promise<void> {
  const wanted: { because: string }[] = await db.query('select because from log.rebuild_wanted')
  if (wanted.length)
    throw new MigrationError(
      `This version keeps more than the rows hold (${wanted.map(({ because }) => because).join('; ')}). Stop all of Opsgraph and run: npx opsgraph rebuild --replace`,
    )
}

/** One that tests move, and the real one beside it. */
function clocks(
  { testClockFile }: Pick<Config, 'testClockFile'>,
  given: (() => Date) | undefined,
): Pick<Services, 'clock' | 'wall'> {
  const wall = () => new Date()
  if (given) return { clock: given }
  return testClockFile ? { clock: clockOf(testClockFile), wall } : { clock: wall }
}
