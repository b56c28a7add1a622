import { aggregate } from '#shared/aggregate.js'
import type { NotificationEvents } from '#shared/events/notifications.js'

/** What decisions about a notification rest on. `recipientId` null: there is no such notification. */
export interface NotificationState {
  recipientId: string | null
  /** Who read it: members of an account read for themselves. */
  readers: readonly string[]
}

export const notification = aggregate<NotificationState, NotificationEvents>({
  type: 'Notification',
  prefix: 'ntf',
  initial: { recipientId: null, readers: [] },
  evolve: {
    NotificationSent: (state, { recipientId }) => ({ ...state, recipientId }),
    NotificationRead: (state, _, { actor }) => ({ ...state, readers: [...state.readers, actor.id] }),
  },
})
