import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { openServices, prepareDatabase } from '#gateway/database.js'
import type { Parts } from '#gateway/index.js'
import { superviseProcess, TIED } from '#gateway/lifecycle.js'
import { buildSubgraphs } from '#gateway/subgraphs.js'
import { type Config, loadConfig } from '#shared/config.js'
import { type Keys, loadKeys } from '#shared/keys.js'
import { createLogger, type Logger } from '#shared/log.js'
import { SUBGRAPHS } from '#shared/subgraph.js'

/**
 * Opsgraph as seven processes on one machine: six subgraphs on ports of their own, and the gateway before them. What runs on
 * seven machines in production, to be tried on one. Each subgraph takes only what is signed for it.
 */

/** This very program, told to be one part of it. */
const PROGRAM = [process.argv[1]!, 'start']
/** Subgraphs are nobody's business but the gateway's. */
const LOOPBACK = '127.0.0.1'

/** The ports after the gateway's, or any that are free. */
const portFor = (gateway: number, n: number): Promise<number> | number =>
  gateway === 0 ? freePort() : gateway + 1 + n

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, LOOPBACK, () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })

/** Each line with the name of who said it. */
const prefix = (name: string, from: Readable, to: NodeJS.WritableStream) =>
  createInterface({ input: from }).on('line', line => to.write(`${name.padEnd(8)} │ ${line}\n`))

function start(name: string, env: Record<string, string>): ChildProcess {
  const child = spawn(process.execPath, ['--enable-source-maps', ...PROGRAM], {
    env: { ...process.env, ...env, SUBGRAPH: name, [TIED]: 'true' },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  prefix(name, child.stdout, process.stdout)
  prefix(name, child.stderr, process.stderr)
  return child
}

const ended = (child: ChildProcess): Promise<void> =>
  new Promise(resolve => child.once('exit', () => resolve()))

/** Waits until a part takes requests, or has ended. */
async function answering(url: string, child: ChildProcess): Promise<void> {
  while (child.exitCode === null && child.signalCode === null) {
    const answer = await fetch(url).catch(() => null)
    if (answer?.ok) return
    await sleep(50)
  }
}

/** Takes in whom and what there is to begin with, before any part starts: all subgraphs are needed for it. */
export async function furnishOnce(
  config: Config,
  keys: Keys,
  url: string,
  log: Logger,
  furnish: NonNullable<Parts['furnish']>,
) {
  const subgraphs = await buildSubgraphs()
  const { services, stop } = await openServices(config, keys, url, subgraphs, log)
  await furnish(services, subgraphs, config).finally(stop)
}

/** Runs Opsgraph as seven processes, until a signal. */
export async function runDistributed(furnish?: Parts['furnish']): Promise<void> {
  const config = loadConfig()
  const log = createLogger(config, 'opsgraph')
  const children = new Map<string, ChildProcess>()
  let release = async () => {}
  let stopping = false
  const stop = async () => {
    stopping = true
    for (const child of children.values()) child.kill('SIGTERM')
    await Promise.all(
      [...children.values()].map(child => child.exitCode === null && !child.signalCode && ended(child)),
    )
    await release()
  }
  superviseProcess(stop, log)
  const keys = await loadKeys(config)
  const { url: databaseUrl, stop: stopDatabase } = await prepareDatabase(config, line =>
    process.stdout.write(`${line}\n`),
  )
  release = stopDatabase
  if (furnish) await furnishOnce(config, keys, databaseUrl, log, furnish)
  const launch = (name: string, env: Record<string, string>) => {
    const child = start(name, { ...env, DATABASE_URL: databaseUrl })
    children.set(name, child)
    child.once('exit', (code, signal) => {
      process.stderr.write(`${name.padEnd(8)} │ ended with ${signal ?? code}\n`)
      // One that was killed leaves the others at work (R1); one that gave up has said what a person has to mend.
      if (code && !stopping) void stop().finally(() => process.exit(1))
    })
  }
  const urls: Record<string, string> = {}
  const ready: Promise<void>[] = []
  for (const [n, name] of SUBGRAPHS.entries()) {
    const port = await portFor(config.port, n)
    urls[`${name.toUpperCase()}_URL`] = `http://${LOOPBACK}:${port}/graphql`
    launch(name, { HOST: LOOPBACK, PORT: String(port) })
    ready.push(answering(`http://${LOOPBACK}:${port}/readyz`, children.get(name)!))
  }
  // The gateway says that Opsgraph is ready, so it comes when that is true.
  await Promise.all(ready)
  if (!stopping) launch('gateway', urls)
}
