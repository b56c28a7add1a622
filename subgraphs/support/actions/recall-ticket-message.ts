import { InputType } from 'type-graphql'
import { action, type Warning } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given } from '#shared/fields.js'
import { policyValue } from '#shared/policies.js'
import { refuse } from '#shared/refusal.js'
import { requireOwnMessage } from '../delivered.js'
import { deliveriesOf } from '../deliveries.js'
import { writtenBy } from '../messages.js'
import { keptStatus, unresolved, withoutMessage } from '../recall.js'
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
  /** Something of it left, or is just leaving. */
  left: boolean
  holdSeconds: number
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
    // Before looking at what has left: releasing waits for this lock too.
    if (ticketId !== null) await services.store.lock(tx, [ticketId])
    const deliveries = await deliveriesOf(tx, messageId)
    return {
      ticketId,
      left: deliveries.some(({ state }) => state !== 'HELD' && state !== 'RECALLED'),
      holdSeconds: await policyValue(tx, 'support.outboundHoldSeconds', services.clock()),
    }
  },

  allow: WORKERS,

  decide(
    state,
    { messageId },
    { now, actorId, actorRoles, read: { ticketId, left, holdSeconds } },
  ): Happening {
    if (ticketId === null) refuse('NOT_FOUND', 'There is no such message.', 'messageId')
    requireTicket(state)
    const message = requireOwnMessage(state, messageId, actorId, actorRoles)
    const { kind, visibility, publicSince } = message
    if (kind !== 'STAFF_REPLY' || visibility !== 'PUBLIC' || publicSince === null)
      refuse('INVALID_STATE', 'Only what staff told the customer is recalled.', 'messageId', {
        kind,
        visibility,
      })
    const until = new Date(new Date(publicSince).getTime() + holdSeconds * 1000)
    if (left || now >= until)
      refuse(
        'ALREADY_SENT',
        'It is on its way. Say what was wrong with it: reply with a correction.',
        'messageId',
        {
          until: until.toISOString(),
          suggestion: { action: 'replyToTicket', correctionOfId: messageId },
        },
      )
    const { organizationId, requesterId } = state
    const data = {
      messageId,
      from: 'PUBLIC',
      to: 'PRIVATE',
      kind: 'INTERNAL_NOTE',
      deliveredAt: publicSince,
      recalled: true,
      without: withoutMessage(state, messageId),
      organizationId,
      requesterId,
    } as const
    return [...unresolved(state, message), { type: 'SupportNoteVisibilityChanged', data, refs: [messageId] }]
  },
  warns: (state, { messageId }): Warning[] => keptStatus(state, state.messages[messageId]!),

  emits: ['SupportCaseUpdated', 'SupportNoteVisibilityChanged'],
  returns: {
    ticket: Ticket,
    message: {
      type: TicketMessage,
      id: writtenBy,
    },
  },
})
