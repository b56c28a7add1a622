import type { EntityManager } from 'typeorm'
import { checkFirst, type Page, type PageArgs, pageOf } from '#shared/connection.js'
import { isBehind, orderBy, placeOf, type Sorting } from '#shared/keyset.js'
import { openTo, type Reader } from '#shared/readers.js'
import { OPEN_PHASES, type Rank, type WorkItemPhase, type Workspace } from '#shared/work.js'

/** A row of the inbox. */
export interface WorkRow {
  entity_id: string
  /** Name of the entity's type. */
  kind: string
  phase: WorkItemPhase
  title: string
  priority: Rank
  safety_sensitive: boolean
  due_at: Date | null
  since: Date
  created_at: Date
  assignee_id: string | null
  queue_id: string | null
  workspace: Workspace | null
  because_of: string
}

/** Which work. `kinds`: those that the reader may read, of which they want to see these. */
export interface WorkWanted {
  reader: Reader
  kinds: readonly string[]
  /** What waits for a person here, when left out. */
  phases?: readonly WorkItemPhase[] | null
  /** True: only theirs; false: only what is not theirs. */
  assignee?: { id: string; is: boolean } | null
  unassigned?: boolean | null
  workspaces?: readonly Workspace[] | null
  dueBefore?: Date | null
}

export type WorkOrder = 'ATTENTION' | 'DUE_ASC' | 'CREATED_ASC'

const SORTINGS: Record<WorkOrder, Sorting> = {
  ATTENTION: { columns: ['attention_rank', 'due_rank', 'created_at'], id: 'entity_id', down: false },
  DUE_ASC: { columns: ['due_rank', 'created_at'], id: 'entity_id', down: false },
  CREATED_ASC: { columns: ['created_at'], id: 'entity_id', down: false },
}

/** The places of some workspaces: they themselves, and their queues. */
const placesOf = (workspaces: string): string =>
  `select unnest(${workspaces}::text[]) as name union all select id from work.queue where workspace = any(${workspaces})`

/** Besides kind, phase and place. */
function conditionsOf(wanted: WorkWanted, values: unknown[]): string[] {
  const { assignee, unassigned, dueBefore, reader } = wanted
  const place = (value: unknown) => `$${values.push(value)}`
  const conditions = [openTo('i.entity_id', place(reader.roles), place(reader.personId))]
  if (assignee)
    conditions.push(`i.assignee_id ${assignee.is ? '=' : 'is distinct from'} ${place(assignee.id)}`)
  if (unassigned != null) conditions.push(`i.assignee_id is ${unassigned ? '' : 'not '}null`)
  if (dueBefore) conditions.push(`i.due_rank < ${place(dueBefore)}`)
  return conditions
}

const phasesOf = ({ phases }: WorkWanted): readonly WorkItemPhase[] => [...new Set(phases ?? OPEN_PHASES)]

/** All of it, as SQL over `work.item i`. */
function whereOf(wanted: WorkWanted): { where: string; values: unknown[] } {
  const values: unknown[] = [wanted.kinds, phasesOf(wanted)]
  const conditions = ['i.kind = any($1)', 'i.phase = any($2)', ...conditionsOf(wanted, values)]
  if (wanted.workspaces)
    conditions.push(`i.place = any(array(${placesOf(`$${values.push(wanted.workspaces)}`)}))`)
  return { where: conditions.join(' and '), values }
}

/**
 * A page of work (A7), by keyset. An index gives the beginning of each kind in each phase and place in the order that is wanted, and these
 * are merged: so a page costs the same with a thousand open items and with a million (`bench/work-items.ts`).
 */
export async function workPage(
  db: EntityManager,
  wanted: WorkWanted,
  order: WorkOrder,
  { first, after }: PageArgs,
): Promise<Page<WorkRow>> {
  checkFirst(first)
  const sorting = SORTINGS[order]
  const values: unknown[] = [wanted.kinds, phasesOf(wanted)]
  const conditions = ['i.kind = k.name', 'i.phase = p.name', ...conditionsOf(wanted, values)]
  let lists = 'unnest($1::text[]) k (name) cross join unnest($2::text[]) p (name)'
  if (wanted.workspaces) {
    lists += ` cross join (${placesOf(`$${values.push(wanted.workspaces)}`)}) w`
    conditions.push('i.place = w.name')
  }
  if (after) conditions.push(isBehind(after, sorting, values))
  const by = orderBy(sorting)
  const rows: (WorkRow & Record<string, unknown>)[] = await db.query(
    `select i.*, coalesce(i.workspace, q.workspace) as workspace from (
       select i.* from ${lists} cross join lateral (
         select * from work.item i where ${conditions.join(' and ')} order by ${by} limit ${first + 1}
       ) i order by ${by} limit ${first + 1}
     ) i left join work.queue q on q.id = i.queue_id order by ${by}`,
    values,
  )
  return pageOf(
    rows,
    first,
    row => placeOf(row, sorting),
    () => countOf(db, wanted),
  )
}

async function countOf(db: EntityManager, wanted: WorkWanted): Promise<number> {
  const { where, values } = whereOf(wanted)
  const [{ n }] = await db.query(`select count(*)::int as n from work.item i where ${where}`, values)
  return n
}

const GROUPS = { KIND: 'kind', PHASE: 'phase', WORKSPACE: 'place', ASSIGNEE: 'assignee_id' } as const
export type WorkGroup = keyof typeof GROUPS

/** How much of it there is of each kind, phase, workspace or assignee, most first; null: what has none. */
export async function countWork(
  db: EntityManager,
  wanted: WorkWanted,
  by: WorkGroup,
): Promise<{ value: string | null; count: number }[]> {
  const { where, values } = whereOf(wanted)
  const counted = `select i.${GROUPS[by]} as value, count(*) as count from work.item i where ${where} group by 1`
  const [named, joined] =
    by === 'WORKSPACE'
      ? ['coalesce(q.workspace, c.value)', 'left join work.queue q on q.id = c.value']
      : ['c.value', '']
  return db.query(
    `select ${named} as value, sum(c.count)::int as count from (${counted}) c ${joined} group by 1 order by 2 desc, 1`,
    values,
  )
}
