import {
  Arg,
  Args,
  Ctx,
  Extensions,
  Field,
  FieldResolver,
  ObjectType,
  Query,
  Resolver,
  Root,
} from 'type-graphql'
import { connection, type Page, PageArgs } from '#shared/connection.js'
import type { Context } from '#shared/context.js'
import type { Class } from '#shared/fields.js'
import { prefixOf } from '#shared/id.js'
import { Allow } from '#shared/permissions.js'
import { edge, lookup } from '#shared/queries.js'
import { READERS } from '#shared/roles.js'
import { DateTime } from '#shared/scalars.js'
import { sealedAt } from '#shared/sealed-log.js'
import { mailboxesOf, TICKET_READERS } from '../audience.js'
import { Organization, User } from '../stubs.js'
import { positionOf } from '../updates.js'
import { isFor, Notification } from '../views/notification.js'
import { Ticket } from '../views/ticket.js'

const MINE = 'recipient_id = any($1)'

@Resolver()
class NotificationQueries {
  @Query(() => connection(Notification), {
    description: 'What the caller was told, themselves or with an account of theirs, newest first.',
  })
  @Allow(...TICKET_READERS)
  async notifications(
    @Args(() => PageArgs) page: PageArgs,
    @Arg('unreadOnly', () => Boolean, {
      defaultValue: false,
      description: 'Only what the caller has not read; totalCount then says how much that is.',
    })
    unreadOnly: boolean,
    @Ctx() { loaders, identity }: Context,
  ): Promise<Page<Notification>> {
    const mine = mailboxesOf(identity)
    const filter = unreadOnly
      ? { where: `${MINE} and not jsonb_exists(reads, $2)`, values: [mine, identity.personId] }
      : { where: MINE, values: [mine] }
    return loaders.list(Notification, filter, page)
  }
}

@ObjectType('NotificationUpdate', { description: 'Something that the caller was just told.' })
@Extensions({ value: true })
export class NotificationUpdate {
  @Field(() => String, { description: 'Its place in the log: give it as `after` to go on behind it.' })
  cursor!: string

  @Field(() => Notification, { nullable: true, description: 'What they were told.' })
  notification!: Notification | null
}

@Resolver()
class NotificationUpdates {
  @Query(() => NotificationUpdate, {
    nullable: true,
    description:
      'What one event of the log told the caller. Null when it told nobody anything, or somebody else: staff follow their own alone.',
  })
  @Allow(...TICKET_READERS)
  async notificationUpdate(
    @Arg('cursor', () => String, { description: "The event's place in the log." }) cursor: string,
    @Ctx() { db, loaders, identity }: Context,
  ): Promise<NotificationUpdate | null> {
    const filter = { types: ['NotificationSent'], refs: mailboxesOf(identity) }
    const event = await sealedAt(db, positionOf(cursor), filter)
    if (!event) return null
    const notification = await loaders.one(Notification, event.stream.id)
    return notification && isFor(notification, identity) ? { cursor, notification } : null
  }
}

@Resolver(() => Notification)
class NotificationFields {
  @FieldResolver(() => Ticket, {
    nullable: true,
    description: "The ticket that it is about; null when it is about none, or none of the caller's.",
  })
  async ticket(@Root() { aboutIds }: Notification, @Ctx() { loaders }: Context): Promise<Ticket | null> {
    const id = aboutIds.find(about => prefixOf(about) === 'tkt')
    return id ? loaders.one(Ticket, id) : null
  }

  @FieldResolver(() => DateTime, {
    nullable: true,
    description:
      "When the caller read it (UTC); of somebody else's, when any of those whom it is for first did. Null: not yet.",
  })
  async readAt(@Root() sent: Notification, @Ctx() { identity }: Context): Promise<Date | null> {
    const { reads } = sent
    const at = isFor(sent, identity) ? reads[identity.personId] : Object.values(reads).sort()[0]
    return at ? new Date(at) : null
  }
}

/** For staff: what a customer or an account was told. */
const toldTo = (type: Class, whom: string): Class =>
  edge(type, 'notifications', Notification, 'recipientId', `What ${whom} told, newest first.`, READERS)

export const notificationQueries: readonly Class[] = [
  NotificationQueries,
  NotificationUpdates,
  NotificationFields,
  lookup(Notification),
  toldTo(User, 'they were'),
  toldTo(Organization, 'it was'),
]
