import type { EntityManager } from 'typeorm'
import { refuse } from '#shared/refusal.js'

/**
 * Which of these ids belong to nothing that Opsgraph ever saw: every entity's own id is in the omnibox from the moment its row
 * exists. For actions that name entities of other subgraphs, which only here can be told from a typo.
 */
export async function unknownIds(db: EntityManager, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return []
  const rows: { id: string }[] = await db.query(
    `select u.id from unnest($1::text[]) u(id)
     where not exists (select from search.identifier i where i.kind = 'ID' and i.norm = lower(u.id) and i.entity_id = u.id)`,
    [ids],
  )
  return rows.map(row => row.id)
}

/**
 * @param unknown ids that `unknownIds` names
 * @param fieldOf where in the input an id stands
 * @throws Refusal UNKNOWN_REFERENCE, naming the first of them
 */
export function requireRecorded(unknown: readonly string[], fieldOf: (id: string) => string): void {
  const [first] = unknown
  if (first === undefined) return
  refuse('UNKNOWN_REFERENCE', `${first} is nothing that was ever recorded.`, fieldOf(first), { unknown })
}

/** The number that people say of something, e.g. of an order; null where it has none. */
export async function numberOf(db: EntityManager, id: string | undefined): Promise<string | null> {
  const [row] = await db.query(
    `select display from search.identifier where entity_id = $1 and kind = 'NUMBER' and allow is null order by norm limit 1`,
    [id ?? ''],
  )
  return row?.display ?? null
}

/** The people, organizations, orders and listings that a kind of ids names. */
const CONCERNED = '^(usr|org|ord|lst)_'

/**
 * Whom and what an entity is about, as its own fields say, and those of the orders among them: of a shipment its order, and that order's
 * buyer and seller. For what has to show on all of them.
 */
export async function concernedIds(db: EntityManager, id: string): Promise<string[]> {
  const rows: { id: string }[] = await db.query(
    `with direct as (select to_id as id from search.link where from_id = $1 and to_id ~ $2)
     select id from direct
     union select to_id from search.link join direct on from_id = direct.id where direct.id like 'ord\\_%' and to_id ~ $2
     order by id`,
    [id, CONCERNED],
  )
  return rows.map(row => row.id)
}

/** Entities that a field of another one names, e.g. the `organization` of a listing, whichever subgraph they are of. */
export async function linkedIds(db: EntityManager, from: string, relation: string): Promise<string[]> {
  const rows: { id: string }[] = await db.query(
    'select to_id as id from search.link where from_id = $1 and relation = $2 order by to_id',
    [from, relation],
  )
  return rows.map(row => row.id)
}
