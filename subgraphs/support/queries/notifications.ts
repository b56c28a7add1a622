import { Arg, Args, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql'
import { connection, type Page, PageArgs } from '#shared/connection.js'
import type { Context } from '#shared/context.js'
import type { Class } from '#shared/fields.js'
import { Allow } from '#shared/permissions.js'
import { lookup } from '#shared/queries.js'
import { resolverClass } from '#shared/resolver.js'
import { READERS } from '#shared/roles.js'
import { DateTime } from '#shared/scalars.js'
import { mailboxesOf, TICKET_READERS } from '../audience.js'
import { Organization, User } from '../stubs.js'
import { isFor, Notification } from '../views/notification.js'

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

@Resolver(() => Notification)
class NotificationFields {
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
  resolverClass(
    [
      {
        name: 'notifications',
        run: async ({ id }: { id: string }, page: PageArgs, { loaders }: Context) =>
          loaders.children(Notification, 'recipientId', id, page),
        parameters: [Root(), Args(() => PageArgs), Ctx()],
        decorators: [
          FieldResolver(() => connection(Notification), {
            nullable: true,
            description: `What ${whom} told, newest first.`,
          }),
          Allow(...READERS),
        ],
      },
    ],
    type,
  )

export const notificationQueries: readonly Class[] = [
  NotificationQueries,
  NotificationFields,
  lookup(Notification),
  toldTo(User, 'they were'),
  toldTo(Organization, 'it was'),
]
