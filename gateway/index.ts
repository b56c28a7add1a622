import { requireAuditKey } from '#gateway/audit-key.js'
import { composeBuilt } from '#gateway/compose.js'
import { openServices, prepareDatabase, requireCurrentRows } from '#gateway/database.js'
import { InProcess } from '#gateway/executor.js'
import { type DemoPerson, Ide } from '#gateway/ide.js'
import { Authenticator } from '#gateway/identity.js'
import { superviseProcess } from '#gateway/lifecycle.js'
import { Remote } from '#gateway/remote.js'
import { type RunningGateway, startGateway } from '#gateway/server.js'
import { startSubgraphServer } from '#gateway/subgraph-server.js'
import { buildSubgraphs } from '#gateway/subgraphs.js'
import { areAsWritten, type DataSource, readSupergraph } from '#gateway/supergraph.js'
import { demoPeople, welcome } from '#gateway/welcome.js'
import { startWork } from '#gateway/work.js'
import { type Config, ConfigError, loadConfig } from '#shared/config.js'
import type { InternalKey } from '#shared/internal-identity.js'
import { internalKey, type Keys, loadKeys } from '#shared/keys.js'
import { createLogger, type Logger } from '#shared/log.js'
import type { Services } from '#shared/services.js'
import type { Subgraph, SubgraphName } from '#shared/subgraph.js'

export interface Parts {
  /** Called before the gateway opens, by a process that hosts all subgraphs: takes in the people and records to begin with. */
  furnish?: (services: Services, subgraphs: readonly Subgraph[], config: Config) => Promise<void>
  /** Told what takes its time, for a person to read. */
  say?: (line: string) => void
  clock?: () => Date
}

export interface Running {
  url: string
  config: Config
  keys: Keys
  services: Services
  /** Those of this process. */
  subgraphs: readonly Subgraph[]
  /** Absent in a process that is one subgraph. */
  gateway?: RunningGateway
  /** One for each role; development only. */
  people: readonly DemoPerson[]
  stop(): Promise<void>
}

/** What was started, to be ended in the opposite order, also when something later fails to start. */
class Started {
  readonly #stops: (() => Promise<unknown>)[] = []

  add<T extends { stop(): Promise<unknown> }>(part: T): T {
    this.#stops.unshift(() => part.stop())
    return part
  }

  stop = async (): Promise<void> => {
    const failures: unknown[] = []
    for (const stop of this.#stops.splice(0)) await stop().catch((error: unknown) => failures.push(error))
    if (failures.length) throw failures[0]
  }
}

/**
 * Starts Opsgraph: everything in this process, or the one part that `config.subgraph` names.
 * @throws ConfigError, KeyError, PostgresError, DatabaseError, MigrationError, ListenError: each says what to do
 */
export async function startOpsgraph(config: Config, parts: Parts = {}): Promise<Running> {
  const { say = () => {} } = parts
  const log = createLogger(config, config.subgraph ?? 'opsgraph')
  warnOfUnlookedFiles(config, log)
  const keys = await loadKeys(config)
  const started = new Started()
  try {
    const { url } = started.add(await prepareDatabase(config, say))
    const subgraphs =
      config.subgraph === 'gateway' ? [] : await buildSubgraphs(config.subgraph && [config.subgraph])
    const opened = started.add(await openServices(config, keys, url, subgraphs, log, parts.clock))
    const { services } = opened
    await requireCurrentRows(services)
    if (signs(config)) await requireAuditKey(services, keys)
    for (const { begin } of subgraphs) await begin?.(services)
    started.add(await startWork({ url, services, subgraphs }))
    if (!config.subgraph) await parts.furnish?.(services, subgraphs, config)
    const front = started.add(await startFront(config, keys, services, subgraphs, log))
    return { config, keys, services, subgraphs, ...front, stop: started.stop }
  } catch (error) {
    await started.stop().catch((err: unknown) => log.error({ err }, 'could not stop in order'))
    throw error
  }
}

/** While developing, keys and databases come and go. */
const signs = ({ mode, subgraph }: Config): boolean =>
  mode === 'production' && (!subgraph || subgraph === 'audit')

/** In production it was said on purpose; whoever reads the log later may not know. */
function warnOfUnlookedFiles({ mode, scannerUrl, subgraph }: Config, log: Logger): void {
  if (mode === 'production' && !scannerUrl && (!subgraph || subgraph === 'support'))
    log.warn('SCANNER_URL=none: files are given out without anybody having looked for malware in them')
}

interface FrontOfHouse {
  url: string
  people: readonly DemoPerson[]
  gateway?: RunningGateway
  stop(): Promise<void>
}

const keysFor = (keys: Keys, subgraph: string): InternalKey[] =>
  keys.internal.map(({ kid, master }) => ({ kid, key: internalKey(master, subgraph) }))

async function startFront(
  config: Config,
  keys: Keys,
  services: Services,
  subgraphs: readonly Subgraph[],
  log: Logger,
): Promise<FrontOfHouse> {
  const { host, port, maxBodyBytes } = config
  const [only] = subgraphs
  if (config.subgraph && config.subgraph !== 'gateway' && only) {
    const server = { services, keys: keysFor(keys, only.name), host, port, maxBodyBytes, log }
    return { ...(await startSubgraphServer({ ...server, subgraph: only })), people: [] }
  }
  const people = config.mode === 'development' ? await demoPeople(services.db, config, keys) : []
  const gateway = await startGateway({
    config,
    services,
    authenticator: new Authenticator(config, keys, services.db, services.clock),
    supergraphSdl: await supergraphOf(config, subgraphs, log),
    dataSource: dataSources(config, keys, subgraphs, log),
    ide: new Ide({ people }),
    log,
  })
  return { url: gateway.url, gateway, people, stop: gateway.stop }
}

/**
 * The generated supergraph. While developing, the subgraphs may be newer than it: then they are put together anew, with a word
 * that it is to be generated.
 */
async function supergraphOf(config: Config, subgraphs: readonly Subgraph[], log: Logger): Promise<string> {
  if (config.mode === 'production' || subgraphs.length === 0) return await readSupergraph()
  // Putting them together takes longer than all the rest of the start, and is what was written when they are what was written.
  if (await areAsWritten(subgraphs)) return await readSupergraph()
  log.warn('schema/supergraph.graphql is not what the subgraphs say: npm run generate')
  return composeBuilt(subgraphs).supergraphSdl
}

/** Subgraphs of this process are called; the others are asked over HTTP. */
const dataSources =
  (config: Config, keys: Keys, subgraphs: readonly Subgraph[], log: Logger) =>
  (name: string): DataSource => {
    const here = subgraphs.find(subgraph => subgraph.name === name)
    if (here) return new InProcess(here.schema)
    const url = config.subgraphUrls[name as SubgraphName]
    const [key] = keysFor(keys, name)
    if (!url || !key)
      throw new ConfigError([`${name.toUpperCase()}_URL is missing: the gateway has to reach ${name}`])
    return new Remote({ name, url, key, log })
  }

/** Runs Opsgraph as a program: until a signal, or until something is wrong that a person has to mend. */
export async function runOpsgraph(furnish?: Parts['furnish']): Promise<void> {
  const config = loadConfig()
  const say = (line: string) => process.stdout.write(`${line}\n`)
  let stop = async () => {}
  superviseProcess(() => stop(), createLogger(config, config.subgraph ?? 'opsgraph'))
  const running = await startOpsgraph(config, { say, furnish })
  stop = running.stop
  say(greetingOf(running))
}

/** What is printed when it runs: where it is, and in development who to be. */
export const greetingOf = ({ gateway, url, people, config }: Running): string =>
  gateway
    ? welcome(url, people, config.mode === 'development' && config.mail.by === 'mailbox')
    : `${config.subgraph} is ready at ${url}/graphql`
