import { Args, Ctx, Query, Resolver } from 'type-graphql'
import { connection, type Page, PageArgs } from '#shared/connection.js'
import type { Context } from '#shared/context.js'
import { where } from '#shared/loader.js'
import { Allow } from '#shared/permissions.js'
import { READERS } from '#shared/roles.js'
import { Refund } from '../views/refund.js'

@Resolver()
class RefundWorklist {
  @Query(() => connection(Refund), {
    description:
      'Refunds that the payment provider could not give back, newest first: `shares` says why; then retryRefund or settleRefundByHand.',
  })
  @Allow(...READERS)
  async refundWorklist(
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { loaders }: Context,
  ): Promise<Page<Refund>> {
    return loaders.list(Refund, where(['status = ?', 'FAILED']), page)
  }
}

export const paymentQueries = [RefundWorklist]
