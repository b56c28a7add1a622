import type { Act } from '#shared/act.js'
import type { OrderEvents } from '#shared/events/orders.js'
import { type Reaction, reaction } from '#shared/reaction.js'
import { disputeNews } from '../providers/stripe-disputes.js'
import { refundNews } from '../providers/stripe-refunds.js'

/** R13, A15: what a provider told by webhook takes effect, in whatever order it came. */
export const handleProviderEvent = reaction<Act>({
  name: 'handle-provider-event',
  on: ['ProviderEventReceived'],
  async run({ event, tx, act }) {
    const { object, createdAt } = event.data as OrderEvents['ProviderEventReceived']
    const news = object.object === 'refund' ? refundNews : object.object === 'dispute' ? disputeNews : null
    await news?.(object as never, {
      createdAt: new Date(createdAt),
      tx,
      act: (name, input) => act(name, input, { tx, event }),
    })
  },
}) as Reaction
