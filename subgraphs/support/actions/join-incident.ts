import { ID, InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Draft } from '#shared/aggregate.js'
import type { DeskEvents } from '#shared/events/desk.js'
import { given, oneOf, part, several, text } from '#shared/fields.js'
import { Role } from '#shared/roles.js'
import { EscalationLevel, EscalationTrigger } from '../desk/desk-enums.js'
import { type IncidentState, incident, joined, MAX_STORES, MAX_TICKETS } from '../desk/incident.js'
import { Incident } from '../views/incident.js'

@InputType('BegunIncidentInput', { description: 'An incident that began with an escalation.' })
export class BegunIncidentInput {
  @text('What is the matter.', { max: 200 })
  title!: string

  @oneOf(EscalationTrigger, 'Why.')
  trigger!: keyof typeof EscalationTrigger

  @oneOf(EscalationLevel, 'How soon it is to be taken up.')
  level!: keyof typeof EscalationLevel

  @several(ID, 'Stores that are affected.', { max: MAX_STORES })
  affectedStoreIds!: string[]

  @given('StaffMember', 'Who escalated.')
  declaredById!: string
}

@InputType('JoinIncidentInput', { description: 'Which escalated ticket is part of which incident.' })
export class JoinIncidentInput extends ActionInput {
  @given('Incident', 'The incident.')
  incidentId!: string

  @given('Ticket', 'The ticket.')
  ticketId!: string

  @part(() => BegunIncidentInput, 'The incident, when it begins with this.', { nullable: true })
  begins?: BegunIncidentInput | null
}

const begun = ({ title, declaredById, ...data }: BegunIncidentInput): Draft<DeskEvents> => ({
  type: 'IncidentDeclared',
  data: { ...data, declaredById },
  personal: { title },
  refs: [...data.affectedStoreIds, declaredById],
})

/** A full incident takes no more: the ticket was escalated all the same, and names it. */
const room = ({ ticketIds }: IncidentState): boolean => ticketIds.length < MAX_TICKETS

/** The other half of escalateTicket; also when the incident ended meanwhile, since the ticket is part of it. */
export const joinIncident = action({
  name: 'joinIncident',
  description: 'Takes an escalated ticket into an incident, which may begin with it; by Opsgraph itself.',
  input: JoinIncidentInput,

  on: incident,
  target: input => input.incidentId,

  allow: [Role.SYSTEM],

  decide(state, { ticketId, begins }): Draft<DeskEvents>[] {
    const declared = state.status === null && begins ? [begun(begins)] : []
    return [...declared, ...(room(state) ? joined(state, [ticketId]) : [])]
  },

  emits: ['IncidentDeclared', 'IncidentUpdated'],
  returns: { incident: Incident },
})
