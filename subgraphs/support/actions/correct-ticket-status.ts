import { InputType } from 'type-graphql'
import type { EntityManager } from 'typeorm'
import { action, type Warning } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Caller } from '#shared/context.js'
import { given, oneOf } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { type Departure, departureOf, isUnsaid } from '../deliveries.js'
import { TicketStatus } from '../enums.js'
import { calledBack, standsBy } from '../recall.js'
import { WORKERS } from '../staff.js'
import { REASONS_OF } from '../status.js'
import { type Happening, moved, requireWork, type TicketState, ticket } from '../ticket.js'
import { Ticket } from '../views/ticket.js'

@InputType('CorrectTicketStatusInput', { description: 'Which status was wrong.' })
export class CorrectTicketStatusInput extends ActionInput {
  @given('Ticket', 'The ticket.')
  ticketId!: string

  @oneOf(TicketStatus, 'Where it stood right before (Ticket.previousStatus).')
  to!: keyof typeof TicketStatus
}

/** The message that said how it was resolved, and how far that came; null: none did. */
type Read = { messageId: string; departure: Departure } | null

async function prepare(
  { ticketId }: CorrectTicketStatusInput,
  tx: EntityManager,
  { services }: Caller,
): Promise<Read> {
  const [row] = await tx.query(
    'select id from support.ticket_message where ticket_id = $1 and is_resolution order by created_at desc, id desc limit 1',
    [ticketId],
  )
  return (
    row && { messageId: row.id, departure: await departureOf(tx, { ticketId, messageId: row.id }, services) }
  )
}

/** The resolution that a correction takes back, and whether anybody was told of it; null: it takes none back. */
function resolutionOf(
  { status, messages }: TicketState,
  read: Read,
  now: Date,
): { messageId: string; unsaid: boolean } | null {
  const message = read ? messages[read.messageId] : undefined
  if (status !== 'RESOLVED' || !read || !message?.resolved) return null
  return { messageId: read.messageId, unsaid: isUnsaid(message.publicSince, read.departure, now) }
}

/** D53, X3: back to where it stood right before, and nowhere else. What is resolved again waits for the customer anew. A
 * resolution that was not sent yet is never told, as if it was recalled (D60); of one that was, the customer learns that it is none. */
export const correctTicketStatus = action({
  name: 'correctTicketStatus',
  description:
    'Puts a wrong status right: back to the one right before it. The history shows both. A resolution that was not sent yet is recalled with it, and is a note; after that the customer is told that it is open again.',
  input: CorrectTicketStatusInput,
  reasons: {
    WRONG_STATUS: 'Another one was meant.',
    WRONG_TICKET: 'Another ticket was meant.',
    NOTHING_NEW: 'The customer said something that changes nothing, e.g. thanks.',
    NOT_RESOLVED: 'It turned out not to be resolved.',
  },

  on: ticket,
  target: input => input.ticketId,
  prepare,

  allow: WORKERS,

  decide(state, { to }, { now, read }): Happening {
    requireWork(state)
    const { previousStatus } = state
    if (to === 'CLOSED' || previousStatus === null || to !== previousStatus)
      refuse('INVALID_STATE', 'A correction goes back to the status right before, and not to CLOSED.', 'to', {
        status: state.status,
        previousStatus,
      })
    const back = moved(state, { to, statusReason: REASONS_OF[to][0]!, now, corrective: true })
    const resolution = resolutionOf(state, read, now)
    if (!resolution) return back
    const { messageId, unsaid } = resolution
    if (!unsaid) return [back, { type: 'SupportResolutionWithdrawn', data: { messageId }, refs: [messageId] }]
    const undone = calledBack(state, messageId)
    return standsBy(state, state.messages[messageId]!) ? undone : [back, ...undone]
  },
  warns: (state, _input, { now, read }): Warning[] => {
    const { messageId, unsaid = false } = resolutionOf(state, read, now) ?? {}
    if (!unsaid) return []
    return [
      {
        code: 'MESSAGE_RECALLED',
        message:
          'The resolution was not sent yet, so it is a note now and nobody is told of it. Where it is an answer all the same, show it: setTicketMessageVisibility.',
        facts: { messageId },
      },
    ]
  },

  emits: ['SupportCaseUpdated', 'SupportNoteVisibilityChanged', 'SupportResolutionWithdrawn'],
  returns: { ticket: Ticket },
})
