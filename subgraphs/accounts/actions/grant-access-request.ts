import { InputType } from 'type-graphql'
import type { EntityManager } from 'typeorm'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { replay } from '#shared/aggregate.js'
import type { Caller } from '#shared/context.js'
import { given, instant } from '#shared/fields.js'
import type { Outcome, Performer } from '#shared/outcome.js'
import { performWithin } from '#shared/perform.js'
import { refuse } from '#shared/refusal.js'
import {
  type AccessRequestState,
  accessRequest,
  grantedWith,
  nameOf,
  requireDecidable,
} from '../access-request.js'
import { GRANTERS } from '../granters.js'
import { AccessRequest } from '../views/access-request.js'
import { sites } from '../views/site.js'
import { staffMembers } from '../views/staff-member.js'
import { grantPermission } from './grant-permission.js'
import { grantRole } from './grant-role.js'
import { grantWorkspaceAccess } from './grant-workspace-access.js'

@InputType('GrantAccessRequestInput', { description: 'Which request to grant, until when.' })
export class GrantAccessRequestInput extends ActionInput {
  @given('AccessRequest', 'The request; never one of one’s own.')
  accessRequestId!: string

  @instant('Until when (UTC); left out: as it was asked for.', { nullable: true })
  expiresAt?: Date | null
}

const subgraph = 'accounts'
const PERFORMERS: Record<ReturnType<typeof grantedWith>, Performer> = {
  grantPermission: { action: grantPermission, subgraph, views: [staffMembers] },
  grantRole: { action: grantRole, subgraph, views: [staffMembers] },
  grantWorkspaceAccess: { action: grantWorkspaceAccess, subgraph, views: [sites] },
}

/** What is asked for, as the input of the action that gives it. */
function inputOf(request: AccessRequestState, { expiresAt: said, note, dryRun }: GrantAccessRequestInput) {
  const { staffId, permission, role, siteId, userId, workspaceRole, until } = request
  const common = { note, dryRun, reason: 'ACCESS_REQUEST' }
  const expiresAt = said ?? (until ? new Date(until) : null)
  if (permission) return { ...common, staffId, permission, expiresAt }
  if (role && said) refuse('INVALID', 'A role ends when it is taken back.', 'expiresAt')
  return role ? { ...common, staffId, role } : { ...common, siteId, userId, role: workspaceRole, expiresAt }
}

/** Not while a second person is asked: they decide. A request that they turned down, or that ran out, may be asked for anew. */
async function requireNobodyAsked({ approvalId }: AccessRequestState, tx: EntityManager): Promise<void> {
  if (!approvalId) return
  const [asked] = await tx.query('select state from approval.approval where id = $1', [approvalId])
  if (asked?.state === 'PENDING')
    refuse('INVALID_STATE', 'A second person is asked already.', 'accessRequestId', { approvalId })
}

/** Gives it, as the person who decides: under the lock of the request, so that of two who decide at once the second learns of the first. */
async function give(input: GrantAccessRequestInput, tx: EntityManager, caller: Caller): Promise<Outcome> {
  const { store } = caller.services
  const stream = { type: accessRequest.type, id: input.accessRequestId }
  await store.lock(tx, [stream.id])
  const request = replay(accessRequest, await store.load(tx, stream))
  requireDecidable(request, caller.identity)
  await requireNobodyAsked(request, tx)
  return performWithin(tx, PERFORMERS[grantedWith(request)], inputOf(request, input), caller)
}

/** D59: does what was asked for in the name of who decides, with all that it takes of them: role, sign-in, a second person. */
export const grantAccessRequest = action({
  name: 'grantAccessRequest',
  description:
    'Gives what somebody asked for, as grantPermission, grantRole or grantWorkspaceAccess would; where those take a second person, they are asked.',
  input: GrantAccessRequestInput,
  risk: 'SENSITIVE',
  reasons: {
    NEEDED: 'Their work takes it.',
    COVER: 'They stand in for somebody.',
    CASE: 'A case cannot be solved without it.',
  },

  on: accessRequest,
  target: input => input.accessRequestId,
  prepare: give,

  allow: GRANTERS,

  decide(request, _input, { actorId, read: { approval, events } }) {
    const { staffId } = request
    if (events.some(({ type }) => type === 'ApprovalRequested')) {
      // A dry run asks nobody.
      const approvalId = approval?.id ?? ''
      return { type: 'AccessRequestPassedOn', data: { staffId, approvalId }, refs: [staffId] }
    }
    return {
      type: 'AccessRequestGranted',
      data: { staffId, decidedById: actorId, what: nameOf(request) },
      refs: [staffId],
    }
  },

  emits: ['AccessRequestGranted', 'AccessRequestPassedOn'],
  returns: { accessRequest: AccessRequest },
})
