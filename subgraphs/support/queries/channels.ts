import { Arg, Args, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql'
import { connection, type Page, PageArgs } from '#shared/connection.js'
import type { Context } from '#shared/context.js'
import type { ChannelVerification as Verification } from '#shared/events/mail.js'
import type { Class } from '#shared/fields.js'
import { where } from '#shared/loader.js'
import { Allow } from '#shared/permissions.js'
import { edge, lookup } from '#shared/queries.js'
import { READERS } from '#shared/roles.js'
import { channelFor, readChannels, type Sender } from '../channels.js'
import { MessageDelivery } from '../views/message-delivery.js'
import { ChannelVerification, SupportChannel } from '../views/support-channel.js'
import { Ticket } from '../views/ticket.js'

/** There are few, and a list of tickets asks for each of them. */
const known = new WeakMap<Context, Promise<Sender[]>>()

function channelsIn(context: Context): Promise<Sender[]> {
  let channels = known.get(context)
  if (!channels) {
    channels = readChannels(context.db)
    known.set(context, channels)
  }
  return channels
}

@Resolver()
class ChannelQueries {
  @Query(() => connection(SupportChannel), {
    description: 'What mail about tickets is from, newest first (D58).',
  })
  @Allow(...READERS)
  async supportChannels(
    @Args(() => PageArgs) page: PageArgs,
    @Arg('verification', () => ChannelVerification, {
      nullable: true,
      description: 'Only those of which the mail server said this.',
    })
    verification: Verification | undefined,
    @Ctx() { loaders }: Context,
  ): Promise<Page<SupportChannel>> {
    return loaders.list(SupportChannel, where(['verification = ?', verification]), page)
  }
}

@Resolver(() => Ticket)
class TicketChannelFields {
  @FieldResolver(() => SupportChannel, {
    nullable: true,
    description:
      'What answers of it are from, as it lies now: check its verification when none arrive (D58).',
  })
  @Allow(...READERS)
  async supportChannel(
    @Root() { queueId, category }: Ticket,
    @Ctx() context: Context,
  ): Promise<SupportChannel | null> {
    const channel = channelFor({ queueId, category }, await channelsIn(context))
    return channel && context.loaders.one(SupportChannel, channel.id)
  }
}

export const channelQueries: readonly Class[] = [
  ChannelQueries,
  TicketChannelFields,
  lookup(SupportChannel),
  edge(SupportChannel, 'deliveries', MessageDelivery, 'supportChannelId', 'Mail that was tried from there.'),
]
