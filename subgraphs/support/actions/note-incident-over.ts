import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given, text } from '#shared/fields.js'
import { Role } from '#shared/roles.js'
import { note, writtenBy } from '../messages.js'
import { ticket } from '../ticket.js'
import { Ticket } from '../views/ticket.js'
import { TicketMessage } from '../views/ticket-message.js'

@InputType('NoteIncidentOverInput', { description: 'Which ticket was about an incident that is over.' })
export class NoteIncidentOverInput extends ActionInput {
  @given('Ticket', 'The ticket.')
  ticketId!: string

  @given('Incident', 'The incident.')
  incidentId!: string

  @text('What staff are told.', { max: 2_000, multiline: true })
  body!: string
}

/** A22. What the customer still needs, whoever works on the ticket decides; on one that is closed nobody does. */
export const noteIncidentOver = action({
  name: 'noteIncidentOver',
  description: 'Notes on a ticket, for staff, that its incident is over; by Opsgraph itself.',
  input: NoteIncidentOverInput,

  on: ticket,
  target: input => input.ticketId,

  allow: [Role.SYSTEM],

  decide({ status }, { body, incidentId }, { newId }) {
    if (status === null || status === 'CLOSED') return []
    const said = note(body, newId('msg'))
    return [{ ...said, refs: [...(said.refs ?? []), incidentId] }]
  },

  emits: ['SupportNoteAdded'],
  returns: { ticket: Ticket, message: { type: TicketMessage, id: writtenBy } },
})
