import { Field, InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given } from '#shared/fields.js'
import { WORKERS } from '../staff.js'
import { closesAfter } from '../status.js'
import { type Happening, requireWork, ticket } from '../ticket.js'
import { Ticket } from '../views/ticket.js'

@InputType('SetFollowUpNeededInput', {
  description: 'Whether something is left to do before a ticket may close.',
})
export class SetFollowUpNeededInput extends ActionInput {
  @given('Ticket', 'The ticket.')
  ticketId!: string

  @Field(() => Boolean, { description: 'Something is left to do: silence does not close it.' })
  followUpNeeded!: boolean
}

/** D46: what is left to do stops the clock; once it is done, the customer has their whole time again. */
export const setFollowUpNeeded = action({
  name: 'setFollowUpNeeded',
  description: 'Keeps a ticket from closing by itself while something is left to do, or lets it.',
  input: SetFollowUpNeededInput,

  on: ticket,
  target: input => input.ticketId,

  allow: WORKERS,

  decide(state, { followUpNeeded }, { now }): Happening {
    requireWork(state)
    if (state.followUpNeeded === followUpNeeded) return []
    const closesAt = state.status === 'RESOLVED' && !followUpNeeded ? closesAfter(now).toISOString() : null
    return { type: 'SupportCaseUpdated', data: { change: 'FOLLOW_UP', followUpNeeded, closesAt } }
  },

  emits: ['SupportCaseUpdated'],
  returns: { ticket: Ticket },
})
