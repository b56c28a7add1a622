import { InputType } from 'type-graphql'
import type { Context } from '#shared/context.js'
import { given, several } from '#shared/fields.js'
import type { Filter } from '#shared/loader.js'
import { listOf } from '#shared/queries.js'
import { Role } from '#shared/roles.js'
import { AccessRequest, AccessRequestState } from './views/access-request.js'

@InputType('AccessRequestFilter', { description: 'Which requests for access.' })
export class AccessRequestFilter {
  @several(AccessRequestState, 'Where they stand; left out: PENDING.', { nullable: true, max: 10 })
  states?: (keyof typeof AccessRequestState)[] | null

  @given('StaffMember', 'Those of this member of staff.', { nullable: true })
  staffId?: string | null
}

/** Whoever can give it, whoever asked, and auditors (D59). */
function reachable({ states, staffId }: Partial<AccessRequestFilter>, { identity }: Context): Filter {
  const { roles, personId } = identity
  return {
    where:
      'state = any($1) and staff_id = coalesce($2, staff_id) and (grantable_by && $3 or staff_id = $4 or $5)',
    values: [states ?? ['PENDING'], staffId ?? null, roles, personId, roles.includes(Role.AUDITOR)],
  }
}

export const accessRequestQueries = listOf({
  name: 'accessRequests',
  type: AccessRequest,
  description:
    'What others asked for and the caller can give, and what the caller asked for (D59); the newest first. Auditors see all.',
  filter: AccessRequestFilter,
  where: reachable,
})
