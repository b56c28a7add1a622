import { Extensions, Field, Int, ObjectType } from 'type-graphql'
import type { Context } from '#shared/context.js'
import { batched } from '#shared/per-request.js'
import { DateTime } from '#shared/scalars.js'
import { RiskFlagKind } from './views/risk-flag.js'

@ObjectType('RiskSummary', { description: 'That there are risk flags, and of which kinds: no more (E56).' })
@Extensions({ value: true })
export class RiskSummary {
  @Field(() => Int, { description: 'How many flags hold.' })
  open!: number

  @Field(() => [RiskFlagKind], { description: 'Of which kinds they are.' })
  kinds!: (keyof typeof RiskFlagKind)[]
}

@ObjectType('PayoutHoldSummary', { description: 'That money is kept back: not how much, nor why (E57).' })
@Extensions({ value: true })
export class PayoutHoldSummary {
  @Field(() => Int, { description: 'How many holds are in force.' })
  active!: number

  @Field(() => Boolean, { description: 'One of them holds whatever is paid out.' })
  everything!: boolean

  @Field(() => DateTime, {
    nullable: true,
    description: 'When the last of them ends by itself (UTC); null when one does not, or there is none.',
  })
  until!: Date | null
}

/** One query for all subjects of an operation, with what nothing was found for filled in. */
const summaries = <T extends object>(
  read: (context: Context, ids: readonly string[]) => Promise<(T & { id: string })[]>,
  none: T,
) =>
  batched<string, T>(async (context, ids) => {
    const found = new Map((await read(context, ids)).map(row => [row.id, row]))
    return ids.map(id => found.get(id) ?? none)
  })

/** The flags that hold about something; an empty summary where there are none. */
export const riskSummaryOf = summaries<RiskSummary>(
  ({ db }, ids) =>
    db.query(
      `select subject_id as id, count(*)::int as open, array_agg(distinct kind order by kind) as kinds
       from risk.risk_flag where subject_id = any($1) and state = 'RAISED' group by subject_id`,
      [ids],
    ),
  { open: 0, kinds: [] },
)

/** The holds in force on an organization's money. */
export const holdSummaryOf = summaries<PayoutHoldSummary>(
  ({ db, services }, ids) =>
    db.query(
      `select organization_id as id, count(*)::int as active, bool_or(amount is null and payout_id is null) as everything,
         case when bool_and(until is not null) then max(until) end as until
       from risk.payout_hold
       where organization_id = any($1) and state = 'ACTIVE' and (until is null or until > $2) group by organization_id`,
      [ids, services.clock()],
    ),
  { active: 0, everything: false, until: null },
)
