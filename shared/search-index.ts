import type { EntityManager } from 'typeorm'
import type { Row } from '#shared/entity.js'
import { type Class, entityOf, fieldsIn } from '#shared/fields.js'
import { FUZZY, IdentifierKind, neighbourhood, normalise } from '#shared/identifier.js'

interface Identifier {
  entity_id: string
  entity_type: string
  kind: IdentifierKind
  norm: string
  display: string
  near: number[] | null
}

interface Link {
  from_id: string
  relation: string
  to_id: string
}

/**
 * Keeps the omnibox and the cross-links: every value of a field declared with `find`, and every `ref`, of the rows just
 * written, in the same transaction. Rows whose identifiers did not change cost nothing.
 */
export async function indexRows(
  tx: EntityManager,
  type: Class,
  after: ReadonlyMap<string, Row>,
  before: ReadonlyMap<string, Row>,
): Promise<void> {
  const changed: Row[] = []
  const stale: string[] = []
  for (const row of after.values()) {
    const old = before.get(row.id)
    if (old && fingerprint(type, old) === fingerprint(type, row)) continue
    changed.push(row)
    if (old) stale.push(row.id)
  }
  if (changed.length === 0) return
  const identifiers = changed.flatMap(row => identifiersOf(type, row))
  const links = changed.flatMap(row => linksOf(type, row))
  if (stale.length) {
    await tx.query('delete from search.identifier where entity_id = any($1)', [stale])
    await tx.query('delete from search.link where from_id = any($1)', [stale])
  }
  await tx.query(
    `insert into search.identifier (entity_id, entity_type, kind, norm, display, near)
     select entity_id, entity_type, kind, norm, display, near from jsonb_populate_recordset(null::search.identifier, $1)
     on conflict do nothing`,
    [JSON.stringify(identifiers)],
  )
  if (links.length)
    await tx.query(
      `insert into search.link (from_id, relation, to_id)
       select from_id, relation, to_id from jsonb_populate_recordset(null::search.link, $1) on conflict do nothing`,
      [JSON.stringify(links)],
    )
}

const fingerprint = (type: Class, row: Row): string => JSON.stringify([identifiersOf(type, row), linksOf(type, row)])

function identifiersOf(type: Class, row: Row): Identifier[] {
  const { name } = entityOf(type)
  const own: Identifier = {
    entity_id: row.id,
    entity_type: name,
    kind: IdentifierKind.ID,
    norm: row.id.toLowerCase(),
    display: row.id,
    near: null,
  }
  const found = fieldsIn(type).flatMap(({ property, find }): Identifier[] => {
    const display = (row as unknown as Record<string, unknown>)[property]
    if (!find || typeof display !== 'string' || !display) return []
    const norm = normalise(find, display)
    if (!norm) return []
    return [{ entity_id: row.id, entity_type: name, kind: find, norm, display, near: FUZZY.has(find) ? neighbourhood(norm) : null }]
  })
  return [own, ...found]
}

function linksOf(type: Class, row: Row): Link[] {
  return fieldsIn(type).flatMap(({ kind, property }): Link[] => {
    const to = (row as unknown as Record<string, unknown>)[property]
    return kind === 'ref' && typeof to === 'string' ? [{ from_id: row.id, relation: property.replace(/Id$/, ''), to_id: to }] : []
  })
}
