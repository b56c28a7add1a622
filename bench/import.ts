import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { openServices, prepareDatabase } from '#gateway/database.js'
import { buildSubgraphs } from '#gateway/subgraphs.js'
import { loadConfig } from '#shared/config.js'
import { migrate } from '#shared/database.js'
import { loadKeys } from '#shared/keys.js'
import { createLogger } from '#shared/log.js'
import { writeDemo } from '../cli/demo/write.js'
import { Importer } from '../cli/import/importer.js'
import { kindsOf } from '../cli/import/kinds.js'
import { noRenames } from '../cli/import/names.js'
import { planOf } from '../cli/import/plan.js'
import { ProgressTable } from '../cli/import/progress.js'
import { importFile } from '../cli/import/run.js'
import { CLI_MIGRATIONS } from '../cli/open.js'
import { number, table } from '../cli/output.js'

/**
 * `npx tsc -b bench && node dist/bench/import.js [orders]`: how fast records come in, and what the time goes into. Uses a PostgreSQL of
 * its own with the settings of a real one (fsync on), in a temporary folder; DATABASE_URL: an empty database instead.
 */
const orders = Number(process.argv[2] ?? 20_000)
const folder = mkdtempSync(join(tmpdir(), 'opsgraph-bench-'))
const set = join(folder, 'set')

const statements = new Map<string, { calls: number; ms: number }>()

/** Adds up what each statement took, from sending it to its answer. */
function watchStatements(): void {
  const plain = pg.Client.prototype.query as (...args: unknown[]) => unknown
  pg.Client.prototype.query = function watched(this: unknown, ...args: unknown[]) {
    const [asked] = args as [string | { text?: string }]
    const text = (typeof asked === 'string' ? asked : (asked.text ?? '')).replace(/\s+/g, ' ').slice(0, 60)
    const begin = performance.now()
    const answer = plain.apply(this, args)
    const done = () => {
      const sum = statements.get(text) ?? { calls: 0, ms: 0 }
      statements.set(text, { calls: sum.calls + 1, ms: sum.ms + performance.now() - begin })
    }
    if (answer instanceof Promise) answer.then(done, done)
    return answer
  } as typeof pg.Client.prototype.query
}

const idle = { started() {}, advanced() {}, resumed() {}, ended() {} }

async function run(): Promise<void> {
  await writeDemo({ orders, seed: 1, folder: set })
  const config = loadConfig({
    ...process.env,
    DATA_DIR: folder,
    KEYS_DIR: join(folder, 'keys'),
    POOL_SIZE: '4',
  })
  const keys = await loadKeys(config)
  const database = await prepareDatabase(config, console.error)
  await migrate(database.url, CLI_MIGRATIONS)
  const subgraphs = await buildSubgraphs()
  const opened = await openServices(
    config,
    keys,
    database.url,
    subgraphs,
    createLogger({ logLevel: 'warn' }, 'bench'),
  )
  const { services } = opened
  watchStatements()
  const importer = new Importer({ services, source: 'bench' })
  const rows: string[][] = [['', 'records', 'records/s', 'events', 'events/s', 'ms of CPU here']]
  const count = async () =>
    Number((await services.db.query('select count(*) as count from log.event'))[0].count)
  let events = await count()
  for (const task of (await planOf(set, kindsOf(subgraphs))).tasks) {
    const cpu = process.cpuUsage()
    const { counts, seconds } = await importFile(task, {
      importer,
      renames: noRenames(),
      progress: new ProgressTable(services.db),
      how: null,
      watcher: { ...idle, rejected: (_, rejection) => console.error(rejection) },
    })
    const { user, system } = process.cpuUsage(cpu)
    const more = (await count()) - events
    events += more
    const records = counts.created + counts.updated + counts.unchanged
    rows.push([
      task.kind.name,
      number(records),
      number(records / seconds),
      number(more),
      number(more / seconds),
      number((user + system) / 1000),
    ])
  }
  console.log(table(rows))
  const slowest = [...statements].sort(([, a], [, b]) => b.ms - a.ms).slice(0, 12)
  console.log(
    `\n${table([['statement', 'calls', 'ms'], ...slowest.map(([text, { calls, ms }]) => [text, number(calls), number(ms)])])}`,
  )
  await opened.stop()
  await database.stop()
}

try {
  await run()
} finally {
  rmSync(folder, { recursive: true, force: true })
}
