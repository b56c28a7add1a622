import { Ctx, Extensions, Field, FieldResolver, ID, ObjectType, Query, Resolver, Root } from 'type-graphql'
import type { Context } from '#shared/context.js'
import type { Identity } from '#shared/identity.js'
import { Allow } from '#shared/permissions.js'
import { Permission, Role, type Scope } from '#shared/roles.js'
import { DateTime } from '#shared/scalars.js'
import { states } from '#shared/states.js'
import { everybodySignedIn } from './audience.js'
import { permittedMutations } from './permitted.js'
import { MeSection, sectionsOf } from './sections.js'
import { Integration } from './views/integration.js'
import { Organization } from './views/organization.js'
import { StaffMember } from './views/staff-member.js'
import { User } from './views/user.js'

const CallerKind = states('CallerKind', 'Who may call.', {
  STAFF: 'Somebody who works here.',
  REQUESTER: 'A customer.',
  INTEGRATION: 'A machine.',
})

const instantOf = (seconds: number | null): Date | null => (seconds ? new Date(seconds * 1000) : null)

/** E98: who one is to Opsgraph, as this request is seen. */
@ObjectType('Me', { description: 'Who calls, and what they may do.' })
@Extensions({ value: true })
export class Me {
  @Field(() => ID, { description: 'Global id of the person or machine.' })
  id!: string

  @Field(() => CallerKind, { description: 'What kind of caller.' })
  kind!: keyof typeof CallerKind

  @Field(() => String, { description: 'What they are called.' })
  name!: string

  @Field(() => [Role], { description: 'Roles they act in.' })
  roles!: readonly Role[]

  @Field(() => [Permission], { description: 'What they were granted besides, and is in force (D37).' })
  granted!: readonly Permission[]

  @Field(() => [String], { description: 'What their token is for; machines only.' })
  scopes!: readonly Scope[]

  @Field(() => DateTime, {
    nullable: true,
    description: 'When they signed in (UTC); null with an API token, which is no sign-in.',
  })
  signedInAt!: Date | null

  @Field(() => DateTime, { nullable: true, description: 'When what they showed ends (UTC).' })
  expiresAt!: Date | null
}

const meOf = ({
  personId,
  kind,
  name,
  roles,
  permissions,
  scopes,
  authenticatedAt,
  expiresAt,
}: Identity): Me => ({
  id: personId,
  kind: kind as keyof typeof CallerKind,
  name,
  roles,
  granted: permissions ?? [],
  scopes,
  signedInAt: instantOf(authenticatedAt),
  expiresAt: instantOf(expiresAt),
})

@Resolver(() => Me)
export class MeResolver {
  @Query(() => Me, { description: 'Who calls, and what they may do.' })
  @Allow(...everybodySignedIn)
  async me(@Ctx() { identity }: Context): Promise<Me> {
    return meOf(identity)
  }

  @FieldResolver(() => [String], {
    nullable: true,
    description: 'Names of all mutations they may use; `decision` tells whether one takes a second person.',
  })
  async permissions(@Ctx() { identity }: Context): Promise<string[]> {
    return permittedMutations(identity)
  }

  @FieldResolver(() => [MeSection], {
    description: 'The workspaces that they work in by their roles; none for customers and machines.',
  })
  async sections(@Ctx() context: Context): Promise<MeSection[]> {
    return sectionsOf(context)
  }

  @FieldResolver(() => StaffMember, { nullable: true, description: 'Their own record, when they work here.' })
  async staffMember(@Root() { kind, id }: Me, @Ctx() { loaders }: Context) {
    return kind === 'STAFF' ? loaders.one(StaffMember, id) : null
  }

  @FieldResolver(() => User, { nullable: true, description: 'Their own record, when they are a customer.' })
  async user(@Root() { kind, id }: Me, @Ctx() { loaders }: Context) {
    return kind === 'REQUESTER' ? loaders.one(User, id) : null
  }

  @FieldResolver(() => Integration, { nullable: true, description: 'Its own record, when it is a machine.' })
  async integration(@Root() { kind, id }: Me, @Ctx() { loaders }: Context) {
    return kind === 'INTEGRATION' ? loaders.one(Integration, id) : null
  }

  @FieldResolver(() => [Organization], {
    description: 'Accounts whose tickets they may open and read, when they are a customer.',
  })
  async organizations(@Ctx() { identity, loaders }: Context): Promise<Organization[]> {
    return loaders.many(Organization, identity.orgIds)
  }
}
