export type DeliveryChannel = 'IN_APP' | 'EMAIL'
export type DeliveryState = 'HELD' | 'QUEUED' | 'SENT' | 'FAILED' | 'RECALLED'
/** What somebody is told of: a public message, what became of their ticket, or something else that was in the app before. */
export type DeliveryOccasion = 'MESSAGE' | 'CLOSED' | 'REOPENED' | 'NEWS'
export type NotificationTopic = 'TICKET_ANSWERS' | 'TICKET_STATES' | 'NEWS' | 'FOLLOW_UPS' | 'SECURITY'
/** What became of a mail that came in. */
export type InboundDisposition = 'FOLLOW_UP' | 'NOTE' | 'NEW_TICKET' | 'FILTERED' | 'AUTOMATIC' | 'BOUNCE'

/** Whether somebody wants to be told of a topic by a channel. */
export interface NotificationChoice {
  topic: NotificationTopic
  channel: DeliveryChannel
  on: boolean
}

/** How what is told reaches people, and what they write back by mail. What is optional is personal. Shapes only ever grow. */
export interface MailEvents {
  DeliveryHeld: {
    channel: DeliveryChannel
    occasion: DeliveryOccasion
    ticketId: string | null
    messageId: string | null
    notificationId: string | null
    recipientId: string
    /** Until when it can be recalled. ISO 8601. */
    until: string
  }
  /** `round` counts how often it was meant to be sent: 1, and one more for each time that somebody has it sent again. */
  EmailQueued: { round: number }
  InAppDelivered: { notified: true }
  EmailDelayed: {
    round: number
    /** How often it was tried, over all rounds. */
    attempts: number
    /** What went wrong, e.g. 451 or ETIMEDOUT. */
    code: string
    /** When it is tried again. ISO 8601. */
    again: string
    error?: string
    address?: string
  }
  EmailSent: {
    round: number
    attempts: number
    /** The mail's own Message-ID, without its brackets. */
    mailId: string
    providerMessageId: string | null
    address?: string
  }
  EmailFailed: {
    round: number
    attempts: number
    code: string
    /** The server took it, and somebody behind it gave it back. */
    bounced: boolean
    error?: string
    address?: string
  }
  DeliveryRecalled: { from: DeliveryState }
  NotificationPreferencesSet: { personId: string; choices: NotificationChoice[] }
  MailReceived: {
    disposition: InboundDisposition
    /** Why it was taken so, for people. */
    because: string
    /** The ticket whose reply address was written to; null without one that is right. */
    ticketId: string | null
    /** Whose address the sender gave, when it is one known person's. The address alone proves nothing. */
    personId: string | null
    /** The reply address was one that Opsgraph gave out. */
    signed: boolean
    /** The mail that came back, and for which time it had been sent. */
    deliveryId: string | null
    round: number | null
    /** Why it came back, e.g. 5.1.1. */
    bounceCode: string | null
    attachments: number
    mailId?: string
    from?: string
    subject?: string
    body?: string
    /** What its sender added, without what they quoted. */
    said?: string
    /** Names and sizes of what came with it. */
    files?: string[]
  }
  MailTakenIn: { ticketId: string }
}

export const MAIL_EVENTS = {
  DeliveryHeld: 'Somebody will be told something, unless it is recalled before its time.',
  EmailQueued: 'A mail is to be sent.',
  InAppDelivered: 'Somebody was told in the app.',
  EmailDelayed: 'A mail could not be sent just now; it is tried again.',
  EmailSent: 'A mail server took a mail.',
  EmailFailed: 'A mail did not get through, and is not tried again by itself.',
  DeliveryRecalled: 'What was to be told was called back.',
  NotificationPreferencesSet: 'Somebody said how they want to be told what.',
  MailReceived: 'A mail came in.',
  MailTakenIn: 'What came by mail stands on a ticket.',
} satisfies Record<keyof MailEvents, string>
