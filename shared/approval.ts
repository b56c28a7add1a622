import { createHash } from 'node:crypto'
import type { EntityManager } from 'typeorm'
import { aggregate } from '#shared/aggregate.js'
import { canonicalJson } from '#shared/canonical.js'
import { Row } from '#shared/entity.js'
import type { ApprovalEvents } from '#shared/events/approvals.js'
import { count, entity, instant, json, oneOf, ref, several, stub, text } from '#shared/fields.js'
import { permissionsInForce } from '#shared/grants.js'
import { type Permission, READERS, Role } from '#shared/roles.js'
import { states } from '#shared/states.js'
import { view } from '#shared/view.js'
import { RANK } from '#shared/work.js'

export const ApprovalState = states('ApprovalState', 'Where a request for a second pair of eyes stands.', {
  PENDING: 'Waits for somebody else.',
  EXECUTED: 'Approved by a second person, and carried out.',
  REJECTED: 'Turned down.',
  WITHDRAWN: 'Taken back by who asked.',
  EXPIRED: 'Nobody decided in time.',
})
export type ApprovalState = keyof typeof ApprovalState

/** Hours until a request runs out. */
export const APPROVAL_HOURS = 72

interface State {
  state: ApprovalState | null
  request: ApprovalEvents['ApprovalRequested'] | null
}

/** The request with its input in one piece again; what was erased meanwhile is missing from it. */
const whole = ({ personalInput, ...request }: ApprovalEvents['ApprovalRequested']) => ({
  ...request,
  input: { ...request.input, ...personalInput },
})

const to = (state: ApprovalState) => (before: State) => ({ ...before, state })

export const approval = aggregate<State, ApprovalEvents>({
  type: 'Approval',
  prefix: 'apr',
  initial: { state: null, request: null },
  evolve: {
    ApprovalRequested: (_, request) => ({ state: 'PENDING', request: whole(request) }),
    ApprovalExecuted: to('EXECUTED'),
    ApprovalRejected: to('REJECTED'),
    ApprovalWithdrawn: to('WITHDRAWN'),
    ApprovalExpired: to('EXPIRED'),
  },
})

const Staff = stub('StaffMember')

@entity('Approval', {
  description: 'A dangerous action that waits for a second person, or did.',
  allow: READERS,
  schema: 'approval',
  prefix: 'apr',
})
export class Approval extends Row {
  @oneOf(ApprovalState, 'Where it stands.')
  state!: ApprovalState

  @text('The mutation that was asked for, e.g. issueRefund.')
  action!: string

  @text('The subgraph that owns it.', { hidden: true })
  subgraph!: string

  @text('What it acts on: open it with node(id).', { links: true })
  targetId!: string

  @json('What was asked for, exactly; an approver agrees to this and nothing else.')
  input!: Record<string, unknown>

  @text('SHA-256 of the input in canonical JSON.')
  inputHash!: string

  @count('Version of the target when it was asked for.', { hidden: true })
  targetVersion!: number

  @text('Reason code of the request.')
  reasonCode!: string

  @text('What who asked wrote about it.', { nullable: true })
  note!: string | null

  @text('Why a second person is needed.')
  why!: string

  @ref(() => Staff, 'Who asked.', { as: 'requestedBy' })
  requesterId!: string

  @several(String, 'Roles of who asked, at that time.', { hidden: true })
  requesterRoles!: Role[]

  @several(Role, 'Who may approve; never who asked.')
  approverRoles!: Role[]

  @instant('When it runs out (UTC).')
  expiresAt!: Date

  @ref(() => Staff, 'Who decided.', { as: 'decidedBy', nullable: true })
  decidedById!: string | null

  @instant('When it was decided (UTC).', { nullable: true })
  decidedAt!: Date | null

  @text('What who decided wrote about it.', { nullable: true })
  decisionNote!: string | null
}

const decided =
  (state: ApprovalState) =>
  (event: { data: { decidedById?: string }; occurredAt: Date; note: string | null }) => ({
    state,
    decidedById: event.data.decidedById ?? null,
    decidedAt: event.occurredAt,
    decisionNote: event.note,
  })

export const approvals = view(Approval, {
  of: approval,
  work: row => ({
    phase: row.state === 'PENDING' ? 'NEW' : 'DONE',
    title: `A second person for ${row.action}`,
    priority: RANK.SOON,
    dueAt: row.expiresAt,
    since: row.decidedAt,
    becauseOf: row.reasonCode,
  }),
  on: {
    ApprovalRequested: ({ data, note, reasonCode }) => ({
      ...whole(data),
      approverRoles: data.approverRoles as Role[],
      requesterRoles: data.requesterRoles as Role[],
      expiresAt: new Date(data.expiresAt),
      state: ApprovalState.PENDING,
      reasonCode,
      note,
    }),
    ApprovalExecuted: decided('EXECUTED'),
    ApprovalRejected: decided('REJECTED'),
    ApprovalWithdrawn: decided('WITHDRAWN'),
    ApprovalExpired: decided('EXPIRED'),
  },
})

/** Whose timelines show what becomes of a request. */
export const concerned = ({ targetId, about = [] }: ApprovalEvents['ApprovalRequested']): string[] => [
  targetId,
  ...about,
]

/** Pins what was asked for: the same input gives the same hash, whatever the order of its keys. */
export const hashOf = (input: unknown): string =>
  createHash('sha256').update(canonicalJson(input)).digest('hex')

/** Roles and granted permissions that a person has now; none when they left. */
export async function currentStanding(
  db: EntityManager,
  personId: string,
  now: Date,
): Promise<{ roles: Role[]; permissions: Permission[] }> {
  const [person] = await db.query(
    'select roles, permissions from access.person where id = $1 and disabled_at is null',
    [personId],
  )
  const roles: Role[] = person?.roles ?? []
  return { roles, permissions: permissionsInForce(roles, person?.permissions ?? {}, now) }
}
