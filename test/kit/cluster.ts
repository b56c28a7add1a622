import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { MIGRATIONS } from '#gateway/migrations.js'
import { migrate } from '#shared/database.js'
import { isPostgresRunning, type RunningPostgres, startPostgres } from '#shared/postgres.js'

const ENV = 'OPSGRAPH_TEST_CLUSTER'
const TEMPLATE = 'template'
const PREFIX = 'opsgraph-test-'
/** A file in the folder of a run that failed. */
const KEPT = 'kept'
const GIGABYTE = 1024 ** 3
const TEN_MINUTES = 600_000

/** The PostgreSQL of this test run; only the process that started it has one. */
let cluster: { folder: string; postgres: RunningPostgres } | undefined

/** A database that was kept because its test file failed. */
export interface KeptDatabase {
  database: string
  testFile: string
}

/** Docker gives containers 64 MB there, which is too little. */
const hasRoom = (folder: string): boolean => {
  if (!existsSync(folder)) return false
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize >= GIGABYTE
}

/** Memory where there is enough: databases are made 5 to 50 times faster there (data 1.5). */
const baseFolder = (): string => (hasRoom('/dev/shm') ? '/dev/shm' : realpathSync(tmpdir()))

/** Removes what earlier runs kept to be looked at, or left behind when they were killed. */
const sweep = (base: string): void => {
  for (const name of readdirSync(base).filter(entry => entry.startsWith(PREFIX))) {
    const folder = join(base, name)
    const { mtimeMs = Date.now() } = statSync(folder, { throwIfNoEntry: false }) ?? {}
    const isOver = existsSync(join(folder, KEPT)) || Date.now() - mtimeMs > TEN_MINUTES
    if (isOver && !isPostgresRunning(folder)) rmSync(folder, { recursive: true, force: true })
  }
}

const databaseUrl = (server: string, database: string): string => {
  const url = new URL(server)
  url.pathname = `/${database}`
  return url.href
}

const withClient = async <T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client(url)
  client.on('error', () => {})
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/**
 * Starts the PostgreSQL of a test run and migrates the database that the others are copied from.
 * @returns the folder of the run
 */
export const startCluster = async (): Promise<string> => {
  const base = baseFolder()
  sweep(base)
  const folder = mkdtempSync(join(base, PREFIX))
  chmodSync(folder, 0o711)
  const postgres = await startPostgres({ dataDir: folder, test: true })
  await withClient(postgres.url, client => client.query(`CREATE DATABASE ${TEMPLATE}`))
  await migrate(databaseUrl(postgres.url, TEMPLATE), MIGRATIONS)
  process.env[ENV] = postgres.url
  cluster = { folder, postgres }
  return folder
}

/** Stops it; keeps the folder when a database in it is worth a look. */
export const stopCluster = async (): Promise<void> => {
  if (!cluster) return
  const { folder, postgres } = cluster
  const kept = await keptDatabases(postgres.url)
  await postgres.stop()
  if (kept.length === 0) return rmSync(folder, { recursive: true, force: true })
  writeFileSync(join(folder, KEPT), '')
  const lines = kept.map(({ database, testFile }) => `  ${database}  of ${testFile}`)
  const hint = `To look at them: node dist/test/kit/open.js ${folder}`
  process.stderr.write(
    `\nDatabases of failed test files, kept until the next run:\n${lines.join('\n')}\n${hint}\n`,
  )
}

/** The url of a run's PostgreSQL, as its superuser. */
export const clusterUrl = (): string => {
  const url = process.env[ENV]
  if (!url) throw new Error('There is no test cluster: run the tests with `npm test`')
  return url
}

/** Settings of a connection that is a test's own, and stays when the product's are cut. */
export const BY_TEST = { application_name: 'opsgraph test' }

/**
 * Cuts all connections to a database but the test's own, and lets no other come.
 * @returns lets them come again
 */
export const cutOff = async (url: string): Promise<() => Promise<void>> => {
  const database = new URL(url).pathname.slice(1)
  const allow = (allowed: boolean) =>
    withClient(clusterUrl(), async client => {
      await client.query(`ALTER DATABASE "${database}" ALLOW_CONNECTIONS ${allowed}`)
      if (allowed) return
      await client.query(
        'SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1 AND application_name <> $2',
        [database, BY_TEST.application_name],
      )
    })
  await allow(false)
  return () => allow(true)
}

/** The words of a database that belongs to a test file: how the reporter finds it again. */
const commentOf = (testFile: string) => `test ${testFile}`

const OWNED = `SELECT datname AS database, substr(description, 6) AS "testFile" FROM pg_database
  JOIN pg_shdescription ON objoid = oid AND description LIKE 'test %' ORDER BY datname`

/** The databases of test files that are still there. */
export const keptDatabases = (url: string): Promise<KeptDatabase[]> =>
  withClient(url, async client => (await client.query(OWNED)).rows)

/** Removes the databases of a test file that passed. */
export const dropDatabasesOf = async (testFile: string): Promise<void> => {
  const databases = (await keptDatabases(clusterUrl())).filter(kept => kept.testFile === testFile)
  await withClient(clusterUrl(), async client => {
    for (const { database } of databases) await client.query(`DROP DATABASE "${database}" WITH (FORCE)`)
  })
}

const create = async (name: string, template: string, strategy: string): Promise<string> => {
  const database =
    `${name.replace(/[^a-z0-9]+/gi, '_').slice(0, 40)}_${randomBytes(4).toString('hex')}`.toLowerCase()
  const { testPath } = expect.getState()
  await withClient(clusterUrl(), async client => {
    await client.query(`CREATE DATABASE "${database}" TEMPLATE ${template} ${strategy}`)
    const comment = client.escapeLiteral(commentOf(testPath ?? 'unknown'))
    await client.query(`COMMENT ON DATABASE "${database}" IS ${comment}`)
  })
  return databaseUrl(clusterUrl(), database)
}

/**
 * A migrated, empty database of its own for a test file. It goes when all tests of the file pass, and stays to be looked at otherwise.
 * @param name for people, e.g. `refunds`
 * @returns its url, as the superuser
 */
export const cloneDatabase = (name: string): Promise<string> => create(name, TEMPLATE, 'STRATEGY file_copy')

/** Like `cloneDatabase`, but without any schema. */
export const emptyDatabase = (name: string): Promise<string> => create(name, 'template0', '')
