import { SUBGRAPHS, type Subgraph, type SubgraphName } from '#shared/subgraph.js'

/** The subgraphs of this process, built when asked for: a process that hosts one loads no other. */
export async function buildSubgraphs(names: readonly SubgraphName[] = SUBGRAPHS): Promise<Subgraph[]> {
  const load: Record<SubgraphName, () => Promise<{ default: Subgraph }>> = {
    accounts: () => import('#subgraphs/accounts/index.js'),
    support: () => import('#subgraphs/support/index.js'),
    orders: () => import('#subgraphs/orders/index.js'),
    risk: () => import('#subgraphs/risk/index.js'),
    catalog: () => import('#subgraphs/catalog/index.js'),
    audit: () => import('#subgraphs/audit/index.js'),
  }
  // One after the other: the test runner cannot link two graphs of modules at once that share what neither has loaded.
  const subgraphs: Subgraph[] = []
  for (const name of names) subgraphs.push((await load[name]()).default)
  return subgraphs
}
