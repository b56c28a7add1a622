import {
  Ctx,
  Extensions,
  Field,
  FieldResolver,
  ID,
  InputType,
  Int,
  ObjectType,
  Resolver,
  Root,
} from 'type-graphql'
import type { Context } from '#shared/context.js'
import { flag, given, oneOf } from '#shared/fields.js'
import { type Filter, where } from '#shared/loader.js'
import { batched } from '#shared/per-request.js'
import { listOf, listOn, lookup } from '#shared/queries.js'
import { DateTime } from '#shared/scalars.js'
import { Order } from '../views/order.js'
import { Workflow, WorkflowKind, WorkflowStatus, WorkflowStep } from '../views/workflow.js'
import { DEFINITIONS } from '../workflows/index.js'
import { type Trouble, troubleOf } from '../workflows/trouble.js'

@InputType('WorkflowFilter', { description: 'Which workflows; what is left out does not matter.' })
export class WorkflowFilter {
  @oneOf(WorkflowStatus, 'Those that stand here.', { nullable: true })
  state?: keyof typeof WorkflowStatus | null

  @oneOf(WorkflowKind, 'Those for this.', { nullable: true })
  kind?: keyof typeof WorkflowKind | null

  @given('Order', 'Those about this order.', { nullable: true })
  orderId?: string | null

  @flag('Those that are not over, or are.', { nullable: true })
  open?: boolean | null
}

@ObjectType('WorkflowTrouble', {
  description: 'A step that could not even be tried, e.g. because something it needs is away.',
})
@Extensions({ value: true })
export class WorkflowTrouble {
  @Field(() => ID, { description: 'Give it to retryReaction, or resume the workflow.' })
  jobId!: string

  @Field(() => Int, { description: 'How often it was tried.' })
  attempts!: number

  @Field(() => String, { nullable: true, description: 'What went wrong last.' })
  error!: string | null

  @Field(() => DateTime, {
    nullable: true,
    description: 'When it is tried again by itself (UTC); null: it was given up.',
  })
  nextAttemptAt!: Date | null
}

/** One query for all workflows of an operation. */
const troubleIn = batched<string, Trouble | null>(async ({ db }, ids) => {
  const found = await troubleOf(db, ids)
  return ids.map(one => found.find(({ workflowId }) => workflowId === one) ?? null)
})

const filterOf = ({ state, kind, orderId, open }: WorkflowFilter): Filter =>
  where(
    ['status = ?', state],
    ['kind = ?', kind],
    ['order_ids @> ?', orderId ? [orderId] : null],
    ['(ended_at is null) = ?', open],
  )

@Resolver(() => Workflow)
class WorkflowFields {
  @FieldResolver(() => WorkflowStatus, { description: 'Where it stands.' })
  async state(@Root() { status }: Workflow): Promise<Workflow['status']> {
    return status
  }

  @FieldResolver(() => [Order], { description: 'The orders it is about.' })
  async orders(@Root() { orderIds }: Workflow, @Ctx() { loaders }: Context): Promise<Order[]> {
    return loaders.many(Order, orderIds)
  }

  @FieldResolver(() => WorkflowTrouble, {
    nullable: true,
    description: 'Why its step could not even be tried; null when nothing is in its way.',
  })
  async trouble(@Root() { id }: Workflow, @Ctx() context: Context): Promise<Trouble | null> {
    return troubleIn(context, id)
  }
}

@Resolver(() => WorkflowStep)
class StepFields {
  @FieldResolver(() => String, { nullable: true, description: 'What it does, in a sentence.' })
  async description(@Root() { name }: WorkflowStep): Promise<string | null> {
    const steps = [...DEFINITIONS.values()].flatMap(definition => definition.steps)
    return steps.find(step => step.name === name)?.description ?? null
  }
}

export const workflowQueries = [
  listOf({
    name: 'workflows',
    type: Workflow,
    description: 'Workflows, newest first. Those that FAILED wait for somebody to look.',
    filter: WorkflowFilter,
    where: filterOf,
  }),
  WorkflowFields,
  StepFields,
  lookup(Workflow),
  listOn(Order, {
    name: 'workflows',
    type: Workflow,
    description: 'Workflows about it, newest first.',
    where: id => where(['order_ids @> ?', [id]]),
  }),
]
