import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { count, given, oneOf } from '#shared/fields.js'
import { unknownIds } from '#shared/known.js'
import { refuse } from '#shared/refusal.js'
import { Role } from '#shared/roles.js'
import { SlaClock } from '../sla/sla-enums.js'
import { slaTerms, termsOf } from '../sla/sla-terms.js'
import { LEADS } from '../staff.js'
import { SlaTerms } from '../views/sla-terms.js'

/** As with the policies. */
const MOST_HOURS = 2_000

@InputType('SetSlaTermsInput', { description: 'What is agreed with an account; all of it, each time.' })
export class SetSlaTermsInput extends ActionInput {
  @given('Organization', 'The account.')
  organizationId!: string

  @count('How soon staff first reply, in hours of the clock; left out: as the policy says.', {
    nullable: true,
  })
  firstResponseHours?: number | null

  @count('How soon they do when it is urgent or somebody may come to harm; left out: as the policy says.', {
    nullable: true,
  })
  urgentHours?: number | null

  @count('How soon they do after it was escalated IMMEDIATE, by the clock; left out: as the policy says.', {
    nullable: true,
  })
  emergencyHours?: number | null

  @oneOf(SlaClock, 'Which time counts; left out: as the policy says.', { nullable: true })
  clock?: keyof typeof SlaClock | null
}

function requireHours(hours: number | null, field: string): void {
  if (hours !== null && !(hours >= 1 && hours <= MOST_HOURS))
    refuse('INVALID', `Hours are a whole number from 1 to ${MOST_HOURS}.`, field)
}

/** D10: counts for what is opened or reopened from now on; what was promised stays promised. */
export const setSlaTerms = action({
  name: 'setSlaTerms',
  description:
    'Says how soon an account is answered, as agreed with it; nothing but the account: as everybody. What was promised before stays promised.',
  input: SetSlaTermsInput,
  reasons: {
    CUSTOMER_AGREEMENT: 'It was agreed with the account.',
    AGREEMENT_ENDED: 'What was agreed does not hold any more.',
    GOODWILL: 'It was let down before.',
    CORRECTION: 'What was said before was wrong.',
  },

  on: slaTerms,
  target: input => termsOf(input.organizationId),
  prepare: async ({ organizationId }, tx) => unknownIds(tx, [organizationId]),

  allow: [...LEADS, Role.FINANCE_ADMIN],

  decide(
    state,
    { organizationId, firstResponseHours = null, urgentHours = null, clock = null, emergencyHours = null },
    { read: unknown },
  ) {
    if (unknown.length) refuse('UNKNOWN_REFERENCE', 'There is no such account.', 'organizationId')
    requireHours(firstResponseHours, 'firstResponseHours')
    requireHours(urgentHours, 'urgentHours')
    requireHours(emergencyHours, 'emergencyHours')
    const same =
      state.firstResponseHours === firstResponseHours &&
      state.urgentHours === urgentHours &&
      state.emergencyHours === emergencyHours &&
      state.clock === clock
    if (same) refuse('UNCHANGED', 'It is so already.', 'organizationId')
    return {
      type: 'SlaPolicyAssigned',
      data: { organizationId, firstResponseHours, urgentHours, clock, emergencyHours },
      refs: [organizationId],
    }
  },

  emits: ['SlaPolicyAssigned'],
  returns: { slaTerms: SlaTerms },
})
