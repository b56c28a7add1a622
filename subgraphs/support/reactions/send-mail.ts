import type { Act } from '#shared/act.js'
import type { MailEvents } from '#shared/events/mail.js'
import { type Calling, type Reaction, reaction } from '#shared/reaction.js'
import { channelOf, fromOf, type Sender } from '../mail/channels.js'
import { addressFor, composed, readSending, type Sending } from '../mail/mail.js'
import { isAddress } from '../mail/mail-address.js'
import { configuredMailer } from '../mail/mailers/configured.js'
import { MailFailure } from '../mail/mailers/mailer.js'

/** Waits after each attempt that may go better, seconds: about a day and a half in all. Then a person has to look. */
const WAITS = [30, 120, 600, 1_800, 3_600, 10_800, 28_800, 86_400]

/** What became of it, as `noteDelivery` takes it; null: there was nothing to send any more. */
type Outcome =
  | ({ outcome: 'SENT' | 'DELAYED' | 'FAILED'; again?: Date; refusedSender?: object } & Record<
      string,
      unknown
    >)
  | null

/** D28, D57, D58, R13: what is queued is sent, at least once and never silently; what the server says decides what comes next. */
export const sendMail = reaction<Act, Outcome>({
  name: 'send-mail',
  on: ['EmailQueued'],

  async call(calling) {
    const { event, db } = calling
    const sending = await readSending(db, event.stream.id)
    const { round } = event.data as MailEvents['EmailQueued']
    if (sending?.state !== 'QUEUED' || sending.round !== round || !sending.isPublic) return null
    return attempt(sending, calling)
  },

  async run({ event, tx, act, answer }) {
    if (!answer) return
    const { round } = event.data as MailEvents['EmailQueued']
    const deliveryId = event.stream.id
    const { refusedSender, ...noted } = answer
    const senderRefused = refusedSender !== undefined
    await act('noteDelivery', { deliveryId, round, senderRefused, ...noted }, { tx, event })
    if (refusedSender) await act('noteSupportChannel', { ...refusedSender, deliveryId }, { tx, event })
    if (answer.again) return { again: answer.again }
  },
}) as Reaction

async function attempt(sending: Sending, calling: Calling): Promise<Outcome> {
  const { db, now } = calling
  const address = await addressFor(db, sending)
  const channel = await channelOf(db, sending.ticketId)
  const sent = { address, supportChannelId: channel?.id ?? null }
  try {
    return { outcome: 'SENT', ...sent, ...(await send(sending, address, channel, calling)) }
  } catch (error) {
    if (!(error instanceof MailFailure)) throw error
    const { code, message, final } = error
    const wait = final ? undefined : WAITS[sending.attempts]
    const failed = { ...sent, code, error: message }
    if (wait === undefined) return { outcome: 'FAILED', ...failed, ...refusedSender(error, channel) }
    return { outcome: 'DELAYED', ...failed, again: new Date(now.getTime() + wait * 1000) }
  }
}

/** D58: a sender that is refused is the channel's trouble, not this mail's alone. */
const refusedSender = ({ ofSender, code, message }: MailFailure, channel: Sender | null) =>
  channel && ofSender
    ? {
        refusedSender: {
          supportChannelId: channel.id,
          fromAddress: channel.fromAddress,
          outcome: 'REFUSED',
          code,
          error: message,
        },
      }
    : {}

async function send(
  sending: Sending,
  to: string | null,
  channel: Sender | null,
  { db, services, now, signal }: Calling,
): Promise<{ mailId: string; providerMessageId: string | null }> {
  const mailer = configuredMailer(services)
  if (!mailer) throw new MailFailure('OFF', 'MAIL is off: nothing is sent by mail.', true)
  if (!to) throw new MailFailure('NO_ADDRESS', 'No e-mail address is known of them.', true)
  if (!isAddress(to)) throw new MailFailure('BAD_ADDRESS', 'What is recorded is no e-mail address.', true)
  const from = channel ? fromOf(channel) : services.config.mail.from
  const mail = await composed(db, sending, { from, to, services, now })
  return { mailId: mail.mailId, providerMessageId: await mailer.send(mail, signal) }
}
