import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Draft } from '#shared/aggregate.js'
import type { MailEvents } from '#shared/events/mail.js'
import { given } from '#shared/fields.js'
import { Role } from '#shared/roles.js'
import { inboundMail } from '../mail/inbound-mail.js'
import { InboundMail } from '../views/inbound-mail.js'

@InputType('SettleInboundMailInput', { description: 'Where a mail stands now.' })
export class SettleInboundMailInput extends ActionInput {
  @given('InboundMail', 'The mail.')
  inboundMailId!: string

  @given('Ticket', 'The ticket that it became.')
  ticketId!: string
}

/** So that the mail leads to its ticket. */
export const settleInboundMail = action({
  name: 'settleInboundMail',
  description: 'Notes which ticket a mail became; by Opsgraph itself.',
  input: SettleInboundMailInput,

  on: inboundMail,
  target: input => input.inboundMailId,

  allow: [Role.SYSTEM],

  decide: ({ isKnown }, { ticketId }): Draft<MailEvents>[] =>
    isKnown ? [{ type: 'MailTakenIn', data: { ticketId } }] : [],

  emits: ['MailTakenIn'],
  returns: { mail: InboundMail },
})
