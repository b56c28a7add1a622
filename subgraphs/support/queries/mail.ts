import { Arg, Args, Ctx, Extensions, FieldResolver, ObjectType, Query, Resolver, Root } from 'type-graphql'
import { connection, type Page, PageArgs } from '#shared/connection.js'
import type { Context } from '#shared/context.js'
import type {
  DeliveryChannel as Channel,
  InboundDisposition as Disposition,
  DeliveryState as State,
  NotificationTopic as Topic,
} from '#shared/events/mail.js'
import { type Class, flag, oneOf } from '#shared/fields.js'
import { where } from '#shared/loader.js'
import { Allow } from '#shared/permissions.js'
import { edge, lookup } from '#shared/queries.js'
import { READERS, Role, STAFF } from '#shared/roles.js'
import type { InboundReview } from '../inbound-mail.js'
import { maySwitch, NotificationTopic, TOPICS, type Wishes, wants, wishesOf } from '../preferences.js'
import { InboundDisposition, InboundMail, InboundReviewEnum } from '../views/inbound-mail.js'
import { DeliveryChannel, DeliveryState, MessageDelivery } from '../views/message-delivery.js'
import { NotificationPreferences } from '../views/notification-preferences.js'
import { Ticket } from '../views/ticket.js'
import { TicketMessage } from '../views/ticket-message.js'

/** That an address which was given up takes no mail is why it was. */
const PROBLEM = `(state = 'FAILED' or (state = 'QUEUED' and attempts > 0)) and occasion <> 'CONTACT_GIVEN_UP'`

@ObjectType('NotificationPreference', { description: 'Whether somebody is told of a topic by a channel.' })
@Extensions({ value: true })
export class NotificationPreference {
  @oneOf(NotificationTopic, 'What of.')
  topic!: Topic

  @oneOf(DeliveryChannel, 'By which way.')
  channel!: Channel

  @flag('Whether they are told.')
  on!: boolean

  @flag('Whether they may say otherwise; what is about security is always told.')
  mayChange!: boolean
}

const CHANNELS: readonly Channel[] = ['IN_APP', 'EMAIL']

const inForce = (wishes: Wishes): NotificationPreference[] =>
  TOPICS.flatMap(topic =>
    CHANNELS.filter(channel => topic !== 'FOLLOW_UPS' || channel === 'IN_APP').map(channel =>
      Object.assign(new NotificationPreference(), {
        topic,
        channel,
        on: wants(wishes, topic, channel),
        mayChange: maySwitch(topic, channel),
      }),
    ),
  )

const preferencesFor = async (db: Context['db'], personId: string): Promise<NotificationPreference[]> =>
  inForce((await wishesOf(db, [personId])).get(personId)!)

@Resolver()
class MailQueries {
  @Query(() => connection(MessageDelivery), {
    description: 'What was told to customers by which way, and what became of it, newest first.',
  })
  @Allow(...READERS)
  async messageDeliveries(
    @Args(() => PageArgs) page: PageArgs,
    @Arg('state', () => DeliveryState, { nullable: true, description: 'Only in this state.' })
    state: State | undefined,
    @Arg('channel', () => DeliveryChannel, { nullable: true, description: 'Only by this way.' })
    channel: Channel | undefined,
    @Arg('problemsOnly', () => Boolean, {
      defaultValue: false,
      description: 'Only what failed, or could not be sent so far.',
    })
    problemsOnly: boolean,
    @Ctx() { loaders }: Context,
  ): Promise<Page<MessageDelivery>> {
    const filter = where(['state = ?', state], ['channel = ?', channel])
    const narrowed = problemsOnly ? { ...filter, where: `(${filter.where}) and ${PROBLEM}` } : filter
    return loaders.list(MessageDelivery, narrowed, page)
  }

  @Query(() => connection(InboundMail), {
    description: 'Mail that came in, newest first: also what was kept apart.',
  })
  @Allow(...STAFF)
  async inboundMails(
    @Args(() => PageArgs) page: PageArgs,
    @Arg('disposition', () => InboundDisposition, {
      nullable: true,
      description: 'Only that of which this became.',
    })
    disposition: Disposition | undefined,
    @Arg('review', () => InboundReviewEnum, {
      nullable: true,
      description: 'Only what waits for somebody to look at it, or what they made of it.',
    })
    review: InboundReview | undefined,
    @Ctx() { loaders }: Context,
  ): Promise<Page<InboundMail>> {
    return loaders.list(InboundMail, where(['disposition = ?', disposition], ['review = ?', review]), page)
  }

  @Query(() => [NotificationPreference], {
    description: 'How the caller is told what, with what they did not choose.',
  })
  @Allow(...STAFF, Role.REQUESTER)
  async notificationPreferences(@Ctx() { db, identity }: Context): Promise<NotificationPreference[]> {
    return preferencesFor(db, identity.personId)
  }
}

@Resolver(() => NotificationPreferences)
class NotificationPreferencesFields {
  @FieldResolver(() => [NotificationPreference], { description: 'Each topic and channel.' })
  async all(
    @Root() { personId }: NotificationPreferences,
    @Ctx() { db }: Context,
  ): Promise<NotificationPreference[]> {
    return preferencesFor(db, personId)
  }
}

@Resolver(() => Ticket)
class TicketDeliveryFields {
  @FieldResolver(() => connection(MessageDelivery), {
    nullable: true,
    description:
      'What the customer should have been told and was not: it failed, or could not be sent so far (D57).',
  })
  @Allow(...READERS)
  async deliveryProblems(
    @Root() { id }: Ticket,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { loaders }: Context,
  ): Promise<Page<MessageDelivery>> {
    return loaders.list(MessageDelivery, { where: `ticket_id = $1 and ${PROBLEM}`, values: [id] }, page)
  }
}

export const mailQueries: readonly Class[] = [
  MailQueries,
  NotificationPreferencesFields,
  TicketDeliveryFields,
  lookup(MessageDelivery),
  lookup(InboundMail),
  edge(Ticket, 'inboundMails', InboundMail, 'ticketId', 'What came in for it by mail.'),
  edge(TicketMessage, 'deliveries', MessageDelivery, 'messageId', 'By which ways it was told to whom.'),
  edge(Ticket, 'deliveries', MessageDelivery, 'ticketId', 'What was told to the customer by which way.'),
]
