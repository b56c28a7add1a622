import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { MessageKind } from '#shared/events/support.js'
import { given, text } from '#shared/fields.js'
import type { Identity } from '#shared/identity.js'
import { Role } from '#shared/roles.js'
import { isCustomer, mayTouch } from '../audience.js'
import { requireOpen, requireTicket, ticket } from '../ticket.js'
import { Ticket } from '../views/ticket.js'
import { TicketMessage } from '../views/ticket-message.js'

@InputType('ReplyToTicketInput', { description: 'What to say, on which ticket.' })
export class ReplyToTicketInput extends ActionInput {
  @given('Ticket', 'The ticket to reply to.')
  ticketId!: string

  @text('What to say: plain text, and the customer reads it.', { max: 20_000, multiline: true })
  body!: string
}

const kindOf = (identity: Identity): MessageKind =>
  isCustomer(identity) ? 'USER_MESSAGE' : identity.kind === 'STAFF' ? 'STAFF_REPLY' : 'SYSTEM'

/** C3, C14: what the customer reads, or what the customer answers. */
export const replyToTicket = action({
  name: 'replyToTicket',
  description:
    'Says something on a ticket that the customer can read: staff to the customer, or the customer.',
  input: ReplyToTicketInput,

  on: ticket,
  target: input => input.ticketId,
  prepare: async (_input, _tx, { identity }): Promise<Identity> => identity,

  allow: [Role.SUPPORT_AGENT, Role.SUPPORT_LEAD, Role.SUPER_ADMIN, Role.REQUESTER, 'tickets:reply'],

  decide(state, { body }, { newId, read: identity }) {
    requireTicket(state, mayTouch(state, identity))
    requireOpen(state)
    const { organizationId, requesterId } = state
    const messageId = newId('msg')
    return {
      type: 'SupportReplyPosted',
      data: { messageId, kind: kindOf(identity), organizationId, requesterId },
      personal: { body },
      refs: [messageId],
    }
  },

  emits: ['SupportReplyPosted'],
  returns: {
    ticket: Ticket,
    message: {
      type: TicketMessage,
      id: ([posted]) => (posted?.data as { messageId?: string } | undefined)?.messageId ?? null,
    },
  },
})
