import { linkSync, readFileSync, readlinkSync, renameSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'

export const pidFileOf = (cluster: string) => join(cluster, 'postmaster.pid')

/** A server as its pid file tells it. */
export interface Server {
  pid: number
  socketDir: string
  port: number
  status: string
}

const readIfThere = (file: string): string | null => {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** A pid is given anew after a restart, in a container almost surely: what bears it now may be anything. */
const isServerOf = (pid: number, cluster: string): boolean => {
  if (!isAlive(pid)) return false
  if (process.platform !== 'linux') return true
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === cluster
  } catch {
    return readIfThere(`/proc/${pid}/comm`)?.trim() === 'postgres'
  }
}

export const readPidFile = (cluster: string): (Server & { content: string }) | null => {
  const content = readIfThere(pidFileOf(cluster))
  if (!content) return null
  const [pid = '', , , port, socketDir = '', , , status = ''] = content.split('\n').map(line => line.trim())
  return { pid: Number(pid), port: Number(port), socketDir, status, content }
}

/** The server of this folder, or null. */
export const findServer = (cluster: string): Server | null => {
  const server = readPidFile(cluster)
  return server && isServerOf(server.pid, cluster) ? server : null
}

/**
 * PostgreSQL replaces the pid file of a dead server by itself, but not one whose number belongs to a living process.
 * Should another process have put its own there meanwhile, it goes back.
 */
export const removeMisleadingPidFile = (cluster: string): void => {
  const server = readPidFile(cluster)
  if (!server || !isAlive(server.pid) || isServerOf(server.pid, cluster)) return
  const file = pidFileOf(cluster)
  const aside = `${file}.${process.pid}`
  renameSync(file, aside)
  if (readFileSync(aside, 'utf8') !== server.content) linkSync(aside, file)
  unlinkSync(aside)
}
