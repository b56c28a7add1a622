import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Draft } from '#shared/aggregate.js'
import type { RiskEvents } from '#shared/events/risk.js'
import { flag, given } from '#shared/fields.js'
import { Role } from '#shared/roles.js'
import { RISK_OFFICERS } from '../audience.js'
import { refuseTaken, requireUndecided, trustCase } from '../trust-case.js'
import { TrustCase } from '../views/trust-case.js'

@InputType('AssignTrustCaseInput', { description: 'Which case to take, or to give back.' })
export class AssignTrustCaseInput extends ActionInput {
  @given('TrustCase', 'The case to take.')
  trustCaseId!: string

  @flag("Give it back instead, so that somebody else can take it. Another's is for a Super Admin to free.", {
    default: false,
  })
  giveBack?: boolean
}

/** E17: of all who take a case at once one has it, and the others learn who. Taking one's own again changes nothing. */
export const assignTrustCase = action({
  name: 'assignTrustCase',
  description:
    'Takes a trust case that nobody works on, or gives it back. Who comes second is told who was quicker, and since when.',
  input: AssignTrustCaseInput,

  on: trustCase,
  target: input => input.trustCaseId,

  allow: RISK_OFFICERS,

  decide(state, { giveBack = false }, { actorId, actorRoles }): Draft<RiskEvents>[] {
    requireUndecided(state)
    const { assigneeId } = state
    const others = assigneeId !== null && assigneeId !== actorId
    if (others && !(giveBack && actorRoles.includes(Role.SUPER_ADMIN))) refuseTaken(state)
    const wanted = giveBack ? null : actorId
    if (assigneeId === wanted) return []
    return [{ type: 'TrustCaseAssigned', data: { assigneeId: wanted }, refs: [wanted ?? assigneeId!] }]
  },

  emits: ['TrustCaseAssigned'],
  returns: { trustCase: TrustCase },
})
