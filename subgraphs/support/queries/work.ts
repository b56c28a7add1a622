import { Arg, Args, Ctx, Extensions, Field, Int, ObjectType, Query, Resolver } from 'type-graphql'
import { connection, type Page, PageArgs } from '#shared/connection.js'
import type { Context } from '#shared/context.js'
import { ref } from '#shared/fields.js'
import { Allow } from '#shared/permissions.js'
import { READERS } from '#shared/roles.js'
import { states } from '#shared/states.js'
import { ARRIVED } from '../attachments/attachment-rules.js'
import { ATTENTION_RULE, attentionOf, filterOf, inboxOf, TicketFilter } from '../filter.js'
import { type Order, TicketOrder, ticketPage } from '../pages.js'
import { StaffMember } from '../stubs.js'
import { Queue } from '../views/queue.js'
import { Ticket } from '../views/ticket.js'

@ObjectType('SupportOverview', {
  description: 'How much there is to do (C6 to C9, C34), counted when asked.',
})
@Extensions({ value: true })
export class SupportOverview {
  @Field(() => Int, { description: 'Tickets that need attention, as attentionRule says.' })
  needingAttention!: number

  @Field(() => Int, { description: 'URGENT tickets in the inbox that are neither resolved nor closed.' })
  urgent!: number

  @Field(() => Int, { description: 'What was said on these tickets, notes of staff left out.' })
  messages!: number

  @Field(() => Int, { description: 'Files that arrived on these tickets, those that are gone by now too.' })
  attachments!: number

  @Field(() => Int, { description: 'Notes of staff on these tickets.' })
  notes!: number

  @Field(() => String, { description: 'Which tickets need attention, in words.' })
  attentionRule!: string
}

export const TicketGrouping = states('TicketGrouping', 'By what tickets are counted (C18 to C20).', {
  STATUS: 'Where they stand.',
  PRIORITY: 'How soon they are due.',
  CATEGORY: 'What they are about.',
  QUEUE: 'Where they lie.',
  ASSIGNEE: 'Who works on them.',
})

@ObjectType('TicketStatBucket', { description: 'How many tickets have the same value.' })
@Extensions({ value: true })
export class TicketStatBucket {
  @Field(() => String, {
    nullable: true,
    description: 'The value: a status, a priority, …, or an id; null: none, e.g. nobody works on them.',
  })
  key!: string | null

  @Field(() => Int, { description: 'How many.' })
  count!: number

  @ref(() => Queue, 'For QUEUE: the queue.', { nullable: true })
  queueId!: string | null

  @ref(() => StaffMember, 'For ASSIGNEE: who it is.', { nullable: true })
  assigneeId!: string | null
}

const GROUPS: Record<keyof typeof TicketGrouping, string> = {
  STATUS: 'status',
  PRIORITY: 'priority',
  CATEGORY: 'category',
  QUEUE: 'queue_id',
  ASSIGNEE: 'assignee_id',
}

@Resolver()
export class WorkQueries {
  @Query(() => connection(Ticket), {
    description:
      'What is to be worked on: neither resolved, closed, put aside nor kept apart, unless the filter asks for that by statuses, phases, snoozed or filterState. What should be handled first comes first.',
  })
  @Allow(...READERS)
  async inbox(
    @Args(() => PageArgs) page: PageArgs,
    @Arg('filter', () => TicketFilter, { nullable: true, description: 'Which ones.' })
    filter: TicketFilter | null,
    @Arg('order', () => TicketOrder, {
      nullable: true,
      description: 'ATTENTION, or CREATED_ASC for what is unaddressed, unless said otherwise (X4).',
    })
    order: Order | null,
    @Ctx() context: Context,
  ): Promise<Page<Ticket>> {
    const usual = filter?.unaddressed ? 'CREATED_ASC' : 'ATTENTION'
    return ticketPage(context, inboxOf(filter, context), order ?? usual, page)
  }

  @Query(() => SupportOverview, {
    description: 'How much there is to do, over all tickets that the filter takes.',
  })
  @Allow(...READERS)
  async supportOverview(
    @Arg('filter', () => TicketFilter, { nullable: true, description: 'Over which tickets; left out: all.' })
    filter: TicketFilter | null,
    @Ctx() context: Context,
  ): Promise<SupportOverview> {
    const all = filterOf(filter, context)
    const attention = attentionOf(filter, context, all.values)
    // What belongs to all tickets needs no look at them.
    const onThese = (table: string): string =>
      all.where === 'true'
        ? `${table}.ticket_id is not null`
        : `exists (select from support.ticket where ticket.id = ${table}.ticket_id and ${all.where})`
    // One statement sees one moment, however many write meanwhile.
    const [row] = await context.db.query(
      `select
         (select count(*)::int from support.ticket where ${attention.where}) as "needingAttention",
         (select count(*)::int from support.ticket where ${all.where} and ticket.priority = 'URGENT' and ticket.filter_state = 'INBOX'
            and ticket.status not in ('RESOLVED', 'CLOSED')) as urgent,
         (select count(*)::int from support.attachment a where a.${ARRIVED} and ${onThese('a')}) as attachments,
         m.messages, m.notes
       from (
         select count(*) filter (where m.kind <> 'INTERNAL_NOTE')::int as messages,
                count(*) filter (where m.kind = 'INTERNAL_NOTE')::int as notes
         from support.ticket_message m where ${onThese('m')}
       ) m`,
      attention.values,
    )
    return { ...row, attentionRule: ATTENTION_RULE }
  }

  @Query(() => [TicketStatBucket], {
    description: 'How many tickets there are of each kind, over all that the filter takes; the most first.',
  })
  @Allow(...READERS)
  async ticketStats(
    @Arg('by', () => TicketGrouping, { description: 'By what.' }) by: keyof typeof TicketGrouping,
    @Arg('filter', () => TicketFilter, { nullable: true, description: 'Over which tickets; left out: all.' })
    filter: TicketFilter | null,
    @Ctx() context: Context,
  ): Promise<TicketStatBucket[]> {
    const { where, values } = filterOf(filter, context)
    const rows: { key: string | null; count: number }[] = await context.db.query(
      `select ${GROUPS[by]} as key, count(*)::int as count from support.ticket where ${where} group by 1 order by 2 desc, 1`,
      values,
    )
    return rows.map(({ key, count }) =>
      Object.assign(new TicketStatBucket(), {
        key,
        count,
        queueId: by === 'QUEUE' ? key : null,
        assigneeId: by === 'ASSIGNEE' ? key : null,
      }),
    )
  }
}
