import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { composeBuilt } from '#gateway/compose.js'
import { catalogOf } from '#shared/catalog.js'
import { ROOT } from '#shared/root.js'
import type { Subgraph } from '#shared/subgraph.js'
import { actionsPage, errorsPage, eventsPage, permissionsPage } from './documents.js'

/** Everything that is written down of the code, by path below the root; the same for the same code. */
export async function documentsOf(subgraphs: readonly Subgraph[]): Promise<Map<string, string>> {
  const { supergraphSdl, apiSdl } = composeBuilt(subgraphs)
  return new Map([
    ...subgraphs.map(({ name, sdl }) => [`schema/${name}.graphql`, sdl] as const),
    ['schema/supergraph.graphql', supergraphSdl],
    ['schema/api.graphql', apiSdl],
    ['schema/catalog.json', `${JSON.stringify(catalogOf(subgraphs), null, 2)}\n`],
    ['docs/actions.md', actionsPage(subgraphs)],
    ['docs/permissions.md', permissionsPage(subgraphs)],
    ['docs/events.md', await eventsPage(subgraphs)],
    ['docs/errors.md', errorsPage()],
  ])
}

const contentOf = (path: string): Promise<string | null> =>
  readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })

/** Paths of those that are missing, or are not what they should be. */
export async function staleOf(documents: ReadonlyMap<string, string>, root = ROOT): Promise<string[]> {
  const paths = [...documents.keys()]
  const contents = await Promise.all(paths.map(path => contentOf(join(root, path))))
  return paths.filter((path, i) => contents[i] !== documents.get(path))
}

/** Writes those that are stale, and says which. */
export async function writeDocuments(documents: ReadonlyMap<string, string>, root = ROOT): Promise<string[]> {
  const stale = await staleOf(documents, root)
  for (const path of stale) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), documents.get(path)!)
  }
  return stale
}
