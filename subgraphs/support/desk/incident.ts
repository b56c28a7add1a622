import type { EntityManager } from 'typeorm'
import type { Warning } from '#shared/action.js'
import { aggregate, type Draft } from '#shared/aggregate.js'
import type {
  DeskEvents,
  EscalationLevel,
  EscalationTrigger,
  IncidentChange,
  LeftOut,
} from '#shared/events/desk.js'
import { prefixOf } from '#shared/id.js'
import { unknownIds } from '#shared/known.js'
import { policyValue } from '#shared/policies.js'
import { refuse } from '#shared/refusal.js'

/** Most stores that one incident affects, most tickets it has, and most that one call links. */
export const MAX_STORES = 200
export const MAX_TICKETS = 2_000
export const MAX_AT_ONCE = 100

/** What decisions about an incident rest on. `status` null: there is none. */
export interface IncidentState {
  status: 'OPEN' | 'RESOLVED' | null
  trigger: EscalationTrigger | null
  level: EscalationLevel
  affectedStoreIds: string[]
  ticketIds: string[]
}

function changed(state: IncidentState, data: IncidentChange): IncidentState {
  if (data.change === 'TICKETS') return { ...state, ticketIds: [...state.ticketIds, ...data.ticketIds] }
  if (data.change === 'STORES') return { ...state, affectedStoreIds: data.affectedStoreIds }
  if (data.change === 'LEVEL') return { ...state, level: data.level }
  return state
}

export const incident = aggregate<IncidentState, DeskEvents>({
  type: 'Incident',
  prefix: 'inc',
  initial: { status: null, trigger: null, level: 'PROMPT', affectedStoreIds: [], ticketIds: [] },
  evolve: {
    IncidentDeclared: (state, { trigger, level, affectedStoreIds }) => ({
      ...state,
      status: 'OPEN',
      trigger,
      level,
      affectedStoreIds,
    }),
    IncidentUpdated: changed,
    IncidentResolved: state => ({ ...state, status: 'RESOLVED' }),
  },
})

/** @throws Refusal NOT_FOUND, or INVALID_STATE when it is over */
export function requireOngoing({ status }: IncidentState): void {
  if (status === null) refuse('NOT_FOUND', 'There is no such incident.', 'incidentId')
  if (status === 'RESOLVED')
    refuse('INVALID_STATE', 'This incident is over; declare another one.', 'incidentId', { status })
}

/** Which of these ids are no store that was ever recorded. */
export const unknownStores = async (tx: EntityManager, ids: readonly string[]): Promise<string[]> => [
  ...ids.filter(id => prefixOf(id) !== 'sit'),
  ...(await unknownIds(
    tx,
    ids.filter(id => prefixOf(id) === 'sit'),
  )),
]

/** @throws Refusal UNKNOWN_REFERENCE */
export function requireStores(unknown: readonly string[], field: string): void {
  if (unknown.length)
    refuse('UNKNOWN_REFERENCE', `${unknown[0]} is no store that was ever recorded.`, field, { unknown })
}

/** Which of these ids are no ticket. */
export async function unknownTickets(tx: EntityManager, ids: readonly string[]): Promise<string[]> {
  const rows: { id: string }[] = await tx.query(
    'select u.id from unnest($1::text[]) u(id) where not exists (select from support.ticket t where t.id = u.id)',
    [ids],
  )
  return rows.map(row => row.id)
}

/** Tickets join; those that are part of it already are passed over. @throws Refusal TOO_MANY */
export function joined(state: IncidentState, ids: readonly string[]): Draft<DeskEvents>[] {
  const fresh = [...new Set(ids)].filter(id => !state.ticketIds.includes(id))
  if (fresh.length === 0) return []
  if (state.ticketIds.length + fresh.length > MAX_TICKETS)
    refuse('TOO_MANY', `An incident has at most ${MAX_TICKETS} tickets.`, 'ticketIds', { most: MAX_TICKETS })
  return [{ type: 'IncidentUpdated', data: { change: 'TICKETS', ticketIds: fresh }, refs: fresh }]
}

/** What becomes of one ticket that is to join. */
export interface Joining {
  ticketId: string
  outcome: 'DONE' | 'UNCHANGED' | 'REFUSED' | 'SKIPPED'
}

/** Of many tickets: those that are new join, those that are part of it already stay, those that do not exist are left out; with `stop` nothing after one of those. */
export function joining(
  { ticketIds: known }: IncidentState,
  ids: readonly string[],
  { unknown, stop }: { unknown: readonly string[]; stop: boolean },
): Joining[] {
  const all = [...new Set(ids)]
  const first = all.findIndex(id => unknown.includes(id))
  return all.map((ticketId, at) => {
    if (stop && first >= 0 && at > first) return { ticketId, outcome: 'SKIPPED' }
    if (unknown.includes(ticketId)) return { ticketId, outcome: 'REFUSED' }
    return { ticketId, outcome: known.includes(ticketId) ? 'UNCHANGED' : 'DONE' }
  })
}

/**
 * Tickets of an incident whose customers are not to be told (C15, C25): those that are closed, and those that staff opened for themselves
 * and where nothing public was said, or nothing that could not be called back any more.
 */
export async function notToTell(tx: EntityManager, incidentId: string, now: Date): Promise<LeftOut[]> {
  const seconds = await policyValue(tx, 'support.outboundHoldSeconds', now)
  return tx.query(
    `select t.id as "ticketId", case t.status when 'CLOSED' then 'CLOSED' else 'PRIVATE' end as because
       from support.incident i join support.ticket t on t.id = any(i.ticket_ids)
      where i.id = $1 and (t.status = 'CLOSED' or t.shown_since is null
        or (t.shown_since > t.created_at and t.shown_since > $2))
      order by t.id`,
    [incidentId, new Date(now.getTime() - seconds * 1000)],
  )
}

/** One text for the customers of every ticket that is part of it now, but those left out. A reaction posts it. */
export function broadcast(
  { ticketIds }: IncidentState,
  { updateId, publicText, leftOut }: { updateId: string; publicText: string; leftOut: readonly LeftOut[] },
): Draft<DeskEvents> {
  const mine = leftOut.filter(({ ticketId }) => ticketIds.includes(ticketId))
  const without = new Set(mine.map(({ ticketId }) => ticketId))
  const data = { change: 'BROADCAST', updateId, ticketIds: ticketIds.filter(id => !without.has(id)) } as const
  return {
    type: 'IncidentUpdated',
    data: { ...data, ...(mine.length ? { leftOut: mine } : {}) },
    personal: { publicText },
    refs: [updateId],
  }
}

/** Who writes to all customers learns whom that does not reach. */
export function warnOfLeftOut(leftOut: readonly LeftOut[]): Warning[] {
  if (leftOut.length === 0) return []
  const of = (why: LeftOut['because']) => leftOut.filter(({ because }) => because === why).length
  const facts = { private: of('PRIVATE'), closed: of('CLOSED') }
  const message = `Tickets left out: ${facts.private} that their customers do not know of, ${facts.closed} that are closed; broadcasts.leftOut says which.`
  return [{ code: 'NOT_ALL_TOLD', message, facts }]
}
