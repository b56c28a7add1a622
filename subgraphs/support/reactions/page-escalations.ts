import type { Act } from '#shared/act.js'
import type { SupportEvents } from '#shared/events/support.js'
import { type Reaction, reaction } from '#shared/reaction.js'
import { page } from '../desk/paging.js'

type Escalated = SupportEvents['TicketEscalated']
type Paged = SupportEvents['EscalationPaged']

/** A20: what is IMMEDIATE pages whoever is on call. It is called what it was when all leads were told, since jobs go by the name. */
export const pageAtOnce = reaction<Act>({
  name: 'page-leads',
  on: ['TicketEscalated'],
  since: 'NOW',
  when: ({ data, occurredAt }) => ((data as Escalated).level === 'IMMEDIATE' ? occurredAt : null),
  run: async ({ event, ...reacting }) => {
    const { escalationId, trigger } = event.data as Escalated
    const escalated = { ticketId: event.stream.id, escalationId, trigger, escalatedBy: event.actor.id }
    await page({ ...escalated, round: 1 }, { event, ...reacting })
  },
}) as Reaction

/** A20: and pages the leads again and again, until somebody acknowledges it, or the ticket closes. */
export const pageAgain = reaction<Act>({
  name: 'page-again',
  on: ['EscalationPaged'],
  since: 'NOW',
  when: ({ data }) => ((data as Paged).again === null ? null : new Date((data as Paged).again!)),
  run: async ({ event, ...reacting }) => {
    const { escalationId, round } = event.data as Paged
    const [row] = await reacting.tx.query(
      'select trigger, escalated_by_id as "by" from support.ticket_escalation where id = $1 and acknowledged_at is null',
      [escalationId],
    )
    if (!row) return
    const escalated = { ticketId: event.stream.id, escalationId, trigger: row.trigger, escalatedBy: row.by }
    await page({ ...escalated, round: round + 1 }, { event, ...reacting })
  },
}) as Reaction
