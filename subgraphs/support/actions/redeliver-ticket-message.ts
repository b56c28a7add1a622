import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Draft } from '#shared/aggregate.js'
import type { MailEvents } from '#shared/events/mail.js'
import { given } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { isToBeTold } from '../mail/deliveries.js'
import { delivery } from '../mail/delivery.js'
import { WORKERS } from '../staff.js'
import { MessageDelivery } from '../views/message-delivery.js'

@InputType('RedeliverTicketMessageInput', { description: 'What to send again.' })
export class RedeliverTicketMessageInput extends ActionInput {
  @given('MessageDelivery', 'What did not arrive, by e-mail; see TicketMessage.deliveries.')
  deliveryId!: string
}

/** D57: goes to the address that is recorded now, and is a mail of its own, so that nobody takes it for the one that was lost. */
export const redeliverTicketMessage = action({
  name: 'redeliverTicketMessage',
  description:
    'Sends a mail again that failed, did not arrive, or waits for its next attempt: to the address that is known now.',
  input: RedeliverTicketMessageInput,

  on: delivery,
  target: input => input.deliveryId,
  prepare: async ({ deliveryId }, tx): Promise<boolean> => isToBeTold(tx, deliveryId),

  allow: WORKERS,

  decide({ state, channel, round }, _input, { read: isPublic }): Draft<MailEvents> {
    if (state === null) refuse('NOT_FOUND', 'There is no such delivery.', 'deliveryId')
    if (channel !== 'EMAIL')
      refuse('INVALID_STATE', 'It is in the app; only mails are sent again.', 'deliveryId', { channel })
    if (state === 'HELD')
      refuse('INVALID_STATE', 'It waits and leaves by itself; it can still be recalled.', 'deliveryId', {
        state,
      })
    if (!isPublic || state === 'RECALLED')
      refuse('INVALID_STATE', 'What it says is not for the customer any more.', 'deliveryId', { state })
    return { type: 'EmailQueued', data: { round: round + 1 } }
  },

  emits: ['EmailQueued'],
  returns: { delivery: MessageDelivery },
})
