import type { EntityManager } from 'typeorm'
import type { Act } from '#shared/act.js'
import type { StoredEvent } from '#shared/event.js'
import type { PageBecause } from '#shared/events/desk.js'
import type { Workspace } from '#shared/events/support.js'
import { policyValue } from '#shared/policies.js'
import { leadsOf } from '../staff.js'
import { pageNoticeOf } from './escalation.js'
import { onCallAt } from './on-call.js'

/** So often people are paged because of one escalation; then it stands unacknowledged, and `escalations` finds it. */
const MOST_ROUNDS = 10
/** Everybody who leads; but who escalated it only where nobody else does. */
async function leads(db: EntityManager, escalatedBy: string): Promise<string[]> {
  const others = await leadsOf(db, escalatedBy)
  return others.length ? others : leadsOf(db)
}

/** The workspace that has the ticket: that of its queue. */
export async function workspaceOf(db: EntityManager, ticketId: string): Promise<Workspace> {
  const [row] = await db.query(
    'select q.workspace from support.ticket t join support.queue q on q.id = t.queue_id where t.id = $1',
    [ticketId],
  )
  return row?.workspace ?? 'TRIAGE'
}

interface Paged {
  because: PageBecause
  workspace: Workspace
  staffIds: string[]
}

/** A20: whoever is on call; nobody is: all leads. Later on leads, and whoever is on call by then. */
async function whomToPage(
  db: EntityManager,
  { ticketId, escalatedBy, round }: Escalated,
  now: Date,
): Promise<Paged> {
  const workspace = await workspaceOf(db, ticketId)
  const onCall = await onCallAt(db, workspace, now)
  if (round === 1 && onCall.length) return { because: 'ON_CALL', workspace, staffIds: onCall }
  const because = round === 1 ? 'NOBODY_ON_CALL' : 'NOT_ACKNOWLEDGED'
  const staffIds = [...new Set([...onCall, ...(await leads(db, escalatedBy))])]
  return { because, workspace, staffIds }
}

/** What people are paged for. */
export interface Escalated {
  ticketId: string
  escalationId: string
  trigger: string
  escalatedBy: string
  /** For which time. */
  round: number
}

const WHY: Record<PageBecause, string> = {
  ON_CALL: 'You are on call.',
  NOBODY_ON_CALL: 'Nobody is on call, so all leads are told.',
  NOT_ACKNOWLEDGED: 'Nobody has acknowledged it so far.',
}

/** Notes whom it pages, and tells them in the app; from there it goes by mail, too. Nothing when it was acknowledged meanwhile. */
export async function page(
  escalated: Escalated,
  { event, tx, act, now }: { event: StoredEvent; tx: EntityManager; act: Act; now: Date },
): Promise<void> {
  const { ticketId, escalationId, trigger, round } = escalated
  const { because, workspace, staffIds } = await whomToPage(tx, escalated, now)
  const minutes = await policyValue(tx, 'escalation.acknowledgeMinutes', now)
  const again = round < MOST_ROUNDS ? new Date(now.getTime() + minutes * 60_000) : null
  const input = { ticketId, escalationId, round, because, workspace, staffIds, again }
  const { events } = await act('pageEscalation', input, { tx, event })
  if (events.length === 0) return
  const [row] = await tx.query('select number from support.ticket where id = $1', [ticketId])
  const words = trigger.toLowerCase().replaceAll('_', ' ')
  for (const recipientId of staffIds)
    await act(
      'sendNotification',
      {
        notificationId: pageNoticeOf(escalationId, round, recipientId),
        recipientId,
        template: 'PAGE_ESCALATED',
        title: `${row.number} was escalated: ${words}`,
        body: `It is to be taken up now. ${WHY[because]} Acknowledge it with acknowledgeEscalation (${escalationId}).`,
        about: [ticketId, escalationId],
        workflowId: null,
      },
      { tx, event },
    )
}
