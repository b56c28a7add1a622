import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Draft } from '#shared/aggregate.js'
import type { NotificationEvents } from '#shared/events/notifications.js'
import { given } from '#shared/fields.js'
import type { Identity } from '#shared/identity.js'
import { refuse } from '#shared/refusal.js'
import { Role, STAFF } from '#shared/roles.js'
import { isCustomer } from '../audience.js'
import { notification } from '../notifications/notification.js'
import { isFor, Notification } from '../views/notification.js'

@InputType('MarkNotificationReadInput', { description: 'What one has read.' })
export class MarkNotificationReadInput extends ActionInput {
  @given('Notification', 'The notification that one has read.')
  notificationId!: string
}

/** D27: for oneself alone, also where an account was told. Reading it again changes nothing. */
export const markNotificationRead = action({
  name: 'markNotificationRead',
  description:
    'Says that one has read what one was told. Colleagues of the same account read for themselves.',
  input: MarkNotificationReadInput,

  on: notification,
  target: input => input.notificationId,
  prepare: async (_input, _tx, { identity }): Promise<Identity> => identity,

  allow: [...STAFF, Role.REQUESTER],

  decide(state, _input, { actorId, read: identity }): Draft<NotificationEvents>[] {
    const { recipientId, readers } = state
    const theirs = isFor(state, identity)
    if (recipientId === null || (!theirs && isCustomer(identity)))
      refuse('NOT_FOUND', 'There is no such notification.', 'notificationId')
    if (!theirs) refuse('NOT_RECIPIENT', 'It was sent to somebody else.', 'notificationId', { recipientId })
    if (readers.includes(actorId)) return []
    return [{ type: 'NotificationRead', data: { recipientId } }]
  },

  emits: ['NotificationRead'],
  returns: { notification: Notification },
})
