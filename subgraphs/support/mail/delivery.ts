import { aggregate } from '#shared/aggregate.js'
import type { DeliveryChannel, MailEvents, DeliveryState as State } from '#shared/events/mail.js'
import { externalId } from '#shared/id.js'

/** What decisions about a delivery rest on. `state` null: there is no such delivery. */
export interface Delivery {
  state: State | null
  channel: DeliveryChannel | null
  ticketId: string | null
  messageId: string | null
  recipientId: string | null
  round: number
  attempts: number
  /** It failed because its sender was not taken. */
  senderRefused: boolean
}

const NONE: Delivery = {
  state: null,
  channel: null,
  ticketId: null,
  messageId: null,
  recipientId: null,
  round: 0,
  attempts: 0,
  senderRefused: false,
}

/** One thing told to one recipient by one channel (D26, D28). */
export const delivery = aggregate<Delivery, MailEvents>({
  type: 'MessageDelivery',
  prefix: 'dlv',
  initial: NONE,
  evolve: {
    DeliveryHeld: (_, { channel, ticketId, messageId, recipientId }) => ({
      ...NONE,
      state: 'HELD',
      channel,
      ticketId,
      messageId,
      recipientId,
    }),
    EmailQueued: (before, { round }) => ({ ...before, state: 'QUEUED', round, senderRefused: false }),
    InAppDelivered: before => ({ ...before, state: 'SENT' }),
    EmailDelayed: (before, { attempts }) => ({ ...before, attempts }),
    EmailSent: (before, { attempts }) => ({ ...before, state: 'SENT', attempts }),
    EmailFailed: (before, { attempts, senderRefused = false }) => ({
      ...before,
      state: 'FAILED',
      attempts,
      senderRefused,
    }),
    DeliveryRecalled: before => ({ ...before, state: 'RECALLED' }),
  },
})

/** The same for the same occasion, so that nobody is told twice of it. */
export const deliveryIdOf = (occasion: string, recipientId: string, channel: DeliveryChannel): string =>
  externalId(delivery.prefix, occasion, `${recipientId}/${channel}`)

/** What a ticket's timeline shows of it. */
export const concerns = ({ ticketId, messageId }: Delivery): string[] =>
  [ticketId, messageId].filter(id => id !== null)
