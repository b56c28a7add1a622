import type { EntityManager } from 'typeorm'
import type { Row } from '#shared/entity.js'
import { type Class, entityOf } from '#shared/fields.js'
import type { Work, Workspace } from '#shared/work.js'

/** What a view declares about work. */
export interface Worked {
  type: Class<Row>
  // biome-ignore lint/suspicious/noExplicitAny: rows differ
  work: ((row: any) => Work | null) | null
  // biome-ignore lint/suspicious/noExplicitAny: rows differ
  workspace: ((row: any) => Workspace) | null
}

type Rows = ReadonlyMap<string, Row>

/** A row of `work.item`. */
const itemOf = (kind: string, row: Row, work: Work) => ({
  entity_id: row.id,
  kind,
  phase: work.phase,
  title: work.title,
  priority: work.priority,
  safety_sensitive: work.safetySensitive ?? false,
  due_at: work.dueAt ?? null,
  since: work.since ?? row.createdAt,
  created_at: row.createdAt,
  assignee_id: work.assigneeId ?? null,
  queue_id: work.queueId ?? null,
  workspace: work.workspace ?? null,
  because_of: work.becauseOf,
})
type Item = ReturnType<typeof itemOf>

const COLUMNS: readonly (keyof Item)[] = [
  'entity_id',
  'kind',
  'phase',
  'title',
  'priority',
  'safety_sensitive',
  'due_at',
  'since',
  'created_at',
  'assignee_id',
  'queue_id',
  'workspace',
  'because_of',
]

const UPSERT = `insert into work.item (${COLUMNS.join(', ')})
  select ${COLUMNS.join(', ')} from jsonb_populate_recordset(null::work.item, $1)
  on conflict (entity_id) do update set ${COLUMNS.slice(1)
    .map(column => `${column} = excluded.${column}`)
    .join(', ')}`

/**
 * Keeps the one inbox of all work (A7): what the rows just written are as work, in the same transaction. Rows that are the same work as
 * before cost nothing.
 */
export async function keepWork(tx: EntityManager, view: Worked, after: Rows, before: Rows): Promise<void> {
  if (view.work) await keepItems(tx, view.type, view.work, after, before)
  if (view.workspace) await keepQueues(tx, view.workspace, after, before)
}

async function keepItems(
  tx: EntityManager,
  type: Class<Row>,
  work: NonNullable<Worked['work']>,
  after: Rows,
  before: Rows,
): Promise<void> {
  const { name } = entityOf(type)
  const as = (row: Row | undefined): Item | null => {
    const found = row && work(row)
    return found ? itemOf(name, row, found) : null
  }
  const items: Item[] = []
  const gone: string[] = []
  for (const row of after.values()) {
    const [was, is] = [as(before.get(row.id)), as(row)]
    if (JSON.stringify(was) === JSON.stringify(is)) continue
    if (is) items.push(is)
    else gone.push(row.id)
  }
  if (items.length) await tx.query(UPSERT, [JSON.stringify(items)])
  if (gone.length) await tx.query('delete from work.item where entity_id = any($1)', [gone])
}

/** Which workspace each queue is of: work that lies in one follows it, however often it moves. */
async function keepQueues(
  tx: EntityManager,
  workspace: NonNullable<Worked['workspace']>,
  after: Rows,
  before: Rows,
): Promise<void> {
  const moved = [...after.values()].filter(row => {
    const old = before.get(row.id)
    return !old || workspace(old) !== workspace(row)
  })
  if (moved.length)
    await tx.query(
      `insert into work.queue (id, workspace) select * from unnest($1::text[], $2::text[])
       on conflict (id) do update set workspace = excluded.workspace`,
      [moved.map(({ id }) => id), moved.map(workspace)],
    )
}
