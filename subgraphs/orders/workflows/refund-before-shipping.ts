import type { Definition, Working } from './engine.js'
import { cancelOrder, issueRefund, notify, unwindAllocation } from './parts.js'

const refundOf = ({ facts, orderId }: Working) => ({ amount: facts.refunds?.[orderId]?.amount ?? null })

/** E69. Each order goes through all steps before the next one begins, so that a failure leaves no order half refunded. */
export const refundBeforeShippingSteps: Definition = {
  kind: 'REFUND_BEFORE_SHIPPING',
  description: 'Calls orders off before they leave, gives the money back, tells buyer and seller.',
  steps: [
    cancelOrder,
    issueRefund,
    unwindAllocation,
    notify('NOTIFY_BUYER', 'REFUND_ISSUED', refundOf),
    notify('NOTIFY_SELLER', 'ORDER_CANCELED'),
  ],
}

/** Its steps, once for each order. */
export const stepsFor = (orders: number): string[] =>
  Array.from({ length: orders }, (_, n) =>
    refundBeforeShippingSteps.steps.map(({ name }) => `${name}/${n + 1}`),
  ).flat()
