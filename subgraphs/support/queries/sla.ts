import {
  Arg,
  Ctx,
  Extensions,
  Field,
  FieldResolver,
  ID,
  Int,
  ObjectType,
  Query,
  Resolver,
  Root,
} from 'type-graphql'
import { type Clock, clockAfter, stretchesOf } from '#shared/calendar.js'
import { badInput } from '#shared/connection.js'
import type { Context } from '#shared/context.js'
import { Allow, PUBLIC } from '#shared/permissions.js'
import { READERS } from '#shared/roles.js'
import { DateTime } from '#shared/scalars.js'
import { TicketPriority } from '../enums.js'
import { ExpectedReply, expectedReplyOf, wordsOf } from '../sla/expected-reply.js'
import {
  breachedBy,
  pausedUntil,
  remainingAt,
  type SlaSegment as Segment,
  type SlaCycle,
  segmentsAt,
  stateAt,
} from '../sla/sla.js'
import type { SlaEmergency } from '../sla/sla-emergency.js'
import { SlaBecauseOf, SlaClock, SlaMetric, SlaSegmentKind, SlaTimerState } from '../sla/sla-enums.js'
import { readPromise, termsOf } from '../sla/sla-terms.js'
import { Organization } from '../stubs.js'
import { SlaTerms } from '../views/sla-terms.js'
import { Ticket } from '../views/ticket.js'
import { TicketEscalation } from '../views/ticket-escalation.js'

@ObjectType('SlaSegment', { description: 'A stretch of time of a timer.' })
@Extensions({ value: true })
export class SlaSegment {
  @Field(() => DateTime, { description: 'From then (UTC).' })
  from!: Date

  @Field(() => DateTime, { nullable: true, description: 'To then (UTC); null: it goes on.' })
  to!: Date | null

  @Field(() => SlaSegmentKind, { description: 'What the timer did.' })
  kind!: string

  @Field(() => SlaBecauseOf, { description: 'Why.' })
  because!: string
}

@ObjectType('SlaTimer', { description: 'What is promised on a ticket, and how it goes (E102).' })
@Extensions({ value: true })
export class SlaTimer {
  @Field(() => SlaMetric, { description: 'What is promised.' })
  metric!: string

  @Field(() => Int, {
    description:
      '0: since the opening; then one for each reopening. For EMERGENCY_RESPONSE they count for themselves.',
  })
  cycle!: number

  @Field(() => SlaClock, { description: 'Which time counts (X24).' })
  clock!: string

  @Field(() => Int, { description: 'How soon, in hours of the clock, as promised when it began.' })
  hours!: number

  @Field(() => Boolean, { description: 'It goes by the hours for what is urgent.' })
  urgent!: boolean

  @Field(() => SlaTimerState, { description: 'Where it stands.' })
  state!: string

  @Field(() => DateTime, { description: 'When it began (UTC).' })
  startedAt!: Date

  @Field(() => DateTime, {
    nullable: true,
    description: 'When it is due (UTC), if it goes on like this; null while it is paused.',
  })
  dueAt!: Date | null

  @Field(() => DateTime, { nullable: true, description: 'When staff replied (UTC).' })
  answeredAt!: Date | null

  @Field(() => DateTime, { nullable: true, description: 'When its time ran out (UTC).' })
  breachedAt!: Date | null

  @Field(() => Int, { description: 'How much of its clock is left, in seconds.' })
  remainingSeconds!: number

  @Field(() => Int, { description: 'How long it was paused, in seconds of the wall clock.' })
  pausedSeconds!: number

  @Field(() => [SlaSegment], {
    description: 'When it ran, was paused and stood still, and why; without gaps.',
  })
  segments!: Segment[]

  @Field(() => TicketEscalation, {
    nullable: true,
    description: 'For EMERGENCY_RESPONSE: the escalation that it began with.',
  })
  escalation!: TicketEscalation | null

  @Field(() => String, { description: 'The policy that its hours are of.' })
  policyKey!: string

  @Field(() => Int, { description: 'Version of the policy then; 0: its default.' })
  policyVersion!: number

  @Field(() => SlaTerms, {
    nullable: true,
    description: 'What is agreed with the account, if that went before the policy.',
  })
  override!: SlaTerms | null

  @Field(() => Int, { nullable: true, description: 'Version of what was agreed then.' })
  overrideVersion!: number | null
}

@ObjectType('SlaSimulation', { description: 'When a first reply would be due.' })
@Extensions({ value: true })
export class SlaSimulation {
  @Field(() => DateTime, { description: 'When (UTC).' })
  dueAt!: Date

  @Field(() => Int, { description: 'In hours of the clock.' })
  hours!: number

  @Field(() => SlaClock, { description: 'Which time counts.' })
  clock!: string

  @Field(() => [SlaSegment], { description: 'When the clock would run and stand still, and why.' })
  segments!: Segment[]
}

@ObjectType('WorkingHours', { description: 'When support works.' })
@Extensions({ value: true })
export class WorkingHours {
  @Field(() => String, { description: 'Time zone, e.g. Europe/Vienna.' })
  timeZone!: string

  @Field(() => String, { description: 'From, e.g. 09:00.' })
  opens!: string

  @Field(() => String, { description: 'To, e.g. 17:00.' })
  closes!: string
}

@ObjectType('SupportExpectations', {
  description: 'What anybody who writes to support may expect (E102, E103).',
})
@Extensions({ value: true })
export class SupportExpectations {
  @Field(() => Int, { description: 'How soon somebody first replies, in hours of the clock.' })
  firstResponseHours!: number

  @Field(() => Int, { description: 'How soon they do when it is urgent.' })
  urgentHours!: number

  @Field(() => SlaClock, { description: 'Which time counts.' })
  clock!: string

  @Field(() => WorkingHours, {
    nullable: true,
    description: 'For the clock BUSINESS_HOURS: when support works.',
  })
  workingHours!: WorkingHours | null

  @Field(() => [String], {
    description: 'Days without business that are to come, as 2026-12-25; none for the clock CALENDAR.',
  })
  holidays!: readonly string[]

  @Field(() => String, { description: 'All of it in words.' })
  text!: string
}

const dateOf = (text: string | null): Date | null => (text === null ? null : new Date(text))
const seconds = (ms: number): number => Math.floor(ms / 1000)
const HOUR = 3_600_000

async function timerOf(
  cycle: SlaCycle & Partial<SlaEmergency>,
  now: Date,
  { loaders }: Context,
): Promise<SlaTimer> {
  const { promise, startedAt, dueAt, answeredAt, target, urgent } = cycle
  const { override } = promise
  return {
    metric: promise.metric,
    cycle: cycle.cycle,
    clock: promise.clock.kind,
    hours: Math.ceil(target / HOUR),
    urgent,
    state: stateAt(cycle, now),
    startedAt: new Date(startedAt),
    dueAt: dateOf(dueAt),
    answeredAt: dateOf(answeredAt),
    breachedAt: dateOf(breachedBy(cycle, now)),
    remainingSeconds: seconds(remainingAt(cycle, now)),
    pausedSeconds: seconds(pausedUntil(cycle, now)),
    segments: segmentsAt(cycle, now),
    escalation: cycle.escalationId ? await loaders.one(TicketEscalation, cycle.escalationId) : null,
    policyKey: promise.policyKey,
    policyVersion: promise.policyVersion,
    override: override && (await loaders.one(SlaTerms, override.id)),
    overrideVersion: override?.version ?? null,
  }
}

@Resolver(() => Ticket)
export class TicketSlaFields {
  @FieldResolver(() => [SlaTimer], {
    nullable: true,
    description:
      'What is promised, the opening first, escalations that cannot wait last; none where nobody waits for a reply.',
  })
  @Allow(...READERS)
  async sla(@Root() { slaCycles, slaEmergencies }: Ticket, @Ctx() context: Context): Promise<SlaTimer[]> {
    const now = context.services.clock()
    return Promise.all([...slaCycles, ...slaEmergencies].map(one => timerOf(one, now, context)))
  }

  @FieldResolver(() => ExpectedReply, {
    nullable: true,
    description:
      'By when staff first reply, for the customers whose ticket it is; null when they did, when they wait for somebody else, or when nobody waits for them.',
  })
  async expectedReply(@Root() { slaCycles, slaShown }: Ticket): Promise<ExpectedReply | null> {
    return expectedReplyOf({ slaCycles, slaShown })
  }
}

@Resolver(() => Organization)
export class OrganizationSlaFields {
  @FieldResolver(() => SlaTerms, {
    nullable: true,
    description: 'How soon it is answered, as agreed with it; null: nothing ever was.',
  })
  @Allow(...READERS)
  async slaTerms(@Root() { id }: { id: string }, @Ctx() { loaders }: Context): Promise<SlaTerms | null> {
    return loaders.one(SlaTerms, termsOf(id))
  }
}

/** When a clock would run and stand still. */
const simulated = (clock: Clock, from: Date, to: Date): Segment[] =>
  stretchesOf(clock, from, to).map(({ from, to, off }) => ({
    from,
    to,
    kind: off ? 'OFF_HOURS' : 'RUNNING',
    because: off ?? 'OPENED',
  }))

@Resolver()
export class SlaQueries {
  @Query(() => SlaSimulation, {
    description:
      'When a first reply would be due, by the terms that hold when it is opened: those of the account, or of everybody.',
  })
  @Allow(...READERS)
  async simulateSla(
    @Arg('openedAt', () => DateTime, { description: 'When it is opened (UTC).' }) openedAt: Date,
    @Arg('hours', () => Int, { nullable: true, description: 'With other hours than the terms say.' })
    hours: number | null,
    @Arg('clock', () => SlaClock, { nullable: true, description: 'With another clock than the terms say.' })
    kind: keyof typeof SlaClock | null,
    @Arg('organizationId', () => ID, { nullable: true, description: 'For this account.' })
    organizationId: string | null,
    @Arg('priority', () => TicketPriority, { nullable: true, description: 'NORMAL unless said otherwise.' })
    priority: keyof typeof TicketPriority | null,
    @Ctx() { db }: Context,
  ): Promise<SlaSimulation> {
    if (hours != null && (hours < 1 || hours > 2_000)) throw badInput('hours has to be from 1 to 2000.')
    const asked = kind ?? undefined
    const promise = await readPromise(db, organizationId ?? null, openedAt, asked)
    const usual = priority === 'URGENT' ? Math.min(promise.hours, promise.urgentHours) : promise.hours
    const taken = hours ?? usual
    const dueAt = clockAfter(promise.clock, openedAt, taken * HOUR)
    const segments = simulated(promise.clock, openedAt, dueAt)
    return { dueAt, hours: taken, clock: promise.clock.kind, segments }
  }

  @Query(() => SupportExpectations, {
    description:
      'What anybody who writes to support may expect; for everybody, with or without a token (E103).',
  })
  @Allow(...PUBLIC)
  async publishedSupportExpectations(@Ctx() { db, services }: Context): Promise<SupportExpectations> {
    const promise = await readPromise(db, null, services.clock())
    const { kind, holidays, timeZone, opens, closes } = promise.clock
    return {
      firstResponseHours: promise.hours,
      urgentHours: Math.min(promise.hours, promise.urgentHours),
      clock: kind,
      workingHours: kind === 'BUSINESS_HOURS' ? { timeZone, opens, closes } : null,
      holidays,
      text: wordsOf(promise),
    }
  }
}

export const slaQueries = [TicketSlaFields, OrganizationSlaFields, SlaQueries]
