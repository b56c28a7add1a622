import { Ctx, Extensions, Field, ObjectType } from 'type-graphql'
import type { Context } from '#shared/context.js'
import { Row } from '#shared/entity.js'
import { entity, flag, json, several, text } from '#shared/fields.js'
import { Permission, READERS, Role } from '#shared/roles.js'
import { DateTime } from '#shared/scalars.js'
import { view } from '#shared/view.js'
import { readersAndCustomers } from '../audience.js'
import { type StaffState, staffMember } from '../staff-member.js'

/**
 * A4, E22: the gateway reads what it needs of it from `access.person`, which a trigger keeps (migrations/0002-permissions.sql).
 * Customers see the public name of who answers them, and nothing else (X10).
 */
@entity('StaffMember', {
  description: 'Somebody who works here.',
  allow: readersAndCustomers,
  requester: () => ({ where: 'true', values: [] }),
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
    PermissionGranted: standing,
    PermissionRevoked: standing,
  },
})

@ObjectType('PermissionGrant', {
  description: 'What a member of staff may do besides their roles, and until when.',
})
@Extensions({ value: true })
export class PermissionGrant {
  @Field(() => Permission, { description: 'The permission.' })
  permission!: Permission

  @Field(() => DateTime, { description: 'When it was granted (UTC).' })
  grantedAt!: Date

  @Field(() => DateTime, { nullable: true, description: 'When it ends (UTC); null: when it is taken back.' })
  expiresAt!: Date | null

  grantedById!: string

  @Field(() => StaffMember, {
    nullable: true,
    description: 'Who granted it; null: Opsgraph took it over from an earlier grant.',
  })
  async grantedBy(@Ctx() { loaders }: Context): Promise<StaffMember | null> {
    return loaders.one(StaffMember, this.grantedById)
  }
}
