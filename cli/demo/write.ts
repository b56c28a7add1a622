import { once } from 'node:events'
import { createWriteStream, type WriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { type KindName, type Line, Marketplace } from './marketplace.js'

/** The last day of every demo, unless said otherwise: a fixed one, so that the same seed is the same set for ever. */
export const UNTIL = Date.UTC(2026, 4, 1)

export interface DemoOptions {
  orders: number
  seed: number
  folder: string
  /** ms since 1970. */
  until?: number
  onProgress?: (orders: number) => void
}

/** The files of a set, each opened when its first line comes, and none faster than the disk. */
class Files {
  private readonly open = new Map<KindName, WriteStream>()
  readonly lines: Partial<Record<KindName, number>> = {}

  constructor(private readonly folder: string) {}

  async write(kind: KindName, line: Line): Promise<void> {
    let file = this.open.get(kind)
    if (!file) {
      file = createWriteStream(join(this.folder, `${kind}.ndjson`), { highWaterMark: 1024 * 1024 })
      this.open.set(kind, file)
    }
    this.lines[kind] = (this.lines[kind] ?? 0) + 1
    if (!file.write(`${JSON.stringify(line)}\n`)) await once(file, 'drain')
  }

  async close(): Promise<void> {
    for (const file of this.open.values()) {
      file.end()
      await finished(file)
    }
  }
}

/**
 * Writes a marketplace as files that `import` takes: the same for the same seed, and of any size in the same memory.
 * @returns how many lines each file has
 */
export async function writeDemo({
  orders,
  seed,
  folder,
  until = UNTIL,
  onProgress,
}: DemoOptions): Promise<Files['lines']> {
  await mkdir(folder, { recursive: true })
  const files = new Files(folder)
  const market = new Marketplace(seed, orders, until)
  const { users, organizations, listings } = market.sizes
  for (let at = 0; at < users; at++) await files.write('users', market.user(at))
  for (let at = 0; at < organizations; at++) await files.write('organizations', market.organization(at))
  for (let at = 0; at < listings; at++) {
    await files.write('listings', market.listing(at))
    for (const bid of market.bids(at)) await files.write('bids', bid)
  }
  let sold = 0
  for (const { kind, line } of market.sales()) {
    await files.write(kind, line)
    if (kind !== 'checkouts') continue
    sold += (line.orders as unknown[]).length
    onProgress?.(sold)
  }
  await files.close()
  return files.lines
}
