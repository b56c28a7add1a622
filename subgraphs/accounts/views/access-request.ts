import { Row } from '#shared/entity.js'
import type { MemberRole } from '#shared/events/accounts.js'
import { entity, instant, oneOf, ref, several, text } from '#shared/fields.js'
import { Permission, Role, STAFF } from '#shared/roles.js'
import { states } from '#shared/states.js'
import { view } from '#shared/view.js'
import { RANK, type WorkItemPhase } from '#shared/work.js'
import { accessRequest, grantersOf, nameOf, readersOf, type Wanted } from '../access-request.js'
import { Approval } from '../stubs.js'
import { MembershipRole } from './membership.js'
import { Site } from './site.js'
import { StaffMember } from './staff-member.js'
import { User } from './user.js'

export const AccessRequestState = states('AccessRequestState', 'What became of a request for access.', {
  PENDING: 'Nobody has decided yet.',
  GRANTED: 'They have what they asked for.',
  DECLINED: 'They do not get it.',
  WITHDRAWN: 'Who asked took it back.',
})

@entity('AccessRequest', {
  description:
    'What a member of staff asked to be given: a permission, a role, or access of a user to a store (D59). Read by who can give it, who asked, and auditors.',
  allow: [...STAFF, Role.AUDITOR],
  schema: 'accounts',
  prefix: 'acr',
  readers: readersOf,
})
export class AccessRequest extends Row {
  @ref(() => StaffMember, 'Who asked.', { as: 'requestedBy' })
  staffId!: string

  @oneOf(Permission, 'The permission that they want; null: something else.', { nullable: true })
  permission!: Permission | null

  @oneOf(Role, 'The role that they want; null: something else.', { nullable: true })
  role!: Role | null

  @ref(() => Site, 'The store that somebody is to enter; null: something else.', {
    as: 'store',
    nullable: true,
  })
  siteId!: string | null

  @ref(() => User, 'Who is to enter it.', { nullable: true })
  userId!: string | null

  @oneOf(MembershipRole, 'As what they are to enter it.', { nullable: true })
  workspaceRole!: MemberRole | null

  @instant('Until when they want it (UTC); null: until it is taken back.', { nullable: true })
  until!: Date | null

  @text('What they wrote about it.', { nullable: true })
  note!: string | null

  @oneOf(AccessRequestState, 'Where it stands.')
  state!: keyof typeof AccessRequestState

  @several(Role, 'Who can give it; never who asked.')
  grantableBy!: Role[]

  @ref(() => Approval, 'The second pair of eyes that it waits for, where it takes two people.', {
    nullable: true,
  })
  approvalId!: string | null

  @ref(() => StaffMember, 'Who decided.', { as: 'decidedBy', nullable: true })
  decidedById!: string | null

  @instant('When it was decided, or taken back (UTC).', { nullable: true })
  decidedAt!: Date | null

  @text('What who decided wrote about it.', { nullable: true })
  decisionNote!: string | null
}

/** One that was passed on waits with its approval, which is work of its own. */
function phaseOf({ state, approvalId }: AccessRequest): WorkItemPhase {
  if (state !== 'PENDING') return 'DONE'
  return approvalId === null ? 'NEW' : 'WAITING'
}

export const accessRequests = view(AccessRequest, {
  of: accessRequest,
  work: row => ({
    phase: phaseOf(row),
    title: `Somebody asks for ${nameOf(row)}`,
    priority: RANK.IN_TURN,
    since: row.decidedAt,
    becauseOf: row.state,
  }),
  on: {
    AccessRequested: ({ data, note }) => ({
      staffId: data.staffId,
      permission: (data.permission ?? null) as Permission | null,
      role: (data.role ?? null) as Role | null,
      siteId: data.siteId ?? null,
      userId: data.userId ?? null,
      workspaceRole: data.workspaceRole ?? null,
      until: data.until ? new Date(data.until) : null,
      note,
      state: AccessRequestState.PENDING,
      grantableBy: [...grantersOf(data as Wanted)],
    }),
    AccessRequestPassedOn: ({ data }) => ({ approvalId: data.approvalId }),
    AccessRequestGranted: ({ data, occurredAt, note }) => ({
      state: AccessRequestState.GRANTED,
      decidedById: data.decidedById,
      decidedAt: occurredAt,
      decisionNote: note,
    }),
    AccessRequestDeclined: ({ actor, occurredAt, note }) => ({
      state: AccessRequestState.DECLINED,
      decidedById: actor.id,
      decidedAt: occurredAt,
      decisionNote: note,
    }),
    AccessRequestWithdrawn: ({ occurredAt, note }) => ({
      state: AccessRequestState.WITHDRAWN,
      decidedAt: occurredAt,
      decisionNote: note,
    }),
  },
})
