import type { Act } from '#shared/act.js'
import type { SupportEvents } from '#shared/events/support.js'
import { type Reaction, reaction } from '#shared/reaction.js'
import { deliveriesOf } from '../mail/deliveries.js'

/** D60: what was hidden or recalled, and has not left yet, does not leave. */
export const stopDeliveries = reaction<Act>({
  name: 'stop-deliveries',
  on: ['SupportNoteVisibilityChanged'],
  when: ({ data, occurredAt }) =>
    (data as SupportEvents['SupportNoteVisibilityChanged']).to === 'PRIVATE' ? occurredAt : null,

  async run({ event, tx, act }) {
    const { messageId } = event.data as SupportEvents['SupportNoteVisibilityChanged']
    for (const { id, state } of await deliveriesOf(tx, messageId))
      if (state === 'HELD' || state === 'QUEUED') await act('stopDelivery', { deliveryId: id }, { tx, event })
  },
}) as Reaction
