import { Row } from '#shared/entity.js'
import { entity, instant, oneOf, ref, text } from '#shared/fields.js'
import { READERS } from '#shared/roles.js'
import { states } from '#shared/states.js'
import { view } from '#shared/view.js'
import { orgFreeze } from '../org-freeze.js'
import { Approval, Organization, StaffMember } from '../stubs.js'

export const OrgFreezeState = states('OrgFreezeState', 'Whether an organization may do business.', {
  FROZEN: 'It may not.',
  ACTIVE: 'It may.',
})

@entity('OrgFreeze', {
  description: 'Whether an organization that was ever frozen is so now.',
  allow: READERS,
  schema: 'risk',
  prefix: 'frz',
})
export class OrgFreeze extends Row {
  @ref(() => Organization, 'Which organization.')
  organizationId!: string

  @oneOf(OrgFreezeState, 'Whether it may do business.')
  state!: keyof typeof OrgFreezeState

  @instant('Since when it is so (UTC).')
  since!: Date

  @text('Why, as a reason code of freezeOrg or unfreezeOrg.')
  reasonCode!: string

  @ref(() => StaffMember, 'Who made it so; the second person, when it took two.', { as: 'changedBy' })
  changedById!: string

  @ref(() => Approval, 'The request by which it was unfrozen.', { nullable: true })
  approvalId!: string | null
}

export const orgFreezes = view(OrgFreeze, {
  of: orgFreeze,
  on: {
    OrgFrozen: ({ data: { organizationId }, actor, reasonCode, occurredAt }) => ({
      organizationId,
      state: OrgFreezeState.FROZEN,
      since: occurredAt,
      reasonCode,
      changedById: actor.id,
      approvalId: null,
    }),
    OrgUnfrozen: ({ data: { approvalId }, actor, reasonCode, occurredAt }) => ({
      state: OrgFreezeState.ACTIVE,
      since: occurredAt,
      reasonCode,
      changedById: actor.id,
      approvalId,
    }),
  },
})
