import type { EntityManager } from 'typeorm'
import { aggregate } from '#shared/aggregate.js'
import { mayRead } from '#shared/catalog.js'
import type { DeskEvents, HandoffPart } from '#shared/events/desk.js'
import type { TicketCategory, Workspace } from '#shared/events/support.js'
import { type Grants, permissionsInForce } from '#shared/grants.js'
import type { Identity } from '#shared/identity.js'
import { refuse } from '#shared/refusal.js'
import { Role } from '#shared/roles.js'
import { WORKING_IN } from '#shared/work.js'
import type { RoutableQueue } from '../routing/routing.js'
import { LEADS } from '../staff.js'

/** What decisions about a handover rest on. `status` null: there is none. */
export interface HandoffState {
  status: 'OPEN' | 'ACCEPTED' | 'RETURNED' | null
  workspace: Workspace
  queueId: string | null
  /** The ticket that goes along with it. */
  ticketId: string | null
  senderId: string
  /** Who took it over, or sent it back, and when; ISO 8601. */
  decidedById: string | null
  decidedAt: string | null
  /** The queue that the ticket was in before it was taken over; undefined where it did not move. */
  queueBefore?: string | null
}

export const handoff = aggregate<HandoffState, DeskEvents>({
  type: 'Handoff',
  prefix: 'hof',
  initial: {
    status: null,
    workspace: 'TRIAGE',
    queueId: null,
    ticketId: null,
    senderId: '',
    decidedById: null,
    decidedAt: null,
  },
  evolve: {
    HandoffCreated: (state, { workspace, queueId, ticketId }, { actor }) => ({
      ...state,
      status: 'OPEN',
      workspace,
      queueId,
      ticketId,
      senderId: actor.id,
    }),
    HandoffAccepted: (state, { moved }, { actor, occurredAt }) => ({
      ...state,
      status: 'ACCEPTED',
      decidedById: actor.id,
      decidedAt: occurredAt.toISOString(),
      ...(moved ? { queueBefore: moved.queueId } : {}),
    }),
    HandoffReturned: (state, _, { actor, occurredAt }) => ({
      ...state,
      status: 'RETURNED',
      decidedById: actor.id,
      decidedAt: occurredAt.toISOString(),
    }),
  },
})

/** What those may do whom it is for. */
export type Receiving = Pick<Identity, 'roles' | 'permissions'>

/** Of the people whom it is for: roles of those of its workspace; roles, and permissions granted to them, of whoever covers its queue. */
export async function receivingSide(
  tx: EntityManager,
  workspace: Workspace,
  queueId: string | null | undefined,
  now: Date,
): Promise<Receiving> {
  const covering: { roles: Role[]; permissions: Grants | null }[] = queueId
    ? await tx.query(
        `select p.roles, p.permissions from support.operator o join access.person p on p.id = o.staff_id
         where o.queue_ids @> array[$1] and p.kind = 'STAFF' and p.disabled_at is null`,
        [queueId],
      )
    : []
  const roles = [...new Set([...WORKING_IN[workspace], ...covering.flatMap(({ roles }) => roles)])]
  const granted = covering.flatMap(({ roles, permissions }) =>
    permissionsInForce(roles, permissions ?? {}, now),
  )
  return { roles: roles.length ? roles : [Role.SUPER_ADMIN], permissions: [...new Set(granted)] }
}

/** Types of these ids, as far as they are there and of a type that somebody may read. */
export async function readableTypes(
  db: EntityManager,
  ids: readonly string[],
  identity: Identity,
): Promise<Map<string, string>> {
  const rows: { id: string; type: string }[] = await db.query(
    `select entity_id as id, entity_type as type from search.identifier where kind = 'ID' and norm = any($1) and entity_id = any($2)`,
    [ids.map(id => id.toLowerCase()), ids],
  )
  return new Map(rows.filter(({ type }) => mayRead(identity, type)).map(({ id, type }) => [id, type]))
}

export const readableIds = async (
  db: EntityManager,
  ids: readonly string[],
  identity: Identity,
): Promise<string[]> => [...(await readableTypes(db, ids, identity)).keys()]

/** Queues that somebody covers. */
export async function coveredQueues(tx: EntityManager, staffId: string): Promise<string[]> {
  const [row] = await tx.query('select queue_ids as ids from support.operator where staff_id = $1', [staffId])
  return row?.ids ?? []
}

const receives = ({ workspace, queueId }: HandoffState, { roles }: Identity, covered: readonly string[]) =>
  roles.includes(Role.SUPER_ADMIN) ||
  roles.some(role => WORKING_IN[workspace].includes(role)) ||
  (queueId !== null && covered.includes(queueId))

/**
 * It is there, open, and for the caller to decide.
 * @throws Refusal NOT_FOUND, SAME_PERSON for who sent it, NOT_RECIPIENT, or ALREADY_ASSIGNED and INVALID_STATE for what was decided
 */
export function requireReceived(state: HandoffState, identity: Identity, covered: readonly string[]): void {
  const { status, workspace, queueId, senderId, decidedById, decidedAt } = state
  if (status === null) refuse('NOT_FOUND', 'There is no such handover.', 'handoffId')
  if (senderId === identity.personId)
    refuse('SAME_PERSON', 'You sent this; whoever gets it decides.', 'handoffId')
  if (!receives(state, identity, covered))
    refuse('NOT_RECIPIENT', `This is for ${workspace}.`, 'handoffId', {
      workspace,
      queueId,
      roles: [...WORKING_IN[workspace], Role.SUPER_ADMIN],
    })
  if (status === 'ACCEPTED')
    refuse('ALREADY_ASSIGNED', 'Somebody else took it over.', 'handoffId', {
      acceptedById: decidedById,
      since: decidedAt,
    })
  if (status === 'RETURNED')
    refuse('INVALID_STATE', 'It went back to who sent it.', 'handoffId', {
      status,
      returnedById: decidedById,
      since: decidedAt,
    })
}

/** They took it over themselves. */
export const isHeldBy = ({ status, decidedById }: HandoffState, { personId }: Identity): boolean =>
  status === 'ACCEPTED' && decidedById === personId

/** A ticket that goes along with a handover, as far as that moves it. */
export interface PlacedTicket {
  id: string
  queueId: string | null
  assigneeId: string | null
  isClosed: boolean
}

/**
 * Where a ticket goes that is taken over: to the queue that the handover names; else it stays in a queue of the workspace, or goes to the
 * one of the workspace for its category, or to its first one. Null: nowhere else.
 */
export function receivingQueue(
  { queueId: named }: HandoffState,
  { queueId, category }: { queueId: string | null; category: TicketCategory },
  queues: readonly (RoutableQueue & { isOfWorkspace: boolean })[],
): string | null {
  const open = queues.filter(({ isActive, isSpam }) => isActive && !isSpam)
  const own = open.filter(({ isOfWorkspace }) => isOfWorkspace)
  if (open.some(({ id }) => id === named)) return named
  if (own.some(({ id }) => id === queueId)) return queueId
  return (own.find(({ categories }) => categories.includes(category)) ?? own[0])?.id ?? null
}

/** What a workspace wants before tickets can be handed over to it. */
export const HOW_TO_GET_A_QUEUE = { by: LEADS, with: ['createQueue', 'changeQueue'] }

export const noQueueIn = (workspace: Workspace): string =>
  `${workspace} has no queue that takes tickets, so this one would stay where it is: ${LEADS.join(' or ')} make one with createQueue.`

/**
 * Who works on a ticket whose handover went back: who sent it, or nobody when they left; but somebody else who got it meanwhile keeps it.
 */
export function senderOrNobody(
  { status, senderId, decidedById }: HandoffState,
  assigneeId: string | null,
  senderWorksHere: boolean,
): string | null {
  const holder = status === 'ACCEPTED' ? decidedById : senderId
  if (assigneeId !== null && assigneeId !== holder) return assigneeId
  return senderWorksHere ? senderId : null
}

/** What has to be there, as it was given. */
export interface Handed {
  route?: string | null
  storeSlug?: string | null
  platformWide?: boolean | null
  entityIds?: readonly string[] | null
  timeline?: readonly { what: string; source: string }[] | null
  auditSliceIds?: readonly string[] | null
  evidenceIds?: readonly string[] | null
  nextAction?: string | null
}

const blank = (text: string | null | undefined): boolean => !text?.trim()
const none = (list: readonly unknown[] | null | undefined): boolean => !list?.length

const LACKS: Readonly<Record<HandoffPart, (given: Handed) => boolean>> = {
  route: ({ route }) => !/^\/\S*$/.test(route?.trim() ?? ''),
  storeSlug: ({ storeSlug, platformWide }) => !platformWide && blank(storeSlug),
  entityIds: ({ entityIds }) => none(entityIds),
  timeline: ({ timeline }) =>
    none(timeline) || timeline!.some(({ what, source }) => blank(what) || blank(source)),
  evidence: ({ auditSliceIds, evidenceIds }) => none(auditSliceIds) && none(evidenceIds),
  nextAction: ({ nextAction }) => blank(nextAction),
}

/** A23 to A27: what a handover lacks. */
export const missingIn = (given: Handed): HandoffPart[] =>
  (Object.keys(LACKS) as HandoffPart[]).filter(part => LACKS[part](given))
