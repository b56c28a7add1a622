import { join } from 'node:path'
import { ROOT } from '#shared/root.js'
import { SUBGRAPHS } from '#shared/subgraph.js'

/** Folders of numbered SQL files, in the order in which they run. */
export const MIGRATIONS: readonly { name: string; dir: string }[] = [
  { name: 'shared', dir: join(ROOT, 'shared/migrations') },
  ...SUBGRAPHS.map(name => ({ name, dir: join(ROOT, 'subgraphs', name, 'migrations') })),
]
