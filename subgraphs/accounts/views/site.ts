import { Extensions, ObjectType } from 'type-graphql'
import { RecordedRow } from '#shared/entity.js'
import type { MemberRole } from '#shared/events/accounts.js'
import { entity, instant, json, oneOf, ref, stub, text } from '#shared/fields.js'
import { IdentifierKind } from '#shared/identifier.js'
import { states } from '#shared/states.js'
import { view } from '#shared/view.js'
import { readersAndCustomers } from '../audience.js'
import { type SiteState, type SiteStatus as Status, site } from '../site.js'
import { MembershipRole } from './membership.js'
import { Organization } from './organization.js'
import { User } from './user.js'

const StaffMember = stub('StaffMember')

export const SiteStatus = states('SiteStatus', 'Whether a store may open (A12).', {
  PENDING_APPROVAL: 'Waits for somebody to look at it.',
  APPROVED: 'May open.',
  REJECTED: 'May not.',
})

@ObjectType('WorkspaceAccessGrant', {
  description: "That a user may enter a store's workspace, for some time (A11).",
})
@Extensions({ value: true })
export class WorkspaceAccessGrant {
  @ref(() => User, 'Who.')
  userId!: string

  @oneOf(MembershipRole, 'As what.')
  role!: MemberRole

  @instant('Since when (UTC).')
  grantedAt!: Date

  @instant('Until when (UTC).')
  expiresAt!: Date

  @ref(() => StaffMember, 'Who let them in.', { as: 'grantedBy' })
  grantedById!: string
}

/** A10 to A12, D21: a store. */
@entity('Site', {
  description: 'A store of an organization.',
  allow: readersAndCustomers,
  requester: ({ orgIds }) => ({ where: 'organization_id = any($1)', values: [orgIds] }),
  schema: 'accounts',
  prefix: 'sit',
})
export class Site extends RecordedRow {
  @ref(() => Organization, 'Whose it is.')
  organizationId!: string

  @text('Its short name in addresses.', { find: IdentifierKind.SLUG })
  slug!: string

  @text('What it is called.', { find: IdentifierKind.NAME })
  name!: string

  @text('Where it is.', { nullable: true })
  url!: string | null

  @oneOf(SiteStatus, 'Whether it may open.')
  status!: Status

  @json('What decisions rest on, as the events left it.', { hidden: true })
  state!: SiteState
}

const status = (_: unknown, __: unknown, state: SiteState) => ({ status: state.status! })

export const sites = view(Site, {
  of: site,
  on: {
    SiteRecorded: ({ data }, row, state) => ({ ...data, ...status(data, row, state) }),
    StoreApproved: status,
    StoreRejected: status,
    WorkspaceAccessGranted: status,
    WorkspaceAccessRevoked: status,
  },
})
