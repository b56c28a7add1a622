import type { EntityManager } from 'typeorm'
import type { Row } from '#shared/entity.js'
import { type Class, entityOf, type FieldMeta, fieldsIn } from '#shared/fields.js'
import { IdentifierKind, type PartKind, spellings } from '#shared/identifier.js'
import type { Access } from '#shared/permissions.js'

interface Identifier {
  entity_id: string
  entity_type: string
  kind: IdentifierKind | PartKind
  norm: string
  display: string
  near: number[] | null
  /** Who may find it by this, where that is narrower than the type: a search must not tell what a field would not. */
  allow: readonly Access[] | null
}

interface Link {
  from_id: string
  relation: string
  to_id: string
  /** As of an identifier: a link must not tell what its field would not. */
  allow: readonly Access[] | null
}

/** What of a row is indexed, as it stands in the row. */
interface Findable {
  values: { kind: IdentifierKind; value: string; allow: readonly Access[] | null }[]
  links: { relation: string; to: string; allow: readonly Access[] | null }[]
}

/**
 * Keeps the omnibox and the cross-links (E24 to E31): every value of a field declared with `find`, and every `ref`, also inside parts,
 * of the rows just written, in the same transaction. Rows whose identifiers did not change cost nothing.
 */
export async function indexRows(
  tx: EntityManager,
  type: Class,
  after: ReadonlyMap<string, Row>,
  before: ReadonlyMap<string, Row>,
): Promise<void> {
  const changed: { row: Row; found: Findable }[] = []
  const stale: string[] = []
  for (const row of after.values()) {
    const found = findable(type, row)
    const old = before.get(row.id)
    if (old && JSON.stringify(findable(type, old)) === JSON.stringify(found)) continue
    changed.push({ row, found })
    if (old) stale.push(row.id)
  }
  if (changed.length === 0) return
  if (stale.length) await forget(tx, type, stale)
  await insertIdentifiers(
    tx,
    changed.flatMap(({ row, found }) => identifiersOf(type, row, found)),
  )
  await insertLinks(
    tx,
    changed.flatMap(({ row, found }) => linksOf(row, found)),
  )
}

async function forget(tx: EntityManager, type: Class, ids: readonly string[]): Promise<void> {
  await tx.query('delete from search.identifier where entity_id = any($1) and entity_type = $2', [
    ids,
    entityOf(type).name,
  ])
  await tx.query('delete from search.link where from_id = any($1)', [ids])
}

async function insertIdentifiers(tx: EntityManager, identifiers: readonly Identifier[]): Promise<void> {
  await tx.query(
    `insert into search.identifier (entity_id, entity_type, kind, norm, display, near, allow)
     select entity_id, entity_type, kind, norm, display, near, allow from jsonb_populate_recordset(null::search.identifier, $1)
     on conflict do nothing`,
    [JSON.stringify(identifiers)],
  )
}

async function insertLinks(tx: EntityManager, links: readonly Link[]): Promise<void> {
  if (links.length === 0) return
  await tx.query(
    `insert into search.link (from_id, relation, to_id, allow)
     select from_id, relation, to_id, allow from jsonb_populate_recordset(null::search.link, $1) on conflict do nothing`,
    [JSON.stringify(links)],
  )
}

/** Every findable value and every reference of a row or of a part of it. */
function findable(type: Class, from: object, within: readonly Access[] | null = null): Findable {
  const found: Findable = { values: [], links: [] }
  for (const meta of fieldsIn(type)) {
    const allow = meta.only ?? within
    for (const value of valuesOf(from, meta)) {
      if (typeof value === 'object') {
        const inner = findable(meta.item!(), value, allow)
        found.values.push(...inner.values)
        found.links.push(...inner.links)
      } else if (isLink(meta)) found.links.push({ relation: relationOf(meta), to: value, allow })
      else if (meta.find) found.values.push({ kind: meta.find, value, allow: meta.findOnly ?? allow })
    }
  }
  return found
}

const isLink = ({ kind, links }: FieldMeta): boolean => kind === 'ref' || links === true

/** What is worth looking at in a field: texts, and parts that have fields of their own. */
function valuesOf(from: object, meta: FieldMeta): (string | object)[] {
  const { property, item, find } = meta
  const parts = !isLink(meta) && item !== undefined
  if (!isLink(meta) && !find && !parts) return []
  const value = (from as Record<string, unknown>)[property]
  return (Array.isArray(value) ? value : [value]).filter(one =>
    parts ? typeof one === 'object' && one !== null : typeof one === 'string' && one !== '',
  )
}

/** As the graph calls the field that opens it. */
const relationOf = (meta: FieldMeta & { as?: string }): string => meta.as ?? meta.property.replace(/Id$/, '')

function identifiersOf(type: Class, { id }: Row, { values }: Findable): Identifier[] {
  const base = { entity_id: id, entity_type: entityOf(type).name }
  const own: Identifier = {
    ...base,
    kind: IdentifierKind.ID,
    norm: id.toLowerCase(),
    display: id,
    near: null,
    allow: null,
  }
  const others = values.flatMap(({ kind, value, allow }) =>
    spellings(kind, value).map((spelling): Identifier => ({ ...base, ...spelling, display: value, allow })),
  )
  return [own, ...others]
}

const linksOf = ({ id }: Row, { links }: Findable): Link[] =>
  links.map(({ relation, to, allow }) => ({ from_id: id, relation, to_id: to, allow }))
