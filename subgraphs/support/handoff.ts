import type { EntityManager } from 'typeorm'
import { aggregate } from '#shared/aggregate.js'
import type { DeskEvents, HandoffPart } from '#shared/events/desk.js'
import type { Workspace } from '#shared/events/support.js'
import type { Identity } from '#shared/identity.js'
import { refuse } from '#shared/refusal.js'
import { Role } from '#shared/roles.js'

/** What decisions about a handover rest on. `status` null: there is none. */
export interface HandoffState {
  status: 'OPEN' | 'ACCEPTED' | 'RETURNED' | null
  workspace: Workspace
  queueId: string | null
  senderId: string
  /** Who took it over, or sent it back, and when; ISO 8601. */
  decidedById: string | null
  decidedAt: string | null
}

export const handoff = aggregate<HandoffState, DeskEvents>({
  type: 'Handoff',
  prefix: 'hof',
  initial: {
    status: null,
    workspace: 'TRIAGE',
    queueId: null,
    senderId: '',
    decidedById: null,
    decidedAt: null,
  },
  evolve: {
    HandoffCreated: (state, { workspace, queueId }, { actor }) => ({
      ...state,
      status: 'OPEN',
      workspace,
      queueId,
      senderId: actor.id,
    }),
    HandoffAccepted: (state, _, { actor, occurredAt }) => ({
      ...state,
      status: 'ACCEPTED',
      decidedById: actor.id,
      decidedAt: occurredAt.toISOString(),
    }),
    HandoffReturned: (state, _, { actor, occurredAt }) => ({
      ...state,
      status: 'RETURNED',
      decidedById: actor.id,
      decidedAt: occurredAt.toISOString(),
    }),
  },
})

const SUPPORT: readonly Role[] = [Role.SUPPORT_AGENT, Role.SUPPORT_LEAD]

/** Who works in each workspace (A2), besides those who cover a queue of it; Super Admins work in all. */
export const WORKING_IN: Readonly<Record<Workspace, readonly Role[]>> = {
  TRIAGE: SUPPORT,
  USERS: SUPPORT,
  STORES: SUPPORT,
  SHIPPING: SUPPORT,
  REVENUE: [Role.FINANCE_ADMIN],
  LEGAL: [Role.SUPPORT_LEAD],
  AUDIT: [],
  RISK: [Role.RISK_AGENT],
  TRUST: [Role.RISK_AGENT],
  CATALOG: [Role.CATALOG_ADMIN],
}

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
