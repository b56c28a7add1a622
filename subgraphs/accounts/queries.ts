import { Arg, Args, Ctx, ID, Query, Resolver } from 'type-graphql'
import { badInput, connection, type Page, PageArgs } from '#shared/connection.js'
import type { Context } from '#shared/context.js'
import type { Class } from '#shared/fields.js'
import type { Filter } from '#shared/loader.js'
import { Allow } from '#shared/permissions.js'
import { listOf } from '#shared/queries.js'
import { READERS, Role } from '#shared/roles.js'
import { readersAndCustomers } from './audience.js'
import { OrganizationFilter, SiteFilter, StaffFilter, staffWhere, UserFilter, usersWhere } from './filters.js'
import { ApiToken } from './views/api-token.js'
import { Integration } from './views/integration.js'
import { Organization } from './views/organization.js'
import { Site } from './views/site.js'
import { StaffMember } from './views/staff-member.js'
import { User } from './views/user.js'

/** The newest row that a filter takes, of those the caller may see. */
async function newest<T>({ loaders }: Context, type: Class<T>, filter: Filter): Promise<T | null> {
  const { nodes } = await loaders.list(type, filter, { first: 1 })
  return nodes[0] ?? null
}

const byText = (column: string, value: string): Filter => ({
  where: `lower(${column}) = lower($1)`,
  values: [value.trim()],
})

/** Looks something up by its id, or by what else names it; exactly one of the two. */
async function byIdOr<T>(
  context: Context,
  type: Class<T>,
  id: string | null,
  other: { name: string; column: string; value: string | null },
) {
  if ((id === null) === (other.value === null)) throw badInput(`Give either id or ${other.name}.`)
  return id === null
    ? newest(context, type, byText(other.column, other.value!))
    : context.loaders.one(type, id)
}

@Resolver()
class AccountQueries {
  @Query(() => User, { nullable: true, description: 'One customer, by id or e-mail address.' })
  @Allow(...readersAndCustomers)
  async user(
    @Arg('id', () => ID, { nullable: true, description: 'Their global id.' }) id: string | null = null,
    @Arg('email', () => String, { nullable: true, description: 'Their address, in any case of letters.' })
    email: string | null = null,
    @Ctx() context: Context,
  ) {
    return byIdOr(context, User, id, { name: 'email', column: 'email', value: email })
  }

  @Query(() => Organization, { nullable: true, description: 'One organization, by id or slug.' })
  @Allow(...readersAndCustomers)
  async organization(
    @Arg('id', () => ID, { nullable: true, description: 'Its global id.' }) id: string | null = null,
    @Arg('slug', () => String, { nullable: true, description: 'Its short name.' }) slug: string | null = null,
    @Ctx() context: Context,
  ) {
    return byIdOr(context, Organization, id, { name: 'slug', column: 'slug', value: slug })
  }

  @Query(() => Site, { nullable: true, description: 'One store.' })
  @Allow(...readersAndCustomers)
  async site(
    @Arg('id', () => ID, { description: 'Its global id.' }) id: string,
    @Ctx() { loaders }: Context,
  ) {
    return loaders.one(Site, id)
  }

  @Query(() => Site, {
    nullable: true,
    description: 'One store, by its short name; the newest one that has it.',
  })
  @Allow(...readersAndCustomers)
  async store(
    @Arg('slug', () => String, { description: 'Its short name.' }) slug: string,
    @Ctx() context: Context,
  ) {
    return newest(context, Site, byText('slug', slug))
  }

  @Query(() => StaffMember, { nullable: true, description: 'One member of staff.' })
  @Allow(...READERS)
  async staffMember(
    @Arg('id', () => ID, { description: 'Their global id.' }) id: string,
    @Ctx() { loaders }: Context,
  ) {
    return loaders.one(StaffMember, id)
  }

  @Query(() => connection(ApiToken), {
    description: "Keys to the API, newest first: one's own; a Super Admin and an auditor see everybody's.",
  })
  @Allow(...READERS)
  async apiTokens(
    @Args(() => PageArgs) page: PageArgs,
    @Arg('personId', () => ID, { nullable: true, description: 'Only those of this person or machine.' })
    personId: string | null,
    @Ctx() { loaders, identity }: Context,
  ): Promise<Page<ApiToken>> {
    const all = identity.roles.includes(Role.SUPER_ADMIN) || identity.roles.includes(Role.AUDITOR)
    const values = [all ? null : identity.personId, personId]
    return loaders.list(
      ApiToken,
      { where: 'person_id = coalesce($1, person_id) and person_id = coalesce($2, person_id)', values },
      page,
    )
  }
}

export const queries: readonly Class[] = [
  AccountQueries,
  listOf({
    name: 'users',
    type: User,
    description: 'Customers, newest first.',
    filter: UserFilter,
    where: usersWhere,
    allow: READERS,
  }),
  listOf({
    name: 'organizations',
    type: Organization,
    description: 'Organizations, newest first.',
    filter: OrganizationFilter,
    allow: READERS,
  }),
  listOf({
    name: 'stores',
    type: Site,
    description: 'Stores, newest first.',
    filter: SiteFilter,
    allow: READERS,
  }),
  listOf({
    name: 'staffMembers',
    type: StaffMember,
    description: 'Those who work here or did, newest first.',
    filter: StaffFilter,
    where: staffWhere,
    allow: READERS,
  }),
  listOf({
    name: 'integrations',
    type: Integration,
    description: 'Machines that may have tokens, newest first.',
  }),
]
