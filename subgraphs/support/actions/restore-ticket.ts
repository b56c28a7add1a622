import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given } from '#shared/fields.js'
import { homeOf, type RoutableQueue, readQueues } from '../routing/routing.js'
import { requireQueue } from '../routing/triage.js'
import { WORKERS } from '../staff.js'
import { requireWork, ticket } from '../ticket.js'
import { Ticket } from '../views/ticket.js'

@InputType('RestoreTicketInput', { description: 'Which ticket to bring back.' })
export class RestoreTicketInput extends ActionInput {
  @given('Ticket', 'The ticket.')
  ticketId!: string

  @given('Queue', 'Where it goes; unless said otherwise it stays, or leaves the queue for spam.', {
    nullable: true,
  })
  queueId?: string | null
}

/** D56. */
export const restoreTicket = action({
  name: 'restoreTicket',
  description: 'Brings a ticket that was kept apart back to the inbox.',
  input: RestoreTicketInput,

  on: ticket,
  target: input => input.ticketId,
  prepare: (_input, tx): Promise<RoutableQueue[]> => readQueues(tx),

  allow: WORKERS,

  decide(state, { queueId }, { read: queues }) {
    requireWork(state)
    const { filterState: previousState, queueId: previousQueueId, category } = state
    if (previousState === 'INBOX') return []
    const stays = queues.find(({ id, isSpam, isActive }) => id === previousQueueId && isActive && !isSpam)
    const home = queueId ? requireQueue(queueId, queues).id : (stays?.id ?? homeOf(category, queues).queueId)
    const data = { queueId: home, previousQueueId, previousState }
    return { type: 'TicketUnfiltered', data, refs: home ? [home] : [] }
  },

  emits: ['TicketUnfiltered'],
  returns: { ticket: Ticket },
})
