import type { Act } from '#shared/act.js'
import type { MailEvents } from '#shared/events/mail.js'
import { type Reaction, reaction } from '#shared/reaction.js'
import { channelBy } from '../mail/channels.js'
import { channelFailureWords } from '../mail/mail-words.js'
import { leadsOf } from '../staff.js'

/** D58: mail that does not leave is told to everybody who leads, in the app: by mail it might not leave either. */
export const alertOfChannels = reaction<Act>({
  name: 'alert-of-channels',
  on: ['ChannelVerificationFailed'],

  async run({ event, tx, act }) {
    const channel = await channelBy(tx, event.stream.id)
    const data = event.data as MailEvents['ChannelVerificationFailed']
    const words = channelFailureWords(channel?.name ?? 'Support', data)
    const about = [event.stream.id, ...(data.deliveryId ? [data.deliveryId] : [])]
    for (const recipientId of await leadsOf(tx))
      await act(
        'sendNotification',
        { recipientId, template: 'DELIVERY_CHANNEL_FAILED', ...words, about },
        { tx, event },
      )
  },
}) as Reaction
