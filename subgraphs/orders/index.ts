import { subgraph } from '#shared/subgraph.js'
import { addClaimNote } from './actions/add-claim-note.js'
import { adjustLedger } from './actions/adjust-ledger.js'
import { breachClaimSla } from './actions/breach-claim-sla.js'
import { cancelOrder } from './actions/cancel-order.js'
import { cancelOrderWithin } from './actions/cancel-order-within.js'
import { closeClaim } from './actions/close-claim.js'
import { issueRefund } from './actions/issue-refund.js'
import { linkChargeback } from './actions/link-chargeback.js'
import { openClaim } from './actions/open-claim.js'
import { openClaimWithin } from './actions/open-claim-within.js'
import { refundOrder } from './actions/refund-order.js'
import { requestEvidence } from './actions/request-evidence.js'
import { resolveClaim } from './actions/resolve-claim.js'
import { satisfyEvidence } from './actions/satisfy-evidence.js'
import { waiveEvidence } from './actions/waive-evidence.js'
import { withLedger } from './ledger/rows.js'
import { paymentActions, paymentReactions } from './payments.js'
import { queries } from './queries.js'
import { breachClaimSlas } from './reactions/breach-claim-slas.js'
import { closeClaims } from './reactions/close-claims.js'
import { followChargebacks } from './reactions/follow-chargebacks.js'
import { recordCheckouts } from './recordings/checkouts.js'
import { recordDisputes } from './recordings/disputes.js'
import { recordPayments } from './recordings/payments.js'
import { recordPayouts } from './recordings/payouts.js'
import { recordShipments } from './recordings/shipments.js'
import { shipping } from './shipping.js'
import { Organization, User } from './stubs.js'
import { checkouts } from './views/checkout.js'
import { claims } from './views/claim.js'
import { claimNotes } from './views/claim-note.js'
import { disputes } from './views/dispute.js'
import { ledgerAdjustments } from './views/ledger-adjustment.js'
import { orders } from './views/order.js'
import { payments } from './views/payment.js'
import { payouts } from './views/payout.js'
import { refunds } from './views/refund.js'
import { workflows } from './views/workflow.js'
import { workflowActions, workflowReactions } from './workflows/contents.js'

/** Orders, shipping and money. */
export default subgraph({
  name: 'orders',
  actions: [
    adjustLedger,
    issueRefund,
    refundOrder,
    cancelOrder,
    cancelOrderWithin,
    openClaim,
    openClaimWithin,
    requestEvidence,
    satisfyEvidence,
    waiveEvidence,
    addClaimNote,
    resolveClaim,
    closeClaim,
    linkChargeback,
    breachClaimSla,
    ...paymentActions,
    ...shipping.actions,
    ...workflowActions,
  ],
  recordings: [recordCheckouts, recordPayments, recordShipments, recordDisputes, recordPayouts],
  views: withLedger([
    checkouts,
    orders,
    refunds,
    payments,
    disputes,
    payouts,
    claims,
    claimNotes,
    ledgerAdjustments,
    ...shipping.views,
    workflows,
  ]),
  queries,
  reactions: [
    breachClaimSlas,
    closeClaims,
    followChargebacks,
    ...paymentReactions,
    ...shipping.reactions,
    ...workflowReactions,
  ],
  extends: [Organization, User],
})
