import { InputType } from 'type-graphql'
import type { Context } from '#shared/context.js'
import type { Billing, UserState } from '#shared/events/accounts.js'
import { flag, given, oneOf, text } from '#shared/fields.js'
import { type Filter, where } from '#shared/loader.js'
import { Permission, Role } from '#shared/roles.js'
import type { SiteStatus as SiteState } from './site.js'
import { BillingState } from './views/organization.js'
import { SiteStatus } from './views/site.js'
import { UserStatus } from './views/user.js'

@InputType('UserFilter', { description: 'Which customers.' })
export class UserFilter {
  @oneOf(UserStatus, 'Those that stand here.', { nullable: true })
  status?: UserState | null

  @given('Organization', 'Members of this organization.', { nullable: true })
  organizationId?: string | null
}

export const usersWhere = ({ status, organizationId }: UserFilter): Filter =>
  where(
    ['status = ?', status],
    [
      'id in (select user_id from accounts.membership where organization_id = ? and not ended)',
      organizationId,
    ],
  )

@InputType('OrganizationFilter', { description: 'Which organizations.' })
export class OrganizationFilter {
  @oneOf(BillingState, 'Those whose bills stand here.', { nullable: true })
  billingState?: Billing | null

  @text('Those on this plan.', { nullable: true })
  plan?: string | null
}

@InputType('SiteFilter', { description: 'Which stores.' })
export class SiteFilter {
  @oneOf(SiteStatus, 'Those that stand here.', { nullable: true })
  status?: SiteState | null

  @given('Organization', 'Those of this organization.', { nullable: true })
  organizationId?: string | null
}

@InputType('StaffFilter', { description: 'Which members of staff.' })
export class StaffFilter {
  @oneOf(Role, 'Those who have this role.', { nullable: true })
  role?: Role | null

  @oneOf(Permission, 'Those to whom this was granted besides their roles, and who have it still.', {
    nullable: true,
  })
  permission?: Permission | null

  @flag('Those who work here, or who do not any more.', { nullable: true })
  active?: boolean | null
}

const HELD = "select state -> 'permissions' -> ?::text as held"

/** Granted permissions that have ended do not count. */
export const staffWhere = (
  { role, permission, active }: Partial<StaffFilter>,
  { services }: Context,
): Filter =>
  where(
    ['? = any(roles)', role],
    ['active = ?', active],
    [
      `exists (select from (${HELD}) one where held is not null
          and coalesce((held ->> 'expiresAt')::timestamptz > '${services.clock().toISOString()}', true))`,
      permission,
    ],
  )
