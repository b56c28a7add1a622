import type { ChildProcess } from 'node:child_process'
import {
  chownSync,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  truncateSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { isStorageError } from '#shared/database.js'
import type { Account } from '#shared/postgres-account.js'
import { findBinaries, PostgresError } from '#shared/postgres-binaries.js'
import {
  checkVersion,
  chownAll,
  command,
  initialise,
  type Launcher,
  type Place,
  passwordFileOf,
  prepare,
  USER,
} from '#shared/postgres-folder.js'
import {
  findServer,
  pidFileOf,
  readPidFile,
  removeMisleadingPidFile,
  type Server,
} from '#shared/postgres-server.js'
import { ROOT } from '#shared/root.js'

export interface PostgresOptions {
  /** The folder to keep everything in: `postgres/` the data, `postgres.log` what the server says. */
  dataDir: string
  /** Fast and not durable: data are lost when the machine stops. */
  test?: boolean
  /** More server settings, e.g. `{ max_connections: '50' }`. */
  settings?: Record<string, string>
}

export interface RunningPostgres {
  /** Of the superuser of database `opsgraph`, over a unix socket: `postgresql://opsgraph:…@%2Ftmp%2F…:5432/opsgraph`. */
  url: string
  /** Lets go of the server; it shuts down once the last process has let go. */
  stop(): Promise<void>
  /** Another process had started it. */
  adopted: boolean
}

const DATABASE = 'opsgraph'
const PORT = 5432
const START_MS = 60_000
const STOP_MS = 30_000
/** How long a server that nobody needs takes at most to notice. */
const RELEASE_MS = 500
const MOST_LOG_BYTES = 10 * 1024 * 1024
/** Of a unix socket's path, on the strictest system (macOS: 104). */
const LONGEST_SOCKET_PATH = 103

const SETTINGS = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  max_connections: '300',
  shared_buffers: '128MB',
  max_wal_size: '1GB',
  timezone: 'UTC',
  log_timezone: 'UTC',
  jit: 'off',
  // Row values and statements stay out of the log file.
  log_error_verbosity: 'terse',
  log_min_error_statement: 'panic',
}

const TEST_SETTINGS = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', autovacuum: 'off' }

// ── Starting ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A fresh folder for the socket and the lease; short, because of the limit on socket paths. */
const makeRuntimeDir = ({ owner }: Account): string => {
  const fits = (base: string) =>
    join(base, 'opsgraph-XXXXXX', `.s.PGSQL.${PORT}.lock`).length <= LONGEST_SOCKET_PATH
  const reachable = owner.uid === process.getuid!() ? [tmpdir(), '/tmp'] : ['/tmp']
  const base = reachable.find(folder => fits(folder) && existsSync(folder))
  if (!base)
    throw new PostgresError(
      `No folder for temporary files is there: set TMPDIR to a short path, such as /tmp`,
    )
  const folder = mkdtempSync(join(base, 'opsgraph-'))
  chownSync(folder, owner.uid, owner.gid)
  return folder
}

const openLog = ({ log }: Place): number => {
  const { size = 0 } = statSync(log, { throwIfNoEntry: false }) ?? {}
  if (size > MOST_LOG_BYTES) truncateSync(log)
  return openSync(log, 'a', 0o600)
}

/** A server that we started. */
interface Started {
  child: ChildProcess
  exited: Promise<number | null>
  runtime: string
  /** What the server has said since. */
  said(): string
}

/** The server outlives a supervisor that was killed, and without its socket nobody would reach it. */
const removeUnlessServed = (cluster: string, runtime: string): void => {
  if (findServer(cluster)?.socketDir !== runtime) rmSync(runtime, { recursive: true, force: true })
}

const launch = (place: Place, launcher: Launcher, options: PostgresOptions): Started => {
  if (statSync(place.cluster).uid !== launcher.account.owner.uid)
    chownAll(place.cluster, launcher.account.owner)
  const runtime = makeRuntimeDir(launcher.account)
  const log = openLog(place)
  const before = fstatSync(log).size
  const all = {
    ...SETTINGS,
    ...(options.test ? TEST_SETTINGS : {}),
    ...options.settings,
    unix_socket_directories: runtime,
  }
  const settings = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const script = readFileSync(join(ROOT, 'shared', 'postgres-supervisor.sh'), 'utf8')
  const postgres = [
    join(launcher.binaries.folder, 'postgres'),
    '-D',
    place.cluster,
    '-p',
    String(PORT),
    ...settings,
  ]
  const supervisor = [
    'sh',
    '-c',
    script,
    'sh',
    runtime,
    pidFileOf(place.cluster),
    launcher.libraries,
    ...postgres,
  ]
  const child = command(launcher, supervisor, ['pipe', log, log])
  closeSync(log)
  child.stdin?.on('error', () => {})
  const exited = new Promise<number | null>(done => {
    child.on('error', () => done(null))
    child.on('exit', code => done(code))
  })
  exited.then(() => removeUnlessServed(place.cluster, runtime)).catch(() => {})
  child.unref()
  ;(child.stdin as unknown as { unref(): void }).unref()
  return { child, exited, runtime, said: () => readFileSync(place.log, 'utf8').slice(before).trim() }
}

/** Waits until our server is ready. Null: another process was faster, or ours was stopped. */
const becameReady = async (place: Place, started: Started, end: number): Promise<Server | null> => {
  let code: number | null | undefined
  started.exited.then(value => {
    code = value
  })
  while (Date.now() < end) {
    const server = findServer(place.cluster)
    if (server?.socketDir === started.runtime && server.status === 'ready') return server
    if (code !== undefined) {
      if (server || /lock file .* already exists|shared memory block .* in use/.test(started.said()))
        return null
      throw new PostgresError(
        `PostgreSQL did not start (exit ${code}):\n${started.said() || `see ${place.log}`}`,
      )
    }
    await sleep(10)
  }
  started.child.stdin?.end()
  throw new PostgresError(`PostgreSQL was not ready within ${START_MS / 1000} s:\n${started.said()}`)
}

// ── Sharing ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * Holds on to a server that another process started.
 * @returns how to let go, or null when nobody looks after the server any more
 */
const takeLease = ({ socketDir, port }: Server): (() => void) | null => {
  try {
    const lease = openSync(join(socketDir, 'lease'), constants.O_WRONLY | constants.O_NONBLOCK)
    return () => closeSync(lease)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENXIO') return null
    // Started by hand, or the temporary folder was tidied up: used without a hold on it while it can be reached.
    if (code === 'ENOENT') return existsSync(join(socketDir, `.s.PGSQL.${port}`)) ? () => {} : null
    throw error
  }
}

/** The server was killed, and its supervisor is about to start it again. */
const isBeingRestarted = (cluster: string): boolean => {
  const dead = readPidFile(cluster)
  if (!dead?.socketDir || !existsSync(join(dead.socketDir, 'lease'))) return false
  const letGo = takeLease(dead)
  letGo?.()
  return letGo !== null
}

const ORPHAN_MS = 2_000

/** A server without a supervisor would outlive everybody: it is shut down, and then started properly. */
const endOrphan = async (cluster: string, { pid, socketDir }: Server): Promise<void> => {
  await sleep(ORPHAN_MS)
  const now = findServer(cluster)
  if (now?.pid !== pid || takeLease(now) !== null) return
  process.kill(pid, 'SIGINT')
  if (basename(socketDir).startsWith('opsgraph-')) rmSync(join(socketDir, 'lease'), { force: true })
}

const urlOf = (cluster: string, { socketDir, port }: Server, database: string): string => {
  const password = readFileSync(passwordFileOf(cluster), 'utf8').trim()
  return `postgresql://${USER}:${password}@${encodeURIComponent(socketDir)}:${port}/${database}`
}

const withClient = async <T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  client.on('error', () => {})
  try {
    await client.connect()
    return await work(client)
  } finally {
    await client.end().catch(() => {})
  }
}

const DATABASE_IS_THERE = new Set(['42P04', '23505'])

const createDatabase = async (cluster: string, server: Server): Promise<void> => {
  await withClient(urlOf(cluster, server, 'postgres'), async client => {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE])
    if (rowCount) return
    await client.query(`CREATE DATABASE ${DATABASE}`).catch((error: pg.DatabaseError) => {
      if (!DATABASE_IS_THERE.has(error.code ?? '')) throw error
    })
  })
}

/** Whether the database is there to be used; a server that is going down or coming up is not. */
const isUsable = (cluster: string, server: Server): Promise<boolean> =>
  createDatabase(cluster, server).then(
    () => true,
    error => {
      if (isStorageError(error)) return false
      throw error
    },
  )

/** Whether the server with this socket ends within `ms`, or within half a minute once it has begun to. */
const isGone = async (place: Place, socketDir: string, ms: number): Promise<boolean> => {
  for (const end = Date.now() + ms; Date.now() < end; await sleep(5)) {
    const server = findServer(place.cluster)
    if (server?.socketDir !== socketDir) return true
    if (server.status === 'stopping' && ms < STOP_MS) return isGone(place, socketDir, STOP_MS)
  }
  return false
}

const running = (
  place: Place,
  server: Server,
  adopted: boolean,
  letGo: () => Promise<void> | void,
): RunningPostgres => {
  let stopped: Promise<void> | undefined
  const stop = async () => {
    await letGo()
    await isGone(place, server.socketDir, RELEASE_MS)
  }
  return {
    url: urlOf(place.cluster, server, DATABASE),
    adopted,
    stop: () => {
      stopped ??= stop()
      return stopped
    },
  }
}

const adopt = async (place: Place, server: Server): Promise<RunningPostgres | null> => {
  if (server.status !== 'ready') return null
  const letGo = takeLease(server)
  if (!letGo) {
    await endOrphan(place.cluster, server)
    return null
  }
  if (await isUsable(place.cluster, server)) return running(place, server, true, letGo)
  letGo()
  return null
}

const start = async (
  place: Place,
  options: PostgresOptions,
  end: number,
): Promise<RunningPostgres | null> => {
  const launcher = prepare(place, findBinaries())
  if (!existsSync(place.cluster)) await initialise(place, launcher, options.test ?? false)
  checkVersion(place, launcher)
  if (findServer(place.cluster) || isBeingRestarted(place.cluster)) return null
  removeMisleadingPidFile(place.cluster)
  const started = launch(place, launcher, options)
  const server = await becameReady(place, started, end)
  if (!server) return null
  if (await isUsable(place.cluster, server))
    return running(place, server, false, () => void started.child.stdin?.end())
  started.child.stdin?.end()
  return null
}

const openPlace = (dataDir: string): Place => {
  const folder = resolve(dataDir)
  mkdirSync(folder, { recursive: true })
  const home = realpathSync(folder)
  return { home, cluster: join(home, 'postgres'), log: join(home, 'postgres.log') }
}

const refuseForeign = ({ cluster }: Place): void => {
  const { uid } = statSync(cluster, { throwIfNoEntry: false }) ?? {}
  const us = process.getuid?.()
  if (uid === undefined || us === undefined || us === 0 || us === uid) return
  throw new PostgresError(
    `The data in ${cluster} belong to uid ${uid}, and this is uid ${us}. Set DATA_DIR to another folder`,
  )
}

/** Whether a PostgreSQL runs on the folder now. */
export const isPostgresRunning = (dataDir: string): boolean => {
  const cluster = join(resolve(dataDir), 'postgres')
  return existsSync(cluster) && findServer(realpathSync(cluster)) !== null
}

/**
 * Starts the PostgreSQL that Opsgraph brings (or the one in PGBIN), or joins it when another process runs it on the same folder. It needs
 * no install script, no account of its own and no port, works as root too, and never outlives the processes that use it, even when they
 * are killed. When the server itself is killed it is started again.
 * @throws {PostgresError} saying why it cannot run here and what to set instead
 */
export const startPostgres = async (options: PostgresOptions): Promise<RunningPostgres> => {
  const end = Date.now() + START_MS
  const place = openPlace(options.dataDir)
  refuseForeign(place)
  while (Date.now() < end) {
    const server = existsSync(place.cluster) ? findServer(place.cluster) : null
    const result = server ? await adopt(place, server) : await start(place, options, end)
    if (result) return result
    await sleep(20)
  }
  throw new PostgresError(
    `The PostgreSQL in ${place.cluster} was not ready within ${START_MS / 1000} s; see ${place.log}`,
  )
}
