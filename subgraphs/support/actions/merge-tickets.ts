import { InputType } from 'type-graphql'
import { action, namedBy } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Draft } from '#shared/aggregate.js'
import type { SupportEvents } from '#shared/events/support.js'
import { given } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { MAX_LINKS } from '../links.js'
import { WORKERS } from '../staff.js'
import { requireWork, type TicketState, ticket } from '../ticket.js'
import { Ticket } from '../views/ticket.js'

@InputType('MergeTicketsInput', { description: 'Which ticket goes into which.' })
export class MergeTicketsInput extends ActionInput {
  @given('Ticket', 'The ticket that ends.')
  ticketId!: string

  @given('Ticket', 'The ticket that goes on.')
  intoId!: string
}

interface Into {
  organization_id: string | null
  requester_id: string | null
  is_unverified: boolean
  shown_since: Date | null
  status: string
  linked_entity_ids: string[]
}

/** Whoever reads one has to be somebody who reads the other. Strangers are never known to be the same. */
function isSameAccount({ organizationId, requesterId, openedByKind }: TicketState, into: Into): boolean {
  if (organizationId !== into.organization_id) return false
  if (organizationId !== null) return true
  if (requesterId !== into.requester_id) return false
  return requesterId !== null || (openedByKind === 'STAFF' && !into.is_unverified)
}

function requireMergeable(state: TicketState, into: Into | null): asserts into is Into {
  if (!into) refuse('NOT_FOUND', 'There is no such ticket.', 'intoId')
  if (into.status === 'CLOSED')
    refuse('INVALID_STATE', 'The ticket that goes on is closed; reopen it first.', 'intoId', {
      status: into.status,
    })
  if (!isSameAccount(state, into))
    refuse(
      'INVALID',
      'Both have to belong to the same account: otherwise one customer would read what another wrote.',
      'intoId',
    )
  const isSomebodys = state.organizationId !== null || state.requesterId !== null
  if (isSomebodys && state.shownSince !== null && into.shown_since === null)
    refuse(
      'INVALID_STATE',
      'Customers do not know of the ticket that goes on: say something public on it first.',
      'intoId',
    )
  const links = new Set([...into.linked_entity_ids, ...state.linkedEntityIds])
  if (links.size > MAX_LINKS)
    refuse('TOO_MANY', `A ticket is about at most ${MAX_LINKS} things.`, 'intoId', { most: MAX_LINKS })
}

/** Both are locked before either is looked at, so that two tickets never end up in each other. */
export const mergeTickets = action({
  name: 'mergeTickets',
  description:
    'Closes a ticket because another one of the same account is about the same matter. What was said stays readable on it; what it is about, the other one is about as well. Cannot be undone.',
  input: MergeTicketsInput,
  reasons: {
    DUPLICATE: 'It was opened twice.',
    SAME_MATTER: 'Both are about the same matter.',
  },

  on: ticket,
  target: input => input.ticketId,
  prepare: async ({ ticketId, intoId }, tx, { services }): Promise<Into | null> => {
    await services.store.lock(tx, [ticketId, intoId])
    const [row] = await tx.query(
      'select organization_id, requester_id, is_unverified, status, linked_entity_ids, shown_since from support.ticket where id = $1',
      [intoId],
    )
    return row ?? null
  },

  allow: WORKERS,

  decide(state, { intoId }, { targetId, read: into }): Draft<SupportEvents> {
    requireWork(state)
    if (intoId === targetId) refuse('INVALID', 'A ticket does not go into itself.', 'intoId')
    requireMergeable(state, into)
    return { type: 'SupportCaseClosed', data: { by: 'MERGED', from: state.status!, intoId }, refs: [intoId] }
  },

  emits: ['SupportCaseClosed'],
  returns: {
    ticket: Ticket,
    into: namedBy(Ticket, 'intoId'),
  },
})
