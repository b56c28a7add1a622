import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Draft } from '#shared/aggregate.js'
import type { DeliveryChannel as Channel, DeliveryOccasion, MailEvents } from '#shared/events/mail.js'
import { instant, oneOf, text } from '#shared/fields.js'
import { Role } from '#shared/roles.js'
import { delivery } from '../mail/delivery.js'
import { DeliveryChannel, DeliveryOccasionEnum, MessageDelivery } from '../views/message-delivery.js'

@InputType('HoldDeliveryInput', { description: 'What is to be told to whom, and when.' })
export class HoldDeliveryInput extends ActionInput {
  @text('The id that this delivery has whenever it is asked for.')
  deliveryId!: string

  @oneOf(DeliveryChannel, 'By which way.')
  channel!: Channel

  @oneOf(DeliveryOccasionEnum, 'What of.')
  occasion!: DeliveryOccasion

  @text('The ticket, if it is about one.', { nullable: true })
  ticketId?: string | null

  @text('The message, if it brings one.', { nullable: true })
  messageId?: string | null

  @text('The notification, if it brings one.', { nullable: true })
  notificationId?: string | null

  @text('Whom it is for: a user, somebody of staff, an organization, or the ticket of who did not sign in.')
  recipientId!: string

  @text('Where it goes whatever address is recorded by then.', { nullable: true, max: 320 })
  fixedAddress?: string | null

  @instant('Not before then (UTC).')
  until!: Date
}

/** D26: from here on it is known that somebody is to be told, and until when that can be called back. */
export const holdDelivery = action({
  name: 'holdDelivery',
  description:
    'Intends to tell somebody something, after a while in which it can be recalled; by Opsgraph itself.',
  input: HoldDeliveryInput,

  on: delivery,
  target: input => input.deliveryId,

  allow: [Role.SYSTEM],

  decide({ state }, input): Draft<MailEvents>[] {
    if (state !== null) return []
    const { channel, occasion, recipientId, until, fixedAddress } = input
    const { ticketId = null, messageId = null, notificationId = null } = input
    const data = { channel, occasion, ticketId, messageId, notificationId, recipientId }
    const personal = fixedAddress ? { fixedAddress } : {}
    return [{ type: 'DeliveryHeld', data: { ...data, until: until.toISOString() }, personal }]
  },

  emits: ['DeliveryHeld'],
  returns: { delivery: MessageDelivery },
})
