import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Draft } from '#shared/aggregate.js'
import type { MailEvents } from '#shared/events/mail.js'
import { given } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { addressesOf } from '../mail/addresses.js'
import { isAddress } from '../mail/mail-address.js'
import { supportChannel } from '../mail/support-channel.js'
import { LEADS } from '../staff.js'
import { SupportChannel } from '../views/support-channel.js'

@InputType('VerifySupportChannelInput', { description: 'Which channel to verify.' })
export class VerifySupportChannelInput extends ActionInput {
  @given('SupportChannel', 'The channel.')
  supportChannelId!: string
}

interface Asking {
  by: 'mailbox' | 'smtp' | 'off'
  /** Where a mail to who asks would go. */
  to: string | null
}

/** D58: asked of the mail server itself, since nobody else knows; the answer comes with `SupportChannel.verification`. */
export const verifySupportChannel = action({
  name: 'verifySupportChannel',
  description:
    'Asks the mail server whether it takes mail from a channel, with a mail to who asks. The answer is there within seconds: SupportChannel.verification.',
  input: VerifySupportChannelInput,

  on: supportChannel,
  target: input => input.supportChannelId,
  prepare: async (_input, tx, { identity: { personId }, services }): Promise<Asking> => ({
    by: services.config.mail.by,
    to: (await addressesOf(tx, [personId])).get(personId)?.email ?? null,
  }),

  allow: LEADS,

  decide({ shape }, _input, { read: { by, to } }): Draft<MailEvents> {
    if (!shape) refuse('NOT_FOUND', 'There is no such channel.', 'supportChannelId')
    if (!shape.isActive) refuse('INVALID_STATE', 'Nothing is sent from there any more.', 'supportChannelId')
    if (by !== 'smtp')
      refuse('INVALID_STATE', `MAIL is ${by}: there is no mail server to ask.`, undefined, { mail: by })
    if (!to || !isAddress(to))
      refuse('INVALID_STATE', 'A mail goes to who asks, and no address is recorded of you.')
    return { type: 'ChannelVerificationRequested', data: { fromAddress: shape.fromAddress } }
  },

  emits: ['ChannelVerificationRequested'],
  returns: { supportChannel: SupportChannel },
})
