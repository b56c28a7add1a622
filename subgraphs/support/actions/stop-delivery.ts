import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Draft } from '#shared/aggregate.js'
import type { MailEvents } from '#shared/events/mail.js'
import { given } from '#shared/fields.js'
import { Role } from '#shared/roles.js'
import { concerns, delivery } from '../mail/delivery.js'
import { MessageDelivery } from '../views/message-delivery.js'

@InputType('StopDeliveryInput', { description: 'What must not leave any more.' })
export class StopDeliveryInput extends ActionInput {
  @given('MessageDelivery', 'What did not leave yet.')
  deliveryId!: string
}

/** What has not left when its message is hidden does not leave. */
export const stopDelivery = action({
  name: 'stopDelivery',
  description: 'Stops what has not left yet; by Opsgraph itself, when a message was recalled or hidden.',
  input: StopDeliveryInput,

  on: delivery,
  target: input => input.deliveryId,

  allow: [Role.SYSTEM],

  decide(before): Draft<MailEvents>[] {
    const { state } = before
    if (state !== 'HELD' && state !== 'QUEUED') return []
    return [{ type: 'DeliveryRecalled', data: { from: state }, refs: concerns(before) }]
  },

  emits: ['DeliveryRecalled'],
  returns: { delivery: MessageDelivery },
})
