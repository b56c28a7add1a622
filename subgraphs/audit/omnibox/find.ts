import type { EntityManager } from 'typeorm'
import type { IdentifierKind, PartKind, Reading } from '#shared/identifier.js'
import type { Access } from '#shared/permissions.js'
import type { EntityName } from '../stubs.js'

/** One identifier that the text leads to. Lower tiers are surer: 1 exact, 2 beginning, 3 ending, 4 fragment, 5 typo. */
export interface Found {
  entity_id: string
  entity_type: EntityName
  kind: IdentifierKind | PartKind
  norm: string
  display: string
  tier: 1 | 2 | 3 | 4 | 5
}

/** Most identifiers that one tier brings. Who types so little that there are more has to type on. */
export const MOST = 200
/** With so many beginnings there is no looking for fragments and typos. */
const ENOUGH = 50
/** Sorts behind everything that begins with the same text. */
const END = '\u{10ffff}'

/** Whether the caller may find an entity by this identifier, and wanted that type: a search tells no more than a field would. */
const ALLOWED = '(i.allow is null or i.allow && $1) and ($2::text[] is null or i.entity_type = any($2))'
const NUMBERS = "('ID', 'EXTERNAL_ID', 'NUMBER', 'TICKET_NUMBER', 'TRACKING', 'STRIPE')"
const COLUMNS = 'i.entity_id, i.entity_type, i.kind, i.norm, i.display'

/**
 * All tiers in one statement (data 4). Each lower tier begins with a condition that does not depend on its rows: when a
 * surer tier brought something, PostgreSQL never starts it.
 */
export const OMNIBOX = `
  with exact as materialized (
    select ${COLUMNS}, 1 as tier
    from unnest($3::text[], $4::text[]) t (kind, norm)
    cross join lateral (
      select * from search.identifier i where i.norm = t.norm and i.kind = t.kind and ${ALLOWED} limit ${MOST}
    ) i
  ), beginning as materialized (
    select ${COLUMNS}, 2 as tier
    from unnest($5::text[]) b (start)
    cross join lateral (
      select * from search.identifier i
      where i.norm >= b.start and i.norm < b.start || '${END}' and ${ALLOWED} order by i.norm limit ${MOST}
    ) i
    where not exists (select from exact)
  ), ending as materialized (
    select ${COLUMNS}, 3 as tier from search.identifier i
    where not exists (select from exact) and $6::text is not null and i.kind in ${NUMBERS}
      and reverse(i.norm) >= reverse($6) and reverse(i.norm) < reverse($6) || '${END}' and ${ALLOWED} limit ${MOST}
  ), fragment as materialized (
    select ${COLUMNS}, 4 as tier from search.identifier i
    where not exists (select from exact) and (select count(*) from beginning) < ${ENOUGH} and $7::text is not null
      and i.kind in ('EMAIL', 'NAME') and i.norm like $7 and i.norm like $8 and i.norm like $9 and ${ALLOWED} limit ${MOST}
  ), typo as materialized (
    select ${COLUMNS}, 5 as tier from search.identifier i
    where not exists (select from exact) and (select count(*) from beginning) < ${ENOUGH} and cardinality($10::int[]) > 0
      and i.near is not null and i.near && $10 and ${ALLOWED} limit ${MOST}
  )
  select * from exact union all select * from beginning union all select * from ending
  union all select * from fragment union all select * from typo`

/** The statement's parameters. `types`: only these; null: all. */
export function parametersOf(
  reading: Reading,
  access: readonly Access[],
  types: readonly EntityName[] | null,
): unknown[] {
  const { candidates, beginnings, ending, fragments, near } = reading
  const [first, second = '%', third = '%'] = fragments.map(contains)
  return [
    access,
    types,
    candidates.map(({ kind }) => kind),
    candidates.map(({ norm }) => norm),
    beginnings,
    ending,
    first ?? null,
    second,
    third,
    near,
  ]
}

const contains = (text: string): string => `%${text.replace(/[\\%_]/g, '\\$&')}%`

/** Every identifier that a text leads to, of entities of all types: which ones the caller may see is decided afterwards, to count the others. */
export const findIdentifiers = (
  db: EntityManager,
  reading: Reading,
  access: readonly Access[],
  types: readonly EntityName[] | null,
): Promise<Found[]> => db.query(OMNIBOX, parametersOf(reading, access, types))
