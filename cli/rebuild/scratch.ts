import pg from 'pg'
import { MIGRATIONS } from '#gateway/migrations.js'
import { connectionOptions, migrate } from '#shared/database.js'
import { CommandError } from '../output.js'

const withClient = async <T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client(connectionOptions(url))
  client.on('error', () => {})
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

const named = (url: string, database: string): string => url.replace(/\/[^/?]+(\?|$)/, `/${database}$1`)

/**
 * An empty, migrated database beside the given one, gone afterwards.
 * @throws {CommandError} when the login may not create one
 */
export async function withScratch<T>(url: string, work: (scratch: string) => Promise<T>): Promise<T> {
  const database = `opsgraph_rebuild_${process.pid}`
  await withClient(url, async client => {
    await client.query(`create database ${database} template template0`).catch((error: pg.DatabaseError) => {
      if (error.code !== '42501') throw error
      throw new CommandError(
        'Rebuilding needs a database to rebuild in, and this login may not create one: ALTER ROLE … CREATEDB',
      )
    })
  })
  try {
    // Nothing in it outlives this process, so nothing has to reach the disk.
    await withClient(url, client => client.query(`alter database ${database} set synchronous_commit = off`))
    const scratch = named(url, database)
    await migrate(scratch, [...MIGRATIONS])
    return await work(scratch)
  } finally {
    await withClient(url, client => client.query(`drop database if exists ${database} with (force)`))
  }
}
