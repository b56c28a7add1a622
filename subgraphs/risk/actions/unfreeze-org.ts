import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given } from '#shared/fields.js'
import { dualControl } from '#shared/policy.js'
import { refuse } from '#shared/refusal.js'
import { RISK_OFFICERS } from '../audience.js'
import { freezeIdOf, orgFreeze } from '../org-freeze.js'
import { requireKnown } from '../subject.js'
import { OrgFreeze } from '../views/org-freeze.js'

@InputType('UnfreezeOrgInput', { description: 'Which organization to let go on.' })
export class UnfreezeOrgInput extends ActionInput {
  @given('Organization', 'The organization to unfreeze.')
  organizationId!: string
}

/** E61, E81, E101, X8: a reason and two people, always. */
export const unfreezeOrg = action({
  name: 'unfreezeOrg',
  description: 'Lets a frozen organization do business again.',
  input: UnfreezeOrgInput,
  risk: 'DANGEROUS',
  idempotent: 'REQUIRED',
  reasons: {
    FALSE_ALARM: 'It never was what it seemed.',
    VERIFIED: 'They proved who they are.',
    REMEDIED: 'What was wrong was put right.',
    LEGAL_CLEARANCE: 'The court or authority allows it.',
  },

  on: orgFreeze,
  target: input => freezeIdOf(input.organizationId),

  allow: RISK_OFFICERS,
  policy: dualControl(RISK_OFFICERS),

  decide({ state }, { organizationId }, { approvalId }) {
    requireKnown(organizationId, 'organizationId', [], 'org')
    if (state !== 'FROZEN') refuse('INVALID_STATE', 'It is not frozen.', 'organizationId', { state })
    return { type: 'OrgUnfrozen', data: { organizationId, approvalId }, refs: [organizationId] }
  },

  emits: ['OrgUnfrozen'],
  returns: { freeze: OrgFreeze },
})
