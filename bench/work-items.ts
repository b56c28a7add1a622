import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { EntityManager } from 'typeorm'
import { prepareDatabase } from '#gateway/database.js'
import { Role } from '#shared/roles.js'
import { countWork, type WorkOrder, type WorkWanted, workPage } from '#shared/work-items.js'
import { number, table } from '../cli/output.js'

/**
 * `npx tsc -b bench && node dist/bench/work-items.js [items]`: how long pages of the inbox of all work take (A7), and that they are read from
 * an index. Uses a PostgreSQL of its own in a temporary folder; DATABASE_URL: an empty database instead.
 */
const items = Number(process.argv[2] ?? 1_000_000)
const folder = mkdtempSync(join(tmpdir(), 'opsgraph-bench-'))
const ROUNDS = 20

/** Mostly tickets, a fifth of them open; few of them safety-sensitive, a third of them somebody's. */
const FILL = `
  insert into work.item (entity_id, kind, phase, title, priority, safety_sensitive, due_at, since, created_at, assignee_id, queue_id,
    workspace, because_of)
  select 'x_' || n, (array['Ticket', 'Ticket', 'Ticket', 'Ticket', 'Claim', 'ShipmentIssue', 'Dispute', 'Approval'])[1 + n % 8],
    (array['ACTIVE', 'DONE', 'DONE', 'WAITING', 'DONE', 'DONE', 'NEW', 'DONE', 'DONE', 'DONE'])[1 + n / 8 % 10], 'Item ' || n,
    1 + abs(hashint8(n)) % 4, n % 997 = 0, case when n % 3 > 0 then timestamptz '2026-01-01' + n * interval '37 seconds' end,
    timestamptz '2025-06-01' + n * interval '20 seconds', timestamptz '2025-06-01' + n * interval '20 seconds',
    case when n % 3 = 0 then 'stf_' || abs(hashint8(n)) % 50 end, 'que_' || n % 10, null, 'NEW'
  from generate_series(1, $1::bigint) n`

/** Nobody knows of a caller which of the types that they may read are work at all. */
const OTHERS = Array.from({ length: 50 }, (_, n) => `Other${n}`)
const KINDS = ['Ticket', 'Claim', 'ShipmentIssue', 'Dispute', 'Approval', 'TrustCase', 'Handoff', ...OTHERS]

const reader = { roles: [Role.SUPPORT_AGENT], personId: 'stf_7' }

const ASKED: [name: string, wanted: WorkWanted, order: WorkOrder][] = [
  ['ATTENTION', { reader, kinds: KINDS }, 'ATTENTION'],
  ['ATTENTION, mine', { reader, kinds: KINDS, assignee: { id: 'stf_7', is: true } }, 'ATTENTION'],
  ['ATTENTION, unassigned', { reader, kinds: KINDS, unassigned: true }, 'ATTENTION'],
  ['ATTENTION, a workspace', { reader, kinds: KINDS, workspaces: ['LEGAL'] }, 'ATTENTION'],
  ['ATTENTION, a rare kind', { reader, kinds: ['Handoff'] }, 'ATTENTION'],
  ['DUE_ASC', { reader, kinds: KINDS }, 'DUE_ASC'],
  ['CREATED_ASC, done', { reader, kinds: KINDS, phases: ['DONE'] }, 'CREATED_ASC'],
]

const PAGE = { first: 25 }

/** Milliseconds, the middle of several. */
async function timed(work: () => Promise<unknown>): Promise<number> {
  const took: number[] = []
  for (let n = 0; n < ROUNDS; n++) {
    const begin = performance.now()
    await work()
    took.push(performance.now() - begin)
  }
  return took.sort((a, b) => a - b)[ROUNDS / 2]!
}

async function run(): Promise<void> {
  const database = await prepareDatabase(
    { databaseUrl: process.env.DATABASE_URL, dataDir: folder },
    console.error,
  )
  const client = new pg.Client(database.url)
  await client.connect()
  let last: { text: string; values: unknown[] } = { text: '', values: [] }
  const query = async (text: string, values: unknown[] = []) => {
    last = { text, values }
    return (await client.query(text, values)).rows
  }
  const db = { query } as unknown as EntityManager
  await query(FILL, [items])
  await query(
    `insert into work.queue select 'que_' || n, case n when 3 then 'LEGAL' else 'TRIAGE' end from generate_series(0, 9) n`,
  )
  await query('vacuum analyze work.item')
  const rows: string[][] = []
  for (const [name, wanted, order] of ASKED) {
    const first = await timed(() => workPage(db, wanted, order, PAGE))
    const { text, values } = last
    const plan = await query(`explain (analyze, costs off) ${text}`, values)
    const scans = plan
      .map(row => String(row['QUERY PLAN']))
      .filter(line => /Scan/.test(line) && /item/.test(line))
    const count = await timed(() => countWork(db, wanted, 'WORKSPACE'))
    rows.push([
      name,
      first.toFixed(1),
      count.toFixed(1),
      scans.map(line => line.trim().replace(/ \(.*/, '')).join('; '),
    ])
  }
  console.log(`${number(items)} items; milliseconds`)
  console.log(table([['', 'a page', 'counts', 'read from'], ...rows]))
  await client.end()
  await database.stop()
}

try {
  await run()
} finally {
  rmSync(folder, { recursive: true, force: true })
}
