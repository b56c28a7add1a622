import { aggregate } from '#shared/aggregate.js'
import type { OrderEvents } from '#shared/events/orders.js'

/** What a provider told by webhook, one stream for each of its events, so that telling it again changes nothing. */
export const providerEvent = aggregate<{ isKnown: boolean }, OrderEvents>({
  type: 'ProviderEvent',
  prefix: 'pev',
  initial: { isKnown: false },
  evolve: { ProviderEventReceived: () => ({ isKnown: true }) },
})
