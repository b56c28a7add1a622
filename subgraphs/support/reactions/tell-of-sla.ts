import type { EntityManager } from 'typeorm'
import type { Act } from '#shared/act.js'
import type { StoredEvent } from '#shared/event.js'
import type { SlaEvents } from '#shared/events/sla.js'
import { type Reaction, reaction } from '#shared/reaction.js'
import { LEADS } from '../staff.js'

interface Late {
  number: string
  assignee: string | null
  answered: boolean
}

/** Leads who cover the ticket; when none does, all of them. */
async function leadsFor(db: EntityManager, ticketId: string): Promise<string[]> {
  const rows: { id: string; covers: boolean }[] = await db.query(
    `select p.id, coalesce(t.queue_id = any(o.queue_ids) or t.category = any(o.categories) or t.tags && o.tags, false) as covers
     from access.person p
       join support.ticket t on t.id = $1
       left join support.operator o on o.staff_id = p.id
     where p.kind = 'STAFF' and p.disabled_at is null and p.roles && $2
     order by p.id`,
    [ticketId, LEADS],
  )
  const covering = rows.filter(({ covers }) => covers)
  return (covering.length ? covering : rows).map(({ id }) => id)
}

const WORDS = {
  SlaNearBreach: { template: 'SLA_NEAR_BREACH', late: 'soon overdue' },
  SlaBreached: { template: 'SLA_BREACHED', late: 'overdue' },
} as const

const REPLIES = { FIRST_RESPONSE: 'first reply', EMERGENCY_RESPONSE: 'reply in an emergency' } as const

function wordsOf({ type, data }: StoredEvent, { number, assignee, answered }: Late) {
  const { dueAt, metric } = data as SlaEvents['SlaBreached']
  const { template, late } = WORDS[type as keyof typeof WORDS]
  const reply = REPLIES[metric]
  const whose = assignee ? 'It is yours.' : 'Nobody works on it.'
  const after = answered ? 'It has been answered since.' : whose
  return {
    template,
    title: `A ${reply} is ${late}: ${number}`,
    body: `The ${reply} to ${number} is due at ${dueAt}. ${after}`,
  }
}

/** E102: who works on the ticket learns that it is late; when nobody does, the leads. */
export const tellOfSla = reaction<Act>({
  name: 'tell-of-sla',
  on: ['SlaNearBreach', 'SlaBreached'],
  run: async ({ event, tx, act }) => {
    const ticketId = event.stream.id
    const [late]: Late[] = await tx.query(
      `select t.number, p.id as assignee, sla_due_at is null as answered
       from support.ticket t left join access.person p on p.id = t.assignee_id and p.disabled_at is null
       where t.id = $1`,
      [ticketId],
    )
    if (!late) return
    const recipients = late.assignee ? [late.assignee] : await leadsFor(tx, ticketId)
    for (const recipientId of recipients)
      await act(
        'sendNotification',
        {
          recipientId,
          ...wordsOf(event, late),
          about: [ticketId],
          workflowId: null,
          idempotencyKey: `sla/${event.id}/${recipientId}`,
        },
        { tx, event },
      )
  },
}) as Reaction
