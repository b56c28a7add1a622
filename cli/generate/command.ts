import { buildSubgraphs } from '#gateway/subgraphs.js'
import { note, say } from '../output.js'
import { untoldChanges } from './changelog.js'
import { documentsOf, staleOf, writeDocuments } from './generate.js'

/** `opsgraph generate`: writes what is not what the code says, or only names it and exits 1. */
export async function runGenerate(check = false): Promise<void> {
  const documents = await documentsOf(await buildSubgraphs())
  const stale = check ? await staleOf(documents) : await writeDocuments(documents)
  for (const path of stale) say(path)
  const untold = check ? await untoldChanges(documents.get('schema/api.graphql')!) : []
  for (const change of untold) say(change)
  if (untold.length) process.exitCode = 1
  if (!check)
    note(stale.length ? `Wrote ${stale.length} of ${documents.size} files` : 'Everything was up to date')
  else if (stale.length) {
    note(`${stale.length} of ${documents.size} files are stale: npm run generate`)
    process.exitCode = 1
  }
}
