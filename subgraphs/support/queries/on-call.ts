import { Arg, Ctx, Field, FieldResolver, ID, InputType, Query, Resolver, Root } from 'type-graphql'
import type { Context } from '#shared/context.js'
import { type Filter, where } from '#shared/loader.js'
import { Allow } from '#shared/permissions.js'
import { listOf, lookup } from '#shared/queries.js'
import { READERS } from '#shared/roles.js'
import { DateTime } from '#shared/scalars.js'
import { EscalationLevel } from '../desk/desk-enums.js'
import { COVERS } from '../desk/on-call.js'
import { Workspace } from '../enums.js'
import { StaffMember } from '../stubs.js'
import { MessageDelivery } from '../views/message-delivery.js'
import { Notification } from '../views/notification.js'
import { OnCallShift } from '../views/on-call-shift.js'
import { EscalationPage, TicketEscalation } from '../views/ticket-escalation.js'

/** Most shifts that cover one moment and are shown. */
const MOST = 100

@InputType('OnCallShiftFilter', { description: 'Which shifts; every condition has to hold.' })
export class OnCallShiftFilter {
  @Field(() => Workspace, { nullable: true, description: 'For this workspace, or for all.' })
  workspace?: string | null

  @Field(() => ID, { nullable: true, description: 'Of this member of staff.' })
  staffId?: string | null

  @Field(() => DateTime, { nullable: true, description: 'That end after this (UTC).' })
  endsAfter?: Date | null

  @Field(() => DateTime, { nullable: true, description: 'That begin before this (UTC).' })
  startsBefore?: Date | null

  @Field(() => Boolean, { nullable: true, description: 'That were called off, or were not.' })
  canceled?: boolean | null
}

@InputType('EscalationFilter', { description: 'Which escalations; every condition has to hold.' })
export class EscalationFilter {
  @Field(() => EscalationLevel, { nullable: true, description: 'Of this level.' })
  level?: string | null

  @Field(() => Boolean, { nullable: true, description: 'That somebody acknowledged, or nobody did.' })
  acknowledged?: boolean | null
}

const shiftsThat = (asked: Partial<OnCallShiftFilter>): Filter =>
  where(
    ['(workspace is null or workspace = ?)', asked.workspace],
    ['staff_id = ?', asked.staffId],
    ['ends_at > ?', asked.endsAfter],
    ['starts_at < ?', asked.startsBefore],
    ['(canceled_at is not null) = ?', asked.canceled],
  )

const escalationsThat = ({ level, acknowledged }: Partial<EscalationFilter>): Filter =>
  where(['level = ?', level], ['(acknowledged_at is not null) = ?', acknowledged])

@Resolver()
export class OnCallQueries {
  @Query(() => [OnCallShift], {
    description:
      'Who is on call: the shifts that cover a moment, of people who work here. Empty: nobody is, and leads are paged.',
  })
  @Allow(...READERS)
  async onCall(
    @Arg('at', () => DateTime, { nullable: true, description: 'When (UTC); now unless said otherwise.' })
    at: Date | null,
    @Arg('workspace', () => Workspace, {
      nullable: true,
      description: 'For this workspace, with those on call for all; any when left out.',
    })
    workspace: string | null,
    @Ctx() { loaders, services }: Context,
  ): Promise<OnCallShift[]> {
    const covering = { where: COVERS, values: [at ?? services.clock(), workspace ?? null] }
    return (await loaders.list(OnCallShift, covering, { first: MOST })).nodes
  }
}

@Resolver(() => EscalationPage)
export class EscalationPageFields {
  @FieldResolver(() => StaffMember, { nullable: true, description: 'Whom.' })
  staff(@Root() { staffId }: EscalationPage): { id: string } {
    return { id: staffId }
  }

  @FieldResolver(() => Notification, { nullable: true, description: 'What they were told in the app.' })
  async notification(
    @Root() { notificationId }: EscalationPage,
    @Ctx() { loaders }: Context,
  ): Promise<Notification | null> {
    return loaders.one(Notification, notificationId)
  }

  @FieldResolver(() => DateTime, { nullable: true, description: 'When they read it in the app (UTC).' })
  async readAt(
    @Root() { notificationId, staffId }: EscalationPage,
    @Ctx() { loaders }: Context,
  ): Promise<Date | null> {
    const at = (await loaders.one(Notification, notificationId))?.reads[staffId]
    return at ? new Date(at) : null
  }

  @FieldResolver(() => [MessageDelivery], {
    description: 'The mail that they got, or did not get, and what became of it.',
  })
  async deliveries(
    @Root() { notificationId }: EscalationPage,
    @Ctx() { loaders }: Context,
  ): Promise<MessageDelivery[]> {
    return (await loaders.children(MessageDelivery, 'notificationId', notificationId, { first: 10 })).nodes
  }
}

export const onCallQueries = [
  OnCallQueries,
  listOf({
    name: 'onCallShifts',
    type: OnCallShift,
    description: 'The rota: what begins last first.',
    filter: OnCallShiftFilter,
    where: shiftsThat,
  }),
  listOf({
    name: 'escalations',
    type: TicketEscalation,
    description:
      'Escalations of all tickets, newest first; with acknowledged: false those that nobody took up.',
    filter: EscalationFilter,
    where: escalationsThat,
  }),
  EscalationPageFields,
  lookup(OnCallShift),
]
