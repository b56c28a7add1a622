import { Field, ID, InputType } from 'type-graphql'
import type { Billing, UserState } from '#shared/events/accounts.js'
import { type Filter, where } from '#shared/loader.js'
import { Role } from '#shared/roles.js'
import type { SiteStatus as SiteState } from './site.js'
import { BillingState } from './views/organization.js'
import { SiteStatus } from './views/site.js'
import { UserStatus } from './views/user.js'

@InputType('UserFilter', { description: 'Which customers.' })
export class UserFilter {
  @Field(() => UserStatus, { nullable: true, description: 'Only those that stand here.' })
  status?: UserState | null

  @Field(() => ID, { nullable: true, description: 'Only members of this organization.' })
  organizationId?: string | null
}

export const usersWhere = (filter: UserFilter | null): Filter =>
  where(
    ['status = ?', filter?.status],
    [
      'id in (select user_id from accounts.membership where organization_id = ? and not ended)',
      filter?.organizationId,
    ],
  )

@InputType('OrganizationFilter', { description: 'Which organizations.' })
export class OrganizationFilter {
  @Field(() => BillingState, { nullable: true, description: 'Only those whose bills stand here.' })
  billingState?: Billing | null

  @Field(() => String, { nullable: true, description: 'Only those on this plan.' })
  plan?: string | null
}

export const organizationsWhere = (filter: OrganizationFilter | null): Filter =>
  where(['billing_state = ?', filter?.billingState], ['plan = ?', filter?.plan])

@InputType('SiteFilter', { description: 'Which stores.' })
export class SiteFilter {
  @Field(() => SiteStatus, { nullable: true, description: 'Only those that stand here.' })
  status?: SiteState | null

  @Field(() => ID, { nullable: true, description: 'Only those of this organization.' })
  organizationId?: string | null
}

export const sitesWhere = (filter: SiteFilter | null): Filter =>
  where(['status = ?', filter?.status], ['organization_id = ?', filter?.organizationId])

@InputType('StaffFilter', { description: 'Which members of staff.' })
export class StaffFilter {
  @Field(() => Role, { nullable: true, description: 'Only those who have this role.' })
  role?: Role | null

  @Field(() => Boolean, { nullable: true, description: 'Only those who work here, or who do not any more.' })
  active?: boolean | null
}

export const staffWhere = (filter: StaffFilter | null): Filter =>
  where(['? = any(roles)', filter?.role], ['active = ?', filter?.active])
