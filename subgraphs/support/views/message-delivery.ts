import { Row } from '#shared/entity.js'
import type {
  DeliveryChannel as Channel,
  DeliveryOccasion as Occasion,
  DeliveryState as State,
} from '#shared/events/mail.js'
import { count, entity, flag, instant, oneOf, ref, text } from '#shared/fields.js'
import { READERS, STAFF } from '#shared/roles.js'
import { states } from '#shared/states.js'
import { view } from '#shared/view.js'
import { delivery } from '../mail/delivery.js'
import { Notification } from './notification.js'
import { SupportChannel } from './support-channel.js'
import { Ticket } from './ticket.js'
import { TicketMessage } from './ticket-message.js'

export const DeliveryChannel = states('DeliveryChannel', 'The way by which somebody is told something.', {
  IN_APP: 'As a notification in the app.',
  EMAIL: 'By e-mail.',
})

export const DeliveryState = states('DeliveryState', 'What became of telling somebody something.', {
  HELD: 'It waits, so that it can still be recalled.',
  QUEUED: 'It is being sent; after a failure that may pass, it is tried again.',
  SENT: 'It is in the app, or the mail server took it.',
  FAILED: 'It did not get through. Nothing more happens unless somebody has it sent again.',
  RECALLED: 'It was called back before it left.',
})

export const DeliveryOccasionEnum = states('DeliveryOccasion', 'What somebody is told of.', {
  MESSAGE: 'A public message on their ticket.',
  CLOSED: 'Their ticket was closed.',
  REOPENED: 'Their ticket was opened again.',
  CONTACT_CHANGED: 'Their ticket is answered to this address now; what opened it before does not any more.',
  CONTACT_GIVEN_UP: 'Their ticket is answered to another address now: told at the one before.',
  NEWS: 'Something else, which was in the app before.',
})

export const SentAgainBecause = states('SentAgainBecause', 'Why a mail was sent again.', {
  REQUESTED: 'Somebody had it sent again.',
  CHANNEL_VERIFIED: 'It had failed because its sender was refused, and its channel was verified since.',
})

@entity('MessageDelivery', {
  description: 'That one thing is told to one recipient by one way, and what became of it (D26, D28, D57).',
  allow: READERS,
  schema: 'support',
  prefix: 'dlv',
})
export class MessageDelivery extends Row {
  @oneOf(DeliveryOccasionEnum, 'What it tells of.')
  occasion!: Occasion

  @oneOf(DeliveryChannel, 'By which way.')
  channel!: Channel

  @oneOf(DeliveryState, 'What became of it.')
  state!: State

  @ref(() => Ticket, 'The ticket it is about.', { nullable: true })
  ticketId!: string | null

  @ref(() => TicketMessage, 'The message that it brings.', { nullable: true })
  messageId!: string | null

  @ref(() => Notification, 'The notification that it brings.', { nullable: true })
  notificationId!: string | null

  @text(
    'Whom it is for: a person, an organization, or, by the id of their ticket, who opened it without signing in.',
  )
  recipientId!: string

  @instant('Until when it can be recalled (UTC).')
  heldUntil!: Date

  @count('How often it was tried.')
  attempts!: number

  @count('How often somebody meant it to be sent: more than 1 when it was sent again.')
  round!: number

  @text('What went wrong last: a code of SMTP such as 550, or of the network.', { nullable: true })
  lastCode!: string | null

  @text('What the mail server said when it went wrong last.', { nullable: true, only: STAFF })
  lastError!: string | null

  @instant('When it is tried again (UTC).', { nullable: true })
  againAt!: Date | null

  @flag(
    'It failed because the mail server did not take its sender: it is sent again once its channel is verified.',
  )
  senderRefused!: boolean

  @oneOf(SentAgainBecause, 'Why it was sent again last; null: it was sent for the first time, or not yet.', {
    nullable: true,
  })
  sentAgainBecause!: keyof typeof SentAgainBecause | null

  @text('The verification of its channel that brought that about.', { hidden: true, nullable: true })
  verificationId!: string | null

  @text('The address that it went to.', { nullable: true, only: STAFF })
  address!: string | null

  @text('Where it goes whatever address is recorded.', { hidden: true, nullable: true })
  fixedAddress!: string | null

  @ref(() => SupportChannel, 'The channel that it is from; null while it was not tried.', { nullable: true })
  supportChannelId!: string | null

  @text("The mail's own Message-ID.", { nullable: true })
  mailId!: string | null

  @text('What the mail server called it.', { nullable: true })
  providerMessageId!: string | null

  @instant('When it was first to be sent, or last sent again (UTC).', { nullable: true })
  queuedAt!: Date | null

  @instant('When it left (UTC).', { nullable: true })
  sentAt!: Date | null

  @instant('When it was given up (UTC).', { nullable: true })
  failedAt!: Date | null

  @instant('When it was called back (UTC).', { nullable: true })
  recalledAt!: Date | null
}

export const deliveries = view(MessageDelivery, {
  of: delivery,
  on: {
    DeliveryHeld: ({ data: { until, fixedAddress = null, ...about } }) => ({
      ...about,
      fixedAddress,
      state: DeliveryState.HELD,
      heldUntil: until as unknown as Date,
      attempts: 0,
      round: 0,
      senderRefused: false,
    }),
    EmailQueued: event => ({
      state: DeliveryState.QUEUED,
      round: event.data.round,
      queuedAt: event.occurredAt,
      againAt: null,
      senderRefused: false,
      sentAgainBecause: event.data.because ?? (event.data.round > 1 ? SentAgainBecause.REQUESTED : null),
      verificationId: event.data.verificationId ?? null,
    }),
    InAppDelivered: event => ({ state: DeliveryState.SENT, round: 1, attempts: 1, sentAt: event.occurredAt }),
    EmailDelayed: ({ data }) => ({
      attempts: data.attempts,
      lastCode: data.code,
      lastError: data.error ?? null,
      address: data.address ?? null,
      againAt: data.again as unknown as Date,
    }),
    EmailSent: event => ({
      state: DeliveryState.SENT,
      attempts: event.data.attempts,
      address: event.data.address ?? null,
      mailId: event.data.mailId,
      providerMessageId: event.data.providerMessageId,
      supportChannelId: event.data.supportChannelId ?? null,
      sentAt: event.occurredAt,
      againAt: null,
    }),
    EmailFailed: (event, row) => ({
      state: DeliveryState.FAILED,
      attempts: event.data.attempts,
      lastCode: event.data.code,
      lastError: event.data.error ?? null,
      address: event.data.address ?? row?.address ?? null,
      supportChannelId: event.data.supportChannelId ?? row?.supportChannelId ?? null,
      failedAt: event.occurredAt,
      senderRefused: event.data.senderRefused ?? false,
      againAt: null,
    }),
    DeliveryRecalled: event => ({
      state: DeliveryState.RECALLED,
      recalledAt: event.occurredAt,
      againAt: null,
    }),
  },
})
