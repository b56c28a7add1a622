import type { EntityManager } from 'typeorm'
import type { Act } from '#shared/act.js'
import type { NotificationEvents } from '#shared/events/notifications.js'
import { prefixOf } from '#shared/id.js'
import { type Reaction, reaction } from '#shared/reaction.js'
import { addressesOf, membersOf } from '../mail/addresses.js'
import { deliveryIdOf } from '../mail/delivery.js'
import { topicOf, wants, wishesOf } from '../notifications/preferences.js'

/** Told by mail already, or meant for the app alone. */
const OURS = /^(TICKET_|DELIVERY_)/

/** Those of the recipients who have an address and want mail about it. */
async function readers(tx: EntityManager, recipientId: string, template: string): Promise<string[]> {
  const people = prefixOf(recipientId) === 'org' ? await membersOf(tx, recipientId) : [recipientId]
  const wishes = await wishesOf(tx, people)
  const addresses = await addressesOf(tx, people)
  return people.filter(id => addresses.get(id)?.email && wants(wishes.get(id)!, topicOf(template), 'EMAIL'))
}

/** E69, E73: what people are told in the app goes by mail too, where an address is known. */
export const mailNotifications = reaction<Act>({
  name: 'mail-notifications',
  on: ['NotificationSent'],
  since: 'NOW',
  when: ({ data, occurredAt }) =>
    OURS.test((data as NotificationEvents['NotificationSent']).template) ? null : occurredAt,

  async run({ event, tx, act, services }) {
    if (services.config.mail.by === 'off') return
    const { recipientId, template } = event.data as NotificationEvents['NotificationSent']
    const notificationId = event.stream.id
    for (const reader of await readers(tx, recipientId, template)) {
      const input = {
        deliveryId: deliveryIdOf(notificationId, reader, 'EMAIL'),
        occasion: 'NEWS',
        channel: 'EMAIL',
        notificationId,
        recipientId: reader,
        until: event.occurredAt,
      }
      await act('holdDelivery', input, { tx, event })
    }
  },
}) as Reaction
