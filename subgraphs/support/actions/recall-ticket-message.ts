import { InputType } from 'type-graphql'
import { action, type Warning } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { requireOwnMessage } from '../mail/delivered.js'
import { type Departure, departureOf, holdEnd } from '../mail/deliveries.js'
import { writtenBy } from '../messages.js'
import { calledBack, keptStatus } from '../recall.js'
import { WORKERS } from '../staff.js'
import { type Happening, requireTicket, ticket } from '../ticket.js'
import { Ticket } from '../views/ticket.js'
import { TicketMessage } from '../views/ticket-message.js'

@InputType('RecallTicketMessageInput', { description: 'Which message to call back.' })
export class RecallTicketMessageInput extends ActionInput {
  @given('TicketMessage', 'The message; one of staff that customers can read and that was not sent yet.')
  messageId!: string
}

interface Read {
  ticketId: string | null
  departure: Departure | null
}

/** D60, D61: within the hold nothing has left, so what was wrong can be made undone; afterwards only corrected. */
export const recallTicketMessage = action({
  name: 'recallTicketMessage',
  description:
    'Calls a message back before it is sent (support.outboundHoldSeconds): nobody is told, and it is a note from then on; no reply was given by it, and what it resolved stands where it stood. For who wrote it, or a lead.',
  input: RecallTicketMessageInput,
  reasons: {
    MISTAKE: 'It says something wrong.',
    WRONG_TICKET: 'It belongs elsewhere.',
    WRONG_VISIBILITY: 'It was meant for staff.',
    CONTAINS_PRIVATE: 'It says what customers must not know.',
  },

  on: ticket,
  target: (_input, read: Read) => read.ticketId ?? 'tkt_none',
  prepare: async ({ messageId }, tx, { services }): Promise<Read> => {
    const [row] = await tx.query('select ticket_id from support.ticket_message where id = $1', [messageId])
    const ticketId: string | null = row?.ticket_id ?? null
    const departure = ticketId === null ? null : await departureOf(tx, { ticketId, messageId }, services)
    return { ticketId, departure }
  },

  allow: WORKERS,

  decide(state, { messageId }, { now, actorId, actorRoles, read: { departure } }): Happening {
    if (departure === null) refuse('NOT_FOUND', 'There is no such message.', 'messageId')
    requireTicket(state)
    const message = requireOwnMessage(state, messageId, actorId, actorRoles)
    const { kind, visibility, publicSince } = message
    if (kind !== 'STAFF_REPLY' || visibility !== 'PUBLIC' || publicSince === null)
      refuse('INVALID_STATE', 'Only what staff told the customer is recalled.', 'messageId', {
        kind,
        visibility,
      })
    const until = holdEnd(publicSince, departure)
    if (departure.left || now >= until)
      refuse(
        'ALREADY_SENT',
        'It is on its way. Say what was wrong with it: reply with a correction.',
        'messageId',
        {
          until: until.toISOString(),
          suggestion: { action: 'replyToTicket', correctionOfId: messageId },
        },
      )
    return calledBack(state, messageId)
  },
  warns: (state, { messageId }): Warning[] => keptStatus(state, state.messages[messageId]!),

  emits: ['SupportCaseUpdated', 'SupportNoteVisibilityChanged'],
  returns: { ticket: Ticket, message: { type: TicketMessage, id: writtenBy } },
})
