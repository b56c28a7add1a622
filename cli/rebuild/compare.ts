import type { Queryable } from '#shared/event-store.js'

/** Rows of one key, as one sum; `key` is what a page goes by. */
interface Summed {
  key: string
  sum: string
}

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

async function* sumsOf(db: Queryable, { table, key }: Compared): AsyncGenerator<Summed> {
  for (let after = ''; ; ) {
    const rows: Summed[] = await db.query(
      `select t.${key} as key, md5(string_agg(t::text, chr(10) order by t::text collate "C")) as sum
       from ${table} t where t.${key} in (select distinct ${key} from ${table} where ${key} > $1 order by ${key} limit ${PAGE})
       group by t.${key} order by t.${key}`,
      [after],
    )
    yield* rows
    if (rows.length < PAGE) return
    after = rows.at(-1)!.key
  }
}

/**
 * Compares a table with the same one made anew, row for row.
 * @returns how many keys there are, and what differs
 */
export async function compare(live: Queryable, anew: Queryable, compared: Compared): Promise<{ keys: number; differences: Difference[] }> {
  const differences: Difference[] = []
  const { table } = compared
  const note = (key: string, what: Difference['what']) => differences.push({ table, key, what })
  const theirs = sumsOf(anew, compared)
  let keys = 0
  let other = await theirs.next()
  for await (const { key, sum } of sumsOf(live, compared)) {
    keys++
    for (; !other.done && other.value.key < key; other = await theirs.next()) note(other.value.key, 'missing')
    if (other.done || other.value.key > key) {
      note(key, 'extra')
      continue
    }
    if (other.value.sum !== sum) note(key, 'differs')
    other = await theirs.next()
  }
  for (; !other.done; other = await theirs.next()) note(other.value.key, 'missing')
  return { keys, differences }
}
