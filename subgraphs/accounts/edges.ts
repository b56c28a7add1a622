import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import { connection, type Page, PageArgs } from '#shared/connection.js'
import type { Context } from '#shared/context.js'
import { Allow } from '#shared/permissions.js'
import { edge } from '#shared/queries.js'
import { READERS } from '#shared/roles.js'
import { DateTime } from '#shared/scalars.js'
import { maskedAddress } from '#shared/text.js'
import { lastUse } from './last-use.js'
import { ApiToken } from './views/api-token.js'
import { Membership } from './views/membership.js'
import { Organization } from './views/organization.js'
import { Site, WorkspaceAccessGrant } from './views/site.js'
import { PermissionGrant, StaffMember } from './views/staff-member.js'
import { User } from './views/user.js'

@Resolver(() => User)
export class UserFields {
  @FieldResolver(() => connection(Membership), {
    description: 'What they are in which organizations, and were.',
  })
  async memberships(
    @Root() { id }: User,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { loaders }: Context,
  ): Promise<Page<Membership>> {
    return loaders.children(Membership, 'userId', id, page)
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'Enough of their address to recognise it: j•••@example.org.',
  })
  async maskedEmail(@Root() { email }: User): Promise<string | null> {
    return email && maskedAddress(email)
  }
}

export const membersOfOrganization = edge(
  Organization,
  'members',
  Membership,
  'organizationId',
  'Its members, also those who left.',
  READERS,
)

@Resolver(() => Organization)
export class OrganizationFields {
  @FieldResolver(() => connection(Site), { description: 'Its stores.' })
  async sites(
    @Root() { id }: Organization,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { loaders }: Context,
  ): Promise<Page<Site>> {
    return loaders.children(Site, 'organizationId', id, page)
  }
}

@Resolver(() => Site)
export class SiteFields {
  @FieldResolver(() => [WorkspaceAccessGrant], {
    nullable: true,
    description: 'Who may enter its workspace now (A11).',
  })
  @Allow(...READERS)
  async workspaceAccess(
    @Root() { state }: Site,
    @Ctx() { services }: Context,
  ): Promise<WorkspaceAccessGrant[]> {
    const now = services.clock()
    return Object.values(state.access)
      .map(grant =>
        Object.assign(new WorkspaceAccessGrant(), grant, {
          grantedAt: new Date(grant.grantedAt),
          expiresAt: new Date(grant.expiresAt),
        }),
      )
      .filter(({ expiresAt }) => expiresAt > now)
  }
}

@Resolver(() => StaffMember)
export class StaffMemberFields {
  @FieldResolver(() => [PermissionGrant], {
    nullable: true,
    description: 'What they may do besides their roles, and has not ended (D37).',
  })
  @Allow(...READERS)
  async permissions(
    @Root() { state }: StaffMember,
    @Ctx() { services }: Context,
  ): Promise<PermissionGrant[]> {
    const now = services.clock()
    return Object.entries(state.permissions ?? {})
      .map(([permission, { expiresAt, grantedAt, grantedById }]) =>
        Object.assign(new PermissionGrant(), {
          permission,
          grantedById,
          grantedAt: new Date(grantedAt),
          expiresAt: expiresAt ? new Date(expiresAt) : null,
        }),
      )
      .filter(({ expiresAt }) => !expiresAt || expiresAt > now)
  }
}

@Resolver(() => ApiToken)
export class ApiTokenFields {
  @FieldResolver(() => DateTime, {
    nullable: true,
    description: 'When it was last used (UTC, to the minute); null: never.',
  })
  async lastUsedAt(@Root() { id }: ApiToken, @Ctx() context: Context): Promise<Date | null> {
    return lastUse(context, id)
  }
}
