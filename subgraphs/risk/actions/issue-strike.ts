import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given, oneOf, text } from '#shared/fields.js'
import { linkedIds, unknownIds } from '#shared/known.js'
import { refuse } from '#shared/refusal.js'
import { Role } from '#shared/roles.js'
import { RISK_OFFICERS } from '../audience.js'
import { strike, strikeEnd } from '../strike.js'
import { requireKnown } from '../subject.js'
import { Strike, StrikeSeverity } from '../views/strike.js'

@InputType('IssueStrikeInput', { description: 'Which seller, for what, and how bad it is.' })
export class IssueStrikeInput extends ActionInput {
  @given('Organization', 'The seller.')
  organizationId!: string

  @oneOf(StrikeSeverity, 'How much it weighs.')
  severity!: keyof typeof StrikeSeverity

  @given('Order', "The order that it is about; one of the seller's.", { nullable: true })
  orderId?: string | null

  @text('What the seller did, in words.', { max: 4000, multiline: true })
  statement!: string

  @given('Workflow', 'The workflow that issues it; for Opsgraph itself to say.', { nullable: true })
  workflowId?: string | null
}

/** E63, E75: a person of risk decides, or a person confirmed a workflow's proposal. It counts for `STRIKE_DAYS`. */
export const issueStrike = action({
  name: 'issueStrike',
  description: 'Gives a seller a strike, which counts for 180 days.',
  input: IssueStrikeInput,
  risk: 'SENSITIVE',
  idempotent: 'REQUIRED',
  reasons: {
    NON_FULFILMENT: 'It did not deliver.',
    COUNTERFEIT: 'It sold fakes.',
    PROHIBITED_ITEM: 'It sold what may not be sold.',
    MISLEADING: 'It sold something else than it described.',
    ABUSE: 'It harassed or cheated people.',
    EVASION: 'It went around the marketplace, its fees or its measures.',
    OTHER: 'None of these; the statement says what.',
  },

  on: strike,
  prepare: async ({ organizationId, orderId }, tx, { identity }) => ({
    bySystem: identity.kind === 'SYSTEM',
    unknown: await unknownIds(tx, orderId ? [organizationId, orderId] : [organizationId]),
    sellers: orderId ? await linkedIds(tx, orderId, 'seller') : [],
  }),

  allow: [...RISK_OFFICERS, Role.SYSTEM],

  decide(
    _nothing,
    { organizationId, severity, orderId = null, statement, workflowId = null },
    { now, read: { bySystem, unknown, sellers } },
  ) {
    // A workflow read both off the order; that the marketplace never recorded the seller itself must not spare them.
    if (!bySystem) {
      if (workflowId) refuse('INVALID', 'A workflow says so itself.', 'workflowId')
      requireKnown(organizationId, 'organizationId', unknown, 'org')
      if (orderId) requireKnown(orderId, 'orderId', unknown, 'ord')
      if (orderId && !sellers.includes(organizationId))
        refuse('INVALID', 'Somebody else sold this order.', 'orderId', { sellers })
    }
    const expiresAt = strikeEnd(now).toISOString()
    return {
      type: 'StrikeIssued',
      data: { organizationId, severity, orderId, workflowId, expiresAt },
      personal: { statement },
    }
  },

  emits: ['StrikeIssued'],
  returns: { strike: Strike },
})
