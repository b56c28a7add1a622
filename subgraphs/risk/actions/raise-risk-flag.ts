import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given, instant, oneOf, parts, text } from '#shared/fields.js'
import { unknownIds } from '#shared/known.js'
import { refuse } from '#shared/refusal.js'
import { RISK_OFFICERS } from '../audience.js'
import { riskFlag } from '../risk-flag.js'
import { requireKnown } from '../subject.js'
import { RiskFlag, RiskFlagKind, RiskSeverity } from '../views/risk-flag.js'

@InputType('RiskFactInput', { description: 'Something that a rule looked at.' })
export class RiskFactInput {
  @text('What, e.g. charges_24h.')
  name!: string

  @text('What it was.', { max: 500 })
  value!: string
}

@InputType('RaiseRiskFlagInput', { description: 'What to mark as a risk, and what made one think so.' })
export class RaiseRiskFlagInput extends ActionInput {
  @given('Node', 'What it is about: any entity.')
  subjectId!: string

  @oneOf(RiskFlagKind, 'What the risk is.')
  kind!: keyof typeof RiskFlagKind

  @oneOf(RiskSeverity, 'How bad it would be.')
  severity!: keyof typeof RiskSeverity

  @text('The rule that struck.', { default: 'manual', max: 120 })
  rule?: string

  @parts(() => RiskFactInput, 'What was looked at.', { nullable: true, max: 50 })
  inputs?: RiskFactInput[] | null

  @instant('When it struck (UTC); now, unless said otherwise.', { nullable: true })
  triggeredAt?: Date | null
}

/** E56, E59: a person or a rule marks something as a risk. */
export const raiseRiskFlag = action({
  name: 'raiseRiskFlag',
  description: 'Marks something as a risk, with what made one think so.',
  input: RaiseRiskFlagInput,
  risk: 'SENSITIVE',
  reasons: {
    RULE_MATCHED: 'A rule struck.',
    MANUAL_REVIEW: 'Somebody looked and found it.',
    REPORTED: 'Somebody reported it.',
    PROVIDER_ALERT: 'A payment or identity provider warned.',
    LINKED_ENTITY: 'It is tied to something that is a risk.',
  },

  on: riskFlag,
  prepare: ({ subjectId }, tx) => unknownIds(tx, [subjectId]),

  allow: [...RISK_OFFICERS, 'risk:write'],

  decide(
    _nothing,
    { subjectId, kind, severity, rule = 'manual', inputs, triggeredAt },
    { now, read: unknown },
  ) {
    requireKnown(subjectId, 'subjectId', unknown)
    const at = triggeredAt ?? now
    if (at > now)
      refuse('INVALID', 'Nothing strikes in the future.', 'triggeredAt', { now: now.toISOString() })
    return {
      type: 'RiskFlagRaised',
      data: { subjectId, kind, severity, rule, triggeredAt: at.toISOString() },
      personal: { inputs: (inputs ?? []).map(({ name, value }) => ({ name, value })) },
    }
  },

  emits: ['RiskFlagRaised'],
  returns: { riskFlag: RiskFlag },
})
