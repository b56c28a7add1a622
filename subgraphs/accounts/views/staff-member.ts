import { Row } from '#shared/entity.js'
import { entity, flag, json, several, text } from '#shared/fields.js'
import { READERS, Role } from '#shared/roles.js'
import { view } from '#shared/view.js'
import { readersAndCustomers } from '../audience.js'
import { type StaffState, staffMember } from '../staff-member.js'

/**
 * A4, E22: the gateway reads what it needs of it from `access.person`, which a trigger keeps (migrations/0001-initial.sql).
 * Customers see the public name of who answers them, and nothing else (X10).
 */
@entity('StaffMember', {
  description: 'Somebody who works here.',
  allow: readersAndCustomers,
  requester: () => true,
  schema: 'accounts',
  prefix: 'stf',
})
export class StaffMember extends Row {
  @text('How customers know them.')
  publicName!: string

  @text('What they are called.', { only: READERS })
  name!: string

  @text('Their address.', { only: READERS })
  email!: string

  @text('What the identity provider calls them.', { hidden: true, nullable: true })
  subject!: string | null

  @several(Role, 'What they may do here.', { only: READERS })
  roles!: Role[]

  @flag('Whether they work here still.', { only: READERS })
  active!: boolean

  @json('What decisions rest on, as the events left it.', { hidden: true })
  state!: StaffState
}

const ERASED = 'erased'
const standing = (_: unknown, __: unknown, { roles, active }: StaffState) => ({ roles, active })

export const staffMembers = view(StaffMember, {
  of: staffMember,
  on: {
    StaffHired: ({ data }, row, state) => ({
      name: data.name ?? ERASED,
      publicName: data.publicName ?? ERASED,
      email: data.email ?? ERASED,
      subject: data.subject ?? null,
      ...standing(data, row, state),
    }),
    StaffDeactivated: standing,
    StaffReactivated: standing,
    RoleGranted: standing,
    RoleRevoked: standing,
  },
})
