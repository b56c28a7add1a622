import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given, oneOf, several } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { TicketCategory, TicketPriority } from '../enums.js'
import { type RoutableQueue, readQueues } from '../routing/routing.js'
import { categorised, prioritised, queued, tagged } from '../routing/triage.js'
import { WORKERS } from '../staff.js'
import { tagsOf } from '../tags.js'
import { requireWork, ticket } from '../ticket.js'
import { Ticket } from '../views/ticket.js'

@InputType('TriageTicketInput', { description: 'What a ticket is; what is left out stays.' })
export class TriageTicketInput extends ActionInput {
  @given('Ticket', 'The ticket.')
  ticketId!: string

  @oneOf(TicketPriority, 'How soon it is due.', { nullable: true })
  priority?: keyof typeof TicketPriority | null

  @oneOf(TicketCategory, 'What it is about.', { nullable: true })
  category?: keyof typeof TicketCategory | null

  @given('Queue', 'Where it goes.', { nullable: true })
  queueId?: string | null

  @several(String, 'All its tags from now on.', { nullable: true, max: 20 })
  tags?: string[] | null
}

/** A8: one look, and everything is where it belongs. Leaves an event for each thing that changed. */
export const triageTicket = action({
  name: 'triageTicket',
  description:
    'Says at once how soon a ticket is due, what it is about, where it goes and what it is sorted by.',
  input: TriageTicketInput,

  on: ticket,
  target: input => input.ticketId,
  prepare: (_input, tx): Promise<RoutableQueue[]> => readQueues(tx),

  allow: WORKERS,

  decide(state, { priority, category, queueId, tags }, { read: queues }) {
    requireWork(state)
    if (!priority && !category && !queueId && !tags)
      refuse('INVALID', 'Say priority, category, queueId or tags.', 'priority')
    return [
      ...(priority ? prioritised(state, priority) : []),
      ...(category ? categorised(state, category) : []),
      ...(queueId ? queued(state, queueId, queues) : []),
      ...(tags ? tagged(state, tagsOf(tags, 'tags')) : []),
    ]
  },

  emits: ['SupportCaseUpdated'],
  returns: { ticket: Ticket },
})
