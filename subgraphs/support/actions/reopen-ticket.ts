import { InputType } from 'type-graphql'
import type { EntityManager } from 'typeorm'
import { action, type Facts } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Draft } from '#shared/aggregate.js'
import type { Caller } from '#shared/context.js'
import type { SlaPromise } from '#shared/events/sla.js'
import type { SupportEvents } from '#shared/events/support.js'
import { given, text } from '#shared/fields.js'
import type { Identity } from '#shared/identity.js'
import { refuse } from '#shared/refusal.js'
import { Role } from '#shared/roles.js'
import { mayTouch } from '../audience.js'
import { reply, writtenBy } from '../messages.js'
import { type Resolution, resolutionOf, takenBack } from '../resolution.js'
import { readPromise } from '../sla/sla-terms.js'
import { type Candidate, candidate, WORKERS } from '../staff.js'
import { assigned, requireTicket, type TicketState, ticket } from '../ticket.js'
import { Ticket } from '../views/ticket.js'
import { TicketMessage } from '../views/ticket-message.js'

@InputType('ReopenTicketInput', { description: 'Which ticket to open again.' })
export class ReopenTicketInput extends ActionInput {
  @given('Ticket', 'The ticket; it has to be CLOSED.')
  ticketId!: string

  @text('What is new: plain text, a public message.', { nullable: true, max: 20_000, multiline: true })
  body?: string | null
}

/** What reopening rests on, besides the ticket. */
export interface Reopening {
  identity: Identity
  /** Who worked on it; null when nobody did. */
  assignee: Candidate | null
  /** What is promised anew; null where nobody waits for a reply. */
  promise: SlaPromise | null
  resolution: Resolution
}

/** What resolved it and was not sent yet is sent as an answer: the ticket is not resolved. */
function withdrawn(state: TicketState, resolution: Resolution, now: Date): Draft<SupportEvents>[] {
  const { messageId, unsaid = false } = takenBack(state, resolution, now) ?? {}
  return messageId && unsaid
    ? [{ type: 'SupportResolutionWithdrawn', data: { messageId }, refs: [messageId] }]
    : []
}

export async function readReopening(
  ticketId: string,
  tx: EntityManager,
  { identity, services }: Caller,
): Promise<Reopening> {
  const [row] = await tx.query(
    'select assignee_id, organization_id, sla_cycles from support.ticket where id = $1',
    [ticketId],
  )
  return {
    identity,
    assignee: row?.assignee_id ? await candidate(tx, row.assignee_id, services.clock()) : null,
    promise: row?.sla_cycles.length ? await readPromise(tx, row.organization_id, services.clock()) : null,
    resolution: await resolutionOf(tx, ticketId, services),
  }
}

/** Whoever worked on it keeps it, unless they left. @throws Refusal INVALID_STATE for what is not closed, or went into another one */
export function reopened(
  state: TicketState,
  body: string | null | undefined,
  {
    newId,
    now,
    read: { identity, assignee, promise, resolution },
  }: Pick<Facts<Reopening>, 'newId' | 'now' | 'read'>,
): Draft<SupportEvents>[] {
  const { status, mergedIntoId, assigneeId, reopenCount } = state
  if (status !== 'CLOSED') refuse('INVALID_STATE', 'It is not closed.', 'ticketId', { status })
  if (mergedIntoId)
    refuse('INVALID_STATE', 'It went into another ticket; go on there.', 'ticketId', { mergedIntoId })
  const stays = assigneeId !== null && assignee?.active === true ? assigneeId : null
  const closedAt = state.closedAt === null ? null : new Date(state.closedAt).toISOString()
  return [
    {
      type: 'SupportCaseReopened',
      data: {
        reopenCount: reopenCount + 1,
        closedAt,
        assigneeId: stays,
        ...(promise ? { sla: promise } : {}),
      },
      refs: stays === null ? [] : [stays],
    },
    ...(stays === assigneeId ? [] : assigned(assigneeId, null)),
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
  prepare: ({ ticketId }, tx, caller) => readReopening(ticketId, tx, caller),

  allow: [...WORKERS, Role.REQUESTER],

  decide(state, { body }, facts): Draft<SupportEvents>[] {
    requireTicket(state, mayTouch(state, facts.read.identity))
    return reopened(state, body, facts)
  },

  emits: ['SupportCaseReopened', 'SupportCaseUpdated', 'SupportResolutionWithdrawn', 'SupportReplyPosted'],
  returns: { ticket: Ticket, message: { type: TicketMessage, id: writtenBy } },
})
