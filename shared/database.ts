import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { DataSource } from 'typeorm'
import type { Logger } from '#shared/log.js'

/** The roles that the migrations make. A process speaks as one of them, never as the login that owns the schema. */
export type DatabaseRole = 'opsgraph_app' | 'opsgraph_sealer'

const OLDEST_SERVER = 15
const ROLES = ['opsgraph_owner', 'opsgraph_app', 'opsgraph_sealer']

/** Without them one lost packet hangs a caller for ever (F21); milliseconds. */
const LIMITS = {
  statement_timeout: 2_000,
  query_timeout: 2_500,
  lock_timeout: 1_000,
  idle_in_transaction_session_timeout: 5_000,
  connectionTimeoutMillis: 5_000,
}

const MOST_NAMED_STATEMENTS = 500
const statementNames = new Map<string, string>()

/** One name for each text, the same on all connections; `undefined` once the memory is full. */
const nameOf = (text: string): string | undefined => {
  const known = statementNames.get(text)
  if (known !== undefined || statementNames.size >= MOST_NAMED_STATEMENTS) return known
  const name = `opsgraph_${statementNames.size}`
  statementNames.set(text, name)
  return name
}

/** After these nothing more may be sent over the connection: it is stuck, or leads to a standby. */
const isLost = (error: { code?: string; message?: string }) =>
  error.message === 'Query read timeout' || error.code === '25006'

/**
 * A connection that prepares what it runs (TypeORM never names its statements: +15 to 50 % throughput), and that
 * neither ends the process nor goes back into the pool when it breaks (F21).
 */
class NamedClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config)
    this.on('error', () => {})
    // biome-ignore lint/suspicious/noExplicitAny: `query` has eight overloads; each goes to pg unchanged but for the name
    const plain: (...args: any[]) => any = super.query.bind(this)
    // biome-ignore lint/suspicious/noExplicitAny: as above
    this.query = (text: any, values?: any, ...rest: any[]) => {
      const name =
        typeof text === 'string' && Array.isArray(values) && values.length > 0 ? nameOf(text) : undefined
      const result = name ? plain({ name, text, values }, ...rest) : plain(text, values, ...rest)
      if (result instanceof Promise) result.catch(error => isLost(error) && this.cut())
      return result
    }
  }

  private cut() {
    const { connection } = this as unknown as { connection: { stream: { destroy(): void } } }
    connection.stream.destroy()
  }
}

/**
 * Options for a plain `pg.Client` that follows the log or does one long job; looser limits than the pool's.
 * @param url as in `DATABASE_URL`
 * @param role the role to speak as; by default the login's own
 */
export const connectionOptions = (url: string, role?: DatabaseRole | null): pg.ClientConfig => ({
  connectionString: url,
  application_name: 'opsgraph',
  keepAlive: true,
  connectionTimeoutMillis: 5_000,
  statement_timeout: 30_000,
  query_timeout: 35_000,
  ...(role ? { options: `-c role=${role}` } : {}),
})

export interface DatabaseOptions {
  /** As in `DATABASE_URL`. */
  url: string
  // biome-ignore lint/complexity/noBannedTypes: TypeORM's own word for an entity class
  entities: Function[]
  poolSize: number
  /** The role to speak as; null: the login's own, for maintenance only. */
  role: DatabaseRole | null
  log: Logger
}

/**
 * Opens a pool of connections. A database that dies later makes queries fail (see `isStorageError`), never the process; the
 * pool connects anew by itself.
 * @throws the driver's error when the database cannot be reached now
 */
export const openDatabase = ({ url, entities, poolSize, role, log }: DatabaseOptions): Promise<DataSource> =>
  new DataSource({
    type: 'postgres',
    entities,
    poolSize,
    synchronize: false,
    logging: false,
    installExtensions: false,
    poolErrorHandler: (err: Error) => log.warn({ err }, 'a database connection was lost'),
    extra: { ...connectionOptions(url, role), ...LIMITS, Client: NamedClient },
  }).initialize()

/** Whether the database answers within `ms`. */
export const ping = async (db: DataSource, ms: number): Promise<boolean> => {
  if (!db.isInitialized) return false
  const answer = db.query('SELECT 1').then(
    () => true,
    () => false,
  )
  return Promise.race([answer, sleep(ms, false, { ref: false })])
}

const NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
])

/**
 * 08 connection, 53 out of resources, 57P0x shutdown, 58 system error; 57014 statement timeout, 55P03 lock timeout, 25P0x idle for
 * too long, 25006 a read-only standby.
 */
const SQL_STATE = /^(08...|53...|57P0.|58...|57014|55P03|25P0[34]|25006)$/

/** The driver's own errors have words instead of codes; TypeORM's appear when a connection broke within a transaction. */
const DRIVER_WORDS =
  /^(Connection terminated|timeout exceeded when trying to connect|timeout expired|Query read timeout|Client (has encountered a connection error|was closed)|Cannot use a pool after|Driver not Connected|Query runner already released|Database connection provided by a query runner was already released)/i

const isConnectFailure = (error: { code?: string; syscall?: string }) =>
  NETWORK_CODES.has(error.code ?? '') || (error.code === 'ENOENT' && error.syscall === 'connect')

/** Whether an error, or one it wraps, means that the database could not do its work now, whatever was asked of it. */
export const isStorageError = (error: unknown): boolean => {
  if (typeof error !== 'object' || error === null) return false
  const { code, message, driverError, originalError, errors, cause } = error as Record<string, unknown>
  if (typeof code === 'string' && (SQL_STATE.test(code) || isConnectFailure(error))) return true
  if (typeof message === 'string' && DRIVER_WORDS.test(message)) return true
  const inner = [driverError, originalError, cause, ...(Array.isArray(errors) ? errors : [])]
  return inner.some(one => one !== error && isStorageError(one))
}

/** Where a URL leads, without its password. */
const placeOf = (url: string): string => {
  const { host, port, database } = new pg.Client(url)
  return `${database} at ${host}${host.startsWith('/') ? '' : `:${port}`}`
}

const attempt = async (url: string): Promise<Error | null> => {
  const client = new pg.Client(connectionOptions(url))
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query('SELECT 1')
    return null
  } catch (error) {
    return error as Error
  } finally {
    await client.end().catch(() => {})
  }
}

/** Node reports several refused addresses as one error without words. */
const wordsOf = (error: Error): string =>
  error.message || (error as NodeJS.ErrnoException).code || (error as AggregateError).errors?.[0]?.message

/** The database cannot be used; the message says which one, and why. */
export class DatabaseError extends Error {
  override name = 'DatabaseError'
}

/**
 * Waits until the database takes connections.
 * @param ms how long at most
 * @param onWait told of each failed try
 * @throws {DatabaseError} naming the database and the last reason; at once when waiting cannot help (wrong password, no such database)
 */
export const waitForDatabase = async (
  url: string,
  ms: number,
  onWait: (reason: Error) => void = () => {},
): Promise<void> => {
  const end = Date.now() + ms
  for (let pause = 100; ; pause = Math.min(pause * 2, 1_000)) {
    const reason = await attempt(url)
    if (!reason) return
    if (!isStorageError(reason))
      throw new DatabaseError(`Database ${placeOf(url)} refused: ${wordsOf(reason)}`, { cause: reason })
    if (Date.now() + pause > end)
      throw new DatabaseError(
        `Database ${placeOf(url)} did not answer within ${ms / 1000} s: ${wordsOf(reason)}`,
        {
          cause: reason,
        },
      )
    onWait(reason)
    await sleep(pause)
  }
}

/** A folder of plain SQL files, `0001-name.sql` and up; a folder that does not exist holds none. */
export interface MigrationFolder {
  name: string
  dir: string
}

export interface MigrationProgress {
  folder: string
  file: string
  /** How many of `total` are done, this one included. */
  done: number
  total: number
}

/** What PostgreSQL's "permission denied" wants done. */
const RIGHTS =
  'The login of DATABASE_URL has to own the database and may need to create roles: ALTER DATABASE … OWNER TO it; ALTER ROLE it CREATEROLE'

export class MigrationError extends Error {
  override name = 'MigrationError'
}

interface Migration {
  folder: string
  file: string
  sql: string
  sha256: string
}

const readFolder = async ({ name, dir }: MigrationFolder): Promise<Migration[]> => {
  const names = await readdir(dir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  const files = names.filter(file => file.endsWith('.sql')).sort()
  const numbers = files.map(file => file.match(/^(\d{4})-[a-z0-9-]+\.sql$/)?.[1])
  const bad = files.find((_, i) => numbers[i] === undefined || numbers.indexOf(numbers[i]) !== i)
  if (bad) throw new MigrationError(`${join(dir, bad)} has to be named like 0001-words.sql, each number once`)
  return Promise.all(
    files.map(async file => {
      const sql = await readFile(join(dir, file), 'utf8')
      return { folder: name, file, sql, sha256: createHash('sha256').update(sql).digest('hex') }
    }),
  )
}

const readAll = async (folders: readonly MigrationFolder[]): Promise<Migration[]> =>
  (await Promise.all(folders.map(readFolder))).flat()

const RECORD = `CREATE TABLE IF NOT EXISTS public.opsgraph_migration (
  folder text NOT NULL, file text NOT NULL, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (folder, file))`

/** Those that have not run yet. A file that ran and has changed since is an error: databases would differ unnoticed. */
const pendingOf = async (client: pg.Client, all: Migration[]): Promise<Migration[]> => {
  const table = await client.query(`SELECT to_regclass('public.opsgraph_migration') AS name`)
  if (table.rows[0].name === null) return all
  const { rows } = await client.query('SELECT folder, file, sha256 FROM public.opsgraph_migration')
  const ran = new Map(rows.map(row => [`${row.folder}/${row.file}`, row.sha256]))
  const changed = all.find(({ folder, file, sha256 }) => (ran.get(`${folder}/${file}`) ?? sha256) !== sha256)
  if (changed)
    throw new MigrationError(
      `Migration ${changed.folder}/${changed.file} was changed after it ran on this database. Put its text back and write a new file`,
    )
  return all.filter(({ folder, file }) => !ran.has(`${folder}/${file}`))
}

const checkServer = async (client: pg.Client): Promise<void> => {
  const { rows } = await client.query(
    `SELECT current_setting('server_version') AS version,
    current_setting('server_version_num')::int / 10000 AS major, current_user AS login,
    (SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user) AS may_create,
    ARRAY(SELECT rolname::text FROM pg_roles WHERE rolname = ANY($1)) AS roles`,
    [ROLES],
  )
  const { version, major, login, may_create, roles } = rows[0]
  if (major < OLDEST_SERVER)
    throw new MigrationError(
      `The database server is PostgreSQL ${version}; Opsgraph needs ${OLDEST_SERVER} or newer`,
    )
  const missing = ROLES.filter(role => !roles.includes(role))
  if (!may_create && missing.length > 0)
    throw new MigrationError(
      `Login ${login} may not create the roles ${missing.join(', ')}. Allow it with: ALTER ROLE "${login}" CREATEROLE`,
    )
}

const LOCK = 7_236_401_882_640_165n
const LONGEST_WAIT_FOR_LOCK_MS = 600_000

/** Polls: a session that waits inside pg_advisory_lock holds back CREATE INDEX CONCURRENTLY for ever. */
const lock = async (client: pg.Client): Promise<void> => {
  const end = Date.now() + LONGEST_WAIT_FOR_LOCK_MS
  while (Date.now() < end) {
    const { rows } = await client.query('SELECT pg_try_advisory_lock($1) AS mine', [LOCK])
    if (rows[0].mine) return
    await sleep(50)
  }
  throw new MigrationError('Another process has been migrating this database for ten minutes')
}

/**
 * Roles belong to the whole server, the lock to one database: migrations of two databases at once may still meet there. A table
 * in use is worth another try too.
 */
const isPassing = ({ code, constraint }: pg.DatabaseError) =>
  ['55P03', '40P01', '40001', 'XX000'].includes(code ?? '') ||
  (code === '23505' && constraint?.startsWith('pg_'))

const runOnce = async (client: pg.Client, { folder, file, sql, sha256 }: Migration): Promise<void> => {
  await client.query('BEGIN')
  try {
    await client.query(`SET LOCAL lock_timeout = '5s'`)
    await client.query(sql)
    await client.query('INSERT INTO public.opsgraph_migration (folder, file, sha256) VALUES ($1, $2, $3)', [
      folder,
      file,
      sha256,
    ])
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {})
    throw error
  }
}

const lineOf = (sql: string, position: string | undefined) =>
  position ? `:${sql.slice(0, Number(position)).split('\n').length}` : ''

const run = async (client: pg.Client, migration: Migration, triesLeft = 5): Promise<void> => {
  try {
    await runOnce(client, migration)
  } catch (error) {
    const failure = error as pg.DatabaseError
    if (triesLeft > 1 && isPassing(failure)) {
      await sleep(100)
      return run(client, migration, triesLeft - 1)
    }
    const place = `${migration.folder}/${migration.file}${lineOf(migration.sql, failure.position)}`
    const hint = (error as { code?: string }).code === '42501' ? `. ${RIGHTS}` : ''
    throw new MigrationError(`Migration ${place} failed: ${failure.message}${hint}`, { cause: error })
  }
}

/**
 * Brings the database's schema up to date. Each file runs once, in its own transaction, in the order of the folders and then of the
 * numbers. Any number of processes may call it at once: one works, the others wait for it.
 * @param url of a login that may create roles and schemas
 * @returns how many files ran here
 * @throws {MigrationError} server too old, login without CREATEROLE, a file changed after it ran, or the file and line that failed
 */
export const migrate = async (
  url: string,
  folders: readonly MigrationFolder[],
  onProgress: (progress: MigrationProgress) => void = () => {},
): Promise<number> => {
  const all = await readAll(folders)
  const client = new pg.Client({ ...connectionOptions(url), statement_timeout: 0, query_timeout: 0 })
  client.on('error', () => {})
  await client.connect()
  try {
    if ((await pendingOf(client, all)).length === 0) return 0
    await checkServer(client)
    await lock(client)
    await client.query(RECORD)
    const pending = await pendingOf(client, all)
    for (const [i, migration] of pending.entries()) {
      await run(client, migration)
      onProgress({ folder: migration.folder, file: migration.file, done: i + 1, total: pending.length })
    }
    return pending.length
  } finally {
    await client.end().catch(() => {})
  }
}
