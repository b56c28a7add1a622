/** What people are told. The words themselves are personal. */
export interface NotificationEvents {
  NotificationSent: {
    recipientId: string
    channel: 'IN_APP'
    template: string
    about: string[]
    /** The workflow that asked for it, if one did. */
    workflowId: string | null
    title?: string
    body?: string
  }
  NotificationRead: { recipientId: string }
}

export const NOTIFICATION_EVENTS = {
  NotificationSent: 'Somebody was told something.',
  NotificationRead: 'Somebody read what they were told.',
} satisfies Record<keyof NotificationEvents, string>
