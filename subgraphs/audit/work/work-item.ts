import { Ctx, Extensions, Field, Int, ObjectType } from 'type-graphql'
import { connection } from '#shared/connection.js'
import type { Context } from '#shared/context.js'
import { Node } from '#shared/node.js'
import { DateTime } from '#shared/scalars.js'
import { WorkItemPhase, Workspace } from '#shared/work.js'
import type { WorkRow } from '#shared/work-items.js'
import { refOf } from '../nodes.js'
import { type EntityName, EntityType, entityTypeOf, Queue, StaffMember } from '../stubs.js'

type Ref = { id: string } | null
const refTo = (id: string | null): Ref => (id === null ? null : { id })

@ObjectType('WorkItem', {
  description: 'Something that waits for a person, or did, of whatever type (A7).',
})
@Extensions({ value: true })
export class WorkItem {
  constructor(readonly row: WorkRow) {}

  @Field(() => EntityType, { description: 'Type of the entity that is the work.' })
  get kind(): string {
    return entityTypeOf(this.row.kind as EntityName)
  }

  @Field(() => Node, { nullable: true, description: 'The entity; null when its subgraph is away.' })
  async node(@Ctx() context: Context) {
    return refOf(this.row.kind as EntityName, this.row.entity_id, context)
  }

  @Field(() => String, { description: 'What it is, in a line.' })
  get title(): string {
    return this.row.title
  }

  @Field(() => WorkItemPhase, { description: 'How far it is (X1).' })
  get phase(): string {
    return this.row.phase
  }

  @Field(() => Int, {
    description:
      'How soon it is due, from 1 (at once) to 4 (when there is time), whatever its type calls that.',
  })
  get priority(): number {
    return this.row.priority
  }

  @Field(() => Boolean, { description: 'Somebody may come to harm: it goes before everything else (C13).' })
  get safetySensitive(): boolean {
    return this.row.safety_sensitive
  }

  @Field(() => DateTime, { nullable: true, description: 'When something is due on it (UTC).' })
  get dueAt(): Date | null {
    return this.row.due_at
  }

  @Field(() => DateTime, {
    description: 'Since when it stands where it stands (UTC), where its type keeps that; else since it came.',
  })
  get since(): Date {
    return this.row.since
  }

  @Field(() => DateTime, { description: 'When it came to Opsgraph (UTC).' })
  get createdAt(): Date {
    return this.row.created_at
  }

  @Field(() => StaffMember, { nullable: true, description: 'Who works on it.' })
  get assignee(): Ref {
    return refTo(this.row.assignee_id)
  }

  @Field(() => Queue, { nullable: true, description: 'The queue it lies in.' })
  get queue(): Ref {
    return refTo(this.row.queue_id)
  }

  @Field(() => Workspace, {
    nullable: true,
    description: 'Where the people work who look after it; null: whoever may.',
  })
  get workspace(): string | null {
    return this.row.workspace
  }

  @Field(() => String, {
    description:
      'Why it stands there, as a word of its own type: e.g. the statusReason of a ticket, the status of a claim, the reason code of an approval.',
  })
  get becauseOf(): string {
    return this.row.because_of
  }
}

export const WorkItemConnection = connection(WorkItem, 'WorkItem')

@ObjectType('WorkItemCount', {
  description: 'How much work there is of one kind, phase, workspace or assignee.',
})
@Extensions({ value: true })
export class WorkItemCount {
  @Field(() => EntityType, { nullable: true, description: 'Of this type, when counted by KIND.' })
  kind!: string | null

  @Field(() => WorkItemPhase, { nullable: true, description: 'This far, when counted by PHASE.' })
  phase!: string | null

  @Field(() => Workspace, {
    nullable: true,
    description: 'In this workspace, when counted by WORKSPACE; null: in none.',
  })
  workspace!: string | null

  @Field(() => StaffMember, {
    nullable: true,
    description: 'Of this person, when counted by ASSIGNEE; null: of nobody.',
  })
  assignee!: Ref

  @Field(() => Int, { description: 'How much.' })
  count!: number
}
