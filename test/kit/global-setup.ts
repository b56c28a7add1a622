import { startCluster } from '#kit/cluster.js'
import { startHosts } from '#kit/hosts.js'

/** Before all test files: one PostgreSQL for the run, and one host of the product for each worker. */
export default async function setUp({ maxWorkers }: { maxWorkers: number }): Promise<void> {
  startHosts(await startCluster(), maxWorkers)
}
