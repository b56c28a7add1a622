import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Draft } from '#shared/aggregate.js'
import type { MailEvents } from '#shared/events/mail.js'
import { given } from '#shared/fields.js'
import { Role } from '#shared/roles.js'
import { isToBeTold } from '../mail/deliveries.js'
import { concerns, delivery } from '../mail/delivery.js'
import { MessageDelivery } from '../views/message-delivery.js'

@InputType('ReleaseDeliveryInput', { description: 'What may leave now.' })
export class ReleaseDeliveryInput extends ActionInput {
  @given('MessageDelivery', 'What was held.')
  deliveryId!: string
}

/** The end of the hold: a message that is still public leaves; from here on it cannot be recalled. */
export const releaseDelivery = action({
  name: 'releaseDelivery',
  description: 'Lets something leave that was held; by Opsgraph itself.',
  input: ReleaseDeliveryInput,

  on: delivery,
  target: input => input.deliveryId,
  /** Under the lock of the ticket, as recalling is: either it is recalled, or it leaves. */
  prepare: async ({ deliveryId }, tx, { services }): Promise<boolean> => {
    const [row] = await tx.query('select ticket_id from support.message_delivery where id = $1', [deliveryId])
    if (row?.ticket_id) await services.store.lock(tx, [row.ticket_id])
    return isToBeTold(tx, deliveryId)
  },

  allow: [Role.SYSTEM],

  decide(before, _input, { read: isPublic }): Draft<MailEvents>[] {
    if (before.state !== 'HELD') return []
    if (!isPublic) return [{ type: 'DeliveryRecalled', data: { from: 'HELD' }, refs: concerns(before) }]
    if (before.channel === 'IN_APP') return [{ type: 'InAppDelivered', data: { notified: true } }]
    return [{ type: 'EmailQueued', data: { round: 1 } }]
  },

  emits: ['EmailQueued', 'InAppDelivered', 'DeliveryRecalled'],
  returns: { delivery: MessageDelivery },
})
