import { exponent, type Sum, sum } from '#shared/money.js'
import { ProviderFailure } from './provider.js'

/** Currencies that Stripe counts in whole units, and in thousandths; all others in hundredths, also ISK and UGX, which have none. */
const WHOLE = new Set('BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' '))
const THOUSANDTHS = new Set('BHD JOD KWD OMR TND'.split(' '))

const digitsOf = (currency: string): number => (WHOLE.has(currency) ? 0 : THOUSANDTHS.has(currency) ? 3 : 2)

/** Power of ten from our minor units to Stripe's. */
const shiftOf = (currency: string): number => digitsOf(currency) - exponent(currency)

/**
 * Our minor units (ISO 4217) as Stripe counts them.
 * @throws ProviderFailure when they cannot be said in Stripe's units
 */
export function toStripe({ amount, currency }: Sum): { amount: number; currency: string } {
  const shift = shiftOf(currency)
  const shifted = shift >= 0 ? amount * 10 ** shift : amount / 10 ** -shift
  if (!Number.isSafeInteger(shifted))
    throw new ProviderFailure('NOT_REPRESENTABLE', `Stripe has no such fraction of ${currency}.`, true)
  return { amount: shifted, currency: currency.toLowerCase() }
}

/** What Stripe says, in our minor units. */
export function fromStripe(amount: number, currency: string): Sum {
  const iso = currency.toUpperCase()
  const shift = shiftOf(iso)
  const shifted = shift >= 0 ? amount / 10 ** shift : amount * 10 ** -shift
  if (!Number.isSafeInteger(shifted)) throw new Error(`${amount} ${currency} cannot be said in minor units`)
  return sum(shifted, iso)
}
