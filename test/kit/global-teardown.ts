import { stopCluster } from '#kit/cluster.js'
import { stopHosts } from '#kit/hosts.js'

/** After all test files: the hosts and PostgreSQL stop; files stay only if a test failed. */
export default async function tearDown(): Promise<void> {
  await stopHosts()
  await stopCluster()
}
