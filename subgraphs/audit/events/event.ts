import { GraphQLJSON } from 'graphql-scalars'
import { Ctx, Directive, Extensions, Field, ID, Int, ObjectType } from 'type-graphql'
import { type Page, PageInfo } from '#shared/connection.js'
import type { Context } from '#shared/context.js'
import type { Actor, StoredEvent } from '#shared/event.js'
import { Node } from '#shared/node.js'
import { Allow } from '#shared/permissions.js'
import { Role, STAFF } from '#shared/roles.js'
import { DateTime } from '#shared/scalars.js'
import { states } from '#shared/states.js'
import { EVENT_READERS } from '../audience.js'
import { openNodes } from '../nodes.js'
import { StaffMember } from '../stubs.js'
import { summarise } from './summary.js'

export const EVENT_PREFIX = 'evt'
export const eventId = (id: number): string => `${EVENT_PREFIX}_${id}`

const ActorKind = states('ActorKind', 'What kind of somebody acted.', {
  STAFF: 'Somebody who works here.',
  REQUESTER: 'A customer.',
  INTEGRATION: 'A machine with a token.',
  SYSTEM: 'Opsgraph itself: timers and reactions.',
  ANONYMOUS: 'Somebody who did not sign in.',
})

@ObjectType('EventActor', { description: 'Who did it, as they were at that time.' })
@Extensions({ value: true })
export class EventActor {
  constructor({ kind, id, roles }: Actor) {
    this.kind = kind
    this.id = id
    this.roles = roles
  }

  @Field(() => ActorKind, { description: 'What kind of somebody.' })
  kind: string

  @Field(() => ID, { description: 'Id of the person or machine; empty for strangers.' })
  id: string

  @Field(() => [Role], { description: 'Roles they held then.' })
  roles: readonly Role[]

  @Field(() => StaffMember, { nullable: true, description: 'Who it was, when they work here.' })
  person(): { id: string } | null {
    return this.kind === 'STAFF' && this.id ? { id: this.id } : null
  }
}

@ObjectType('EventAggregate', { description: 'Whose history an event is part of.' })
@Extensions({ value: true })
export class EventAggregate {
  @Field(() => String, { description: 'Its type, e.g. Order.' })
  type!: string

  @Field(() => ID, { description: 'Its global id.' })
  id!: string

  @Field(() => Int, { description: "The event's place in that history, from 1." })
  version!: number
}

@ObjectType('Event', {
  description: 'Something that happened: who did what to what, when and why. Never changed, never removed.',
  implements: Node,
})
@Directive('@key(fields: "id")')
@Extensions({ allow: EVENT_READERS })
export class Event {
  /** `stored` without anything personal but the note. */
  constructor(private readonly stored: StoredEvent) {}

  @Field(() => ID, { description: 'Global id.' })
  get id(): string {
    return eventId(this.stored.id)
  }

  @Field(() => String, { description: 'What happened, e.g. RefundIssued; docs/events.md lists them.' })
  get type(): string {
    return this.stored.type
  }

  @Field(() => String, { description: 'What happened, by whom and why, in a sentence.' })
  get summary(): string {
    return summarise(this.stored)
  }

  @Field(() => DateTime, { description: 'When (UTC).' })
  get occurredAt(): Date {
    return this.stored.occurredAt
  }

  @Field(() => Int, {
    nullable: true,
    description: 'Its place in the sealed log; null for some milliseconds until it is sealed.',
  })
  get position(): number | null {
    return this.stored.position
  }

  @Field(() => Int, { description: "Its place in the aggregate's history, from 1." })
  get version(): number {
    return this.stored.version
  }

  @Field(() => EventActor, { description: 'Who did it.' })
  get actor(): EventActor {
    return new EventActor(this.stored.actor)
  }

  @Field(() => String, { description: 'Why, as a code; ROUTINE where none is asked for.' })
  get reasonCode(): string {
    return this.stored.reasonCode
  }

  @Field(() => String, { nullable: true, description: 'What who did it wrote about it.' })
  @Allow(...STAFF)
  note(): string | null {
    return this.stored.note
  }

  @Field(() => String, { description: 'The product it was done from, e.g. opsgraph.' })
  get surface(): string {
    return this.stored.surface
  }

  @Field(() => String, { nullable: true, description: 'The site it was done from.' })
  get site(): string | null {
    return this.stored.site ?? null
  }

  @Field(() => [Node], {
    nullable: 'items',
    description: 'What it is about; without what is not yours to read. Null is one whose subgraph is away.',
  })
  async references(@Ctx() context: Context): Promise<unknown[]> {
    return openNodes(this.stored.refs, context)
  }

  @Field(() => EventAggregate, { description: 'Whose history it is part of.' })
  get aggregate(): EventAggregate {
    const { stream, version } = this.stored
    return { ...stream, version }
  }

  @Field(() => String, { description: 'Joins everything that one original request caused.' })
  get correlationId(): string {
    return this.stored.correlationId
  }

  @Field(() => ID, {
    nullable: true,
    description: 'The event that made Opsgraph do this; null when a person or machine asked for it.',
  })
  get causationId(): string | null {
    const { causationId } = this.stored
    return causationId == null ? null : eventId(causationId)
  }

  @Field(() => String, { nullable: true, description: 'The key that made repeating it harmless.' })
  get idempotencyKey(): string | null {
    return this.stored.idempotencyKey ?? null
  }

  @Field(() => GraphQLJSON, {
    nullable: true,
    description: 'All that was written down, but for what is personal.',
  })
  @Allow(Role.AUDITOR, Role.SUPER_ADMIN)
  data(): Record<string, unknown> {
    return this.stored.data
  }
}

@ObjectType('EventEdge', { description: 'One place in a list of events.' })
@Extensions({ value: true })
class EventEdge {
  @Field(() => Event, { description: 'What stands there.' })
  node!: Event

  @Field(() => String, { description: 'Give this as `after` to go on from here.' })
  cursor!: string
}

/** Without `totalCount`: a log is too long to be counted for each page. */
@ObjectType('EventConnection', { description: 'A page of events, newest first.' })
@Extensions({ value: true })
export class EventConnection implements Omit<Page<Event>, 'count'> {
  @Field(() => [EventEdge], { description: 'The page, with a cursor for each place.' })
  edges!: EventEdge[]

  @Field(() => [Event], { description: 'The page.' })
  nodes!: Event[]

  @Field(() => PageInfo, { description: 'Where this page stands.' })
  pageInfo!: PageInfo
}
