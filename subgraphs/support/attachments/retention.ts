import type { EntityManager } from 'typeorm'
import type { AttachmentRetention } from '#shared/events/attachments.js'
import { endOfPeriod } from '#shared/period.js'
import { type InForce, policiesInForce, type RetentionRule } from '#shared/policies.js'

/** How long files of each class are kept (E85); a class of files, a policy. */
export const RETENTION_POLICIES = {
  MESSAGE: 'retention.MESSAGE',
  TRUST_SAFETY_EVIDENCE: 'retention.TRUST_SAFETY_EVIDENCE',
} as const satisfies Record<AttachmentRetention, string>

export const RETENTION_CLASSES = Object.keys(RETENTION_POLICIES) as AttachmentRetention[]

export type Rules = Record<AttachmentRetention, InForce<RetentionRule>>

/** The rules that hold at a moment. */
export async function rulesAt(db: Pick<EntityManager, 'query'>, now: Date): Promise<Rules> {
  const found = await policiesInForce(db, Object.values(RETENTION_POLICIES), now)
  return Object.fromEntries(
    RETENTION_CLASSES.map(name => [name, found.get(RETENTION_POLICIES[name])!]),
  ) as unknown as Rules
}

/** From when on a file may be erased; null while its ticket is open, and where no period says so. Evidence of an open case never goes. */
export function retentionEnd(
  { period, countsFrom }: RetentionRule,
  closedAt: Date | null | undefined,
  addedAt: Date | null,
): Date | null {
  if (!closedAt || period === null) return null
  if (countsFrom === 'CASE_CLOSED') return endOfPeriod(closedAt, period)
  const end = endOfPeriod(addedAt ?? closedAt, period)
  return end > closedAt ? end : closedAt
}

/** The same in SQL, of `attachment` and its ticket `t`. A period has no quotes: its form is checked before it is a rule. */
function endIn({ period, countsFrom }: RetentionRule): string {
  if (period === null) return 'null::timestamptz'
  const plus = (from: string) => `((${from} at time zone 'UTC' + interval '${period}') at time zone 'UTC')`
  return countsFrom === 'CASE_CLOSED'
    ? plus('t.closed_at')
    : `greatest(${plus('attachment.added_at')}, t.closed_at)`
}

const ends = (rules: Readonly<Partial<Record<AttachmentRetention, RetentionRule>>>): string =>
  `case attachment.retention ${Object.entries(rules)
    .map(([name, rule]) => `when '${name}' then ${endIn(rule)}`)
    .join(' ')} end`

/** What holds, without since when. */
export const valuesOf = (rules: Rules): Record<AttachmentRetention, RetentionRule> =>
  Object.fromEntries(RETENTION_CLASSES.map(name => [name, rules[name].value])) as never

const IS_THERE = `(attachment.state = 'READY' or attachment.quarantined)`

/** For a list of attachments: those that are there and whose retention ends before `?`. */
export const endsBefore = (rules: Rules): string =>
  `${IS_THERE} and (select ${ends(valuesOf(rules))} from support.ticket t
     where t.id = attachment.ticket_id and t.closed_at is not null) < ?`

/** A file and when its retention ends. */
export interface Ending {
  id: string
  held: boolean
  endsAt: Date
}

/** Files that are there and whose retention has an end, the earliest first; of one ticket, or of all. */
export async function endings(
  db: Pick<EntityManager, 'query'>,
  rules: Partial<Record<AttachmentRetention, RetentionRule>>,
  { ticketId, held, limit }: { ticketId?: string; held?: boolean; limit: number },
): Promise<Ending[]> {
  return db.query(
    `select id, held, ends_at as "endsAt" from (
       select attachment.id, attachment.legal_hold as held, ${ends(rules)} as ends_at
       from support.attachment join support.ticket t on t.id = attachment.ticket_id
       where ${IS_THERE} and t.closed_at is not null
         and ($1::text is null or attachment.ticket_id = $1) and ($2::boolean is null or attachment.legal_hold = $2)) a
     where ends_at is not null order by ends_at, id limit $3`,
    [ticketId ?? null, held ?? null, limit],
  )
}

/** How many files would be erased by a rule at a moment, and how many of the same age a legal hold keeps. */
export async function countPast(
  db: Pick<EntityManager, 'query'>,
  rules: Partial<Record<AttachmentRetention, RetentionRule>>,
  now: Date,
): Promise<{ erased: number; held: number }> {
  const [row] = await db.query(
    `select count(*) filter (where not held)::int as erased, count(*) filter (where held)::int as held from (
       select attachment.legal_hold as held, ${ends(rules)} as ends_at
       from support.attachment join support.ticket t on t.id = attachment.ticket_id
       where ${IS_THERE} and t.closed_at is not null) a
     where ends_at <= $1`,
    [now],
  )
  return row
}
