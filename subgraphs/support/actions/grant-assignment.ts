import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given, instant } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { ASSIGN, operator, operatorOf } from '../operator.js'
import { type Candidate, candidate, LEADS, requireAssignable } from '../staff.js'
import { Operator } from '../views/operator.js'

@InputType('GrantAssignmentInput', { description: 'Who may give tickets to others.' })
export class GrantAssignmentInput extends ActionInput {
  @given('StaffMember', 'Who may; never who grants it.')
  staffId!: string

  @instant('Until when (UTC); left out: until it is taken back.', { nullable: true })
  expiresAt?: Date | null
}

/** D37, D59: a permission of its own, which leads give. */
export const grantAssignment = action({
  name: 'grantAssignment',
  description: `Lets a member of staff give tickets to others (${ASSIGN}).`,
  input: GrantAssignmentInput,
  risk: 'SENSITIVE',
  reasons: {
    TEAM_CHANGE: 'Their work takes it from now on.',
    COVER: 'They stand in for somebody.',
    WORKLOAD: 'There is more to share out than leads can.',
  },

  on: operator,
  target: input => operatorOf(input.staffId),
  prepare: ({ staffId }, tx): Promise<Candidate> => candidate(tx, staffId),

  allow: LEADS,

  decide({ mayAssign, mayAssignUntil }, { staffId, expiresAt }, { actorId, now, read: who }) {
    requireAssignable(who)
    if (staffId === actorId) refuse('SAME_PERSON', 'Nobody grants themselves anything.', 'staffId')
    if (expiresAt && expiresAt <= now) refuse('INVALID', 'That is over already.', 'expiresAt')
    const until = expiresAt?.toISOString() ?? null
    if (mayAssign && mayAssignUntil === until) return []
    return {
      type: 'PermissionGranted',
      data: { staffId, permission: ASSIGN, expiresAt: until },
      refs: [staffId],
    }
  },

  emits: ['PermissionGranted'],
  returns: { operator: Operator },
})
