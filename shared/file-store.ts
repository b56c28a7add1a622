import { randomBytes } from 'node:crypto'
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import type { Config } from '#shared/config.js'
import { diskStore } from '#shared/file-store-disk.js'
import { madeOnce } from '#shared/services.js'

/** What is known of a file before it is put away. */
export interface FileFacts {
  bytes: number
  /** Hex. */
  sha256: string
  mime: string
}

/** Where bodies of files lie: everything else about them is in the log. */
export interface FileStore {
  /** Puts a file of this machine away, whole or not at all; the file may be gone afterwards. Again with the same key: the same. */
  put(key: string, file: string, facts: FileFacts): Promise<void>
  /** Null when it is not there. */
  get(key: string): Promise<{ bytes: number; body: Readable } | null>
  /** Also when it is not there. */
  delete(key: string, signal?: AbortSignal): Promise<void>
}

type Settings = Pick<Config, 'dataDir' | 'files'>

const filesDir = ({ dataDir }: Pick<Config, 'dataDir'>): string => join(dataDir, 'files')
const incomingDir = (config: Pick<Config, 'dataDir'>): string => join(filesDir(config), 'incoming')

/**
 * Where the body of an attachment lies: addressed by its content, and by whose it is, so that erasing one never takes from another what
 * has the same content.
 */
export const storageKey = (sha256: string, attachmentId: string): string =>
  `${sha256.slice(0, 2)}/${sha256}-${attachmentId}`

export async function openFileStore(config: Settings): Promise<FileStore> {
  if (config.files.store === 'disk') return diskStore(filesDir(config))
  // Most processes never need it.
  const { s3Store } = await import('#shared/file-store-s3.js')
  return s3Store(config.files)
}

/** As this process was configured. */
export const configuredFileStore = madeOnce(({ config }) => openFileStore(config))

/** What was begun longer ago than this and is still here belongs to a process that died, ms. */
const ABANDONED = 3_600_000

/** Lends a name for a file that is still coming in, and removes it afterwards; so is what dead processes left behind. */
export async function withIncomingFile<T>(
  config: Pick<Config, 'dataDir'>,
  work: (file: string) => Promise<T>,
): Promise<T> {
  const dir = incomingDir(config)
  await mkdir(dir, { recursive: true, mode: 0o700 })
  await removeAbandoned(dir)
  const file = join(dir, randomBytes(12).toString('hex'))
  try {
    return await work(file)
  } finally {
    await rm(file, { force: true })
  }
}

async function removeAbandoned(dir: string): Promise<void> {
  for (const name of await readdir(dir)) {
    const file = join(dir, name)
    const known = await stat(file).catch(() => null)
    if (known && Date.now() - known.mtimeMs > ABANDONED) await rm(file, { force: true })
  }
}
