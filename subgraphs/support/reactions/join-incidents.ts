import type { Act } from '#shared/act.js'
import type { SupportEvents } from '#shared/events/support.js'
import { type Reaction, reaction } from '#shared/reaction.js'
import { REMOVED } from '../removed.js'

type Escalated = SupportEvents['TicketEscalated']

/** A20: a ticket that was escalated with an incident becomes part of it; the incident may begin with that. */
export const joinIncidents = reaction<Act>({
  name: 'join-incidents',
  on: ['TicketEscalated'],
  when: ({ data, occurredAt }) => ((data as Escalated).incidentId === null ? null : occurredAt),
  run: async ({ event, tx, act }) => {
    const { incidentId, begins, incidentTitle, trigger, level } = event.data as Escalated
    const declared = {
      title: incidentTitle ?? REMOVED,
      trigger,
      level,
      affectedStoreIds: begins?.affectedStoreIds ?? [],
      declaredById: event.actor.id,
    }
    const input = { incidentId, ticketId: event.stream.id, begins: begins ? declared : null }
    await act('joinIncident', input, { tx, event })
  },
}) as Reaction
