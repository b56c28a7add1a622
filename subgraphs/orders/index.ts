import { subgraph } from '#shared/subgraph.js'
import { cancelOrder } from './actions/cancel-order.js'
import { cancelOrderWithin } from './actions/cancel-order-within.js'
import { issueRefund } from './actions/issue-refund.js'
import { refundOrder } from './actions/refund-order.js'
import { queries } from './queries.js'
import { recordCheckouts } from './recordings/checkouts.js'
import { recordDisputes } from './recordings/disputes.js'
import { recordPayments } from './recordings/payments.js'
import { recordPayouts } from './recordings/payouts.js'
import { recordShipments } from './recordings/shipments.js'
import { Organization, User } from './stubs.js'
import { checkouts } from './views/checkout.js'
import { disputes } from './views/dispute.js'
import { orders } from './views/order.js'
import { payments } from './views/payment.js'
import { payouts } from './views/payout.js'
import { refunds } from './views/refund.js'
import { shipments } from './views/shipment.js'

/** Orders, shipping and money. */
export default subgraph({
  name: 'orders',
  actions: [issueRefund, refundOrder, cancelOrder, cancelOrderWithin],
  recordings: [recordCheckouts, recordPayments, recordShipments, recordDisputes, recordPayouts],
  views: [checkouts, orders, refunds, payments, shipments, disputes, payouts],
  queries,
  extends: [Organization, User],
})
