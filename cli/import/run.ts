import { readCsv } from './csv.js'
import { FileError } from './draft.js'
import {
  addCounts,
  batchesOf,
  type Counts,
  type Importer,
  noCounts,
  type Rejection,
  type Taken,
} from './importer.js'
import type { Renames } from './names.js'
import { readNdjson } from './ndjson.js'
import type { Task } from './plan.js'
import { fingerprint, type Progress, type ProgressTable } from './progress.js'
import { openSource } from './source.js'

/** Told while a file is imported. */
export interface Watcher {
  started(task: Task, bytes: number): void
  advanced(bytes: number, counts: Counts): void
  rejected(task: Task, rejection: Rejection): void
  /** It was imported before, in part (`from` that line) or as a whole. */
  resumed(task: Task, from: number | 'done'): void
  ended(): void
}

export interface FileResult {
  task: Task
  /** Of this run. */
  counts: Counts
  seconds: number
}

export interface RunOptions {
  importer: Importer
  renames: Renames
  encoding?: string
  /** Absent: nothing is written down, and nothing continued (dry runs). */
  progress?: ProgressTable
  /** What distinguishes one way of reading a file from another. */
  how: unknown
  /** From the first line, whatever was imported before. */
  restart?: boolean
  watcher: Watcher
}

const readers = { ndjson: readNdjson, csv: readCsv }

/** A pass that rejected something is done again from the start: what it lacked may be there now. */
const resumeAt = (before: Progress | null): number | 'done' => {
  if (!before) return 0
  if (!before.finished) return before.line
  return before.rejected === 0 ? 'done' : 0
}

/** Reads one ahead: the next batch while the database works on this one. An error comes after what was read before it. */
async function* oneAhead<T>(items: AsyncIterator<T>): AsyncGenerator<T> {
  const read = () =>
    items.next().then(
      result => ({ result }),
      (error: unknown) => ({ error }),
    )
  for (let next = read(); ; ) {
    const got = await next
    if ('error' in got) throw got.error
    if (got.result.done) return
    next = read()
    yield got.result.value
  }
}

/** Imports one file; goes on behind the last committed batch of an earlier try. */
export async function importFile(task: Task, options: RunOptions): Promise<FileResult> {
  const { progress, watcher } = options
  const begin = performance.now()
  const key = progress && (await fingerprint(task.path, [task.kind.name, options.how]))
  const before = key && !options.restart ? await progress!.of(key) : null
  const from = resumeAt(before)
  if (from) watcher.resumed(task, from)
  if (from === 'done') return { task, counts: noCounts(), seconds: 0 }
  const sum: Progress = { ...noCounts(), ...(from ? before : {}), line: from, finished: false }
  const counts = await readFile(task, from, options, async taken => {
    addCounts(sum, taken.counts)
    sum.line = taken.lastLine
    if (key) await progress!.note(key, sum)
  })
  if (key && counts.whole) await progress!.note(key, { ...sum, finished: true })
  return { task, counts, seconds: (performance.now() - begin) / 1000 }
}

async function readFile(
  task: Task,
  after: number,
  { importer, renames, encoding, watcher }: RunOptions,
  onTaken: (taken: Taken) => Promise<void>,
): Promise<Counts & { whole: boolean }> {
  const counts = { ...noCounts(), whole: true }
  const source = await openSource(task.path, encoding)
  watcher.started(task, source.size)
  try {
    const drafts = readers[task.format](source, task.kind.fields, renames, after)
    for await (const batch of oneAhead(batchesOf(drafts))) {
      const taken = await importer.take(task.kind, batch)
      addCounts(counts, taken.counts)
      for (const rejection of taken.rejections) watcher.rejected(task, rejection)
      watcher.advanced(source.read(), counts)
      await onTaken(taken)
    }
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    counts.rejected++
    counts.whole = false
    watcher.rejected(task, { line: error.line, externalId: '', field: '', message: error.message })
  } finally {
    watcher.ended()
  }
  return counts
}
