import { join } from 'node:path'
import { ROOT } from '#shared/root.js'
import type { Services } from '#shared/services.js'
import type { Subgraph } from '#shared/subgraph.js'
import { addCounts, Importer, noCounts } from './import/importer.js'
import { kindsOf } from './import/kinds.js'
import { noRenames } from './import/names.js'
import { planOf } from './import/plan.js'
import { importFile } from './import/run.js'

/** The small marketplace that a first start shows. */
export const DEMO_FOLDER = join(ROOT, 'examples', 'marketplace')

/**
 * Loads the example records; what is there already is left alone. For a first start in development.
 * @param onProgress told in words, once, what was loaded
 * @throws when an example record is refused: examples and schema have to agree
 */
export async function loadDemo(
  services: Services,
  subgraphs: readonly Subgraph[],
  onProgress: (line: string) => void = () => {},
): Promise<void> {
  const importer = new Importer({ services, source: 'shop' })
  const total = noCounts()
  const wrong: string[] = []
  const watcher = {
    started() {},
    advanced() {},
    resumed() {},
    ended() {},
    rejected(
      { path }: { path: string },
      { line, field, message }: { line: number; field: string; message: string },
    ) {
      wrong.push(`${path}:${line}: ${field} ${message}`)
    },
  }
  for (const task of (await planOf(DEMO_FOLDER, kindsOf(subgraphs))).tasks) {
    const { counts } = await importFile(task, { importer, renames: noRenames(), how: null, watcher })
    addCounts(total, counts)
  }
  if (wrong.length) throw new Error(`The example records do not fit the schema:\n${wrong.join('\n')}`)
  if (total.created) onProgress(`Loaded ${total.created} example records from examples/marketplace`)
}
