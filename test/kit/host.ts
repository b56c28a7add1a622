import { createServer } from 'node:http'
import { json } from 'node:stream/consumers'
import { furnishOnce } from '#gateway/distributed.js'
import { greetingOf, type Running, startOpsgraph } from '#gateway/index.js'
import { superviseProcess, TIED } from '#gateway/lifecycle.js'
import { type Config, loadConfig } from '#shared/config.js'
import { loadKeys } from '#shared/keys.js'
import { createLogger } from '#shared/log.js'
import { wordsFor } from '#shared/plain-error.js'
import { SUBGRAPHS } from '#shared/subgraph.js'
import { type Opened, withOpsgraph } from '../../cli/open.js'
import { note } from '../../cli/output.js'
import { runRebuild, runReplace } from '../../cli/rebuild/command.js'
import { furnish } from '../../cli/start.js'
import { runVerify } from '../../cli/verify.js'
import type { HostedCommand, HostRequest } from './hosts.js'

/**
 * `node dist/test/kit/host.js <socket>`: a process that runs one Opsgraph after the other, each on a database of its own, so that a
 * test file waits for its own start alone, and not for 900 modules and six schemas. What is killed or watched from outside starts by
 * itself (`process: 'own'`).
 */

interface World {
  testFile: string
  stop(): Promise<void>
}

const worlds = new Map<number, World>()
let started = 0

const settings = (env: Record<string, string>, more: Record<string, string> = {}): Config =>
  loadConfig({ ...process.env, ...env, ...more })

const log = createLogger({ logLevel: 'info' }, 'host')

const LOOPBACK = { HOST: '127.0.0.1', PORT: '0' }

/** The gateway and six subgraphs, each with its own settings and connections, as they ask each other over HTTP. */
async function startDistributed(env: Record<string, string>): Promise<Running> {
  const parts: Running[] = []
  const stop = async () => {
    for (const part of parts.reverse()) await part.stop()
  }
  try {
    const config = settings(env)
    await furnishOnce(config, await loadKeys(config), config.databaseUrl!, log, furnish)
    const urls: Record<string, string> = {}
    for (const SUBGRAPH of SUBGRAPHS) {
      const part = await startOpsgraph(settings(env, { ...LOOPBACK, SUBGRAPH }))
      parts.push(part)
      urls[`${SUBGRAPH.toUpperCase()}_URL`] = `${part.url}/graphql`
    }
    const gateway = await startOpsgraph(settings(env, { ...urls, SUBGRAPH: 'gateway' }))
    parts.push(gateway)
    return { ...gateway, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** What earlier test files left running is nobody's any more. */
async function stopOthers(testFile: string): Promise<void> {
  for (const [id, world] of worlds) if (world.testFile !== testFile) await stop(id)
}

async function stop(id: number): Promise<void> {
  const world = worlds.get(id)
  worlds.delete(id)
  await world?.stop()
}

const COMMANDS: Record<HostedCommand, (opened: Opened) => Promise<boolean>> = {
  rebuild: runRebuild,
  'rebuild --replace': runReplace,
  verify: runVerify,
}

const run = async ({ env }: HostRequest, command: HostedCommand): Promise<{ code: number }> => ({
  code: (await withOpsgraph(note, COMMANDS[command], settings(env))) ? 0 : 1,
})

async function start({ testFile, topology, env }: HostRequest): Promise<{ id: number; url: string }> {
  await stopOthers(testFile)
  const running =
    topology === 'distributed' ? await startDistributed(env) : await startOpsgraph(settings(env), { furnish })
  process.stdout.write(`${greetingOf(running)}\n`)
  const id = ++started
  worlds.set(id, { testFile, stop: running.stop })
  return { id, url: running.url }
}

const server = createServer((request, response) => {
  const answer = (status: number, body: object) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  const work =
    request.method === 'DELETE'
      ? stop(Number(request.url!.slice(1))).then(() => ({}))
      : json(request).then((body): Promise<object> => {
          const wanted = body as HostRequest
          return wanted.command ? run(wanted, wanted.command) : start(wanted)
        })
  work.then(
    body => answer(200, body),
    (error: unknown) => answer(500, { error: wordsFor(error) }),
  )
})

process.env[TIED] = 'true'
superviseProcess(async () => {
  server.close()
  for (const id of worlds.keys()) await stop(id)
}, log)
server.listen(process.argv[2])
