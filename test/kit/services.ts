import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openServices } from '#gateway/database.js'
import { type Config, loadConfig } from '#shared/config.js'
import { type Keys, loadKeys } from '#shared/keys.js'
import { createLogger, type Logger } from '#shared/log.js'
import type { Services } from '#shared/services.js'
import type { Subgraph } from '#shared/subgraph.js'

export const SILENT: Logger = createLogger({ logLevel: 'silent' }, 'test')

/** What a process of the product is started with. */
export interface Settings {
  config: Config
  keys: Keys
  /** Removes their folder. */
  remove(): Promise<void>
}

/** Settings with keys and a folder of their own, for a database. */
export async function settingsFor(databaseUrl: string, env: Record<string, string> = {}): Promise<Settings> {
  const folder = mkdtempSync(join(tmpdir(), 'opsgraph-test-'))
  const config = loadConfig({
    DATABASE_URL: databaseUrl,
    DATA_DIR: folder,
    KEYS_DIR: folder,
    PORT: '0',
    ...env,
  })
  return { config, keys: await loadKeys(config), remove: () => rm(folder, { recursive: true }) }
}

/** What a process of the product works with, without its gateway and without what goes on by itself. */
export async function openTestServices(
  databaseUrl: string,
  subgraphs: readonly Pick<Subgraph, 'entities'>[] = [],
  clock?: () => Date,
): Promise<{ services: Services; stop(): Promise<void> }> {
  const { config, keys, remove } = await settingsFor(databaseUrl, { POOL_SIZE: '12' })
  const { services, stop } = await openServices(config, keys, databaseUrl, subgraphs, SILENT, clock)
  return {
    services,
    async stop() {
      await stop()
      await remove()
    },
  }
}
