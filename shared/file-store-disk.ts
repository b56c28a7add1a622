import { chmod, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { FileStore } from '#shared/file-store.js'

/** A rename is only as lasting as the folder it happened in. */
async function keep(dir: string): Promise<void> {
  const handle = await open(dir, 'r')
  await handle.sync().finally(() => handle.close())
}

/** Files below a folder: written beside, then renamed, so that each is there whole or not at all. For this user alone (0600). */
export const diskStore = (root: string): FileStore => ({
  async put(key, file) {
    const target = join(root, key)
    await mkdir(dirname(target), { recursive: true, mode: 0o700 })
    await chmod(file, 0o600)
    const handle = await open(file, 'r')
    await handle.sync().finally(() => handle.close())
    await rename(file, target)
    await keep(dirname(target))
  },

  async get(key) {
    const handle = await open(join(root, key), 'r').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null
      throw error
    })
    if (!handle) return null
    const { size } = await handle.stat()
    return { bytes: size, body: handle.createReadStream() }
  },

  async delete(key) {
    await rm(join(root, key), { force: true })
  },
})
