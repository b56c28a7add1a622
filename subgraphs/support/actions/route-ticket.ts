import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given } from '#shared/fields.js'
import { Role } from '#shared/roles.js'
import { type RoutableQueue, readQueues } from '../routing/routing.js'
import { queued } from '../routing/triage.js'
import { WORKERS } from '../staff.js'
import { requireWork, ticket } from '../ticket.js'
import { Ticket } from '../views/ticket.js'

@InputType('RouteTicketInput', { description: 'Which ticket goes to which queue.' })
export class RouteTicketInput extends ActionInput {
  @given('Ticket', 'The ticket.')
  ticketId!: string

  @given('Queue', 'Where it goes; an active one.')
  queueId!: string
}

/** A2: to the people who can do something about it. */
export const routeTicket = action({
  name: 'routeTicket',
  description: 'Puts a ticket into another queue.',
  input: RouteTicketInput,
  reasons: {
    WRONG_QUEUE: 'It came to the wrong one.',
    OTHER_TEAM: 'Somebody else can do it.',
    WORKLOAD: 'This one is full.',
    ESCALATION: 'It takes more than this one can do.',
  },

  on: ticket,
  target: input => input.ticketId,
  prepare: (_input, tx): Promise<RoutableQueue[]> => readQueues(tx),

  allow: [...WORKERS, Role.SYSTEM],

  decide(state, { queueId }, { read: queues }) {
    requireWork(state)
    return queued(state, queueId, queues)
  },

  emits: ['SupportCaseUpdated'],
  returns: { ticket: Ticket },
})
