import { InputType } from 'type-graphql'
import type { Warning } from '#shared/action.js'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given, oneOf } from '#shared/fields.js'
import { refuse, refuseMissing } from '#shared/refusal.js'
import { Permission, STAFF } from '#shared/roles.js'
import { delivered, requireOwnMessage } from '../mail/delivered.js'
import { departureOf, isUnsaid } from '../mail/deliveries.js'
import { writtenBy } from '../messages.js'
import { calledBack, keptStatus } from '../recall.js'
import { WORKERS } from '../staff.js'
import { type Happening, requireOpen, requireTicket, ticket } from '../ticket.js'
import { Ticket } from '../views/ticket.js'
import { MessageVisibility, TicketMessage } from '../views/ticket-message.js'

@InputType('SetTicketMessageVisibilityInput', { description: 'Who shall read a message.' })
export class SetTicketMessageVisibilityInput extends ActionInput {
  @given('Ticket', 'The ticket.')
  ticketId!: string

  @given('TicketMessage', 'The message; one of staff.')
  messageId!: string

  @oneOf(MessageVisibility, 'Who reads it from now on.')
  visibility!: keyof typeof MessageVisibility
}

/**
 * D60, D61, X18: what is hidden before anything of it left was never said, as when it is recalled. What was delivered stays so, and hiding it
 * does not undo that: the answer says when and where.
 */
export const setTicketMessageVisibility = action({
  name: 'setTicketMessageVisibility',
  description:
    'Shows a message of staff to the customer, or hides it from them: who wrote it, or a lead. What is hidden before it left counts as recalled.',
  input: SetTicketMessageVisibilityInput,
  reasons: {
    WRONG_VISIBILITY: 'It was meant for others.',
    CONTAINS_PRIVATE: 'It says what customers must not know.',
    WORTH_SHARING: 'The customer should know it.',
  },

  on: ticket,
  target: input => input.ticketId,
  prepare: async (input, tx, { services }) => departureOf(tx, input, services),

  allow: STAFF,

  decide(state, { messageId, visibility }, { actorId, actorRoles, may, now, read }): Happening {
    requireTicket(state)
    const message = requireOwnMessage(state, messageId, actorId, actorRoles)
    if (message.kind === 'USER_MESSAGE' || message.kind === 'SYSTEM')
      refuse('INVALID_STATE', 'Only messages of staff are hidden or shown.', 'messageId', {
        kind: message.kind,
      })
    if (message.visibility === visibility) return []
    if (visibility === 'PRIVATE' && isUnsaid(message.publicSince, read, now))
      return calledBack(state, messageId)
    if (visibility === 'PUBLIC') {
      requireOpen(state)
      if (!may(WORKERS)) refuseMissing(Permission.TICKETS_HANDLE, 'Telling customers something', 'visibility')
    }
    const { organizationId, requesterId } = state
    return {
      type: 'SupportNoteVisibilityChanged',
      data: {
        messageId,
        from: message.visibility,
        to: visibility,
        kind: visibility === 'PUBLIC' ? 'STAFF_REPLY' : 'INTERNAL_NOTE',
        deliveredAt: message.publicSince,
        organizationId,
        requesterId,
      },
      refs: [messageId],
    }
  },
  warns: (state, { messageId, visibility }, { read, now }): Warning[] => {
    if (visibility === 'PUBLIC') return []
    const message = state.messages[messageId]!
    return isUnsaid(message.publicSince, read, now)
      ? keptStatus(state, message)
      : delivered(state, messageId, read, now)
  },

  emits: ['SupportCaseUpdated', 'SupportNoteVisibilityChanged'],
  returns: { ticket: Ticket, message: { type: TicketMessage, id: writtenBy } },
})
