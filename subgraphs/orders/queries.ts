import { Arg, Args, Ctx, Query, Resolver } from 'type-graphql'
import { connection, type Page, PageArgs } from '#shared/connection.js'
import type { Context } from '#shared/context.js'
import { where } from '#shared/loader.js'
import { Allow } from '#shared/permissions.js'
import { edge, lookup } from '#shared/queries.js'
import { READERS } from '#shared/roles.js'
import { claimQueries, DisputeFilter, disputesThat } from './queries/claims.js'
import { ledgerQueries } from './queries/ledger.js'
import { moneyQueries } from './queries/money.js'
import { paymentQueries } from './queries/payments.js'
import { refundQueries } from './queries/refunds.js'
import { shippingQueries } from './queries/shipping.js'
import { workflowQueries } from './queries/workflows.js'
import { Organization, User } from './stubs.js'
import { Checkout } from './views/checkout.js'
import { Dispute, DisputeState } from './views/dispute.js'
import { Order, OrderStatus } from './views/order.js'
import { Payment } from './views/payment.js'
import { Payout } from './views/payout.js'
import { Refund } from './views/refund.js'
import { Shipment } from './views/shipment.js'

@Resolver()
class Lists {
  @Query(() => connection(Order), { description: 'Orders, newest first.' })
  @Allow(...READERS)
  async orders(
    @Args(() => PageArgs) page: PageArgs,
    @Arg('status', () => OrderStatus, { nullable: true, description: 'Only those that stand here.' }) status:
      | string
      | null,
    @Ctx() { loaders }: Context,
  ): Promise<Page<Order>> {
    return loaders.list(Order, where(['status = ?', status]), page)
  }

  @Query(() => connection(Dispute), { description: 'Disputes, newest first.' })
  @Allow(...READERS)
  async disputes(
    @Args(() => PageArgs) page: PageArgs,
    @Arg('state', () => DisputeState, { nullable: true, description: 'Only those that stand here.' }) state:
      | string
      | null,
    @Arg('filter', () => DisputeFilter, { nullable: true, description: 'Only those that are so.' })
    filter: DisputeFilter | null,
    @Ctx() { loaders }: Context,
  ): Promise<Page<Dispute>> {
    return loaders.list(Dispute, disputesThat({ state, ...filter }), page)
  }
}

export const queries = [
  ...ledgerQueries,
  ...moneyQueries,
  Lists,
  ...refundQueries,
  ...claimQueries,
  ...paymentQueries,
  ...shippingQueries,
  ...workflowQueries,
  ...[Checkout, Order, Payment, Shipment, Refund, Dispute, Payout].map(lookup),
  edge(Checkout, 'orders', Order, 'checkoutId', 'Its orders, one for each seller.'),
  edge(Checkout, 'payments', Payment, 'checkoutId', 'How it was paid.'),
  edge(Order, 'shipments', Shipment, 'orderId', 'Its parcels.'),
  edge(Order, 'disputes', Dispute, 'orderId', 'Disputes about it.'),
  edge(Organization, 'orders', Order, 'sellerId', 'What it sold.'),
  edge(Organization, 'payouts', Payout, 'organizationId', 'What it was paid out.'),
  edge(User, 'orders', Order, 'buyerId', 'What they bought.'),
]
