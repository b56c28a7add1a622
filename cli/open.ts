import { join } from 'node:path'
import { openServices, prepareDatabase } from '#gateway/database.js'
import { buildSubgraphs } from '#gateway/subgraphs.js'
import { type Config, loadConfig } from '#shared/config.js'
import { migrate } from '#shared/database.js'
import { type Keys, loadKeys } from '#shared/keys.js'
import { createLogger, type Logger } from '#shared/log.js'
import { ROOT } from '#shared/root.js'
import type { Services } from '#shared/services.js'
import type { Subgraph } from '#shared/subgraph.js'

/** What the commands keep in the database themselves. */
export const CLI_MIGRATIONS = [{ name: 'cli', dir: join(ROOT, 'cli', 'migrations') }]

export interface Opened {
  config: Config
  keys: Keys
  log: Logger
  /** Of the database, as the login that owns the schema. */
  url: string
  services: Services
  subgraphs: readonly Subgraph[]
}

/**
 * Opens what a command works with, the database migrated, and closes it afterwards. Joins the PostgreSQL of a running Opsgraph.
 * @param say told what takes its time
 */
export async function withOpsgraph<T>(
  say: (line: string) => void,
  work: (opened: Opened) => Promise<T>,
  config: Config = loadConfig(),
): Promise<T> {
  const log = createLogger(config, 'cli')
  const keys = await loadKeys(config)
  const database = await prepareDatabase(config, say)
  try {
    await migrate(database.url, CLI_MIGRATIONS)
    const subgraphs = await buildSubgraphs()
    const opened = await openServices(config, keys, database.url, subgraphs, log)
    try {
      return await work({ config, keys, log, url: database.url, services: opened.services, subgraphs })
    } finally {
      await opened.stop()
    }
  } finally {
    await database.stop()
  }
}
