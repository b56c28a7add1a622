import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given } from '#shared/fields.js'
import { requireRecorded, unknownIds } from '#shared/known.js'
import { refuse } from '#shared/refusal.js'
import { STAFF } from '#shared/roles.js'
import { isReport, MAX_LINKS } from '../links.js'
import { atLeast, typesOf } from '../routing/routing.js'
import { prioritised } from '../routing/triage.js'
import { type Happening, requireTicket, ticket } from '../ticket.js'
import { Ticket } from '../views/ticket.js'

@InputType('LinkTicketInput', { description: 'What a ticket is about, too.' })
export class LinkTicketInput extends ActionInput {
  @given('Ticket', 'The ticket.')
  ticketId!: string

  @given('Node', 'What it is about: any entity.')
  entityId!: string
}

/** E66: a closed ticket takes links too (X2). What was reported is not left to wait (C13). */
export const linkTicket = action({
  name: 'linkTicket',
  description:
    'Says that a ticket is also about something: an order, a listing, a person, a case, whatever has an id. A case of Trust & Safety makes it at least HIGH.',
  input: LinkTicketInput,

  on: ticket,
  target: input => input.ticketId,
  prepare: async ({ entityId }, tx): Promise<{ unknown: string[]; types: string[] }> => ({
    unknown: await unknownIds(tx, [entityId]),
    types: await typesOf(tx, [entityId]),
  }),

  allow: STAFF,

  decide(state, { entityId }, { targetId, read: { unknown, types } }): Happening {
    requireTicket(state)
    requireRecorded(unknown, () => 'entityId')
    if (entityId === targetId) refuse('INVALID', 'A ticket is not about itself.', 'entityId')
    const { linkedEntityIds } = state
    if (linkedEntityIds.includes(entityId)) return []
    if (linkedEntityIds.length >= MAX_LINKS)
      refuse('TOO_MANY', `A ticket is about at most ${MAX_LINKS} things.`, 'entityId', { most: MAX_LINKS })
    const raised =
      isReport(types) && state.status !== 'CLOSED' ? atLeast(state.priority, 'HIGH') : state.priority
    return [{ type: 'EntityLinked', data: { entityId } }, ...prioritised(state, raised)]
  },

  emits: ['EntityLinked', 'SupportCaseUpdated'],
  returns: { ticket: Ticket },
})
