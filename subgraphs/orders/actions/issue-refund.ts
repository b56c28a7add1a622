import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given, money } from '#shared/fields.js'
import { exceeds, format, minus, type Sum } from '#shared/money.js'
import { upTo } from '#shared/policy.js'
import { refuse } from '#shared/refusal.js'
import { Role } from '#shared/roles.js'
import { refundLimit } from '../limits.js'
import { order } from '../order.js'
import { Order } from '../views/order.js'
import { Refund } from '../views/refund.js'

@InputType('IssueRefundInput', { description: 'How much to give back, of which order.' })
export class IssueRefundInput extends ActionInput {
  @given('Order', 'The order to refund.')
  orderId!: string

  @money('How much to give back.')
  amount!: Sum
}

/** E39, E99, E100, X14: money back to the buyer, alone within the limit, with a second person above it. */
export const issueRefund = action({
  name: 'issueRefund',
  description: 'Gives the buyer money back, in full or in part.',
  input: IssueRefundInput,
  risk: 'DANGEROUS',
  idempotent: 'REQUIRED',
  reasons: {
    NOT_RECEIVED: 'It never arrived.',
    ITEM_DAMAGED: 'It arrived broken.',
    NOT_AS_DESCRIBED: 'It is not what was sold.',
    WRONG_ITEM: 'Something else arrived.',
    CANCELED: 'The order was called off.',
    DUPLICATE_CHARGE: 'It was paid twice.',
    GOODWILL: 'To keep a customer.',
  },

  on: order,
  target: input => input.orderId,

  allow: [Role.SUPPORT_AGENT, Role.SUPPORT_LEAD, Role.FINANCE_ADMIN],
  policy: upTo(refundLimit, 'amount', [Role.FINANCE_ADMIN, Role.SUPER_ADMIN]),

  decide({ status, currency, paid, refundable }, { amount }, { newId, approvalId }) {
    if (status === null) refuse('NOT_FOUND', 'There is no such order.', 'orderId')
    if (amount.amount <= 0) refuse('NOT_POSITIVE', 'A refund has to be more than nothing.', 'amount')
    if (amount.currency !== currency)
      refuse('CURRENCY_MISMATCH', `This order was paid in ${currency}.`, 'amount', { currency })
    if (paid.amount === 0) refuse('NOT_PAID', 'Nothing was paid for this order.', 'orderId')
    if (exceeds(amount, refundable))
      refuse('REFUND_EXCEEDS_PAYMENT', `At most ${format(refundable)} is left to refund.`, 'amount', {
        refundable,
      })
    const refundId = newId('rfd')
    const data = { refundId, amount, remaining: minus(refundable, amount), approvalId }
    return { type: 'RefundIssued', data, refs: [refundId] }
  },

  emits: ['RefundIssued'],
  returns: {
    order: Order,
    refund: { type: Refund, id: ([happened]) => (happened?.data as { refundId?: string })?.refundId ?? null },
  },
})
