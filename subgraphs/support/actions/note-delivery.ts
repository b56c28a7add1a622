import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Draft } from '#shared/aggregate.js'
import type { MailEvents } from '#shared/events/mail.js'
import { count, flag, given, instant, oneOf, text } from '#shared/fields.js'
import { Role } from '#shared/roles.js'
import { states } from '#shared/states.js'
import { concerns, type Delivery, delivery } from '../mail/delivery.js'
import { MessageDelivery } from '../views/message-delivery.js'

const MailOutcome = states('MailOutcome', 'What became of an attempt to send a mail.', {
  SENT: 'The mail server took it.',
  DELAYED: 'It did not work just now.',
  FAILED: 'It will not work.',
  BOUNCED: 'It was taken, and came back.',
})

@InputType('NoteDeliveryInput', { description: 'What became of sending a mail.' })
export class NoteDeliveryInput extends ActionInput {
  @given('MessageDelivery', 'What was to be sent.')
  deliveryId!: string

  @count('For which time it was meant to be sent.')
  round!: number

  @oneOf(MailOutcome, 'What became of it.')
  outcome!: keyof typeof MailOutcome

  @text('Where it went.', { nullable: true, max: 320 })
  address?: string | null

  @given('SupportChannel', 'The channel that it is from.', { nullable: true })
  supportChannelId?: string | null

  @text("The mail's own Message-ID.", { nullable: true, max: 300 })
  mailId?: string | null

  @text('What the mail server called it.', { nullable: true, max: 300 })
  providerMessageId?: string | null

  @text('What went wrong: a code.', { nullable: true, max: 60 })
  code?: string | null

  @text('What went wrong: what the mail server said.', { nullable: true, max: 1000, multiline: true })
  error?: string | null

  @flag('It was the sender that the mail server did not take.', { nullable: true })
  senderRefused?: boolean | null

  @instant('When it is tried again (UTC).', { nullable: true })
  again?: Date | null
}

const whole = <T extends object>(personal: T): Partial<T> =>
  Object.fromEntries(Object.entries(personal).filter(([, value]) => value != null)) as Partial<T>

function happened(before: Delivery, input: NoteDeliveryInput): Draft<MailEvents> {
  const { outcome, round, mailId, providerMessageId = null, again, supportChannelId } = input
  const channel = supportChannelId ? { supportChannelId } : {}
  const attempts = before.attempts + (outcome === 'BOUNCED' ? 0 : 1)
  const code = input.code ?? 'UNKNOWN'
  const personal = whole({ address: input.address, error: input.error })
  const refs = concerns(before)
  if (outcome === 'SENT')
    return {
      type: 'EmailSent',
      data: { round, attempts, mailId: mailId ?? '', providerMessageId, ...channel },
      personal: whole({ address: input.address }),
      refs,
    }
  if (outcome === 'DELAYED')
    return {
      type: 'EmailDelayed',
      data: { round, attempts, code, again: again!.toISOString() },
      personal,
    }
  const ofSender = input.senderRefused ? { senderRefused: true } : {}
  const data = { round, attempts, code, bounced: outcome === 'BOUNCED', ...ofSender, ...channel }
  return { type: 'EmailFailed', data, personal, refs }
}

/** D28, D57: what the mail server said is kept, whatever it said. That a mail left is true also when it was stopped meanwhile. */
export const noteDelivery = action({
  name: 'noteDelivery',
  description: 'Notes what became of sending a mail; by Opsgraph itself.',
  input: NoteDeliveryInput,

  on: delivery,
  target: input => input.deliveryId,

  allow: [Role.SYSTEM],

  decide(before, input): Draft<MailEvents>[] {
    const { state, round } = before
    if (state === null || round !== input.round) return []
    if (input.outcome === 'BOUNCED') return state === 'SENT' ? [happened(before, input)] : []
    if (state !== 'QUEUED' && !(state === 'RECALLED' && input.outcome === 'SENT')) return []
    return [happened(before, input)]
  },

  emits: ['EmailSent', 'EmailDelayed', 'EmailFailed'],
  returns: { delivery: MessageDelivery },
})
