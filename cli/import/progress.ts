import { createHash } from 'node:crypto'
import { realpath, stat } from 'node:fs/promises'
import type { DataSource } from 'typeorm'
import type { Counts } from './importer.js'

/** How far a file came. */
export interface Progress extends Counts {
  line: number
  finished: boolean
}

/** Where that is written down: in the database, beside what was imported. */
export class ProgressTable {
  constructor(private readonly db: DataSource) {}

  async of(file: string): Promise<Progress | null> {
    const [row] = await this.db.query(
      'select line, created, updated, unchanged, rejected, finished from import.progress where file = $1',
      [file],
    )
    if (!row) return null
    const { finished, ...numbers } = row
    return {
      finished,
      ...Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, Number(value)])),
    } as Progress
  }

  async note(
    file: string,
    { line, created, updated, unchanged, rejected, finished }: Progress,
  ): Promise<void> {
    await this.db.query(
      `insert into import.progress (file, line, created, updated, unchanged, rejected, finished)
       values ($1, $2, $3, $4, $5, $6, $7)
       on conflict (file) do update set line = excluded.line, created = excluded.created, updated = excluded.updated,
         unchanged = excluded.unchanged, rejected = excluded.rejected, finished = excluded.finished, changed_at = now()`,
      [file, line, created, updated, unchanged, rejected, finished],
    )
  }
}

/** Names a file as it is now and how it is read: a changed one, or one read otherwise, is another. */
export async function fingerprint(path: string, how: unknown): Promise<string> {
  const { size, mtimeMs } = await stat(path)
  const reading = createHash('sha256').update(JSON.stringify(how)).digest('hex').slice(0, 16)
  return `${await realpath(path)} ${size} ${Math.round(mtimeMs)} ${reading}`
}
