import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given } from '#shared/fields.js'
import { unknownIds } from '#shared/known.js'
import { refuse } from '#shared/refusal.js'
import { STAFF } from '#shared/roles.js'
import { MAX_LINKS } from '../links.js'
import { requireTicket, ticket } from '../ticket.js'
import { Ticket } from '../views/ticket.js'

@InputType('LinkTicketInput', { description: 'What a ticket is about, too.' })
export class LinkTicketInput extends ActionInput {
  @given('Ticket', 'The ticket.')
  ticketId!: string

  @given('Node', 'What it is about: any entity.')
  entityId!: string
}

/** E66: a closed ticket takes links too (X2). */
export const linkTicket = action({
  name: 'linkTicket',
  description:
    'Says that a ticket is also about something: an order, a listing, a person, a case, whatever has an id.',
  input: LinkTicketInput,

  on: ticket,
  target: input => input.ticketId,
  prepare: ({ entityId }, tx): Promise<string[]> => unknownIds(tx, [entityId]),

  allow: STAFF,

  decide(state, { entityId }, { targetId, read: unknown }) {
    requireTicket(state)
    if (unknown.length)
      refuse('UNKNOWN_REFERENCE', `${entityId} is nothing that was ever recorded.`, 'entityId', { unknown })
    if (entityId === targetId) refuse('INVALID', 'A ticket is not about itself.', 'entityId')
    const { linkedEntityIds } = state
    if (linkedEntityIds.includes(entityId)) return []
    if (linkedEntityIds.length >= MAX_LINKS)
      refuse('TOO_MANY', `A ticket is about at most ${MAX_LINKS} things.`, 'entityId', { most: MAX_LINKS })
    return { type: 'EntityLinked', data: { entityId } }
  },

  emits: ['EntityLinked'],
  returns: { ticket: Ticket },
})
