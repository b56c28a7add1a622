import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildSubgraphs } from '#gateway/subgraphs.js'
import { openTestServices } from '#kit/services.js'
import { migrate } from '#shared/database.js'
import type { Services } from '#shared/services.js'
import type { Subgraph } from '#shared/subgraph.js'
import { readCsv } from '../../cli/import/csv.js'
import type { Draft } from '../../cli/import/draft.js'
import { type Counts, Importer, type Rejection } from '../../cli/import/importer.js'
import { formatOf, type Kind, kindOf, kindsOf } from '../../cli/import/kinds.js'
import { noRenames, type Renames } from '../../cli/import/names.js'
import { readNdjson } from '../../cli/import/ndjson.js'
import { ProgressTable } from '../../cli/import/progress.js'
import { importFile } from '../../cli/import/run.js'
import { openSource } from '../../cli/import/source.js'
import { CLI_MIGRATIONS } from '../../cli/open.js'
import { cloneDatabase } from '../kit/cluster.js'

/** A folder for the files of a test, gone with `clear`. */
export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), 'opsgraph-import-'))

  write(name: string, content: string | Buffer): string {
    const path = join(this.path, name)
    writeFileSync(path, content)
    return path
  }

  clear(): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}

export const kinds = kindsOf(await buildSubgraphs())

/** What a file says, before it is judged. */
export async function read(
  path: string,
  renames: Renames = noRenames(),
  encoding?: string,
): Promise<Draft[]> {
  const { fields } = kindOf(path, kinds) as Kind
  const drafts: Draft[] = []
  const reader = formatOf(path) === 'csv' ? readCsv : readNdjson
  for await (const draft of reader(await openSource(path, encoding), fields, renames)) drafts.push(draft)
  return drafts
}

/** The values alone, as plain objects. */
export const values = (drafts: readonly Draft[]) =>
  JSON.parse(JSON.stringify(drafts.map(({ value }) => value)))

/** Problems as `line: field message`. */
export const complaints = (drafts: readonly Draft[]): string[] =>
  drafts.flatMap(draft =>
    draft.problems.map(({ field, message }) => `${draft.lineOf(field)}: ${field && `${field} `}${message}`),
  )

export interface Outcome extends Counts {
  complaints: string[]
  /** Line after which it went on, or `done`. */
  resumed: number | 'done' | null
}

/** A database to import into. */
export class Desk {
  private constructor(
    readonly services: Services,
    readonly subgraphs: readonly Subgraph[],
    private readonly stop: () => Promise<void>,
  ) {}

  static async open(name: string): Promise<Desk> {
    const url = await cloneDatabase(name)
    await migrate(url, CLI_MIGRATIONS)
    const subgraphs = await buildSubgraphs()
    const { services, stop } = await openTestServices(url, subgraphs)
    return new Desk(services, subgraphs, stop)
  }

  close = (): Promise<void> => this.stop()

  async import(
    path: string,
    {
      dryRun = false,
      services = this.services,
      importer = new Importer({ services, source: 'shop', dryRun }),
    } = {},
  ): Promise<Outcome> {
    const found: Rejection[] = []
    let resumed: Outcome['resumed'] = null
    const { counts } = await importFile(
      { path, kind: kindOf(path, kinds) as Kind, format: formatOf(path)! },
      {
        importer,
        renames: noRenames(),
        progress: dryRun ? undefined : new ProgressTable(this.services.db),
        how: null,
        watcher: {
          started() {},
          advanced() {},
          ended() {},
          resumed: (_, from) => {
            resumed = from
          },
          rejected: (_, rejection) => found.push(rejection),
        },
      },
    )
    const { created, updated, unchanged, rejected } = counts
    const said = found.map(
      ({ line, externalId, field, message }) => `${line}: ${externalId}: ${field} ${message}`,
    )
    return { created, updated, unchanged, rejected, complaints: said, resumed }
  }

  async count(table: string): Promise<number> {
    const [{ count }] = await this.services.db.query(`select count(*)::int as count from ${table}`)
    return count
  }
}
