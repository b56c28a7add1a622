import type { EntityManager } from 'typeorm'
import type { Draft } from '#shared/aggregate.js'
import type { SlaPromise } from '#shared/events/sla.js'
import type { SupportEvents } from '#shared/events/support.js'
import { readPromise } from './sla/sla-terms.js'
import { type Candidate, candidate } from './staff.js'
import { assigned, type TicketState } from './ticket.js'

/** What reopening rests on, besides the ticket. */
export interface Reopening {
  /** Who worked on it; null when nobody did. */
  assignee: Candidate | null
  /** What is promised anew; null where nobody waits for a reply. */
  promise: SlaPromise | null
}

export async function readReopening(ticketId: string, tx: EntityManager, now: Date): Promise<Reopening> {
  const [row] = await tx.query(
    'select assignee_id, organization_id, sla_cycles from support.ticket where id = $1',
    [ticketId],
  )
  return {
    assignee: row?.assignee_id ? await candidate(tx, row.assignee_id, now) : null,
    promise: row?.sla_cycles.length ? await readPromise(tx, row.organization_id, now) : null,
  }
}

/** A closed ticket opens again (D50): whoever worked on it keeps it, unless they left. */
export function openedAgain(
  { assigneeId, reopenCount, closedAt }: TicketState,
  { assignee, promise }: Reopening,
): Draft<SupportEvents>[] {
  const stays = assigneeId !== null && assignee?.active === true ? assigneeId : null
  return [
    {
      type: 'SupportCaseReopened',
      data: {
        reopenCount: reopenCount + 1,
        closedAt: closedAt === null ? null : new Date(closedAt).toISOString(),
        assigneeId: stays,
        ...(promise ? { sla: promise } : {}),
      },
      refs: stays === null ? [] : [stays],
    },
    ...(stays === assigneeId ? [] : assigned(assigneeId, null)),
  ]
}
