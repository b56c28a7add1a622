import type { EntityManager } from 'typeorm'
import { aggregate } from '#shared/aggregate.js'
import type { DeskEvents } from '#shared/events/desk.js'
import type { Workspace } from '#shared/events/support.js'
import { refuse } from '#shared/refusal.js'
import { type Role, STAFF } from '#shared/roles.js'
import type { Services } from '#shared/services.js'
import { type Candidate, candidate, requireColleague } from '../staff.js'

/** Longest shift, days. */
export const MOST_DAYS = 31
const DAY = 86_400_000

/** Who is on call when, and for what. Instants are ISO 8601. */
export interface Shift {
  staffId: string
  /** Null: for all of them. */
  workspace: Workspace | null
  startsAt: string
  endsAt: string
}

/** What decisions about a shift rest on; `shift` null: there is none. */
export interface OnCallState {
  shift: Shift | null
  canceledAt: string | null
}

const planned = ({ staffId, workspace, startsAt, endsAt }: Shift): Shift => ({
  staffId,
  workspace,
  startsAt,
  endsAt,
})

export const onCallShift = aggregate<OnCallState, DeskEvents>({
  type: 'OnCallShift',
  prefix: 'ocs',
  initial: { shift: null, canceledAt: null },
  evolve: {
    OnCallScheduled: (state, data) => ({ ...state, shift: planned(data) }),
    OnCallChanged: (state, data) => ({ ...state, shift: planned(data) }),
    OnCallCanceled: (state, _, { occurredAt }) => ({ ...state, canceledAt: occurredAt.toISOString() }),
  },
})

/** What planning a shift rests on. */
export interface Planning {
  who: Candidate
  /** A shift of the same person for the same workspace at the same time. */
  overlapping: string | null
}

/** One person's shifts are planned one after the other, so that of two that overlap the second is refused. */
export async function readPlanning(
  tx: EntityManager,
  { store, clock }: Pick<Services, 'store' | 'clock'>,
  { staffId, workspace, startsAt, endsAt }: Shift,
  except: string | null = null,
): Promise<Planning> {
  await store.lock(tx, [`on-call/${staffId}`])
  const [overlapping] = await tx.query(
    `select id from support.on_call_shift where staff_id = $1 and workspace is not distinct from $2 and canceled_at is null
       and starts_at < $4 and ends_at > $3 and id is distinct from $5 order by starts_at limit 1`,
    [staffId, workspace, startsAt, endsAt, except],
  )
  return { who: await candidate(tx, staffId, clock()), overlapping: overlapping?.id ?? null }
}

/** @throws Refusal INVALID unless exactly one of both is said */
export function requirePlace(workspace: Workspace | null | undefined, everywhere: boolean): void {
  if ((workspace != null) === everywhere)
    refuse('INVALID', 'Say either a workspace or that it is for all of them.', 'workspace')
}

function requirePerson(who: Candidate): void {
  requireColleague(who, 'staffId')
  const { roles } = who
  if (!roles.some(role => (STAFF as readonly Role[]).includes(role)))
    refuse('NOT_ASSIGNABLE', `Those on call act: ${STAFF.join(', ')}.`, 'staffId', { because: 'ROLE', roles })
}

/**
 * A shift that can be: of somebody who works here, that ends after it begins and is not over, and that they do not have already.
 * @throws Refusal INVALID, UNKNOWN_REFERENCE, NOT_ASSIGNABLE, ALREADY_EXISTS
 */
export function requirePossible(
  { startsAt, endsAt }: Shift,
  { who, overlapping }: Planning,
  now: Date,
): void {
  requirePerson(who)
  const [start, end] = [Date.parse(startsAt), Date.parse(endsAt)]
  if (end <= start) refuse('INVALID', 'It ends after it begins.', 'endsAt')
  if (end <= now.getTime())
    refuse('INVALID', 'It would be over already.', 'endsAt', { now: now.toISOString() })
  if (end - start > MOST_DAYS * DAY)
    refuse('INVALID', `A shift lasts at most ${MOST_DAYS} days.`, 'endsAt', { days: MOST_DAYS })
  if (overlapping)
    refuse('ALREADY_EXISTS', 'They are on call for this then already.', 'startsAt', { shiftId: overlapping })
}

/** The shift, while something about it can still change. @throws Refusal NOT_FOUND, INVALID_STATE */
export function requireAhead({ shift, canceledAt }: OnCallState, now: Date): Shift {
  if (!shift) refuse('NOT_FOUND', 'There is no such shift.', 'shiftId')
  if (canceledAt) refuse('INVALID_STATE', 'It was called off.', 'shiftId', { canceledAt })
  if (Date.parse(shift.endsAt) <= now.getTime())
    refuse('INVALID_STATE', 'This shift is over.', 'shiftId', { endsAt: shift.endsAt })
  return shift
}

export const hasBegun = ({ startsAt }: Shift, now: Date): boolean => Date.parse(startsAt) <= now.getTime()

/** Shifts that cover a moment, of a workspace or, with null, of any; those who left are on call no more. `$1`: when, `$2`: workspace. */
export const COVERS = `starts_at <= $1 and $1 < least(ends_at, coalesce(canceled_at, ends_at))
  and ($2::text is null or workspace is null or workspace = $2)
  and exists (select from access.person p where p.id = staff_id and p.kind = 'STAFF' and p.disabled_at is null)`

/** Who is on call at a moment. */
export async function onCallAt(db: EntityManager, workspace: Workspace, at: Date): Promise<string[]> {
  const rows: { id: string }[] = await db.query(
    `select distinct staff_id as id from support.on_call_shift where ${COVERS} order by 1`,
    [at, workspace],
  )
  return rows.map(({ id }) => id)
}
