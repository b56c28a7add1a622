import DataLoader from 'dataloader'
import type { EntityManager } from 'typeorm'
import type { Context } from '#shared/context.js'

const loaders = new WeakMap<Context, DataLoader<string, Date | null>>()

async function read(db: EntityManager, ids: readonly string[]): Promise<(Date | null)[]> {
  const rows: { id: string; last_used_at: Date | null }[] = await db.query(
    'select id, last_used_at from access.token where id = any($1)',
    [ids],
  )
  const known = new Map(rows.map(row => [row.id, row.last_used_at]))
  return ids.map(id => known.get(id) ?? null)
}

/** When a token was last used, as the gateway notes it, to the minute; null: never. One query for all tokens of a request. */
export async function lastUse(context: Context, tokenId: string): Promise<Date | null> {
  let loader = loaders.get(context)
  if (!loader) {
    loader = new DataLoader(ids => read(context.db, ids))
    loaders.set(context, loader)
  }
  return loader.load(tokenId)
}
