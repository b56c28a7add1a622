import { failRefund } from './actions/fail-refund.js'
import { receiveProviderEvent } from './actions/receive-provider-event.js'
import { recordChargeback } from './actions/record-chargeback.js'
import { recordProviderDispute } from './actions/record-provider-dispute.js'
import { retryRefund } from './actions/retry-refund.js'
import { settleRefund } from './actions/settle-refund.js'
import { settleRefundByHand } from './actions/settle-refund-by-hand.js'
import { submitRefundShare } from './actions/submit-refund-share.js'
import { followRefund } from './reactions/follow-refund.js'
import { handleProviderEvent } from './reactions/handle-provider-event.js'
import { sendRefund } from './reactions/send-refund.js'

/** What concerns payment providers: giving back, and what they tell. */
export const paymentActions = [
  submitRefundShare,
  settleRefund,
  failRefund,
  retryRefund,
  settleRefundByHand,
  receiveProviderEvent,
  recordProviderDispute,
  recordChargeback,
]

export const paymentReactions = [sendRefund, followRefund, handleProviderEvent]
