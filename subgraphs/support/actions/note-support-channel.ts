import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Draft } from '#shared/aggregate.js'
import type { MailEvents } from '#shared/events/mail.js'
import { given, oneOf, text } from '#shared/fields.js'
import { Role } from '#shared/roles.js'
import { states } from '#shared/states.js'
import { supportChannel } from '../mail/support-channel.js'
import { SupportChannel } from '../views/support-channel.js'

const ChannelOutcome = states('ChannelOutcome', 'What the mail server said of a channel.', {
  TAKEN: 'It took a mail from there.',
  REFUSED: 'It refuses mail from there.',
  UNSURE: 'It could not be asked, or would not say.',
})

@InputType('NoteSupportChannelInput', { description: 'What the mail server said of a channel.' })
export class NoteSupportChannelInput extends ActionInput {
  @given('SupportChannel', 'The channel.')
  supportChannelId!: string

  @text('The address that it was asked about.', { max: 254 })
  fromAddress!: string

  @oneOf(ChannelOutcome, 'What it said.')
  outcome!: keyof typeof ChannelOutcome

  @text('What the mail server called the mail.', { nullable: true, max: 300 })
  providerMessageId?: string | null

  @text('What went wrong: a code.', { nullable: true, max: 60 })
  code?: string | null

  @text('What went wrong: what the mail server said.', { nullable: true, max: 1000, multiline: true })
  error?: string | null

  @given('MessageDelivery', 'The mail by which it was noticed.', { nullable: true })
  deliveryId?: string | null
}

/** D58: never silent, and once: what every further mail of a channel meets that failed already stands on its ticket alone. */
export const noteSupportChannel = action({
  name: 'noteSupportChannel',
  description: 'Notes what the mail server said of a channel; by Opsgraph itself.',
  input: NoteSupportChannelInput,

  on: supportChannel,
  target: input => input.supportChannelId,

  allow: [Role.SYSTEM],

  decide({ shape, verification }, input): Draft<MailEvents>[] {
    const { fromAddress, outcome, providerMessageId = null, deliveryId = null, error } = input
    if (shape?.fromAddress !== fromAddress) return []
    if (outcome === 'TAKEN') return [{ type: 'ChannelVerified', data: { fromAddress, providerMessageId } }]
    if (deliveryId && verification === 'FAILED') return []
    const refused = outcome === 'REFUSED'
    const data = { fromAddress, code: input.code ?? 'UNKNOWN', refused, deliveryId }
    return [{ type: 'ChannelVerificationFailed', data, personal: error ? { error } : {} }]
  },

  emits: ['ChannelVerified', 'ChannelVerificationFailed'],
  returns: { supportChannel: SupportChannel },
})
