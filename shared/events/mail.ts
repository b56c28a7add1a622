import type { TicketCategory } from '#shared/events/support.js'

export type DeliveryChannel = 'IN_APP' | 'EMAIL'
export type DeliveryState = 'HELD' | 'QUEUED' | 'SENT' | 'FAILED' | 'RECALLED'
/** What somebody is told of: a public message, what became of their ticket, or something else that was in the app before. */
export type DeliveryOccasion =
  | 'MESSAGE'
  | 'CLOSED'
  | 'REOPENED'
  | 'CONTACT_CHANGED'
  | 'CONTACT_GIVEN_UP'
  | 'NEWS'
export type NotificationTopic =
  | 'TICKET_ANSWERS'
  | 'TICKET_STATES'
  | 'NEWS'
  | 'FOLLOW_UPS'
  | 'PAGES'
  | 'SECURITY'
/** What became of a mail that came in. */
export type InboundDisposition = 'FOLLOW_UP' | 'NOTE' | 'NEW_TICKET' | 'FILTERED' | 'AUTOMATIC' | 'BOUNCE'

/** What the mail server said of a sender's address: it takes it, it does not, or nobody knows (D58). */
export type ChannelVerification = 'VERIFIED' | 'FAILED' | 'UNKNOWN'
/** What staff made of a mail that was kept apart. */
export type InboundAcceptance = 'NEW_TICKET' | 'FOLLOW_UP'

/** Who mail is from, and for which tickets. */
export interface SupportChannelShape {
  name: string
  fromAddress: string
  fromName: string | null
  /** Tickets in these queues are answered from there. */
  queueIds: string[]
  /** And tickets of these categories, where no channel has their queue. */
  categories: TicketCategory[]
  /** Everything else is answered from there; one channel is. */
  isDefault: boolean
  isActive: boolean
}

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
    /** Where it goes whatever address is recorded by then: to one that was given up. */
    fixedAddress?: string
  }
  /** `round` counts how often it was meant to be sent: 1, and one more for each time that somebody has it sent again. */
  EmailQueued: {
    round: number
    /** Why it is sent again, where nobody asked for that; `verificationId`: the event that brought it about. */
    because?: 'CHANNEL_VERIFIED'
    verificationId?: string
  }
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
    /** The channel that it is from. */
    supportChannelId?: string
    address?: string
  }
  EmailFailed: {
    round: number
    attempts: number
    code: string
    /** The server took it, and somebody behind it gave it back. */
    bounced: boolean
    /** It was its sender that the server did not take. */
    senderRefused?: boolean
    /** The channel that it was to be from. */
    supportChannelId?: string
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
    /** Files that came with it and were taken; absent where none were taken at all. */
    taken?: { attachmentId: string; mime: string; bytes: number; sha256: string }[]
    mailId?: string
    from?: string
    subject?: string
    body?: string
    /** What its sender added, without what they quoted. */
    said?: string
    /** Names and sizes of what came with it. */
    files?: string[]
    /** What of it was not taken, and why. */
    refused?: string[]
    /** Names of what was taken, in its order. */
    takenNames?: string[]
  }
  MailTakenIn: { ticketId: string }
  InboundMailAccepted: {
    as: InboundAcceptance
    ticketId: string
    /** The customer who wrote it, as staff made sure; null: nobody did, so it stays unverified. */
    personId: string | null
    /** Staff made sure that it is from whoever opened the ticket without signing in. */
    isContact: boolean
  }
  InboundMailDismissed: { previous: 'WAITING' | 'NONE' }
  SupportChannelCreated: SupportChannelShape
  SupportChannelChanged: SupportChannelShape & { previousFromAddress: string }
  ChannelVerificationRequested: { fromAddress: string }
  ChannelVerified: {
    fromAddress: string
    /** What the mail server called the mail that it took. */
    providerMessageId: string | null
  }
  ChannelVerificationFailed: {
    fromAddress: string
    /** What went wrong, e.g. 553 or ETIMEDOUT. */
    code: string
    /** The mail server refused it; false: nobody could be asked just now. */
    refused: boolean
    /** The mail by which it was noticed; null: somebody had it verified. */
    deliveryId: string | null
    error?: string
  }
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
  InboundMailAccepted: 'Staff made a ticket or an answer of a mail that was kept apart.',
  InboundMailDismissed: 'Staff looked at a mail that was kept apart, and nothing comes of it.',
  SupportChannelCreated: 'Some tickets are answered from an address of their own.',
  SupportChannelChanged: 'What a channel sends from, or for which tickets, changed.',
  ChannelVerificationRequested: 'The mail server is asked whether it takes mail from a channel.',
  ChannelVerified: 'The mail server took a mail from a channel.',
  ChannelVerificationFailed: 'The mail server did not take mail from a channel, or could not be asked.',
} satisfies Record<keyof MailEvents, string>
