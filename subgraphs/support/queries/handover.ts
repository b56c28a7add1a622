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
import { flag, given, oneOf } from '#shared/fields.js'
import { type Filter, where } from '#shared/loader.js'
import { Allow } from '#shared/permissions.js'
import { edge, listOf, listOn, lookup } from '#shared/queries.js'
import { READERS } from '#shared/roles.js'
import { phaseOf } from '../desk/accessibility-report.js'
import {
  AccessibilityReportStatus,
  AccessibilitySeverity,
  BlockedCapability,
  EscalationTrigger,
  HandoffStatus,
} from '../desk/desk-enums.js'
import { PLACEHOLDERS } from '../desk/macro.js'
import { runbookOf } from '../desk/runbook.js'
import { TicketCategory, WorkItemPhase, Workspace } from '../enums.js'
import { ticketPage } from '../pages.js'
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
  @oneOf(Workspace, 'That are for this workspace.', { nullable: true })
  workspace?: string | null

  @oneOf(HandoffStatus, 'That stand there.', { nullable: true })
  status?: string | null

  @given('Queue', 'That are for this queue.', { nullable: true })
  queueId?: string | null

  @given('StaffMember', 'That this member of staff sent.', { nullable: true })
  senderId?: string | null
}

const reportsThat = (asked: Partial<AccessibilityReportFilter>): Filter =>
  where(
    ['status = any(?)', asked.statuses],
    ['severity = any(?)', asked.severities],
    ['blocks @> array[?]', asked.blocks],
    ['(cardinality(missing) = 0) = ?', asked.complete],
    ['ticket_id = ?', asked.ticketId],
  )

@InputType('RunbookFilter', { description: 'Which guides.' })
export class RunbookFilter {
  @Field(() => Boolean, { nullable: true, description: 'Those past their review, or those that are not.' })
  stale?: boolean | null
}

const runbooksThat = ({ stale }: Partial<RunbookFilter>, { services }: Context): Filter => ({
  where: '$1::boolean is null or (next_review_at < $2) = $1',
  values: [stale ?? null, services.clock()],
})

@InputType('IncidentFilter', { description: 'Which incidents; every condition has to hold.' })
export class IncidentFilter {
  @oneOf(IncidentStatus, 'That go on, or are over.', { nullable: true })
  status?: string | null

  @oneOf(EscalationTrigger, 'That were declared for this.', { nullable: true })
  trigger?: string | null
}

@InputType('MacroFilter', { description: 'Which prepared answers; every condition has to hold.' })
export class MacroFilter {
  @oneOf(TicketCategory, 'For tickets of this category, with those for any.', { nullable: true })
  category?: string | null

  @flag('That can be applied, or cannot.', { nullable: true })
  active?: boolean | null
}

const macrosThat = ({ category, active }: Partial<MacroFilter>): Filter =>
  where(['(category is null or category = ?)', category], ['is_active = ?', active])

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

  @Query(() => [MacroPlaceholder], { description: 'What macros can say that differs from ticket to ticket.' })
  @Allow(...READERS)
  async macroPlaceholders(): Promise<MacroPlaceholder[]> {
    return Object.entries(PLACEHOLDERS).map(([name, meaning]) => ({ placeholder: `{{${name}}}`, meaning }))
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

@Resolver(() => Ticket)
export class TicketDeskFields {
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
    return loaders.many(Runbook, relatedSlugs.map(runbookOf))
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
  listOf({
    name: 'accessibilityReports',
    type: AccessibilityReport,
    description: 'Reports of barriers, newest first: for customers, those of their accounts and their own.',
    filter: AccessibilityReportFilter,
    where: reportsThat,
  }),
  listOf({
    name: 'runbooks',
    type: Runbook,
    description: 'Guides for staff, newest first.',
    filter: RunbookFilter,
    where: runbooksThat,
  }),
  listOf({
    name: 'incidents',
    type: Incident,
    description: 'Incidents, newest first.',
    filter: IncidentFilter,
  }),
  listOf({ name: 'handoffs', type: Handoff, description: 'Handovers, newest first.', filter: HandoffFilter }),
  listOf({
    name: 'macros',
    type: Macro,
    description: 'Prepared answers, newest first.',
    filter: MacroFilter,
    where: macrosThat,
  }),
  listOf({
    name: 'legalCommunications',
    type: LegalCommunication,
    description: 'What was written to us in legal matters, newest first.',
  }),
  listOn(Site, {
    name: 'incidents',
    type: Incident,
    description: 'Incidents that affect it or did, newest first.',
    where: id => ({ where: 'affected_store_ids @> array[$1]', values: [id] }),
  }),
  listOn(Ticket, {
    name: 'incidents',
    type: Incident,
    description: 'Incidents that it is about, newest first.',
    where: id => ({ where: 'ticket_ids @> array[$1]', values: [id] }),
  }),
  IncidentFields,
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
