import { type FileHandle, mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Logger } from '#shared/log.js'
import type { Checkpoint } from '#shared/seal.js'

/** A line of the anchor file. */
export interface Anchored {
  n: number
  lastPosition: number
  /** Hex. */
  hash: string
  keyId: string
  sealedAt: string
}

/** At most one line in this time, ms: F23 asks for one in 60 s. */
const PERIOD = 1_000

/**
 * The newest checkpoint, written down outside the database as one line of JSON after the other. Who can rewrite the database, and
 * has the signing key, still cannot rewrite this file: keep it on another host, or under an object lock.
 */
export class Anchor {
  private newest: Checkpoint | null = null
  private timer: NodeJS.Timeout | null = null
  private writing: Promise<void> = Promise.resolve()

  constructor(
    private readonly file: string,
    private readonly log: Logger,
  ) {}

  /** Writes it within a second, unless a newer one comes first. Never fails. */
  note(checkpoint: Checkpoint): void {
    this.newest = checkpoint
    this.timer ??= setTimeout(() => this.flush(), PERIOD)
  }

  /** Writes what is left. */
  async close(): Promise<void> {
    this.flush()
    await this.writing
  }

  private flush(): void {
    if (this.timer) clearTimeout(this.timer)
    this.timer = null
    this.writing = this.writing.then(() => this.write())
  }

  private async write(): Promise<void> {
    const checkpoint = this.newest
    if (!checkpoint) return
    this.newest = null
    try {
      await append(this.file, `${JSON.stringify(line(checkpoint))}\n`)
    } catch (error) {
      this.log.error({ err: error }, 'the anchor of the event log could not be written')
      this.newest ??= checkpoint
    }
  }
}

const line = ({ n, lastPosition, hash, keyId, sealedAt }: Checkpoint): Anchored => ({
  n,
  lastPosition,
  hash: hash.toString('hex'),
  keyId,
  sealedAt: new Date(sealedAt / 1000).toISOString(),
})

async function append(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  const handle = await open(file, 'a+')
  try {
    await handle.appendFile((await endsTorn(handle)) ? `\n${text}` : text)
    await handle.datasync()
  } finally {
    await handle.close()
  }
}

/** Whether the last line was cut short by a crash. */
async function endsTorn(handle: FileHandle): Promise<boolean> {
  const { size } = await handle.stat()
  if (!size) return false
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1)
  return buffer.toString() !== '\n'
}
