import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Draft } from '#shared/aggregate.js'
import type { MailEvents } from '#shared/events/mail.js'
import { given, text } from '#shared/fields.js'
import { Role } from '#shared/roles.js'
import { isToBeTold } from '../mail/deliveries.js'
import { concerns, delivery } from '../mail/delivery.js'
import { MessageDelivery } from '../views/message-delivery.js'

@InputType('RequeueDeliveryInput', { description: 'Which mail may leave now.' })
export class RequeueDeliveryInput extends ActionInput {
  @given('MessageDelivery', 'What failed because its sender was refused.')
  deliveryId!: string

  @text('The verification of its channel: an event.')
  verificationId!: string
}

/** D57, D58: the sender is put right, so what failed for it alone is sent again; what is no longer for the customer is not. */
export const requeueDelivery = action({
  name: 'requeueDelivery',
  description: 'Sends a mail again whose sender was refused and is not any more; by Opsgraph itself.',
  input: RequeueDeliveryInput,

  on: delivery,
  target: input => input.deliveryId,
  prepare: async ({ deliveryId }, tx): Promise<boolean> => isToBeTold(tx, deliveryId),

  allow: [Role.SYSTEM],

  decide(before, { verificationId }, { read: isPublic }): Draft<MailEvents>[] {
    const { state, senderRefused, round } = before
    if (state !== 'FAILED' || !senderRefused || !isPublic) return []
    const data = { round: round + 1, because: 'CHANNEL_VERIFIED', verificationId } as const
    return [{ type: 'EmailQueued', data, refs: concerns(before) }]
  },

  emits: ['EmailQueued'],
  returns: { delivery: MessageDelivery },
})
