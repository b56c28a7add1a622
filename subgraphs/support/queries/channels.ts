import { Ctx, FieldResolver, InputType, Resolver, Root } from 'type-graphql'
import type { Context } from '#shared/context.js'
import type { ChannelVerification as Verification } from '#shared/events/mail.js'
import { type Class, flag, oneOf } from '#shared/fields.js'
import { perRequest } from '#shared/per-request.js'
import { Allow } from '#shared/permissions.js'
import { edge, listOf, lookup } from '#shared/queries.js'
import { READERS } from '#shared/roles.js'
import { channelFor, readChannels } from '../mail/channels.js'
import { MessageDelivery } from '../views/message-delivery.js'
import { ChannelVerification, SupportChannel } from '../views/support-channel.js'
import { Ticket } from '../views/ticket.js'

/** There are few, and a list of tickets asks for each of them. */
const channelsIn = perRequest(({ db }) => readChannels(db))

@InputType('SupportChannelFilter', { description: 'Which channels.' })
export class SupportChannelFilter {
  @oneOf(ChannelVerification, 'Only those of which the mail server said this.', { nullable: true })
  verification?: Verification | null

  @flag('Only those from which mail is sent, or is not.', { nullable: true })
  isActive?: boolean | null
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
  listOf({
    name: 'supportChannels',
    type: SupportChannel,
    description: 'What mail about tickets is from, newest first (D58).',
    filter: SupportChannelFilter,
  }),
  TicketChannelFields,
  lookup(SupportChannel),
  edge(SupportChannel, 'deliveries', MessageDelivery, 'supportChannelId', 'Mail that was tried from there.'),
]
