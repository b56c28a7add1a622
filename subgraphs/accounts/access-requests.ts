import { InputType } from 'type-graphql'
import { given, several } from '#shared/fields.js'
import { type Filter, where } from '#shared/loader.js'
import { listOf } from '#shared/queries.js'
import { AccessRequest, AccessRequestState } from './views/access-request.js'

@InputType('AccessRequestFilter', { description: 'Which requests for access.' })
export class AccessRequestFilter {
  @several(AccessRequestState, 'Where they stand; left out: PENDING.', { nullable: true, max: 10 })
  states?: (keyof typeof AccessRequestState)[] | null

  @given('StaffMember', 'Those of this member of staff.', { nullable: true })
  staffId?: string | null
}

const those = ({ states, staffId }: Partial<AccessRequestFilter>): Filter =>
  where(['state = any(?)', states ?? ['PENDING']], ['staff_id = ?', staffId])

export const accessRequestQueries = listOf({
  name: 'accessRequests',
  type: AccessRequest,
  description:
    'What others asked for and the caller can give, and what the caller asked for (D59); the newest first. Auditors see all.',
  filter: AccessRequestFilter,
  where: those,
})
