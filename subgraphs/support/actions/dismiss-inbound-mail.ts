import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Draft } from '#shared/aggregate.js'
import type { MailEvents } from '#shared/events/mail.js'
import { given } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { inboundMail, requireReviewable } from '../mail/inbound-mail.js'
import { WORKERS } from '../staff.js'
import { InboundMail } from '../views/inbound-mail.js'

@InputType('DismissInboundMailInput', { description: 'Which mail nothing comes of.' })
export class DismissInboundMailInput extends ActionInput {
  @given('InboundMail', 'The mail.')
  inboundMailId!: string
}

/** D56: looked at and done with; it stays, and can still be taken in. */
export const dismissInboundMail = action({
  name: 'dismissInboundMail',
  description:
    'Notes that somebody looked at a mail that was kept apart, and that nothing comes of it. It stays, and acceptInboundMail can still take it in.',
  input: DismissInboundMailInput,
  reasons: {
    SPAM: 'Nobody asked for it.',
    AUTOMATIC: 'A machine sent it.',
    NOT_FOR_US: 'It is for somebody else.',
    DUPLICATE: 'What it says is on a ticket already.',
    OTHER: 'Something else; the note says what.',
  },
  risk: 'SENSITIVE',

  on: inboundMail,
  target: input => input.inboundMailId,

  allow: WORKERS,

  decide(state): Draft<MailEvents>[] {
    requireReviewable(state)
    const { review } = state
    if (review === 'ACCEPTED')
      refuse('INVALID_STATE', 'It was taken in; go on with its ticket.', 'inboundMailId', { review })
    return review === 'DISMISSED' ? [] : [{ type: 'InboundMailDismissed', data: { previous: review } }]
  },

  emits: ['InboundMailDismissed'],
  returns: { mail: InboundMail },
})
