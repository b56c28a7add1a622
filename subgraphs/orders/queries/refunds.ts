import { Args, Ctx, InputType, Query, Resolver } from 'type-graphql'
import type { Context } from '#shared/context.js'
import { given, oneOf } from '#shared/fields.js'
import { where } from '#shared/loader.js'
import { Allow } from '#shared/permissions.js'
import { edge, listOf } from '#shared/queries.js'
import { Role } from '#shared/roles.js'
import { order } from '../order.js'
import { previewRefund, RefundPreview, RefundPreviewArgs } from '../refund-preview.js'
import { Order } from '../views/order.js'
import { Refund, RefundStatus } from '../views/refund.js'
import { RefundAllowances } from './refund-allowance.js'

/** Who gives money back, or agrees to it. */
const REFUNDERS = [
  Role.SUPPORT_AGENT,
  Role.SUPPORT_LEAD,
  Role.RISK_AGENT,
  Role.FINANCE_ADMIN,
  Role.SUPER_ADMIN,
] as const

@InputType('RefundFilter', { description: 'Which refunds; what is left out does not matter.' })
export class RefundFilter {
  @oneOf(RefundStatus, 'Those that stand here.', { nullable: true })
  status?: string | null

  @given('Order', 'Those of this order.', { nullable: true })
  orderId?: string | null
}

@Resolver()
class RefundPreviews {
  @Query(() => RefundPreview, { description: 'What a refund would come to, before it is issued.' })
  @Allow(...REFUNDERS)
  async refundPreview(
    @Args(() => RefundPreviewArgs) asked: RefundPreviewArgs,
    @Ctx() { loaders }: Context,
  ): Promise<RefundPreview> {
    const found = await loaders.one(Order, asked.orderId)
    return previewRefund(found?.state ?? order.initial, asked)
  }
}

export const refundQueries = [
  listOf({
    name: 'refunds',
    type: Refund,
    description:
      'Refunds, newest first. Those that FAILED wait for somebody: retryRefund, or settle them by hand.',
    filter: RefundFilter,
  }),
  listOf({
    name: 'refundWorklist',
    type: Refund,
    description:
      'Refunds that the payment provider could not give back, newest first: `shares` says why; then retryRefund or settleRefundByHand.',
    where: () => where(['status = ?', 'FAILED']),
  }),
  RefundPreviews,
  RefundAllowances,
  edge(Order, 'refunds', Refund, 'orderId', 'What was given back, newest first.'),
]
