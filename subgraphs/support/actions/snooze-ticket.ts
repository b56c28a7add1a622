import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given, instant } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { ASSIGNABLE } from '../staff.js'
import { type Happening, requireWork, ticket } from '../ticket.js'
import { Ticket } from '../views/ticket.js'

/** Longer than anybody means. */
const LONGEST_DAYS = 366

@InputType('SnoozeTicketInput', { description: 'Until when to put a ticket aside.' })
export class SnoozeTicketInput extends ActionInput {
  @given('Ticket', 'The ticket.')
  ticketId!: string

  @instant(`Until when (UTC), at most ${LONGEST_DAYS} days; left out: take it up again now.`, {
    nullable: true,
  })
  until?: Date | null
}

/** Out of the inbox until then, or until the customer says something. */
export const snoozeTicket = action({
  name: 'snoozeTicket',
  description:
    'Puts a ticket aside until a time; it comes back by itself then, or as soon as the customer replies.',
  input: SnoozeTicketInput,

  on: ticket,
  target: input => input.ticketId,

  allow: ASSIGNABLE,

  decide(state, { until }, { now }): Happening {
    requireWork(state)
    if (until && until <= now) refuse('INVALID', 'That is over already.', 'until', { now: now.toISOString() })
    if (until && until.getTime() - now.getTime() > LONGEST_DAYS * 86_400_000)
      refuse('INVALID', `At most ${LONGEST_DAYS} days.`, 'until')
    const to = until?.toISOString() ?? null
    if (to === state.snoozedUntil) return []
    return { type: 'SupportCaseUpdated', data: { change: 'SNOOZE', until: to, because: 'ASKED' } }
  },

  emits: ['SupportCaseUpdated'],
  returns: { ticket: Ticket },
})
