import { stopCluster } from '#kit/cluster.js'

/** After all test files: PostgreSQL stops; its files stay only if a test failed. */
export default stopCluster
