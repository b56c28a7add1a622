import type { EntityManager } from 'typeorm'
import type { Aggregate } from '#shared/aggregate.js'
import type { Row } from '#shared/entity.js'
import type { StoredEvent } from '#shared/event.js'
import { type Class, entityOf, fieldsIn, snake, tableOf } from '#shared/fields.js'
import { hydrate } from '#shared/loader.js'
import { keepReaders } from '#shared/readers.js'
import { indexRows } from '#shared/search-index.js'
import type { Work, Workspace } from '#shared/work.js'
import { keepWork, type Worked } from '#shared/work-index.js'

type Base = keyof Row
/** What an event changes in a row; the kernel adds id, version and times. */
export type Patch<T> = Partial<Omit<T, Base>>

/** One event, as a view's handlers see it. */
export type Happened<D> = Omit<StoredEvent, 'data'> & { data: D }

/** What one event did to an aggregate, for rows that follow from it. */
export interface Change<S, T = unknown> {
  event: StoredEvent
  before: S
  after: S
  /** The view's own row, as the event left it. */
  row: T
}

/**
 * Rows of another type that follow from what happened, e.g. postings of a ledger: added in the same transaction, never changed. They
 * are opened by id and by edges; the omnibox does not search them.
 */
export interface Also<S, T = unknown> {
  type: Class<Row>
  rows: (changes: readonly Change<S, T>[], tx: EntityManager) => readonly Row[] | Promise<readonly Row[]>
}

/** A view with its row type forgotten, as the kernel folds it. */
export interface View extends Worked {
  /** Type of the streams it follows. */
  of: string
  // biome-ignore lint/suspicious/noExplicitAny: states differ
  aggregate: Aggregate<any, any>
  key: (event: StoredEvent) => string
  on: Record<string, (event: StoredEvent, row: Row | null, state: unknown) => object>
  // biome-ignore lint/suspicious/noExplicitAny: states and rows differ
  also: readonly Also<any, any>[]
}

/**
 * A row that is also a graph type, kept by folding one aggregate's events in the transaction that appends them, so that a
 * caller reads their own write. `key` names the row where it is not the stream's own (a refund of an order). A row class with a
 * hidden `state` field keeps the aggregate's state there, so that handlers copy what `evolve` worked out instead of working it out again.
 */
export function view<T extends Row, S, E>(
  type: Class<T>,
  definition: {
    of: Aggregate<S, E>
    key?: (event: StoredEvent) => string
    on: { [K in keyof E]?: (event: Happened<E[K]>, row: T | null, state: S) => Patch<T> }
    /** Wants a hidden `state` field, unless the aggregate keeps no state. */
    also?: readonly Also<S, T>[]
    /** What a row is as work for a person; null: none. Of nothing but the row, so that it can be made anew from the log. */
    work?: (row: T) => Work | null
    /** Its rows are queues: what lies in one is in this workspace. */
    workspace?: (row: T) => Workspace
  },
): View {
  return {
    type,
    of: definition.of.type,
    aggregate: definition.of,
    key: definition.key ?? (event => event.stream.id),
    on: definition.on as View['on'],
    also: definition.also ?? [],
    work: definition.work ?? null,
    workspace: definition.workspace ?? null,
  }
}

/** Folds freshly appended events into every view that wants them: one read and one write for each view, however many events. */
export async function fold(
  tx: EntityManager,
  views: readonly View[],
  events: readonly StoredEvent[],
): Promise<void> {
  for (const view of views) {
    const mine = events.filter(event => event.stream.type === view.of && event.type in view.on)
    if (mine.length) await foldOne(tx, view, mine)
  }
}

async function foldOne(tx: EntityManager, view: View, events: readonly StoredEvent[]): Promise<void> {
  const before = await existing(tx, view, events)
  const after = new Map<string, Row>()
  const keeps = fieldsIn(view.type).some(
    ({ property, kind, hidden }) => property === 'state' && kind === 'json' && hidden,
  )
  const counts = fieldsIn(view.type).some(({ property, hidden }) => property === 'customerVersion' && hidden)
  const changes: Change<unknown>[] = []
  for (const event of events) {
    const id = view.key(event)
    const row = after.get(id) ?? before.get(id) ?? null
    const { initial, evolve } = view.aggregate
    const held: unknown = (keeps && (row as { state?: unknown } | null)?.state) || initial
    const state = keeps ? (evolve[event.type]?.(held, event.data, event) ?? held) : initial
    const patch = view.on[event.type]!(event, row, state)
    const left = {
      ...(row ?? blank(view.type)),
      ...patch,
      ...(keeps ? { state } : {}),
      ...(counts ? { customerVersion: customerVersion(view, event, row) } : {}),
      id,
      version: event.version,
      createdAt: row?.createdAt ?? event.occurredAt,
      updatedAt: event.occurredAt,
    } as Row
    after.set(id, left)
    changes.push({ event, before: held, after: state, row: left })
  }
  await write(tx, view.type, [...after.values()])
  await indexRows(tx, view.type, after, before)
  await keepWork(tx, view, after, before)
  await keepReaders(tx, view.type, after, before)
  for (const { type, rows } of view.also) await write(tx, type, await rows(changes, tx), 'APPEND')
}

/** How many events shaped a row that customers may know of. */
function customerVersion({ aggregate: { forCustomers } }: View, event: StoredEvent, row: Row | null): number {
  const before = (row as { customerVersion?: number } | null)?.customerVersion ?? 0
  return before + (forCustomers?.(event) === false ? 0 : 1)
}

/** The rows as they are. A stream's first event can have none, which spares imports the look-up. */
async function existing(
  tx: EntityManager,
  view: View,
  events: readonly StoredEvent[],
): Promise<Map<string, Row>> {
  const ids = [...new Set(events.filter(event => event.version > 1).map(view.key))]
  if (ids.length === 0) return new Map()
  const rows = await tx.query(`select * from ${tableOf(entityOf(view.type))} where id = any($1)`, [ids])
  return new Map(rows.map((row: Record<string, unknown>) => [row.id as string, hydrate(view.type, row)]))
}

const blank = (type: Class): object =>
  Object.fromEntries(fieldsIn(type).map(({ property }) => [property, null]))

async function write(
  tx: EntityManager,
  type: Class,
  rows: readonly Row[],
  mode: 'UPSERT' | 'APPEND' = 'UPSERT',
): Promise<void> {
  if (rows.length === 0) return
  const columns = fieldsIn(type).map(({ property }) => property)
  const list = columns.map(column => `"${snake(column)}"`).join(', ')
  const updates = columns
    .filter(column => column !== 'id')
    .map(column => `"${snake(column)}" = excluded."${snake(column)}"`)
  const json = rows.map(row =>
    Object.fromEntries(
      columns.map(column => [snake(column), (row as unknown as Record<string, unknown>)[column] ?? null]),
    ),
  )
  const table = tableOf(entityOf(type))
  const known = mode === 'UPSERT' ? `on conflict (id) do update set ${updates.join(', ')}` : ''
  await tx.query(
    `insert into ${table} (${list}) select ${list} from jsonb_populate_recordset(null::${table}, $1) ${known}`,
    [JSON.stringify(json)],
  )
}
