import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given } from '#shared/fields.js'
import { Role } from '#shared/roles.js'
import { untold } from '../sla/sla.js'
import { type Happening, ticket } from '../ticket.js'
import { Ticket } from '../views/ticket.js'

@InputType('NoteSlaInput', { description: 'Whose promises to look at.' })
export class NoteSlaInput extends ActionInput {
  @given('Ticket', 'The ticket.')
  ticketId!: string
}

/** A20, E102: each at most once for each opening, reopening and escalation that promised one, whatever happened meanwhile. */
export const noteSla = action({
  name: 'noteSla',
  description: 'Notes that a first reply is at risk or came too late, if it is so; by Opsgraph itself.',
  input: NoteSlaInput,

  on: ticket,
  target: input => input.ticketId,

  allow: [Role.SYSTEM],

  decide({ slaCycles, slaEmergencies }, _input, { now }): Happening {
    return [...slaCycles, ...slaEmergencies].flatMap(one => {
      const type = untold(one, now)
      const dueAt = one.breachedAt ?? one.dueAt
      if (type === null || dueAt === null) return []
      return [{ type, data: { cycle: one.cycle, metric: one.promise.metric, dueAt } } as const]
    })
  },

  emits: ['SlaNearBreach', 'SlaBreached'],
  returns: { ticket: Ticket },
})
