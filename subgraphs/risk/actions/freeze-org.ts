import { InputType } from 'type-graphql'
import { type ActionSpec, action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { RiskEvents } from '#shared/events/risk.js'
import { given } from '#shared/fields.js'
import { unknownIds } from '#shared/known.js'
import { refuse } from '#shared/refusal.js'
import { RISK_OFFICERS } from '../audience.js'
import { freezeIdOf, type OrgFreezeState, orgFreeze } from '../org-freeze.js'
import { requireKnown } from '../subject.js'
import { OrgFreeze } from '../views/org-freeze.js'

@InputType('FreezeOrgInput', { description: 'Which organization to freeze.' })
export class FreezeOrgInput extends ActionInput {
  @given('Organization', 'The organization to freeze.')
  organizationId!: string
}

type Freezing = ActionSpec<OrgFreezeState, RiskEvents, FreezeOrgInput, string[]>

/** What it is to freeze: the same for who does it and for who asks for it (X16). */
export const freezing = {
  risk: 'EMERGENCY',
  idempotent: 'REQUIRED',
  reasons: {
    FRAUD: 'It defrauds, or is about to.',
    ACCOUNT_TAKEOVER: 'Somebody else controls it.',
    PAYMENT_RISK: 'Money would be lost.',
    POLICY_VIOLATION: 'It breaks the rules of the marketplace.',
    LEGAL_ORDER: 'A court or an authority demands it.',
    SAFETY: 'People could come to harm.',
  },

  on: orgFreeze,
  target: input => freezeIdOf(input.organizationId),
  prepare: ({ organizationId }, tx) => unknownIds(tx, [organizationId]),

  decide({ state }, { organizationId }, { read: unknown }) {
    requireKnown(organizationId, 'organizationId', unknown, 'org')
    if (state === 'FROZEN') refuse('INVALID_STATE', 'It is frozen already.', 'organizationId', { state })
    return { type: 'OrgFrozen', data: { organizationId }, refs: [organizationId] }
  },

  emits: ['OrgFrozen'],
  returns: { freeze: OrgFreeze },
} satisfies Partial<Freezing>

/** E15, E55, E61, E76, E77, X8: containment has to be fast, so one person and a reason are enough. */
export const freezeOrg = action({
  ...freezing,
  name: 'freezeOrg',
  description: 'Stops an organization from doing business, at once. It takes two people to undo.',
  input: FreezeOrgInput,
  allow: RISK_OFFICERS,
  handOff: 'requestOrgFreeze',
})
