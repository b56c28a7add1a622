import { Arg, Args, Ctx, Field, InputType, Query, Resolver } from 'type-graphql'
import { type Page, PageArgs } from '#shared/connection.js'
import type { Context } from '#shared/context.js'
import type { Identity } from '#shared/identity.js'
import { Allow } from '#shared/permissions.js'
import { READERS } from '#shared/roles.js'
import { DateTime } from '#shared/scalars.js'
import { states } from '#shared/states.js'
import { WorkItemPhase, Workspace } from '#shared/work.js'
import {
  countWork,
  type WorkGroup as Group,
  type WorkOrder as Order,
  type WorkWanted,
  workPage,
} from '#shared/work-items.js'
import { readableTypes } from '../audience.js'
import { type EntityName, EntityType, entityNameOf, entityTypeOf } from '../stubs.js'
import { WorkItem, WorkItemConnection, WorkItemCount } from './work-item.js'

const WorkItemOrder = states('WorkItemOrder', 'In which order work is listed.', {
  ATTENTION: 'What should be handled first: safety, then priority, then what is due, then age (C10, X4).',
  DUE_ASC: 'What is due first; what is never due comes last.',
  CREATED_ASC: 'The oldest first.',
})

const WorkItemGroup = states('WorkItemGroup', 'By what work is counted.', {
  KIND: 'By type of entity.',
  PHASE: 'By how far it is.',
  WORKSPACE: 'By where the people work who look after it.',
  ASSIGNEE: 'By who works on it.',
})

@InputType('WorkItemFilter', { description: 'Which work; every condition has to hold.' })
export class WorkItemFilter {
  @Field(() => [EntityType], { nullable: true, description: 'Only of these types.' })
  kinds?: string[] | null

  @Field(() => [WorkItemPhase], {
    nullable: true,
    description: 'Only what is this far; NEW and ACTIVE when left out: what waits for a person here.',
  })
  phases?: WorkItemPhase[] | null

  @Field(() => Boolean, {
    nullable: true,
    description: 'True: only what you work on. False: only the others.',
  })
  assignedToMe?: boolean | null

  @Field(() => Boolean, {
    nullable: true,
    description: 'True: only what nobody works on. False: only what somebody does.',
  })
  unassigned?: boolean | null

  @Field(() => [Workspace], { nullable: true, description: 'Only in these workspaces.' })
  workspaces?: Workspace[] | null

  @Field(() => DateTime, { nullable: true, description: 'Only what is due before then (UTC).' })
  dueBefore?: Date | null
}

/** Of the types that the caller may read at all, those that they want (E12): of others they do not learn that there are any. */
function kindsFor(identity: Identity, wanted: readonly string[] | null | undefined): EntityName[] {
  const readable = readableTypes(identity)
  const names = wanted && new Set(wanted.map(entityNameOf))
  return names ? readable.filter(name => names.has(name)) : readable
}

function wantedBy({ identity }: Context, filter: WorkItemFilter | null): WorkWanted {
  const { kinds, assignedToMe, ...rest } = filter ?? {}
  return {
    ...rest,
    reader: identity,
    kinds: kindsFor(identity, kinds),
    assignee: assignedToMe == null ? null : { id: identity.personId, is: assignedToMe },
  }
}

const FILTER = { nullable: true, description: 'Which; all that waits for a person here when left out.' }

/** A7: the one inbox of all work. */
@Resolver()
export class WorkItemQueries {
  @Query(() => WorkItemConnection, {
    description:
      'Everything that waits for a person, of all types that the caller may read: tickets, claims, trust cases, risk flags, approvals, reports of barriers, handovers, and what else is work (A7).',
  })
  @Allow(...READERS)
  async workItems(
    @Arg('filter', () => WorkItemFilter, FILTER) filter: WorkItemFilter | null,
    @Arg('order', () => WorkItemOrder, { defaultValue: 'ATTENTION', description: 'In which order.' })
    order: Order,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() context: Context,
  ): Promise<Page<WorkItem>> {
    const { edges, pageInfo, count } = await workPage(context.db, wantedBy(context, filter), order, page)
    const items = edges.map(({ node, cursor }) => ({ node: new WorkItem(node), cursor }))
    return { edges: items, nodes: items.map(({ node }) => node), pageInfo, count }
  }

  @Query(() => [WorkItemCount], {
    description: 'How much work there is, counted over all that the filter takes, most first.',
  })
  @Allow(...READERS)
  async workItemCounts(
    @Arg('filter', () => WorkItemFilter, FILTER) filter: WorkItemFilter | null,
    @Arg('groupBy', () => WorkItemGroup, { description: 'By what.' }) groupBy: Group,
    @Ctx() context: Context,
  ): Promise<WorkItemCount[]> {
    const counts = await countWork(context.db, wantedBy(context, filter), groupBy)
    return counts.map(({ value, count }) => ({ ...groupOf(groupBy, value), count }))
  }
}

function groupOf(by: Group, value: string | null): Omit<WorkItemCount, 'count'> {
  const none = { kind: null, phase: null, workspace: null, assignee: null }
  if (value === null) return none
  switch (by) {
    case 'KIND':
      return { ...none, kind: entityTypeOf(value as EntityName) }
    case 'PHASE':
      return { ...none, phase: value }
    case 'WORKSPACE':
      return { ...none, workspace: value }
    case 'ASSIGNEE':
      return { ...none, assignee: { id: value } }
  }
}
