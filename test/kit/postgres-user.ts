import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { ROOT } from '#shared/root.js'

/** A process of its own that uses the PostgreSQL of a folder. */
export interface PostgresUser {
  url: string
  adopted: boolean
  /** Lets go in good order. */
  leave(): Promise<void>
  /** Dies at once, by SIGKILL. */
  kill(): Promise<void>
}

export interface As {
  uid?: number
  gid?: number
  env?: NodeJS.ProcessEnv
  /** Keeps every commit, as in production; else fast. */
  durable?: boolean
}

const PROGRAM = `
  const { startPostgres } = await import(process.argv[1])
  try {
    const { url, adopted, stop } = await startPostgres({ dataDir: process.argv[2], test: process.argv[3] === 'fast' })
    console.log(JSON.stringify({ url, adopted }))
    process.stdin.resume().on('end', async () => { await stop(); process.exit(0) })
  } catch (error) {
    console.log(JSON.stringify({ error: error.message }))
    process.exit(1)
  }`

const exitOf = async (child: ChildProcessWithoutNullStreams, end: () => void): Promise<void> => {
  const exited = once(child, 'exit')
  end()
  await exited
}

/** Starts such a process at once, without waiting for its server. */
export const spawnUser = (
  folder: string,
  { uid, gid, env, durable }: As = {},
): ChildProcessWithoutNullStreams =>
  spawn(
    process.execPath,
    [
      '--input-type=module',
      '--eval',
      PROGRAM,
      join(ROOT, 'dist', 'shared', 'postgres.js'),
      folder,
      durable ? 'durable' : 'fast',
    ],
    { uid, gid, env: { ...process.env, NODE_OPTIONS: '', ...env }, cwd: '/', stdio: 'pipe' },
  )

/**
 * Starts a process that uses the PostgreSQL of a folder.
 * @throws with the message of `startPostgres` when it failed there
 */
export const joinPostgres = async (folder: string, as?: As): Promise<PostgresUser> => {
  const child = spawnUser(folder, as)
  let complaints = ''
  child.stderr.on('data', chunk => {
    complaints += chunk
  })
  for await (const line of createInterface(child.stdout)) {
    const { url, adopted, error } = JSON.parse(line)
    if (error) throw new Error(error)
    return {
      url,
      adopted,
      leave: () => exitOf(child, () => child.stdin.end()),
      kill: () => exitOf(child, () => child.kill('SIGKILL')),
    }
  }
  throw new Error(`It ended without a word: ${complaints}`)
}
