import cliProgress from 'cli-progress'
import type { DataSource, EntityManager } from 'typeorm'
import { openDatabase } from '#shared/database.js'
import type { StoredEvent } from '#shared/event.js'
import type { Queryable } from '#shared/event-row.js'
import type { EventStore } from '#shared/event-store.js'
import { entityOf, tableOf } from '#shared/fields.js'
import { rebuildProjection } from '#shared/projection.js'
import type { Subgraph } from '#shared/subgraph.js'
import { fold, type View } from '#shared/view.js'
import type { Opened } from '../open.js'
import { number, say, table } from '../output.js'
import { type Compared, compare, type Difference } from './compare.js'
import { withScratch } from './scratch.js'

const PAGE = 500
const SHOWN = 20

/** What is kept by folding events: the rows of all views, the omnibox, the links between entities, and the inbox of all work. */
const comparedOf = (subgraphs: readonly Subgraph[]): Compared[] => [
  ...subgraphs.flatMap(({ entities }) =>
    entities.map(type => ({ table: tableOf(entityOf(type)), key: 'id' })),
  ),
  { table: 'search.identifier', key: 'entity_id' },
  { table: 'search.link', key: 'from_id' },
  { table: 'search.reader', key: 'entity_id' },
  { table: 'work.item', key: 'entity_id' },
  { table: 'work.queue', key: 'id' },
]

async function* eventsOf(live: Queryable, store: EventStore) {
  for (let after = '0'; ; ) {
    const rows: { id: string }[] = await live.query(
      `select id from log.event where id > $1 order by id limit ${PAGE}`,
      [after],
    )
    if (rows.length === 0) return
    yield await store.byIds(
      live,
      rows.map(({ id }) => Number(id)),
    )
    after = rows.at(-1)!.id
  }
}

/**
 * A page in pieces, each of which can be folded at once: rows that follow from an event may rest on rows of what it refers to (the
 * posting of a parcel on its order's seller), so those may not be further along than they were then.
 */
function inOrder(events: readonly StoredEvent[], views: readonly View[]): StoredEvent[][] {
  const readers = new Set(views.filter(({ also }) => also.length).map(({ of }) => of))
  const pieces: StoredEvent[][] = [[]]
  let read = new Set<string>()
  for (const event of events) {
    if (read.has(event.stream.id)) {
      pieces.push([])
      read = new Set()
    }
    pieces.at(-1)!.push(event)
    if (readers.has(event.stream.type))
      for (const ref of event.refs) if (ref !== event.stream.id) read.add(ref)
  }
  return pieces
}

const barOf = (format: string) =>
  process.stderr.isTTY
    ? new cliProgress.SingleBar(
        { format, clearOnComplete: true, hideCursor: true },
        cliProgress.Presets.shades_grey,
      )
    : null

async function foldAll(
  live: EntityManager,
  store: EventStore,
  views: readonly View[],
  within: (work: (tx: EntityManager) => Promise<void>) => Promise<void>,
): Promise<number> {
  const [{ total }] = await live.query('select count(*) as total from log.event')
  const bar = barOf('{bar} {value}/{total} events')
  bar?.start(Number(total), 0)
  let done = 0
  for await (const events of eventsOf(live, store)) {
    for (const some of inOrder(events, views)) await within(tx => fold(tx, views, some))
    done += events.length
    bar?.update(done)
  }
  bar?.stop()
  return done
}

/** One snapshot for the log and the rows, however long it takes; nobody else waits for it. */
const snapshot = async <T>(db: DataSource, work: (tx: EntityManager) => Promise<T>): Promise<T> =>
  db.transaction('REPEATABLE READ', async tx => {
    await tx.query('set transaction read only')
    await tx.query('set local idle_in_transaction_session_timeout = 0')
    return work(tx)
  })

/**
 * `opsgraph rebuild`: folds the whole log anew, in a database of its own, and compares every row with what is there.
 * @returns whether all rows are the same
 */
export async function runRebuild({ url, services, subgraphs, log }: Opened): Promise<boolean> {
  const views = subgraphs.flatMap(subgraph => subgraph.views)
  const open = (at: string) => openDatabase({ url: at, entities: [], poolSize: 2, role: null, log })
  const live = await open(url)
  try {
    return await withScratch(url, async scratch => {
      const anew = await open(scratch)
      try {
        return await snapshot(live, async tx => {
          const events = await foldAll(tx, services.store, views, work => anew.transaction(work))
          for (const { table } of comparedOf(subgraphs)) await anew.query(`analyze ${table}`)
          return report(events, await compareAll(tx, anew, comparedOf(subgraphs)))
        })
      } finally {
        await anew.destroy()
      }
    })
  } finally {
    await live.destroy()
  }
}

/** Some tables are append-only for everybody; who rebuilds them owns them, and says so for this one statement. */
async function empty(tx: EntityManager, tables: readonly string[]): Promise<void> {
  const guarded: { table: string }[] = await tx.query(
    `select tgrelid::regclass::text as "table" from pg_trigger where tgname = 'no_truncate' and tgrelid = any($1::regclass[])`,
    [tables],
  )
  for (const { table } of guarded) await tx.query(`alter table ${table} disable trigger no_truncate`)
  await tx.query(`truncate ${tables.join(', ')}`)
  for (const { table } of guarded) await tx.query(`alter table ${table} enable always trigger no_truncate`)
}

/**
 * `opsgraph rebuild --replace`: folds the whole log anew in place, in one transaction, after an upgrade that changed what rows keep.
 * Whoever writes meanwhile waits.
 */
export async function runReplace({ url, services, subgraphs, log }: Opened): Promise<boolean> {
  const live = await openDatabase({ url, entities: [], poolSize: 2, role: null, log })
  const tables = comparedOf(subgraphs).map(({ table }) => table)
  const views = subgraphs.flatMap(subgraph => subgraph.views)
  try {
    const events = await live.transaction(async tx => {
      await tx.query('set local statement_timeout = 0')
      await tx.query('set local idle_in_transaction_session_timeout = 0')
      await empty(tx, tables)
      const done = await foldAll(tx, services.store, views, work => work(tx))
      await tx.query('delete from log.rebuild_wanted')
      return done
    })
    say(`${number(events)} events folded: the rows are what the log says`)
    return true
  } finally {
    await live.destroy()
  }
}

interface Result {
  table: string
  keys: number
  differences: Difference[]
}

async function compareAll(live: Queryable, anew: Queryable, all: readonly Compared[]): Promise<Result[]> {
  const results: Result[] = []
  for (const one of all) results.push({ table: one.table, ...(await compare(live, anew, one)) })
  return results
}

function report(events: number, results: readonly Result[]): boolean {
  const differences = results.flatMap(one => one.differences)
  say(
    table([
      ['', 'rows', 'different'],
      ...results
        .filter(({ keys, differences }) => keys + differences.length > 0)
        .map(({ table, keys, differences }) => [
          table.replaceAll('"', ''),
          number(keys),
          number(differences.length),
        ]),
    ]),
  )
  for (const { table, key, what } of differences.slice(0, SHOWN))
    say(`${table.replaceAll('"', '')} ${key} ${what}`)
  if (differences.length > SHOWN) say(`… and ${number(differences.length - SHOWN)} more`)
  say(
    `${number(events)} events folded: ${differences.length ? 'the rows are NOT what the log says' : 'every row is what the log says'}`,
  )
  return differences.length === 0
}

/**
 * `opsgraph rebuild --projections`: makes the read models over many streams anew, in place, while readers see the old rows.
 * @returns whether what was there was the same
 */
export async function runRebuildProjections({ services, subgraphs }: Opened): Promise<boolean> {
  const rows: string[][] = [['', 'events', 'parked', 'before']]
  for (const one of subgraphs.flatMap(({ projections = [] }) => projections)) {
    const bar = barOf(`${one.name}  {bar} {percentage}%`)
    bar?.start(1, 0)
    const { events, parked, identical } = await rebuildProjection(services.db, one, (done, total) => {
      bar?.setTotal(total)
      bar?.update(done)
    })
    bar?.stop()
    rows.push([one.name, number(events), number(parked), identical ? 'the same' : 'different'])
  }
  if (rows.length === 1) say('There are no projections')
  else say(table(rows))
  return rows.every(row => row[3] !== 'different')
}
