import { batched } from '#shared/per-request.js'

/** When a token was last used, as the gateway notes it, to the minute; null: never. One query for all tokens of a request. */
export const lastUse = batched<string, Date | null>(async ({ db }, ids) => {
  const rows: { id: string; last_used_at: Date | null }[] = await db.query(
    'select id, last_used_at from access.token where id = any($1)',
    [ids],
  )
  const known = new Map(rows.map(row => [row.id, row.last_used_at]))
  return ids.map(id => known.get(id) ?? null)
})
