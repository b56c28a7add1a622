import type { Queryable } from '#shared/event-row.js'

/** A table of the read side. `key`: the column whose rows are compared together. */
export interface Compared {
  table: string
  key: string
}

export interface Difference {
  table: string
  key: string
  what: 'differs' | 'missing' | 'extra'
}

const PAGE = 1_000

/** All keys, in the database's own order, whatever that is. */
async function* pagesOf(db: Queryable, { table, key }: Compared): AsyncGenerator<string[]> {
  for (let after = ''; ; ) {
    const rows: { key: string }[] = await db.query(
      `select distinct ${key} as key from ${table} where ${key} > $1 order by 1 limit ${PAGE}`,
      [after],
    )
    if (rows.length === 0) return
    yield rows.map(row => row.key)
    after = rows.at(-1)!.key
  }
}

/** The rows of each key as one sum. */
async function sumsOf(
  db: Queryable,
  { table, key }: Compared,
  keys: readonly string[],
): Promise<Map<string, string>> {
  const rows: { key: string; sum: string }[] = await db.query(
    `select ${key} as key, md5(string_agg(t::text, chr(10) order by t::text collate "C")) as sum
     from ${table} t where ${key} = any($1) group by ${key}`,
    [keys],
  )
  return new Map(rows.map(row => [row.key, row.sum]))
}

/**
 * Compares a table with the same one made anew, row for row. The two may sort differently, so each is asked for the other's keys.
 * @returns how many keys there are, and what differs
 */
export async function compare(
  live: Queryable,
  anew: Queryable,
  compared: Compared,
): Promise<{ keys: number; differences: Difference[] }> {
  const { table } = compared
  const differences: Difference[] = []
  let keys = 0
  for await (const page of pagesOf(live, compared)) {
    keys += page.length
    const mine = await sumsOf(live, compared, page)
    const theirs = await sumsOf(anew, compared, page)
    for (const key of page)
      if (!theirs.has(key)) differences.push({ table, key, what: 'extra' })
      else if (theirs.get(key) !== mine.get(key)) differences.push({ table, key, what: 'differs' })
  }
  for await (const page of pagesOf(anew, compared)) {
    const mine = await sumsOf(live, compared, page)
    for (const key of page) if (!mine.has(key)) differences.push({ table, key, what: 'missing' })
  }
  return { keys, differences }
}
