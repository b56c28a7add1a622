import { keptDatabases } from '#kit/cluster.js'
import { startPostgres } from '#shared/postgres.js'

/** `node dist/test/kit/open.js <folder>`: starts the PostgreSQL of a failed test run until Ctrl-C. */
const [folder] = process.argv.slice(2)
if (!folder)
  throw new Error('Say which folder, e.g. node dist/test/kit/open.js /dev/shm/opsgraph-test-1a2b3c')

const { url, stop } = await startPostgres({ dataDir: folder, test: true })
console.log(`${url}\n`)
for (const { database, testFile } of await keptDatabases(url)) console.log(`${database}  of ${testFile}`)

const awake = setInterval(() => {}, 60_000)
process.once('SIGINT', async () => {
  clearInterval(awake)
  await stop()
})
