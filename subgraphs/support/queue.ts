import { aggregate } from '#shared/aggregate.js'
import type { QueueShape, SupportEvents } from '#shared/events/support.js'

/** What decisions about a queue rest on; null: nothing was done to it yet. Those to begin with have their row, and no history. */
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
