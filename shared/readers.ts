import type { EntityManager } from 'typeorm'
import type { Row } from '#shared/entity.js'
import { type Class, entityOf } from '#shared/fields.js'
import type { Identity } from '#shared/identity.js'
import type { Role } from '#shared/roles.js'

/** Who may read a row: whoever has one of these roles, and these people by themselves. */
export interface Readers {
  roles: readonly Role[]
  people: readonly string[]
}

/** Who asks, as far as the readers of single rows go. */
export type Reader = Pick<Identity, 'roles' | 'personId'>

/**
 * A condition: nothing keeps a reader from the entity. Rows of most types are in no list of readers, and are for all who may read their type.
 * @param entity its id, as SQL: a column with its table
 * @param roles place of the reader's roles, `$1`
 * @param person place of the reader's own id
 */
export const openTo = (entity: string, roles: string, person: string): string =>
  `not exists (select from search.reader r where r.entity_id = ${entity}
     and not (r.roles && ${roles}::text[] or ${person}::text = any(r.people)))`

/** Of these entities, those that the reader may not read although they may read the type. */
export async function keptFrom(
  db: EntityManager,
  ids: readonly string[],
  { roles, personId }: Reader,
): Promise<Set<string>> {
  if (ids.length === 0) return new Set()
  const rows: { id: string }[] = await db.query(
    `select u.id from unnest($1::text[]) u (id) where not (${openTo('u.id', '$2', '$3')})`,
    [ids, roles, personId],
  )
  return new Set(rows.map(({ id }) => id))
}

/** Keeps who may read the rows just written, of types whose rows are not for all who may read the type; in the same transaction. */
export async function keepReaders(
  tx: EntityManager,
  type: Class,
  after: ReadonlyMap<string, Row>,
  before: ReadonlyMap<string, Row>,
): Promise<void> {
  const { readers } = entityOf(type)
  if (!readers) return
  const changed = [...after.values()].flatMap(row => {
    const is = readers(row)
    const old = before.get(row.id)
    return old && JSON.stringify(readers(old)) === JSON.stringify(is) ? [] : [{ entity_id: row.id, ...is }]
  })
  if (changed.length === 0) return
  await tx.query(
    `insert into search.reader (entity_id, roles, people)
       select entity_id, roles, people from jsonb_populate_recordset(null::search.reader, $1)
     on conflict (entity_id) do update set roles = excluded.roles, people = excluded.people`,
    [JSON.stringify(changed)],
  )
}
