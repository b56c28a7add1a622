import { InputType } from 'type-graphql'
import type { EntityManager } from 'typeorm'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Draft } from '#shared/aggregate.js'
import type { Caller } from '#shared/context.js'
import type { SupportEvents } from '#shared/events/support.js'
import { given } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { publicNames } from '../names.js'
import { ASSIGNABLE } from '../staff.js'
import { assigned, requireWork, ticket } from '../ticket.js'
import { Ticket } from '../views/ticket.js'

@InputType('AssignTicketToMeInput', { description: 'Which ticket to take.' })
export class AssignTicketToMeInput extends ActionInput {
  @given('Ticket', 'The ticket to take.')
  ticketId!: string
}

interface Ground {
  /** Who works on it, as customers call them; null: nobody. */
  assigneeName: string | null
}

/** The lock shows who was quicker, also where both clicked at once. */
async function prepare(
  { ticketId }: AssignTicketToMeInput,
  tx: EntityManager,
  { services }: Caller,
): Promise<Ground> {
  await services.store.lock(tx, [ticketId])
  const [row] = await tx.query('select assignee_id as id from support.ticket where id = $1', [ticketId])
  return { assigneeName: row?.id ? (await publicNames(tx, [row.id]))[0]! : null }
}

/** C31, D43: of all who click at once one wins, and the others learn who. Taking one's own again changes nothing. */
export const assignTicketToMe = action({
  name: 'assignTicketToMe',
  description:
    'Takes a ticket that nobody works on. Who comes second is told who was quicker, and since when.',
  input: AssignTicketToMeInput,

  on: ticket,
  target: input => input.ticketId,
  prepare,

  allow: ASSIGNABLE,

  decide(state, _input, { actorId, read: { assigneeName } }): Draft<SupportEvents>[] {
    requireWork(state)
    const { assigneeId, assignedAt } = state
    if (assigneeId === actorId) return []
    if (assigneeId !== null)
      refuse('ALREADY_ASSIGNED', `${assigneeName ?? 'Somebody else'} works on it.`, 'ticketId', {
        assigneeId,
        assigneeName,
        since: assignedAt,
      })
    return assigned(assigneeId, actorId)
  },

  emits: ['SupportCaseUpdated'],
  returns: { ticket: Ticket },
})
