import { Arg, Args, Ctx, Query, Resolver } from 'type-graphql'
import { connection, type Page, PageArgs } from '#shared/connection.js'
import type { Context } from '#shared/context.js'
import { where } from '#shared/loader.js'
import { Allow } from '#shared/permissions.js'
import { edge } from '#shared/queries.js'
import { READERS, Role } from '#shared/roles.js'
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

@Resolver()
class Refunds {
  @Query(() => connection(Refund), {
    description:
      'Refunds, newest first. Those that FAILED wait for somebody: retryRefund, or settle them by hand.',
  })
  @Allow(...READERS)
  async refunds(
    @Args(() => PageArgs) page: PageArgs,
    @Arg('status', () => RefundStatus, { nullable: true, description: 'Only those that stand here.' })
    status: string | null,
    @Ctx() { loaders }: Context,
  ): Promise<Page<Refund>> {
    return loaders.list(Refund, where(['status = ?', status]), page)
  }

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
  Refunds,
  RefundAllowances,
  edge(Order, 'refunds', Refund, 'orderId', 'What was given back, newest first.'),
]
