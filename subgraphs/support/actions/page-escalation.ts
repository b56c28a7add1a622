import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Draft } from '#shared/aggregate.js'
import type { SupportEvents } from '#shared/events/support.js'
import { count, given, instant, oneOf, several } from '#shared/fields.js'
import { Role } from '#shared/roles.js'
import { PageBecause } from '../desk/desk-enums.js'
import { Workspace } from '../enums.js'
import { ticket } from '../ticket.js'
import { Ticket } from '../views/ticket.js'

@InputType('PageEscalationInput', { description: 'Who is paged because of what.' })
export class PageEscalationInput extends ActionInput {
  @given('Ticket', 'The ticket.')
  ticketId!: string

  @given('TicketEscalation', 'The escalation.')
  escalationId!: string

  @count('For which time.')
  round!: number

  @oneOf(PageBecause, 'Why they.')
  because!: keyof typeof PageBecause

  @oneOf(Workspace, 'The workspace that has the ticket.')
  workspace!: keyof typeof Workspace

  @several(String, 'Whom.')
  staffIds!: string[]

  @instant('When it is done again unless somebody acknowledges it (UTC).', { nullable: true })
  again?: Date | null
}

/** A20. Of an escalation that was acknowledged, and of a ticket that is closed, nobody needs to know any more. */
export const pageEscalation = action({
  name: 'pageEscalation',
  description: 'Notes whom it pages because of an escalation; by Opsgraph itself.',
  input: PageEscalationInput,

  on: ticket,
  target: input => input.ticketId,

  allow: [Role.SYSTEM],

  decide(state, input): Draft<SupportEvents>[] {
    const { escalationId, round, because, workspace, staffIds, again } = input
    const escalation = state.escalations[escalationId]
    if (!escalation || escalation.acknowledgedAt !== null || round !== escalation.round + 1) return []
    if (state.status === 'CLOSED') return []
    const data = { escalationId, round, because, workspace, staffIds, again: again?.toISOString() ?? null }
    return [{ type: 'EscalationPaged', data, refs: [escalationId, ...staffIds] }]
  },

  emits: ['EscalationPaged'],
  returns: { ticket: Ticket },
})
