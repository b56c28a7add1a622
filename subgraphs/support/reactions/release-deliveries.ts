import type { Act } from '#shared/act.js'
import type { MailEvents } from '#shared/events/mail.js'
import { type Reaction, reaction } from '#shared/reaction.js'
import { readSending } from '../mail/mail.js'
import { appWords, templateOf } from '../mail/mail-words.js'

/** D27, D60: when the hold is over, what was not recalled leaves: into the app at once, by mail as soon as the server takes it. */
export const releaseDeliveries = reaction<Act>({
  name: 'release-deliveries',
  on: ['DeliveryHeld'],
  when: ({ data }) => new Date((data as MailEvents['DeliveryHeld']).until),

  async run({ event, tx, act }) {
    const deliveryId = event.stream.id
    const { events } = await act('releaseDelivery', { deliveryId }, { tx, event })
    if (events[0]?.type !== 'InAppDelivered') return
    const sending = await readSending(tx, deliveryId)
    if (!sending?.news) return
    const { recipientId, occasion, ticketId, messageId } = sending
    const about = [ticketId, messageId].filter(id => id !== null)
    const told = { recipientId, template: templateOf(occasion), ...appWords(sending.news), about }
    await act('sendNotification', told, { tx, event })
  },
}) as Reaction
