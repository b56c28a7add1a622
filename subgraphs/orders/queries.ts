import { InputType } from 'type-graphql'
import { given, oneOf } from '#shared/fields.js'
import { edge, listOf, lookup } from '#shared/queries.js'
import { claimQueries } from './queries/claims.js'
import { ledgerQueries } from './queries/ledger.js'
import { moneyQueries } from './queries/money.js'
import { refundQueries } from './queries/refunds.js'
import { shippingQueries } from './queries/shipping.js'
import { workflowQueries } from './queries/workflows.js'
import { Organization, User } from './stubs.js'
import { Checkout } from './views/checkout.js'
import { Dispute } from './views/dispute.js'
import { Order, OrderStatus } from './views/order.js'
import { Payment } from './views/payment.js'
import { Payout } from './views/payout.js'
import { Refund } from './views/refund.js'
import { Shipment } from './views/shipment.js'

@InputType('OrderFilter', { description: 'Which orders; what is left out does not matter.' })
export class OrderFilter {
  @oneOf(OrderStatus, 'Those that stand here.', { nullable: true })
  status?: string | null

  @given('Organization', 'Those that this seller sold.', { nullable: true })
  sellerId?: string | null

  @given('User', 'Those that this customer bought.', { nullable: true })
  buyerId?: string | null
}

export const queries = [
  ...ledgerQueries,
  ...moneyQueries,
  listOf({ name: 'orders', type: Order, description: 'Orders, newest first.', filter: OrderFilter }),
  ...refundQueries,
  ...claimQueries,
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
