import { Ctx, Extensions, FieldResolver, InputType, ObjectType, Query, Resolver, Root } from 'type-graphql'
import type { Context } from '#shared/context.js'
import type {
  DeliveryChannel as Channel,
  InboundDisposition as Disposition,
  DeliveryState as State,
  NotificationTopic as Topic,
} from '#shared/events/mail.js'
import { type Class, flag, oneOf } from '#shared/fields.js'
import { both, type Filter, where } from '#shared/loader.js'
import { Allow } from '#shared/permissions.js'
import { edge, listOf, listOn, lookup } from '#shared/queries.js'
import { Role, STAFF } from '#shared/roles.js'
import type { InboundReview } from '../mail/inbound-mail.js'
import {
  maySwitch,
  NotificationTopic,
  TOPICS,
  type Wishes,
  wants,
  wishesOf,
} from '../notifications/preferences.js'
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

@InputType('MessageDeliveryFilter', { description: 'Which deliveries; every condition has to hold.' })
export class MessageDeliveryFilter {
  @oneOf(DeliveryState, 'Those in this state.', { nullable: true })
  state?: State | null

  @oneOf(DeliveryChannel, 'Those by this way.', { nullable: true })
  channel?: Channel | null

  @flag('True: only what failed, or could not be sent so far.', { nullable: true })
  problemsOnly?: boolean | null
}

const deliveriesThat = ({ state, channel, problemsOnly }: Partial<MessageDeliveryFilter>): Filter => {
  const asked = where(['state = ?', state], ['channel = ?', channel])
  return problemsOnly ? both(asked, { where: PROBLEM, values: [] }) : asked
}

@InputType('InboundMailFilter', { description: 'Which mail; every condition has to hold.' })
export class InboundMailFilter {
  @oneOf(InboundDisposition, 'That of which this became.', { nullable: true })
  disposition?: Disposition | null

  @oneOf(InboundReviewEnum, 'What waits for somebody to look at it, or what they made of it.', {
    nullable: true,
  })
  review?: InboundReview | null
}

@Resolver()
class MailQueries {
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

export const mailQueries: readonly Class[] = [
  MailQueries,
  NotificationPreferencesFields,
  listOf({
    name: 'messageDeliveries',
    type: MessageDelivery,
    description: 'What was told to customers by which way, and what became of it, newest first.',
    filter: MessageDeliveryFilter,
    where: deliveriesThat,
  }),
  listOf({
    name: 'inboundMails',
    type: InboundMail,
    description: 'Mail that came in, newest first: also what was kept apart.',
    filter: InboundMailFilter,
  }),
  listOn(Ticket, {
    name: 'deliveryProblems',
    type: MessageDelivery,
    description:
      'What the customer should have been told and was not: it failed, or could not be sent so far (D57).',
    where: id => ({ where: `ticket_id = $1 and ${PROBLEM}`, values: [id] }),
  }),
  lookup(MessageDelivery),
  lookup(InboundMail),
  edge(Ticket, 'inboundMails', InboundMail, 'ticketId', 'What came in for it by mail.'),
  edge(TicketMessage, 'deliveries', MessageDelivery, 'messageId', 'By which ways it was told to whom.'),
  edge(Ticket, 'deliveries', MessageDelivery, 'ticketId', 'What was told to the customer by which way.'),
]
