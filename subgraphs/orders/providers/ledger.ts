import type { PaymentProvider } from './provider.js'

/** Asks nobody: what is decided counts as done, because the money moves elsewhere, e.g. by hand or as a voucher. */
export const ledger: PaymentProvider = {
  refund: async () => ({ state: 'SETTLED', providerRefundId: null }),
  // What Stripe took on before it was no longer asked is not settled by that.
  find: async () => null,
}
