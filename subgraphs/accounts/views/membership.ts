import { RecordedRow } from '#shared/entity.js'
import type { MemberRole } from '#shared/events/accounts.js'
import { entity, flag, oneOf, ref } from '#shared/fields.js'
import { states } from '#shared/states.js'
import { view } from '#shared/view.js'
import { readersAndCustomers } from '../audience.js'
import { membership } from '../mirrored.js'
import { Organization } from './organization.js'
import { User } from './user.js'

export const MembershipRole = states('MembershipRole', 'What a user is in an organization.', {
  OWNER: 'Owns it: sees all of its tickets.',
  ADMIN: 'Runs it.',
  OPERATOR: 'Works in its stores.',
  MEMBER: 'Belongs to it.',
})

/** D15, D23: what the gateway learns of it, it learns by trigger (migrations/0001-initial.sql). */
@entity('Membership', {
  description: 'What a user is in an organization.',
  allow: readersAndCustomers,
  requester: ({ personId }) => ({ where: 'user_id = $1', values: [personId] }),
  schema: 'accounts',
  prefix: 'mbr',
})
export class Membership extends RecordedRow {
  @ref(() => User, 'Who.')
  userId!: string

  @ref(() => Organization, 'Where.')
  organizationId!: string

  @oneOf(MembershipRole, 'As what.')
  role!: MemberRole

  @flag("May open and read the organization's tickets without owning it.")
  supportAccess!: boolean

  @flag('They left.')
  ended!: boolean
}

export const memberships = view(Membership, {
  of: membership,
  on: { MembershipRecorded: ({ data }) => data },
})
