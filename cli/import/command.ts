import { basename } from 'node:path'
import type { Opened } from '../open.js'
import { note, number, say, table } from '../output.js'
import { addCounts, Importer, noCounts } from './importer.js'
import { kindsOf } from './kinds.js'
import { readRenames, unusedRenames } from './names.js'
import { planOf } from './plan.js'
import { ProgressTable } from './progress.js'
import { type FileResult, importFile } from './run.js'
import { watcherFor } from './watch.js'

export interface ImportOptions {
  source: string
  kind?: string
  map: string[]
  ignore: string[]
  encoding?: string
  dryRun?: boolean
  restart?: boolean
  rejects?: string
}

const summary = (results: readonly FileResult[]): string => {
  const total = noCounts()
  for (const { counts } of results) addCounts(total, counts)
  const seconds = results.reduce((sum, one) => sum + one.seconds, 0)
  const line = (name: string, { created, updated, unchanged, rejected }: typeof total, took: number) => {
    const rows = created + updated + unchanged + rejected
    return [name, ...[created, updated, unchanged, rejected].map(number), took ? number(rows / took) : '-']
  }
  return table([
    ['', 'created', 'updated', 'unchanged', 'rejected', 'records/s'],
    ...results.map(({ task, counts, seconds }) => line(basename(task.path), counts, seconds)),
    ...(results.length > 1 ? [line('all', total, seconds)] : []),
  ])
}

/**
 * Imports a file, or a folder in the order in which its files refer to each other, and prints what came of it.
 * @returns whether every record was taken
 */
export async function runImport(
  path: string,
  options: ImportOptions,
  { services, subgraphs }: Opened,
): Promise<boolean> {
  const { source, map, ignore, encoding, dryRun, restart, rejects } = options
  const renames = readRenames(map, ignore)
  const { tasks, left } = await planOf(path, kindsOf(subgraphs), options.kind)
  for (const line of left) note(line)
  const importer = new Importer({ services, source, dryRun })
  const progress = dryRun ? undefined : new ProgressTable(services.db)
  const watcher = watcherFor(rejects)
  const results: FileResult[] = []
  try {
    for (const task of tasks)
      results.push(
        await importFile(task, {
          importer,
          renames,
          encoding,
          progress,
          restart,
          watcher,
          how: { source, map, ignore, encoding },
        }),
      )
  } finally {
    await watcher.close()
  }
  const unused = results.some(({ seconds }) => seconds > 0) ? unusedRenames(renames) : []
  if (unused.length)
    note(`No file has a column ${unused.map(name => `"${name}"`).join(', ')}, which --map or --ignore names`)
  say(summary(results))
  if (dryRun) say('A dry run: nothing was written')
  return left.length === 0 && results.every(({ counts }) => counts.rejected === 0)
}
