import type { PaymentConfig } from '#shared/config.js'
import { madeOnce } from '#shared/services.js'
import { ledger } from './ledger.js'
import type { PaidBy, PaymentProvider } from './provider.js'

/** Who gives back which payment. */
export type ProviderOf = (payment: PaidBy) => PaymentProvider

/** With Stripe, what was paid by Stripe goes back by Stripe; everything else is recorded only. */
export async function providersFor(config: PaymentConfig): Promise<ProviderOf> {
  if (config.provider === 'ledger') return () => ledger
  // The package takes its time to load, and most processes never need it.
  const { stripe } = await import('./stripe.js')
  const byStripe = stripe(config)
  return payment => (payment.provider === 'stripe' ? byStripe : ledger)
}

/** As this process was configured. */
export const configuredProviders = madeOnce(({ config }) => providersFor(config.payments))
