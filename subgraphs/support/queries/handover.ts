import {
  Arg,
  Args,
  Ctx,
  Extensions,
  Field,
  FieldResolver,
  ID,
  InputType,
  ObjectType,
  Query,
  Resolver,
  Root,
} from 'type-graphql'
import { badInput, connection, type Page, PageArgs, pageOf } from '#shared/connection.js'
import type { Context } from '#shared/context.js'
import { where } from '#shared/loader.js'
import { Allow } from '#shared/permissions.js'
import { edge, lookup } from '#shared/queries.js'
import { READERS } from '#shared/roles.js'
import { phaseOf } from '../accessibility-report.js'
import { TICKET_READERS } from '../audience.js'
import {
  AccessibilityReportStatus,
  AccessibilitySeverity,
  BlockedCapability,
  EscalationTrigger,
  HandoffStatus,
} from '../desk-enums.js'
import { TicketCategory, WorkItemPhase, Workspace } from '../enums.js'
import { LEGAL_READERS } from '../legal-communication.js'
import { PLACEHOLDERS } from '../macro.js'
import { ticketPage } from '../pages.js'
import { runbookOf } from '../runbook.js'
import { AuditSlice, Site } from '../stubs.js'
import { AccessibilityReport } from '../views/accessibility-report.js'
import { Handoff, slicesOf } from '../views/handoff.js'
import { Incident, IncidentStatus } from '../views/incident.js'
import { LegalCommunication } from '../views/legal-communication.js'
import { Macro } from '../views/macro.js'
import { Runbook } from '../views/runbook.js'
import { Ticket } from '../views/ticket.js'
import { TicketEscalation } from '../views/ticket-escalation.js'

@InputType('AccessibilityReportFilter', { description: 'Which reports; every condition has to hold.' })
export class AccessibilityReportFilter {
  @Field(() => [AccessibilityReportStatus], { nullable: true, description: 'That stand in one of these.' })
  statuses?: string[] | null

  @Field(() => [AccessibilitySeverity], { nullable: true, description: 'That are so grave.' })
  severities?: string[] | null

  @Field(() => BlockedCapability, { nullable: true, description: 'That keep people from this.' })
  blocks?: string | null

  @Field(() => Boolean, { nullable: true, description: 'That lack nothing, or that lack something.' })
  complete?: boolean | null

  @Field(() => ID, { nullable: true, description: 'That were reported on this ticket.' })
  ticketId?: string | null
}

@InputType('HandoffFilter', { description: 'Which handovers; every condition has to hold.' })
export class HandoffFilter {
  @Field(() => Workspace, { nullable: true, description: 'That are for this workspace.' })
  workspace?: string | null

  @Field(() => HandoffStatus, { nullable: true, description: 'That stand there.' })
  status?: string | null

  @Field(() => ID, { nullable: true, description: 'That are for this queue.' })
  queueId?: string | null

  @Field(() => ID, { nullable: true, description: 'That this member of staff sent.' })
  senderId?: string | null
}

@InputType('RunbookFilter', { description: 'Which guides.' })
export class RunbookFilter {
  @Field(() => Boolean, { nullable: true, description: 'Those past their review, or those that are not.' })
  stale?: boolean | null
}

@ObjectType('MacroPlaceholder', { description: 'What a macro can say that differs from ticket to ticket.' })
@Extensions({ value: true })
export class MacroPlaceholder {
  @Field(() => String, { description: 'As it is written, e.g. {{ticket.number}}.' })
  placeholder!: string

  @Field(() => String, { description: 'What stands there.' })
  meaning!: string
}

@Resolver()
export class HandoverQueries {
  @Query(() => connection(AccessibilityReport), {
    description: 'Reports of barriers, newest first: for customers, those of their accounts and their own.',
  })
  @Allow(...TICKET_READERS)
  async accessibilityReports(
    @Args(() => PageArgs) page: PageArgs,
    @Arg('filter', () => AccessibilityReportFilter, { nullable: true, description: 'Which ones.' })
    filter: AccessibilityReportFilter | null,
    @Ctx() { loaders }: Context,
  ): Promise<Page<AccessibilityReport>> {
    const { statuses, severities, blocks, complete, ticketId } = filter ?? {}
    const wanted = where(
      ['status = any(?)', statuses],
      ['severity = any(?)', severities],
      ['blocks @> array[?]', blocks],
      ['(cardinality(missing) = 0) = ?', complete],
      ['ticket_id = ?', ticketId],
    )
    return loaders.list(AccessibilityReport, wanted, page)
  }

  @Query(() => Runbook, {
    nullable: true,
    description: 'One guide, by its short name; null when there is none.',
  })
  @Allow(...READERS)
  async runbook(
    @Arg('slug', () => String, { description: 'Its short name.' }) slug: string,
    @Ctx() { loaders }: Context,
  ): Promise<Runbook | null> {
    return loaders.one(Runbook, runbookOf(slug))
  }

  @Query(() => connection(Runbook), { description: 'Guides for staff, newest first.' })
  @Allow(...READERS)
  async runbooks(
    @Args(() => PageArgs) page: PageArgs,
    @Arg('filter', () => RunbookFilter, { nullable: true, description: 'Which ones.' })
    filter: RunbookFilter | null,
    @Ctx() { loaders, services }: Context,
  ): Promise<Page<Runbook>> {
    const stale = filter?.stale ?? null
    const isStale = '$1::boolean is null or (next_review_at < $2) = $1'
    return loaders.list(Runbook, { where: isStale, values: [stale, services.clock()] }, page)
  }

  @Query(() => connection(Incident), { description: 'Incidents, newest first.' })
  @Allow(...READERS)
  async incidents(
    @Args(() => PageArgs) page: PageArgs,
    @Arg('status', () => IncidentStatus, { nullable: true, description: 'That go on, or are over.' })
    status: string | null,
    @Arg('trigger', () => EscalationTrigger, { nullable: true, description: 'That were declared for this.' })
    trigger: string | null,
    @Ctx() { loaders }: Context,
  ): Promise<Page<Incident>> {
    return loaders.list(Incident, where(['status = ?', status], ['trigger = ?', trigger]), page)
  }

  @Query(() => connection(Handoff), { description: 'Handovers, newest first.' })
  @Allow(...READERS)
  async handoffs(
    @Args(() => PageArgs) page: PageArgs,
    @Arg('filter', () => HandoffFilter, { nullable: true, description: 'Which ones.' })
    filter: HandoffFilter | null,
    @Ctx() { loaders }: Context,
  ): Promise<Page<Handoff>> {
    const { workspace, status, queueId, senderId } = filter ?? {}
    const wanted = where(
      ['workspace = ?', workspace],
      ['status = ?', status],
      ['queue_id = ?', queueId],
      ['sender_id = ?', senderId],
    )
    return loaders.list(Handoff, wanted, page)
  }

  @Query(() => connection(Macro), { description: 'Prepared answers, newest first.' })
  @Allow(...READERS)
  async macros(
    @Args(() => PageArgs) page: PageArgs,
    @Arg('category', () => TicketCategory, {
      nullable: true,
      description: 'For tickets of this category, with those for any.',
    })
    category: string | null,
    @Arg('active', () => Boolean, { nullable: true, description: 'That can be applied, or cannot.' })
    active: boolean | null,
    @Ctx() { loaders }: Context,
  ): Promise<Page<Macro>> {
    const wanted = where(['(category is null or category = ?)', category], ['is_active = ?', active])
    return loaders.list(Macro, wanted, page)
  }

  @Query(() => [MacroPlaceholder], { description: 'What macros can say that differs from ticket to ticket.' })
  @Allow(...READERS)
  async macroPlaceholders(): Promise<MacroPlaceholder[]> {
    return Object.entries(PLACEHOLDERS).map(([name, meaning]) => ({ placeholder: `{{${name}}}`, meaning }))
  }

  @Query(() => connection(LegalCommunication), {
    description: 'What was written to us in legal matters, newest first.',
  })
  @Allow(...LEGAL_READERS)
  async legalCommunications(
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { loaders }: Context,
  ): Promise<Page<LegalCommunication>> {
    return loaders.list(LegalCommunication, { where: 'true', values: [] }, page)
  }
}

/** A page of ids that are known already, in their order. */
function pageOfIds(ids: readonly string[], { first, after }: PageArgs): Page<{ id: string }> {
  const from = after ? ids.indexOf(after) + 1 : 0
  if (after && from === 0) throw badInput('This cursor is of another list.')
  const nodes = ids.slice(from, from + first).map(id => ({ id }))
  const page = pageOf(
    nodes,
    first,
    ({ id }) => [id, id],
    async () => ids.length,
  )
  const edges = nodes.map(node => ({ node, cursor: node.id }))
  const hasNextPage = from + first < ids.length
  return { ...page, edges, pageInfo: { hasNextPage, endCursor: nodes.at(-1)?.id ?? null } }
}

@Resolver(() => Incident)
export class IncidentFields {
  @FieldResolver(() => connection(Site), { nullable: true, description: 'Stores that are affected.' })
  @Allow(...READERS)
  async affectedStores(
    @Root() { affectedStoreIds }: Incident,
    @Args(() => PageArgs) page: PageArgs,
  ): Promise<Page<{ id: string }>> {
    return pageOfIds(affectedStoreIds, page)
  }

  @FieldResolver(() => connection(Ticket), {
    nullable: true,
    description: 'Tickets about it, what should be handled first first.',
  })
  @Allow(...READERS)
  async affectedTickets(
    @Root() { ticketIds }: Incident,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() context: Context,
  ): Promise<Page<Ticket>> {
    return ticketPage(context, { where: 'id = any($1)', values: [ticketIds] }, 'ATTENTION', page)
  }

  @FieldResolver(() => connection(Ticket), {
    nullable: true,
    description:
      'Tickets about it that are neither resolved nor closed, what should be handled first first: what is left to do when it is over.',
  })
  @Allow(...READERS)
  async openTickets(
    @Root() { ticketIds }: Incident,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() context: Context,
  ): Promise<Page<Ticket>> {
    const open = { where: `id = any($1) and status not in ('RESOLVED', 'CLOSED')`, values: [ticketIds] }
    return ticketPage(context, open, 'ATTENTION', page)
  }
}

@Resolver(() => Site)
export class SiteFields {
  @FieldResolver(() => connection(Incident), {
    nullable: true,
    description: 'Incidents that affect it or did, newest first.',
  })
  @Allow(...READERS)
  async incidents(
    @Root() { id }: { id: string },
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { loaders }: Context,
  ) {
    return loaders.list(Incident, { where: 'affected_store_ids @> array[$1]', values: [id] }, page)
  }
}

@Resolver(() => Ticket)
export class TicketDeskFields {
  @FieldResolver(() => connection(Incident), {
    nullable: true,
    description: 'Incidents that it is about, newest first.',
  })
  @Allow(...READERS)
  async incidents(@Root() { id }: Ticket, @Args(() => PageArgs) page: PageArgs, @Ctx() { loaders }: Context) {
    return loaders.list(Incident, { where: 'ticket_ids @> array[$1]', values: [id] }, page)
  }

  @FieldResolver(() => AccessibilityReport, {
    nullable: true,
    description: 'The report of a barrier that it is linked to, or that was made on it; the newest one.',
  })
  async accessibilityReport(
    @Root() { id, linkedEntityIds }: Ticket,
    @Ctx() { loaders }: Context,
  ): Promise<AccessibilityReport | null> {
    const either = { where: 'ticket_id = $1 or id = any($2)', values: [id, linkedEntityIds] }
    const { nodes } = await loaders.list(AccessibilityReport, either, { first: 1 })
    return nodes[0] ?? null
  }
}

@Resolver(() => AccessibilityReport)
export class AccessibilityReportFields {
  @FieldResolver(() => WorkItemPhase, {
    description: 'How far it is, in words that all kinds of work share.',
  })
  phase(@Root() { status }: AccessibilityReport): string {
    return phaseOf(status)
  }

  @FieldResolver(() => Boolean, { description: 'Nothing is still to be found out.' })
  isComplete(@Root() { missing }: AccessibilityReport): boolean {
    return missing.length === 0
  }
}

/** A6, as the guides themselves say it. */
const STALE = 'This guide is past its review date. Validate the workflow before relying on it operationally.'

@Resolver(() => Runbook)
export class RunbookFields {
  @FieldResolver(() => Boolean, { description: 'Its review is overdue.' })
  isStale(@Root() { nextReviewAt }: Runbook, @Ctx() { services }: Context): boolean {
    return nextReviewAt < services.clock()
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'What to beware of when its review is overdue.',
  })
  notice(@Root() { nextReviewAt }: Runbook, @Ctx() { services }: Context): string | null {
    return nextReviewAt < services.clock() ? STALE : null
  }

  @FieldResolver(() => [Runbook], {
    description: 'Guides that belong to it, as far as they were written; relatedSlugs names the others, too.',
  })
  async related(@Root() { relatedSlugs }: Runbook, @Ctx() { loaders }: Context): Promise<Runbook[]> {
    const found = await Promise.all(relatedSlugs.map(slug => loaders.one(Runbook, runbookOf(slug))))
    return found.filter(one => one !== null)
  }
}

@Resolver(() => Handoff)
export class HandoffFields {
  @FieldResolver(() => [AuditSlice], {
    nullable: true,
    description: 'Slices of the log that show what happened.',
  })
  @Allow(...READERS)
  async auditSlices(@Root() handoff: Handoff): Promise<{ id: string }[]> {
    return slicesOf(handoff)
  }
}

/** Reports, guides, incidents, handovers, macros, legal communication. */
export const handoverQueries = [
  HandoverQueries,
  IncidentFields,
  SiteFields,
  TicketDeskFields,
  AccessibilityReportFields,
  RunbookFields,
  HandoffFields,
  lookup(AccessibilityReport),
  lookup(Incident),
  lookup(Handoff),
  lookup(Macro),
  edge(Ticket, 'escalations', TicketEscalation, 'ticketId', 'That it was escalated, newest first.'),
  edge(Ticket, 'handoffs', Handoff, 'ticketId', 'Handovers of it, newest first.'),
  edge(
    Ticket,
    'legalCommunications',
    LegalCommunication,
    'ticketId',
    'What was written to us about it in legal matters, newest first.',
  ),
  edge(
    Incident,
    'escalations',
    TicketEscalation,
    'incidentId',
    'Escalations that belong to it, newest first.',
  ),
]
