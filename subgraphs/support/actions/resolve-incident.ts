import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Draft } from '#shared/aggregate.js'
import type { DeskEvents, LeftOut } from '#shared/events/desk.js'
import { given, text } from '#shared/fields.js'
import { broadcast, incident, notToTell, requireOngoing, warnOfLeftOut } from '../desk/incident.js'
import { LEADS } from '../staff.js'
import { Incident } from '../views/incident.js'

@InputType('ResolveIncidentInput', { description: 'Which incident is over.' })
export class ResolveIncidentInput extends ActionInput {
  @given('Incident', 'The incident.')
  incidentId!: string

  @text('What to tell the customers of every linked ticket: plain text, posted on each once.', {
    nullable: true,
    max: 20_000,
    multiline: true,
  })
  publicText?: string | null
}

/** A22. The tickets stay as they are: what each customer still needs, people decide. */
export const resolveIncident = action({
  name: 'resolveIncident',
  description:
    'Says that an incident is over: notes it for staff on every linked ticket that is open, and, when there is a text, tells their customers so, but for tickets that those do not know of (broadcasts.leftOut). Resolves no ticket; Incident.openTickets are those left to look at.',
  input: ResolveIncidentInput,

  on: incident,
  target: input => input.incidentId,

  prepare: async ({ incidentId, publicText }, tx, { services }): Promise<LeftOut[]> =>
    publicText ? notToTell(tx, incidentId, services.clock()) : [],

  allow: LEADS,

  decide(state, { publicText }, { newId, read: leftOut }): Draft<DeskEvents>[] {
    requireOngoing(state)
    const { ticketIds } = state
    return [
      ...(publicText ? [broadcast(state, { updateId: newId('inu'), publicText, leftOut })] : []),
      { type: 'IncidentResolved', data: { ticketIds }, refs: ticketIds },
    ]
  },

  warns: (_state, _input, { read }) => warnOfLeftOut(read),
  emits: ['IncidentUpdated', 'IncidentResolved'],
  returns: { incident: Incident },
})
