import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given, oneOf } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { TicketStatus, TicketStatusReason } from '../enums.js'
import { WORKERS } from '../staff.js'
import { reasonFor, requireReason } from '../status.js'
import { moved, requireWork, ticket } from '../ticket.js'
import { Ticket } from '../views/ticket.js'

@InputType('SetTicketStatusInput', { description: 'Where a ticket shall stand, and why.' })
export class SetTicketStatusInput extends ActionInput {
  @given('Ticket', 'The ticket.')
  ticketId!: string

  @oneOf(TicketStatus, 'OPEN, WAITING_ON_BUYER or WAITING_ON_SELLER; the others have actions of their own.')
  status!: keyof typeof TicketStatus

  @oneOf(
    TicketStatusReason,
    'Why: has to be said of what waits; OPEN is WORK_RESUMED unless said otherwise.',
    {
      nullable: true,
    },
  )
  statusReason?: keyof typeof TicketStatusReason | null
}

const ELSEWHERE = {
  RESOLVED: 'resolveTicket says how it was resolved',
  CLOSED: 'closeTicket looks whether it may be closed',
} as const

/** C29, E68, X1: whose turn it is. Nothing happens when it stands there for this reason already. */
export const setTicketStatus = action({
  name: 'setTicketStatus',
  description: 'Says whose turn it is: ours, the buyer’s or the seller’s.',
  input: SetTicketStatusInput,

  on: ticket,
  target: input => input.ticketId,

  allow: WORKERS,

  decide(state, { status, statusReason }, { now }) {
    requireWork(state)
    if (status === 'RESOLVED' || status === 'CLOSED') refuse('INVALID', `${ELSEWHERE[status]}.`, 'status')
    if (state.status === 'RESOLVED')
      refuse('INVALID_STATE', 'It is resolved; correctTicketStatus puts that right.', 'status', {
        status: state.status,
      })
    requireReason(status, statusReason)
    const why = reasonFor(status, statusReason)
    if (state.status === status && (!statusReason || state.statusReason === why)) return []
    return moved(state, { to: status, statusReason: why, now })
  },

  emits: ['SupportCaseUpdated'],
  returns: { ticket: Ticket },
})
