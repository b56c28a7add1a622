import { Arg, Ctx, Extensions, Field, Float, Int, ObjectType, Query, Resolver } from 'type-graphql'
import type { EntityManager } from 'typeorm'
import { badInput } from '#shared/connection.js'
import type { Context } from '#shared/context.js'
import { ref } from '#shared/fields.js'
import { type Access, Allow } from '#shared/permissions.js'
import { Role } from '#shared/roles.js'
import { DateTime } from '#shared/scalars.js'
import { states } from '#shared/states.js'
import { allOf, conditionsOf, TicketFilter } from '../filter.js'
import { SlaMetric } from '../sla/sla-enums.js'
import { Organization, StaffMember } from '../stubs.js'
import { Queue } from '../views/queue.js'

export const SlaGrouping = states('SlaGrouping', 'By what promises are counted.', {
  QUEUE: 'Where their tickets lie now.',
  CATEGORY: 'What their tickets are about now.',
  PRIORITY: 'How soon their tickets are due now.',
  ASSIGNEE: 'Who works on their tickets now.',
  ORGANIZATION: 'Whose tickets they are.',
  DAY: 'The day (UTC) on which they began.',
})

@ObjectType('SlaPercentiles', {
  description: 'How long it took: half of them at most p50, nine of ten at most p90, 19 of 20 at most p95.',
})
@Extensions({ value: true })
export class SlaPercentiles {
  @Field(() => Int, { description: 'How many were measured.' })
  count!: number

  @Field(() => Float, { description: 'Seconds.' })
  p50!: number

  @Field(() => Float, { description: 'Seconds.' })
  p90!: number

  @Field(() => Float, { description: 'Seconds.' })
  p95!: number
}

@ObjectType('SlaReportBucket', {
  description: 'Promises of one kind that have the same value; due is met, breached and open together.',
})
@Extensions({ value: true })
export class SlaReportBucket {
  @Field(() => SlaMetric, { description: 'What was promised.' })
  metric!: Metric

  @Field(() => String, {
    nullable: true,
    description:
      'The value: a category, a priority, a day as 2026-04-22, or an id; null: none, or the total.',
  })
  key!: string | null

  @ref(() => Queue, 'For QUEUE: the queue.', { nullable: true })
  queueId!: string | null

  @ref(() => StaffMember, 'For ASSIGNEE: who it is.', { nullable: true })
  assigneeId!: string | null

  @ref(() => Organization, 'For ORGANIZATION: the account.', { nullable: true })
  organizationId!: string | null

  @Field(() => Int, { description: 'Replies that were owed.' })
  due!: number

  @Field(() => Int, { description: 'Those that came in time.' })
  met!: number

  @Field(() => Int, { description: 'Those that came too late, or are overdue.' })
  breached!: number

  @Field(() => Int, { description: 'Those that are still to come and not overdue, paused ones included.' })
  open!: number

  @Field(() => Int, { description: 'Of those still to come, those at risk now.' })
  nearBreach!: number

  @Field(() => Int, {
    description: 'Besides: tickets that closed before, so that nothing was owed any more.',
  })
  canceled!: number

  @Field(() => Float, {
    nullable: true,
    description: 'Of those that are decided (met or breached), the share met, 0 to 1; null: none is.',
  })
  shareMet!: number | null

  @Field(() => SlaPercentiles, {
    nullable: true,
    description: 'How much of the clock that counts (its hours, pauses left out) replies took.',
  })
  timeUsed!: SlaPercentiles | null

  @Field(() => SlaPercentiles, {
    nullable: true,
    description:
      'How long it took to resolve what is resolved, by the clock on the wall; nobody promised that (E103). Of first replies only.',
  })
  timeToResolution!: SlaPercentiles | null
}

@ObjectType('SlaReportEmergencies', {
  description:
    'How promises of a reply after an escalation that cannot wait went, that began in the period (A20).',
})
@Extensions({ value: true })
export class SlaReportEmergencies {
  @Field(() => SlaReportBucket, { description: 'All of them.' })
  total!: SlaReportBucket

  @Field(() => [SlaReportBucket], { description: 'By value: days in their order, else the most due first.' })
  buckets!: SlaReportBucket[]

  @Field(() => Int, { description: 'How many more values there are than buckets.' })
  leftOut!: number
}

@ObjectType('SlaReport', {
  description: 'How promises of a reply that began in a period went, of one moment.',
})
@Extensions({ value: true })
export class SlaReport {
  @Field(() => DateTime, { description: 'From then on (UTC).' })
  from!: Date

  @Field(() => DateTime, { description: 'Until then, which is not in it any more (UTC).' })
  until!: Date

  @Field(() => DateTime, { description: 'The moment as which it tells what is overdue and at risk (UTC).' })
  asOf!: Date

  @Field(() => SlaReportBucket, { description: 'All first replies.' })
  total!: SlaReportBucket

  @Field(() => [SlaReportBucket], {
    description: 'First replies by value: days in their order, else the most due first.',
  })
  buckets!: SlaReportBucket[]

  @Field(() => Int, { description: 'How many more values there are than buckets.' })
  leftOut!: number

  @Field(() => SlaReportEmergencies, {
    description: 'Replies after escalations that cannot wait, which count for themselves.',
  })
  emergencies!: SlaReportEmergencies
}

type Metric = keyof typeof SlaMetric
type By = keyof typeof SlaGrouping

const KEYS: Record<By, string> = {
  QUEUE: 'ticket.queue_id',
  CATEGORY: 'ticket.category',
  PRIORITY: 'ticket.priority',
  ASSIGNEE: 'ticket.assignee_id',
  ORGANIZATION: 'ticket.organization_id',
  DAY: `to_char(timer."startedAt" at time zone 'UTC', 'YYYY-MM-DD')`,
}

/** The longest period, and most buckets: as many days as there are in it. */
const MOST_DAYS = 366
const MOST_BUCKETS = 366
const DAY = 86_400_000

/** For leads, super admins and auditors all of it; for agents what they cover. */
const REPORT_READERS: readonly Access[] = [
  Role.SUPPORT_AGENT,
  Role.SUPPORT_LEAD,
  Role.SUPER_ADMIN,
  Role.AUDITOR,
]
const seesAll = (roles: readonly Role[]): boolean =>
  roles.some(role => role !== Role.SUPPORT_AGENT && REPORT_READERS.includes(role))

function requirePeriod(from: Date, until: Date): void {
  if (!(from < until)) throw badInput('until has to come after from.')
  if (until.getTime() - from.getTime() > MOST_DAYS * DAY)
    throw badInput(`A report is about ${MOST_DAYS} days at most: ask for a shorter period.`)
}

/** As `stateAt` says where a timer stands. */
const STANDING = `select metric, key, spent, "startedAt", "resolvedAt", "answeredAt", "atRiskAt",
    case when "breachedAt" is not null or ("answeredAt" is null and "canceledAt" is null and "dueAt" < $3) then 'BREACHED'
         when "answeredAt" is not null then 'MET' when "canceledAt" is not null then 'CANCELED' else 'OPEN' end as state
  from timer`

const percentiles = (of: string): string =>
  `percentile_disc(array[0.5, 0.9, 0.95]) within group (order by ${of})`

interface Counted {
  metric: Metric
  key: string | null
  isTotal: boolean
  due: number
  met: number
  breached: number
  open: number
  nearBreach: number
  canceled: number
  answered: number
  used: number[]
  resolved: number
  taken: number[]
  groups: number
}

const TIMER = ['startedAt', 'dueAt', 'atRiskAt', 'breachedAt', 'answeredAt', 'canceledAt', 'resolvedAt']
  .map(name => `"${name}" timestamptz`)
  .join(', ')

/** Timers of one kind that began in the period; `lastBegan`: what an index has of the last of them. `$1` and `$2`: from, until. */
const timersOf = (metric: Metric, column: string, lastBegan: string, by: By, where: string): string =>
  `select '${metric}' as metric, ${KEYS[by]} as key, timer.*
    from support.ticket, jsonb_to_recordset(ticket.${column}) as timer(${TIMER}, spent double precision)
    where ticket.created_at < $2 and ${lastBegan}
      and timer."startedAt" >= $1 and timer."startedAt" < $2 and (${where})`

/** As texts, of which there is an index. */
const EMERGENCY_BEGAN = `ticket.sla_emergencies <> '[]' and (ticket.sla_emergencies -> -1 ->> 'startedAt') collate "C"
  >= to_char($1::timestamptz at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`

/** One statement sees one moment, however many write meanwhile. `$1` to `$3`: from, until, now. */
const sqlOf = (by: By, where: string): string => `with timer as materialized (
    ${timersOf('FIRST_RESPONSE', 'sla_cycles', 'ticket.sla_began_at >= $1', by, where)}
    union all
    ${timersOf('EMERGENCY_RESPONSE', 'sla_emergencies', EMERGENCY_BEGAN, by, where)}
  ), standing as (${STANDING}), counted as (
  select metric, key, grouping(key) = 1 as "isTotal",
    count(*) filter (where state <> 'CANCELED')::int as due,
    count(*) filter (where state = 'MET')::int as met,
    count(*) filter (where state = 'BREACHED')::int as breached,
    count(*) filter (where state = 'OPEN')::int as open,
    count(*) filter (where state = 'OPEN' and "atRiskAt" <= $3)::int as "nearBreach",
    count(*) filter (where state = 'CANCELED')::int as canceled,
    count("answeredAt")::int as answered,
    ${percentiles('spent')} filter (where "answeredAt" is not null) as used,
    count("resolvedAt")::int as resolved,
    ${percentiles('extract(epoch from "resolvedAt" - "startedAt")::double precision')}
      filter (where "resolvedAt" is not null) as taken,
    (count(*) over (partition by metric) - 1)::int as groups
  from standing group by grouping sets ((metric, key), (metric))
  ), placed as (
  select *, row_number() over (partition by metric order by "isTotal" desc, ${by === 'DAY' ? 'key' : 'due desc, key'}) as place
  from counted)
  select * from placed where place <= ${MOST_BUCKETS + 1} order by metric, place`

const shares = (count: number, values: readonly number[] | null, unit: number): SlaPercentiles | null => {
  if (count === 0 || !values) return null
  const [p50, p90, p95] = values.map(value => value / unit) as [number, number, number]
  return { count, p50, p90, p95 }
}

const bucketOf = (by: By, row: Counted): SlaReportBucket =>
  Object.assign(new SlaReportBucket(), {
    metric: row.metric,
    key: row.key,
    queueId: by === 'QUEUE' ? row.key : null,
    assigneeId: by === 'ASSIGNEE' ? row.key : null,
    organizationId: by === 'ORGANIZATION' ? row.key : null,
    due: row.due,
    met: row.met,
    breached: row.breached,
    open: row.open,
    nearBreach: row.nearBreach,
    canceled: row.canceled,
    shareMet: row.met + row.breached === 0 ? null : row.met / (row.met + row.breached),
    timeUsed: shares(row.answered, row.used, 1000),
    timeToResolution: shares(row.resolved, row.taken, 1),
  })

const read = (db: EntityManager, by: By, where: string, values: unknown[]): Promise<Counted[]> =>
  db.query(sqlOf(by, where), values)

const NOTHING: Omit<Counted, 'metric'> = {
  key: null,
  isTotal: true,
  due: 0,
  met: 0,
  breached: 0,
  open: 0,
  nearBreach: 0,
  canceled: 0,
  answered: 0,
  used: [],
  resolved: 0,
  taken: [],
  groups: 0,
}

/** What was counted of one kind of promise: all of it, and by value. */
function partOf(by: By, metric: Metric, counted: readonly Counted[]) {
  const [total = { ...NOTHING, metric }, ...rows] = counted.filter(row => row.metric === metric)
  return {
    total: bucketOf(by, total),
    buckets: rows.map(row => bucketOf(by, row)),
    leftOut: total.groups - rows.length,
  }
}

@Resolver()
class SlaReports {
  @Query(() => SlaReport, {
    description: `How replies went that were promised (first ones at an opening or a reopening; after an escalation that cannot wait) in a period of at most ${MOST_DAYS} days; agents read it of what they cover (E102).`,
  })
  @Allow(...REPORT_READERS)
  async slaReport(
    @Arg('from', () => DateTime, { description: 'Promises that began from then on (UTC).' }) from: Date,
    @Arg('until', () => DateTime, { description: 'And before then (UTC).' }) until: Date,
    @Arg('groupBy', () => SlaGrouping, { description: 'By what.' }) by: By,
    @Arg('filter', () => TicketFilter, {
      nullable: true,
      description: 'Of which tickets, as they are now; left out: all.',
    })
    filter: TicketFilter | null,
    @Ctx() context: Context,
  ): Promise<SlaReport> {
    requirePeriod(from, until)
    const { db, services, identity } = context
    const asOf = services.clock()
    const covered = seesAll(identity.roles) ? [] : conditionsOf({ coveredByMe: true }, context)
    const conditions = [...conditionsOf(filter ?? {}, context), ...covered]
    const { where, values } = allOf(conditions, [from, until, asOf])
    const counted = await read(db, by, where, values)
    return {
      from,
      until,
      asOf,
      ...partOf(by, 'FIRST_RESPONSE', counted),
      emergencies: partOf(by, 'EMERGENCY_RESPONSE', counted),
    }
  }
}

export const slaReports = [SlaReports]
