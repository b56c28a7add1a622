import type { EntityManager } from 'typeorm'
import type { Filter } from '#shared/loader.js'

interface Facet {
  value: string | null
  count: number
}

export interface Facets {
  status: Facet[]
  priority: Facet[]
  category: Facet[]
  queue: Facet[]
}

/** A page that can count what its whole list is made of. */
export interface Counted {
  facetsOf: () => Promise<Facets>
}

const SETS = ['status', 'priority', 'category', 'queue_id'] as const

/** C1, C20: counted over the filter in one statement, which sees one moment however many write. */
export async function facetsOf(db: EntityManager, { where, values }: Filter): Promise<Facets> {
  const rows: { bits: number; value: string | null; count: number }[] = await db.query(
    `select grouping(${SETS.join(', ')}) as bits, coalesce(${SETS.join(', ')}) as value, count(*)::int as count
     from support.ticket where ${where} group by grouping sets (${SETS.map(set => `(${set})`).join(', ')}) order by 3 desc, 2`,
    values,
  )
  // `grouping` has a bit for each column that a row is NOT grouped by, the first one highest.
  const of = (at: number): Facet[] =>
    rows
      .filter(({ bits }) => bits === (0b1111 ^ (0b1000 >> at)))
      .map(({ value, count }) => ({ value, count }))
  return { status: of(0), priority: of(1), category: of(2), queue: of(3) }
}
