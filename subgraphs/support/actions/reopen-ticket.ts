import { InputType } from 'type-graphql'
import type { EntityManager } from 'typeorm'
import { action, type Facts } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Draft } from '#shared/aggregate.js'
import type { Caller } from '#shared/context.js'
import type { SupportEvents } from '#shared/events/support.js'
import { given, text } from '#shared/fields.js'
import type { Identity } from '#shared/identity.js'
import { refuse } from '#shared/refusal.js'
import { Role } from '#shared/roles.js'
import { mayTouch } from '../audience.js'
import { reply, writtenBy } from '../messages.js'
import { openedAgain, type Reopening, readReopening } from '../reopening.js'
import { type Resolution, resolutionOf, takenBack } from '../resolution.js'
import { WORKERS } from '../staff.js'
import { requireTicket, type TicketState, ticket } from '../ticket.js'
import { Ticket } from '../views/ticket.js'
import { TicketMessage } from '../views/ticket-message.js'

@InputType('ReopenTicketInput', { description: 'Which ticket to open again.' })
export class ReopenTicketInput extends ActionInput {
  @given('Ticket', 'The ticket; it has to be CLOSED.')
  ticketId!: string

  @text('What is new: plain text, a public message.', { nullable: true, max: 20_000, multiline: true })
  body?: string | null
}

/** What reopening by whoever asks rests on. */
export interface ReopeningAsked extends Reopening {
  identity: Identity
  resolution: Resolution
}

/** What resolved it and was not sent yet is sent as an answer: the ticket is not resolved. */
function withdrawn(state: TicketState, resolution: Resolution, now: Date): Draft<SupportEvents>[] {
  const { messageId, unsaid = false } = takenBack(state, resolution, now) ?? {}
  return messageId && unsaid
    ? [{ type: 'SupportResolutionWithdrawn', data: { messageId }, refs: [messageId] }]
    : []
}

export const readReopeningAsked = async (
  ticketId: string,
  tx: EntityManager,
  { identity, services }: Caller,
): Promise<ReopeningAsked> => ({
  identity,
  ...(await readReopening(ticketId, tx, services.clock())),
  resolution: await resolutionOf(tx, ticketId, services),
})

/** @throws Refusal INVALID_STATE for what is not closed, or went into another one */
export function reopened(
  state: TicketState,
  body: string | null | undefined,
  { newId, now, read }: Pick<Facts<ReopeningAsked>, 'newId' | 'now' | 'read'>,
): Draft<SupportEvents>[] {
  const { status, mergedIntoId } = state
  const { identity, resolution } = read
  if (status !== 'CLOSED') refuse('INVALID_STATE', 'It is not closed.', 'ticketId', { status })
  if (mergedIntoId)
    refuse('INVALID_STATE', 'It went into another ticket; go on there.', 'ticketId', { mergedIntoId })
  return [
    ...openedAgain(state, read),
    ...withdrawn(state, resolution, now),
    ...(body ? reply({ ...state, status: 'OPEN' }, { body, messageId: newId('msg'), identity, now }) : []),
  ]
}

/** D50, D51, X2: the only way out of CLOSED. Whoever worked on it keeps it, unless they left. */
export const reopenTicket = action({
  name: 'reopenTicket',
  description: 'Opens a closed ticket again, with whom it was; when it had been closed stays in its history.',
  input: ReopenTicketInput,
  reasons: {
    CLOSED_PREMATURELY: 'It was not over.',
    NEW_INFORMATION: 'Something new came up.',
    HAPPENED_AGAIN: 'What was resolved is there again.',
    CLOSED_BY_MISTAKE: 'It was the wrong one.',
  },

  on: ticket,
  target: input => input.ticketId,
  prepare: ({ ticketId }, tx, caller) => readReopeningAsked(ticketId, tx, caller),

  allow: [...WORKERS, Role.REQUESTER],

  decide(state, { body }, facts): Draft<SupportEvents>[] {
    requireTicket(state, mayTouch(state, facts.read.identity))
    return reopened(state, body, facts)
  },

  emits: ['SupportCaseReopened', 'SupportCaseUpdated', 'SupportResolutionWithdrawn', 'SupportReplyPosted'],
  returns: { ticket: Ticket, message: { type: TicketMessage, id: writtenBy } },
})
