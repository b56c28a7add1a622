import type { EntityManager } from 'typeorm'
import { APPROVAL_HOURS, approval, approvals, concerned, hashOf } from '#shared/approval.js'
import type { ApprovalEvents } from '#shared/events/approvals.js'
import { fieldsIn } from '#shared/fields.js'
import { newId } from '#shared/id.js'
import { type Asked, metadataOf, type Outcome, outcomeOf, plain, refsOf } from '#shared/outcome.js'
import type { Role } from '#shared/roles.js'
import { fold } from '#shared/view.js'

/** Of what a second person is wanted for, which one, and why. */
interface Wanted {
  targetId: string
  targetVersion: number
  /** Roles that reach as far as this. */
  approvers: readonly Role[]
  why: string
}

/** Instead of doing it: asks for a second person, pinning exactly what was asked, of which version. */
export async function requestApproval(
  tx: EntityManager,
  asked: Asked,
  { targetId, targetVersion, approvers, why }: Wanted,
): Promise<Outcome> {
  const { action, subgraph } = asked.performer
  const { identity, services } = asked.caller
  const now = services.clock()
  // The note is personal: it stays with the event's own, which can be erased.
  const { note, idempotencyKey, expectedVersion, dryRun, ...wanted } = asked.input
  const input = plain(wanted)
  const isPersonal = (name: string) => personalIn(asked).includes(name)
  const personalInput = pick(input, isPersonal)
  const id = newId(approval.prefix)
  const data: ApprovalEvents['ApprovalRequested'] = {
    action: action.name,
    subgraph,
    targetId,
    about: refsOf(action, asked.input),
    targetVersion,
    input: pick(input, name => !isPersonal(name)),
    inputHash: hashOf(input),
    requesterId: identity.personId,
    requesterRoles: [...identity.roles],
    approverRoles: [...approvers],
    why,
    expiresAt: new Date(now.getTime() + APPROVAL_HOURS * 3_600_000).toISOString(),
  }
  const draft = {
    type: 'ApprovalRequested',
    data,
    ...(Object.keys(personalInput).length ? { personal: { personalInput } } : {}),
    refs: concerned(data),
  }
  const write = { stream: { type: approval.type, id }, expectedVersion: 0, events: [draft] }
  const events = await services.store.append(tx, [write], metadataOf(asked), now)
  await fold(tx, [approvals], events)
  return outcomeOf(tx, asked, targetId, events, { approval: dryRun ? null : { id } })
}

const personalIn = ({ performer }: Asked): string[] =>
  fieldsIn(performer.action.input).flatMap(({ personal, property }) => (personal ? [property] : []))

const pick = (input: Record<string, unknown>, wanted: (name: string) => boolean): Record<string, unknown> =>
  Object.fromEntries(Object.entries(input).filter(([name]) => wanted(name)))
