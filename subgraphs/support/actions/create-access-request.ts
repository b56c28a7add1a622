import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { oneOf } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { STAFF } from '#shared/roles.js'
import { states } from '#shared/states.js'
import { ASSIGN, operator, operatorOf } from '../operator.js'
import { type Candidate, candidate, isLead, requireAssignable } from '../staff.js'
import { Operator } from '../views/operator.js'

export const GrantablePermission = states('GrantablePermission', 'What can be granted besides a role.', {
  TICKETS_ASSIGN: `Giving tickets to others: ${ASSIGN}.`,
})

@InputType('CreateAccessRequestInput', { description: 'What one asks to be allowed; `note` says what for.' })
export class CreateAccessRequestInput extends ActionInput {
  @oneOf(GrantablePermission, 'The permission.')
  permission!: keyof typeof GrantablePermission
}

/** D59: who lacks a permission asks for it; leads find it in `accessRequests`, and grantAssignment answers it. */
export const createAccessRequest = action({
  name: 'createAccessRequest',
  description: 'Asks for a permission that one lacks.',
  input: CreateAccessRequestInput,

  on: operator,
  prepare: (_input, tx, { identity }): Promise<Candidate> => candidate(tx, identity.personId),
  target: (_input, { id }) => operatorOf(id),

  allow: STAFF,

  decide({ mayAssign, mayAssignUntil, assignRequestedAt }, _input, { now, actorRoles, read: who }) {
    requireAssignable(who)
    const holds = mayAssign && (mayAssignUntil === null || new Date(mayAssignUntil) > now)
    if (isLead(actorRoles) || holds) refuse('UNCHANGED', 'You may do that already.', 'permission')
    if (assignRequestedAt !== null) return []
    return { type: 'AccessRequested', data: { staffId: who.id, permission: ASSIGN }, refs: [who.id] }
  },

  emits: ['AccessRequested'],
  returns: { operator: Operator },
})
