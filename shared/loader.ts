import DataLoader from 'dataloader'
import type { EntityManager } from 'typeorm'
import {
  type Cursor,
  checkFirst,
  decodeTimeCursor,
  type Page,
  type PageArgs,
  pageOf,
} from '#shared/connection.js'
import { type Class, type EntityMeta, entityOf, fieldsIn, snake, tableOf } from '#shared/fields.js'
import type { Identity } from '#shared/identity.js'

/** Part of a WHERE, with `$1 …` for its values. Column names are ours, never a caller's (F24). */
export interface Filter {
  where: string
  values: unknown[]
}

/** Joins conditions; `?` stands for a condition's value. Those whose value was not given fall away; none left: everything. */
export function where(...conditions: [sql: string, value: unknown][]): Filter {
  const given = conditions.filter(([, value]) => value !== undefined && value !== null)
  return {
    where: given.map(([sql], i) => sql.replace('?', `$${i + 1}`)).join(' and ') || 'true',
    values: given.map(([, value]) => value),
  }
}

const joined = (word: 'and' | 'or', one: Filter, other: Filter): Filter => ({
  where: `(${one.where}) ${word} (${other.where.replace(/\$(\d+)/g, (_, n) => `$${Number(n) + one.values.length}`)})`,
  values: [...one.values, ...other.values],
})

/** What both of them take. */
export const both = (one: Filter, other: Filter): Filter => joined('and', one, other)

/** What one of them takes, or both. */
export const either = (one: Filter, other: Filter): Filter => joined('or', one, other)

const NOTHING: Filter = { where: 'false', values: [] }

/** The filter, narrowed to the rows of the type that the caller may read: for a customer those that are theirs. */
export function withinReach(type: Class, filter: Filter, identity: Identity): Filter {
  const { requester, readers } = entityOf(type)
  if (identity.kind === 'REQUESTER') return both(filter, requester?.(identity) ?? NOTHING)
  return readers && identity.kind !== 'SYSTEM' ? both(filter, listed(identity)) : filter
}

/** Rows whose list of readers has the caller. */
const listed = ({ roles, personId }: Identity): Filter => ({
  where:
    'exists (select from search.reader r where r.entity_id = id and (r.roles && $1::text[] or $2::text = any(r.people)))',
  values: [roles, personId],
})

const sortOf = ({ sort = 'createdAt', sortForCustomers = sort }: EntityMeta, { kind }: Identity) =>
  kind === 'REQUESTER' ? sortForCustomers : sort

/** A database row as an instance of its class. */
export function hydrate<T>(type: Class<T>, row: Record<string, unknown>): T {
  const instance = Object.create(type.prototype) as Record<string, unknown>
  for (const { property } of fieldsIn(type)) instance[property] = row[snake(property)] ?? null
  return instance as T
}

/**
 * Reads entities for one request: batched, cached, and only what this caller may see. Row scope lives here, so that it holds for
 * `_entities`, edges and lists alike (F4). "Not yours" and "not there" are the same answer.
 */
export class Loaders {
  private readonly byId = new Map<unknown, DataLoader<string, unknown>>()
  private readonly byParent = new Map<string, DataLoader<string, Page<unknown>>>()

  constructor(
    private readonly db: EntityManager,
    private readonly identity: Identity,
  ) {}

  /** One entity by id; null when it is not there or not the caller's. */
  async one<T>(type: Class<T>, id: string): Promise<T | null> {
    let loader = this.byId.get(type)
    if (!loader) {
      loader = new DataLoader<string, unknown>(ids => this.fetch(type, ids), { maxBatchSize: 1000 })
      this.byId.set(type, loader)
    }
    return loader.load(id) as Promise<T | null>
  }

  /** Those of some entities that are there and the caller's, in the order of their ids. */
  async many<T>(type: Class<T>, ids: readonly string[]): Promise<T[]> {
    const found = await Promise.all(ids.map(id => this.one(type, id)))
    return found.filter(one => one !== null)
  }

  /**
   * The entities whose `property` points at a parent, newest first; many parents cost one query. `only`: a condition without values that
   * narrows them.
   */
  async children<T>(
    type: Class<T>,
    property: string,
    parent: string,
    page: PageArgs,
    only = 'true',
  ): Promise<Page<T>> {
    const column = snake(property)
    if (page.after) return this.list(type, { where: `"${column}" = $1 and ${only}`, values: [parent] }, page)
    checkFirst(page.first)
    const key = `${entityOf(type).name}.${column}.${page.first}.${only}`
    let loader = this.byParent.get(key)
    if (!loader) {
      loader = new DataLoader(
        parents => this.fetchChildren(type, column, parents, page.first, only) as Promise<Page<unknown>[]>,
      )
      this.byParent.set(key, loader)
    }
    return loader.load(parent) as Promise<Page<T>>
  }

  /** A page of the entities that a filter takes, newest first. */
  async list<T>(type: Class<T>, filter: Filter, { first, after }: PageArgs): Promise<Page<T>> {
    checkFirst(first)
    const meta = entityOf(type)
    const sort = snake(sortOf(meta, this.identity))
    const reach = withinReach(type, filter, this.identity)
    const values = [...reach.values]
    let where = `(${reach.where})`
    if (after) {
      const [at, id] = decodeTimeCursor(after)
      values.push(at, id)
      where += ` and ("${sort}", id) < ($${values.length - 1}, $${values.length})`
    }
    const rows = await this.db.query(
      `select * from ${tableOf(meta)} where ${where} order by "${sort}" desc, id desc limit ${first + 1}`,
      values,
    )
    const found = rows.map((row: Record<string, unknown>) => hydrate(type, row))
    return pageOf(
      found,
      first,
      row => this.cursor(meta, row),
      () => this.count(meta, reach),
    )
  }

  /** Forgets what was read, after a write in the same operation. */
  clear(): void {
    this.byId.clear()
    this.byParent.clear()
  }

  private async fetch<T>(type: Class<T>, ids: readonly string[]): Promise<(T | null)[]> {
    const { where, values } = withinReach(type, { where: 'id = any($1)', values: [ids] }, this.identity)
    const rows = await this.db.query(`select * from ${tableOf(entityOf(type))} where ${where}`, values)
    const found = new Map<string, T>(
      rows.map((row: Record<string, unknown>) => [row.id as string, hydrate(type, row)]),
    )
    return ids.map(id => found.get(id) ?? null)
  }

  private async fetchChildren<T>(
    type: Class<T>,
    column: string,
    parents: readonly string[],
    first: number,
    only: string,
  ): Promise<Page<T>[]> {
    const meta = entityOf(type)
    // The parents are $1, so that the condition begins at $2.
    const { where, values } = withinReach(
      type,
      { where: `"${column}" = p.parent and ${only}`, values: [parents] },
      this.identity,
    )
    const rows: Record<string, unknown>[] = await this.db.query(
      `select r.* from unnest($1::text[]) p(parent) cross join lateral (
         select * from ${tableOf(meta)} where ${where} order by "${snake(sortOf(meta, this.identity))}" desc, id desc limit ${first + 1}) r`,
      values,
    )
    const byParent = new Map<string, Record<string, unknown>[]>(parents.map(id => [id, []]))
    for (const row of rows) byParent.get(row[column] as string)?.push(row)
    return parents.map(parent =>
      pageOf(
        (byParent.get(parent) ?? []).map(row => hydrate(type, row)),
        first,
        row => this.cursor(meta, row),
        () =>
          this.count(
            meta,
            withinReach(type, { where: `"${column}" = $1 and ${only}`, values: [parent] }, this.identity),
          ),
      ),
    )
  }

  private cursor(meta: EntityMeta, row: unknown): Cursor {
    const at = (row as Record<string, unknown>)[sortOf(meta, this.identity)]
    return [at instanceof Date ? at.toISOString() : (at as string), (row as { id: string }).id]
  }

  private async count(meta: EntityMeta, { where, values }: Filter): Promise<number> {
    const [row] = await this.db.query(
      `select count(*)::int as n from ${tableOf(meta)} where ${where}`,
      values,
    )
    return row.n
  }
}
