import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given, oneOf, part, several } from '#shared/fields.js'
import { CHANGE_EMITS, decideChange, readChange, stepsOf } from '../change.js'
import { TicketCategory, TicketPriority, TicketStatus, TicketStatusReason } from '../enums.js'
import { WORKERS } from '../staff.js'
import { MAX_TAGS } from '../tags.js'
import { ticket } from '../ticket.js'
import { Ticket } from '../views/ticket.js'

@InputType('TicketChangeInput', { description: 'What is to become of a ticket; what is left out stays.' })
export class TicketChangeInput {
  @oneOf(TicketStatus, 'OPEN, WAITING_ON_BUYER or WAITING_ON_SELLER.', { nullable: true })
  status?: keyof typeof TicketStatus | null

  @oneOf(TicketStatusReason, 'Why it goes there.', { nullable: true })
  statusReason?: keyof typeof TicketStatusReason | null

  @oneOf(TicketPriority, 'How soon it is due.', { nullable: true })
  priority?: keyof typeof TicketPriority | null

  @oneOf(TicketCategory, 'What it is about.', { nullable: true })
  category?: keyof typeof TicketCategory | null

  @given('Queue', 'Where it goes.', { nullable: true })
  queueId?: string | null

  @given('StaffMember', 'Who works on it; takes TICKETS_ASSIGN.', { nullable: true })
  assigneeId?: string | null

  @several(String, 'Tags that it gets.', { nullable: true, max: MAX_TAGS })
  addTags?: string[] | null

  @several(String, 'Tags that it loses.', { nullable: true, max: MAX_TAGS })
  removeTags?: string[] | null
}

@InputType('UpdateTicketInput', { description: 'Which ticket, and what is to become of it.' })
export class UpdateTicketInput extends ActionInput {
  @given('Ticket', 'The ticket.')
  ticketId!: string

  @part(() => TicketChangeInput, 'What is to become of it.')
  change!: TicketChangeInput
}

/** As if each of the ordinary actions were done, one after the other; all of them, or none. */
export const updateTicket = action({
  name: 'updateTicket',
  description: 'Changes several things of a ticket at once, as the ordinary actions would, or none of them.',
  input: UpdateTicketInput,

  on: ticket,
  target: input => input.ticketId,
  prepare: ({ ticketId, change }, tx, caller) => readChange(() => stepsOf(ticketId, change), tx, caller),

  allow: WORKERS,

  decide: (state, _input, facts) => decideChange(state, facts).drafts,

  emits: [...CHANGE_EMITS],
  returns: { ticket: Ticket },
})
