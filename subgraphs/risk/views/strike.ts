import { Row } from '#shared/entity.js'
import type { StrikeSeverity as Severity } from '#shared/events/risk.js'
import { entity, instant, oneOf, ref, text } from '#shared/fields.js'
import { READERS } from '#shared/roles.js'
import { states } from '#shared/states.js'
import { view } from '#shared/view.js'
import { RISK_READERS } from '../audience.js'
import { strike } from '../strike.js'
import { Order, Organization, StaffMember } from '../stubs.js'

export const StrikeSeverity = states('StrikeSeverity', 'How much a strike weighs.', {
  MINOR: 'A slip that must not become a habit.',
  MAJOR: 'Buyers were let down.',
  SEVERE: 'One more, and the seller has to go.',
})

export const StrikeState = states('StrikeState', 'Whether a strike counts.', {
  ACTIVE: 'It counts.',
  REVOKED: 'It was taken back.',
  EXPIRED: 'Its time is over.',
})

@entity('Strike', {
  description: 'That a seller broke the rules, for some time.',
  allow: READERS,
  schema: 'risk',
  prefix: 'stk',
})
export class Strike extends Row {
  @ref(() => Organization, 'The seller.')
  organizationId!: string

  @oneOf(StrikeSeverity, 'How much it weighs.')
  severity!: Severity

  @oneOf(StrikeState, 'Whether it counts.')
  state!: keyof typeof StrikeState

  @ref(() => Order, 'The order that it is about.', { nullable: true })
  orderId!: string | null

  @text('The workflow that issued it, if one did: open with node(id).', { nullable: true, links: true })
  workflowId!: string | null

  @text('What the seller did, in words.', { nullable: true, only: RISK_READERS })
  statement!: string | null

  @text('Why, as a reason code of issueStrike.')
  reasonCode!: string

  @text('Who issued it: open with node(id).')
  issuedById!: string

  @instant('When it ends by itself (UTC).')
  expiresAt!: Date

  @ref(() => StaffMember, 'Who took it back.', { as: 'revokedBy', nullable: true })
  revokedById!: string | null

  @instant('When it was taken back (UTC).', { nullable: true })
  revokedAt!: Date | null

  @text('Why it was taken back, as a reason code of revokeStrike.', { nullable: true })
  revokedReasonCode!: string | null
}

export const strikes = view(Strike, {
  of: strike,
  on: {
    StrikeIssued: ({
      data: { organizationId, severity, orderId, workflowId, expiresAt, statement = null },
      actor,
      reasonCode,
    }) => ({
      organizationId,
      severity,
      orderId,
      workflowId,
      statement,
      state: StrikeState.ACTIVE,
      reasonCode,
      issuedById: actor.id,
      expiresAt: new Date(expiresAt),
    }),
    StrikeRevoked: ({ actor, reasonCode, occurredAt }) => ({
      state: StrikeState.REVOKED,
      revokedById: actor.id,
      revokedAt: occurredAt,
      revokedReasonCode: reasonCode,
    }),
  },
})
