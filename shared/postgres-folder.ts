import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  lchownSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { type Account, chooseAccount } from '#shared/postgres-account.js'
import {
  type Binaries,
  copyBinaries,
  libraryPath,
  majorVersion,
  PostgresError,
} from '#shared/postgres-binaries.js'

export const USER = 'opsgraph'

/** The folder of one installation. */
export interface Place {
  home: string
  cluster: string
  log: string
}

export const passwordFileOf = (cluster: string) => join(cluster, 'opsgraph.password')

const environment = (libraries: string): NodeJS.ProcessEnv => ({
  PATH: `${process.env.PATH ?? ''}:/usr/sbin:/usr/bin:/sbin:/bin`,
  LC_ALL: 'C',
  TZ: 'UTC',
  ...(libraries ? { LD_LIBRARY_PATH: libraries, DYLD_LIBRARY_PATH: libraries } : {}),
})

export const chownAll = (path: string, { uid, gid }: Account['owner']): void => {
  lchownSync(path, uid, gid)
  for (const entry of readdirSync(path, { recursive: true, encoding: 'utf8' }))
    lchownSync(join(path, entry), uid, gid)
}

/** Who runs it, what, and with which libraries. */
export interface Launcher {
  account: Account
  binaries: Binaries
  libraries: string
}

export const prepare = (place: Place, binaries: Binaries): Launcher => {
  const spare = join(place.home, 'postgres-lib')
  const libraries = libraryPath(binaries, spare)
  const program = join(binaries.folder, 'postgres')
  const choice = chooseAccount(place.home, place.cluster, program, environment(libraries))
  if (!('failures' in choice)) return { account: choice, binaries, libraries }
  if (binaries.native?.startsWith(place.home) || !binaries.native || process.getuid!() !== 0)
    throw new PostgresError(
      `PostgreSQL cannot run in ${place.home}:\n${choice.failures.map(line => `  ${line}`).join('\n')}\n` +
        'Set DATA_DIR to a folder that other users can reach, such as /var/lib/opsgraph, or DATABASE_URL to a PostgreSQL of yours',
    )
  return prepare(place, copyBinaries(binaries, place.home))
}

export const command = (
  { account, libraries }: Launcher,
  args: string[],
  stdio: ('pipe' | 'ignore' | number)[],
): ChildProcess => {
  const [program, ...rest] = [...account.prefix, ...args]
  return spawn(program!, rest, {
    cwd: '/',
    env: environment(libraries),
    stdio,
    detached: true,
    uid: account.uid,
    gid: account.gid,
  })
}

const finished = async (child: ChildProcess): Promise<{ code: number | null; said: string }> => {
  let said = ''
  child.stderr?.on('data', chunk => {
    said = (said + chunk).slice(-10_000)
  })
  return new Promise((done, fail) => {
    child.on('error', fail)
    child.on('close', code => done({ code, said }))
  })
}

/** The same order of strings and the same lower case on every machine; before 17 only libc could give nearly that. */
const localeOf = (major: number) =>
  major >= 17 ? ['--locale-provider=builtin', '--locale=C.UTF-8'] : ['--locale=C', '--lc-ctype=C.UTF-8']

const initdbArguments = (folder: string, passwordFile: string, major: number, test: boolean) => [
  ...[
    '-D',
    folder,
    '-U',
    USER,
    '-E',
    'UTF8',
    '--auth=scram-sha-256',
    `--pwfile=${passwordFile}`,
    '--no-instructions',
  ],
  ...localeOf(major),
  ...(test ? ['--no-sync'] : []),
]

const TEN_MINUTES = 600_000

const sweepHalfMade = ({ home }: Place): void => {
  for (const name of readdirSync(home)) {
    const path = join(home, name)
    const { mtimeMs = Number.POSITIVE_INFINITY } = statSync(path, { throwIfNoEntry: false }) ?? {}
    if (/^(postgres\.init-|\.probe-|postgres-.*\.copy-)/.test(name) && Date.now() - mtimeMs > TEN_MINUTES)
      rmSync(path, { recursive: true, force: true })
  }
}

/** Makes the data folder aside and renames it: it is whole or absent, and the first of several processes wins. */
export const initialise = async (place: Place, launcher: Launcher, test: boolean): Promise<void> => {
  sweepHalfMade(place)
  const aside = mkdtempSync(join(place.home, 'postgres.init-'))
  const made = join(aside, 'cluster')
  const passwordFile = join(aside, 'password')
  try {
    writeFileSync(passwordFile, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 })
    chownAll(aside, launcher.account.owner)
    const major = majorVersion(launcher.binaries, launcher.libraries)
    const program = join(launcher.binaries.folder, 'initdb')
    const child = command(
      launcher,
      [program, ...initdbArguments(made, passwordFile, major, test)],
      ['ignore', 'ignore', 'pipe'],
    )
    const { code, said } = await finished(child)
    if (code !== 0)
      throw new PostgresError(`PostgreSQL could not make its data folder: ${said.trim() || `exit ${code}`}`)
    renameSync(passwordFile, passwordFileOf(made))
    renameSync(made, place.cluster)
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  } finally {
    rmSync(aside, { recursive: true, force: true })
  }
}

export const checkVersion = ({ cluster }: Place, { binaries, libraries }: Launcher): void => {
  const data = Number(readFileSync(join(cluster, 'PG_VERSION'), 'utf8'))
  const program = majorVersion(binaries, libraries)
  if (data === program) return
  throw new PostgresError(
    `The data in ${cluster} were made by PostgreSQL ${data}, but Opsgraph would run them with PostgreSQL ${program}. ` +
      `Set PGBIN to the folder of a PostgreSQL ${data}, or move the data there with pg_dump and start with an empty DATA_DIR`,
  )
}
