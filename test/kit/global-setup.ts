import { startCluster } from '#kit/cluster.js'

/** Before all test files: one PostgreSQL for the run. */
export default startCluster
