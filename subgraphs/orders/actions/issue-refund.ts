import { Field, InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { count, given, money, parts, text } from '#shared/fields.js'
import { minus, type Sum } from '#shared/money.js'
import { upTo } from '#shared/policy.js'
import { Role } from '#shared/roles.js'
import { requireOpenClaim, requireOwed } from '../claim-of-order.js'
import { refundLimit } from '../limits.js'
import { order } from '../order.js'
import { workOutRefund } from '../refund.js'
import { refundOf } from '../refund-share.js'
import { Order } from '../views/order.js'

@InputType('LineQuantityInput', { description: 'So many of one line.' })
export class LineQuantityInput {
  @text('Which line: OrderLine.id.')
  lineId!: string

  @count('How many.')
  quantity!: number
}

@InputType('IssueRefundInput', {
  description: 'How much to give back, of which order: a sum, or lines and shipping.',
})
export class IssueRefundInput extends ActionInput {
  @given('Order', 'The order to refund.')
  orderId!: string

  @money('How much to give back; left out when lines or shipping say it.', { nullable: true })
  amount?: Sum | null

  @parts(() => LineQuantityInput, 'What to give back, with its share of the tax.', {
    nullable: true,
    max: 500,
  })
  lines?: LineQuantityInput[] | null

  @Field(() => Boolean, { nullable: true, description: 'Give back what is left of the shipping, too.' })
  shipping?: boolean | null

  @given('Claim', 'The claim that this settles.', { nullable: true })
  claimId?: string | null
}

export const REFUND_REASONS = {
  NOT_RECEIVED: 'It never arrived.',
  ITEM_DAMAGED: 'It arrived broken.',
  NOT_AS_DESCRIBED: 'It is not what was sold.',
  WRONG_ITEM: 'Something else arrived.',
  CANCELED: 'The order was called off.',
  DUPLICATE_CHARGE: 'It was paid twice.',
  GOODWILL: 'To keep a customer.',
}

/** E39, E53, E99, E100, X14: money back to the buyer, alone within the limits, with a second person above them. */
export const issueRefund = action({
  name: 'issueRefund',
  description: 'Gives the buyer money back, in full or in part.',
  input: IssueRefundInput,
  risk: 'DANGEROUS',
  idempotent: 'REQUIRED',
  reasons: REFUND_REASONS,

  on: order,
  target: input => input.orderId,
  prepare: async ({ claimId, orderId }, tx) => (claimId ? requireOpenClaim(tx, claimId, orderId) : null),

  allow: [Role.SUPPORT_AGENT, Role.SUPPORT_LEAD, Role.FINANCE_ADMIN],
  policy: upTo(refundLimit, 'amount', [Role.FINANCE_ADMIN, Role.SUPER_ADMIN]),

  decide(state, { claimId = null, ...asked }, { newId, approvalId, read: owed }) {
    const { amount, shares, lines, shipping, tax } = workOutRefund(state, asked)
    requireOwed(owed, amount)
    const refundId = newId('rfd')
    const remaining = minus(state.refundable, amount)
    const data = {
      refundId,
      amount,
      remaining,
      approvalId,
      shares,
      lines,
      shipping,
      claimId,
      ...(asked.amount ? {} : { tax }),
    }
    return { type: 'RefundIssued', data, refs: [refundId, ...shares.map(share => share.paymentId)] }
  },

  emits: ['RefundIssued'],
  returns: {
    order: Order,
    refund: refundOf,
  },
})
