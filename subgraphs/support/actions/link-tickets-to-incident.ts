import { ID, InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given, several } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { incident, joined, MAX_AT_ONCE, requireOngoing, unknownTickets } from '../incident.js'
import { LEADS } from '../staff.js'
import { Incident } from '../views/incident.js'

@InputType('LinkTicketsToIncidentInput', { description: 'Which tickets are about which incident.' })
export class LinkTicketsToIncidentInput extends ActionInput {
  @given('Incident', 'The incident.')
  incidentId!: string

  @several(ID, `The tickets, at most ${MAX_AT_ONCE} at once.`, { max: MAX_AT_ONCE })
  ticketIds!: string[]
}

/** A22. Those that are part of it already stay so. */
export const linkTicketsToIncident = action({
  name: 'linkTicketsToIncident',
  description:
    'Says that tickets are about an incident: what customers are told of it, they are told from now on.',
  input: LinkTicketsToIncidentInput,

  on: incident,
  target: input => input.incidentId,
  prepare: ({ ticketIds }, tx): Promise<string[]> => unknownTickets(tx, ticketIds),

  allow: LEADS,

  decide(state, { ticketIds }, { read: unknown }) {
    requireOngoing(state)
    if (ticketIds.length === 0) refuse('INVALID', 'Say which tickets.', 'ticketIds')
    if (unknown.length) refuse('UNKNOWN_REFERENCE', `${unknown[0]} is no ticket.`, 'ticketIds', { unknown })
    return joined(state, ticketIds)
  },

  emits: ['IncidentUpdated'],
  returns: { incident: Incident },
})
