import type { Act } from '#shared/act.js'
import type { MailEvents } from '#shared/events/mail.js'
import { type Calling, type Reaction, reaction } from '#shared/reaction.js'
import { addressesOf } from '../mail/addresses.js'
import { channelBy, fromOf, type Sender } from '../mail/channels.js'
import { mailDomain } from '../mail/mail.js'
import { channelTestMail } from '../mail/mail-words.js'
import { configuredMailer } from '../mail/mailers/configured.js'
import { type Mail, type Mailer, MailFailure } from '../mail/mailers/mailer.js'

/** Both together are less than a call may take, ms. */
const PATIENCE = { greet: 5_000, send: 8_000 }

type Outcome = Record<string, unknown> | null

/** D58: a greeting, then a real mail to who asked. Asked again after a crash it is the same mail. */
export const verifyChannels = reaction<Act, Outcome>({
  name: 'verify-channels',
  on: ['ChannelVerificationRequested'],

  async call(calling) {
    const { event, db, services } = calling
    const { fromAddress } = event.data as MailEvents['ChannelVerificationRequested']
    const channel = await channelBy(db, event.stream.id)
    const mailer = configuredMailer(services)
    if (channel?.fromAddress !== fromAddress || !mailer) return null
    const to = (await addressesOf(db, [event.actor.id])).get(event.actor.id)?.email
    return to ? ask(mailer, testMail(channel, to, calling), calling) : null
  },

  async run({ event, tx, act, answer }) {
    if (!answer) return
    const { fromAddress } = event.data as MailEvents['ChannelVerificationRequested']
    await act(
      'noteSupportChannel',
      { supportChannelId: event.stream.id, fromAddress, ...answer },
      { tx, event },
    )
  },
}) as Reaction

const testMail = (channel: Sender, to: string, { event, services }: Calling): Mail => ({
  mailId: `${channel.id}.${event.id}@${mailDomain(services.config.mail)}`,
  from: fromOf(channel),
  to,
  replyTo: null,
  returnTo: null,
  ...channelTestMail(channel),
  references: [],
  headers: {
    'Auto-Submitted': 'auto-generated',
    'X-Auto-Response-Suppress': 'All',
    'X-Opsgraph': channel.id,
  },
  date: event.occurredAt,
})

async function ask(mailer: Mailer, mail: Mail, { signal }: Calling): Promise<Outcome> {
  const within = (ms: number) => AbortSignal.any([signal, AbortSignal.timeout(ms)])
  try {
    await mailer.greet?.(within(PATIENCE.greet))
    const providerMessageId = await mailer.send(mail, within(PATIENCE.send))
    return { outcome: 'TAKEN', providerMessageId }
  } catch (error) {
    if (!(error instanceof MailFailure)) throw error
    const { code, message, final } = error
    return { outcome: final ? 'REFUSED' : 'UNSURE', code, error: message }
  }
}
