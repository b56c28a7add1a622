import { Row } from '#shared/entity.js'
import { entity, instant, money, oneOf, ref, text } from '#shared/fields.js'
import type { Sum } from '#shared/money.js'
import { states } from '#shared/states.js'
import { view } from '#shared/view.js'
import { HOLD_READERS } from '../audience.js'
import { payoutHold } from '../payout-hold.js'
import { Approval, Organization, Payout, StaffMember } from '../stubs.js'

export const PayoutHoldState = states('PayoutHoldState', 'Where a payout hold stands.', {
  ACTIVE: 'Money is kept back.',
  RELEASED: 'It was taken away.',
  EXPIRED: 'Its time is over.',
})

@entity('PayoutHold', {
  description:
    'Money of an organization that is kept from being paid out. Several may hold at once, each on its own.',
  allow: HOLD_READERS,
  schema: 'risk',
  prefix: 'hld',
})
export class PayoutHold extends Row {
  @ref(() => Organization, 'Whose money it is.')
  organizationId!: string

  @ref(() => Payout, 'The one payout that it holds; null: whatever is paid out.', { nullable: true })
  payoutId!: string | null

  @money('How much is kept back; null: all of it.', { nullable: true })
  amount!: Sum | null

  @oneOf(PayoutHoldState, 'Where it stands.')
  state!: keyof typeof PayoutHoldState

  @instant('When it ends by itself (UTC); null: not before somebody releases it.', { nullable: true })
  until!: Date | null

  @text('Why, as a reason code of applyPayoutHold.')
  reasonCode!: string

  @ref(() => StaffMember, 'Who applied it, and may release it alone.', { as: 'heldBy' })
  heldById!: string

  @ref(() => StaffMember, 'Who released it; the second person, when it took two.', {
    as: 'releasedBy',
    nullable: true,
  })
  releasedById!: string | null

  @instant('When it was released (UTC).', { nullable: true })
  releasedAt!: Date | null

  @text('Why it was released, as a reason code of releasePayoutHold.', { nullable: true })
  releasedReasonCode!: string | null

  @ref(() => Approval, 'The request by which it was released, if it took two people.', { nullable: true })
  approvalId!: string | null
}

export const payoutHolds = view(PayoutHold, {
  of: payoutHold,
  on: {
    PayoutHeld: ({ data: { organizationId, payoutId, amount, until }, actor, reasonCode }) => ({
      organizationId,
      payoutId,
      amount,
      state: PayoutHoldState.ACTIVE,
      until: until === null ? null : new Date(until),
      reasonCode,
      heldById: actor.id,
    }),
    PayoutHoldReleased: ({ data: { approvalId }, actor, reasonCode, occurredAt }) => ({
      state: PayoutHoldState.RELEASED,
      releasedById: actor.id,
      releasedAt: occurredAt,
      releasedReasonCode: reasonCode,
      approvalId,
    }),
  },
})
