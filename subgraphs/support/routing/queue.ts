import { aggregate } from '#shared/aggregate.js'
import type { QueueShape, SupportEvents } from '#shared/events/support.js'

/** What decisions about a queue rest on; null: there is none. */
export interface QueueState {
  shape: QueueShape | null
}

export const queue = aggregate<QueueState, SupportEvents>({
  type: 'Queue',
  prefix: 'que',
  initial: { shape: null },
  evolve: {
    QueueCreated: (_, shape) => ({ shape }),
    QueueChanged: (_, shape) => ({ shape }),
  },
})
