import { Row } from '#shared/entity.js'
import type { EscalationLevel as Level, EscalationTrigger as Trigger } from '#shared/events/desk.js'
import { count, entity, flag, instant, oneOf, ref, text } from '#shared/fields.js'
import { READERS } from '#shared/roles.js'
import { view } from '#shared/view.js'
import { EscalationLevel, EscalationTrigger } from '../desk-enums.js'
import { StaffMember } from '../stubs.js'
import { ticket } from '../ticket.js'
import { Incident } from './incident.js'
import { Ticket } from './ticket.js'

@entity('TicketEscalation', {
  description: 'That a ticket was escalated: it needs more than usual.',
  allow: READERS,
  schema: 'support',
  prefix: 'esc',
})
export class TicketEscalation extends Row {
  @ref(() => Ticket, 'The ticket.')
  ticketId!: string

  @oneOf(EscalationTrigger, 'Why.')
  trigger!: Trigger

  @oneOf(EscalationLevel, 'How soon it is to be taken up.')
  level!: Level

  @flag('The trigger leaves no other level.')
  isForced!: boolean

  @instant('When somebody has to have taken it up (UTC).')
  dueAt!: Date

  @ref(() => Incident, 'The incident that it belongs to.', { nullable: true })
  incidentId!: string | null

  @ref(() => StaffMember, 'Who escalated it.', { as: 'escalatedBy' })
  escalatedById!: string

  @text('What they wrote about it.', { nullable: true, multiline: true })
  note!: string | null

  @count('Version of the policy that says which triggers are immediate; 0: its default.')
  policyVersion!: number
}

export const ticketEscalations = view(TicketEscalation, {
  of: ticket,
  key: ({ data }) => (data as { escalationId: string }).escalationId,
  on: {
    TicketEscalated: ({ data, stream, actor, note }) => ({
      ticketId: stream.id,
      trigger: data.trigger,
      level: data.level,
      isForced: data.forced,
      dueAt: data.dueAt as unknown as Date,
      incidentId: data.incidentId,
      escalatedById: actor.id,
      note,
      policyVersion: data.policyVersion,
    }),
  },
})
