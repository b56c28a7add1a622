import { Extensions, ObjectType } from 'type-graphql'
import { Row } from '#shared/entity.js'
import type { RiskFlagKind as Kind, RiskSeverity as Severity } from '#shared/events/risk.js'
import { entity, instant, oneOf, part, parts, ref, text } from '#shared/fields.js'
import { prefixOf } from '#shared/id.js'
import { states } from '#shared/states.js'
import { view } from '#shared/view.js'
import { inWords, RANK_OF } from '#shared/work.js'
import { RISK_READERS } from '../audience.js'
import { riskFlag } from '../risk-flag.js'
import { Listing, Order, Organization, User } from '../stubs.js'

export const RiskFlagKind = states('RiskFlagKind', 'What the risk is.', {
  PAYMENT_FRAUD: 'Paid with what is not theirs.',
  ACCOUNT_TAKEOVER: 'Somebody else uses the account.',
  IDENTITY: 'They are not who they say.',
  COUNTERFEIT: 'Fakes are sold.',
  PROHIBITED_ITEM: 'Something is sold that may not be.',
  COLLUSION: 'Several act together against the rules.',
  VELOCITY: 'Too much in too little time.',
  CHARGEBACKS: 'Too many payments are disputed.',
  NEGATIVE_BALANCE: 'They owe, or are about to.',
  ABUSE: 'People are harassed or cheated.',
  OTHER: 'None of these; the note says what.',
})

export const RiskSeverity = states('RiskSeverity', 'How bad it would be.', {
  LOW: 'Worth knowing.',
  MEDIUM: 'Worth a look.',
  HIGH: 'Worth a measure.',
  CRITICAL: 'Harm is being done.',
})

export const RiskFlagState = states('RiskFlagState', 'Where a risk flag stands.', {
  RAISED: 'It holds.',
  CLEARED: 'It was taken away.',
})

@ObjectType('RiskFact', { description: 'Something that a rule looked at.' })
@Extensions({ value: true })
export class RiskFact {
  @text('What, e.g. charges_24h.')
  name!: string

  @text('What it was then.')
  value!: string
}

@ObjectType('RiskTrigger', { description: 'What made somebody, or a rule, raise a flag.' })
@Extensions({ value: true })
export class RiskTrigger {
  @text('The rule; `manual` when it was a person.')
  rule!: string

  @parts(() => RiskFact, 'What it looked at.')
  inputs!: RiskFact[]

  @instant('When it struck (UTC).')
  at!: Date
}

@entity('RiskFlag', {
  description: 'Something that was marked as a risk.',
  allow: RISK_READERS,
  schema: 'risk',
  prefix: 'flg',
})
export class RiskFlag extends Row {
  @oneOf(RiskFlagKind, 'What the risk is.')
  kind!: Kind

  @oneOf(RiskSeverity, 'How bad it would be.')
  severity!: Severity

  @oneOf(RiskFlagState, 'Where it stands.')
  state!: keyof typeof RiskFlagState

  @text('What it is about: open with node(id).')
  subjectId!: string

  @ref(() => Organization, 'The organization it is about, if it is one.', { nullable: true })
  organizationId!: string | null

  @ref(() => User, 'The user it is about, if it is one.', { nullable: true })
  userId!: string | null

  @ref(() => Order, 'The order it is about, if it is one.', { nullable: true })
  orderId!: string | null

  @ref(() => Listing, 'The listing it is about, if it is one.', { nullable: true })
  listingId!: string | null

  @part(() => RiskTrigger, 'What made it be raised.')
  trigger!: RiskTrigger

  @text('Why it was raised, as a reason code of raiseRiskFlag.')
  reasonCode!: string

  @text('Who raised it: open with node(id).')
  raisedById!: string

  @text('Why it was cleared, as a reason code of clearRiskFlag.', { nullable: true })
  clearedReasonCode!: string | null

  @text('Who cleared it: open with node(id).', { nullable: true })
  clearedById!: string | null

  @instant('When it was cleared (UTC).', { nullable: true })
  clearedAt!: Date | null
}

const only = (prefix: string, id: string): string | null => (prefixOf(id) === prefix ? id : null)

export const riskFlags = view(RiskFlag, {
  of: riskFlag,
  work: row => ({
    phase: row.state === 'RAISED' ? 'NEW' : 'DONE',
    title: inWords(row.kind),
    priority: RANK_OF[row.severity],
    since: row.clearedAt,
    workspace: 'RISK',
    becauseOf: row.reasonCode,
  }),
  on: {
    RiskFlagRaised: ({
      data: { subjectId, kind, severity, rule, triggeredAt, inputs = [] },
      actor,
      reasonCode,
    }) => ({
      kind,
      severity,
      state: RiskFlagState.RAISED,
      subjectId,
      organizationId: only('org', subjectId),
      userId: only('usr', subjectId),
      orderId: only('ord', subjectId),
      listingId: only('lst', subjectId),
      trigger: { rule, inputs, at: new Date(triggeredAt) },
      reasonCode,
      raisedById: actor.id,
    }),
    RiskFlagCleared: ({ actor, reasonCode, occurredAt }) => ({
      state: RiskFlagState.CLEARED,
      clearedReasonCode: reasonCode,
      clearedById: actor.id,
      clearedAt: occurredAt,
    }),
  },
})
