import type { Act } from '#shared/act.js'
import type { SupportEvents } from '#shared/events/support.js'
import { type Reaction, reaction } from '#shared/reaction.js'
import { leadsOf } from '../staff.js'

type Escalated = SupportEvents['TicketEscalated']

/** A20: what is IMMEDIATE is told to everybody who leads, but to who escalated it. */
export const pageLeads = reaction<Act>({
  name: 'page-leads',
  on: ['TicketEscalated'],
  since: 'NOW',
  when: ({ data, occurredAt }) => ((data as Escalated).level === 'IMMEDIATE' ? occurredAt : null),
  run: async ({ event, tx, act }) => {
    const { trigger, incidentId } = event.data as Escalated
    const ticketId = event.stream.id
    const [row] = await tx.query('select number from support.ticket where id = $1', [ticketId])
    const words = trigger.toLowerCase().replaceAll('_', ' ')
    for (const id of await leadsOf(tx, event.actor.id))
      await act(
        'sendNotification',
        {
          recipientId: id,
          template: 'TICKET_ESCALATED',
          title: `${row?.number ?? 'A ticket'} was escalated: ${words}`,
          body: `It is to be taken up now. Reason: ${words}.`,
          about: [ticketId, ...(incidentId ? [incidentId] : [])],
          workflowId: null,
          idempotencyKey: `escalation/${event.id}/${id}`,
        },
        { tx, event },
      )
  },
}) as Reaction
