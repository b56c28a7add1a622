import Stripe from 'stripe'
import { ProviderFailure } from './provider.js'
import { wordsFor } from './stripe-words.js'

/**
 * What an error of Stripe's package means for a refund. Only an answer that says "no" is final: after a 5xx, a time-out or a broken
 * connection nobody knows whether the money moved.
 */
export function failureOf(error: unknown): ProviderFailure {
  if (error instanceof ProviderFailure) return error
  const { errors } = Stripe
  if (error instanceof errors.StripeRateLimitError)
    return new ProviderFailure('RATE_LIMITED', 'Stripe takes no more requests at the moment.', false)
  // Its message would quote part of the key.
  if (error instanceof errors.StripeAuthenticationError || error instanceof errors.StripePermissionError)
    return new ProviderFailure(
      'NOT_AUTHORIZED',
      'Stripe does not take the key: look at STRIPE_SECRET_KEY.',
      false,
    )
  if (
    error instanceof errors.StripeCardError ||
    error instanceof errors.StripeInvalidRequestError ||
    error instanceof errors.StripeIdempotencyError
  ) {
    const code = error.code ?? error.rawType ?? 'invalid_request_error'
    return new ProviderFailure(code, wordsFor(code, error.message), true)
  }
  const status =
    error instanceof errors.StripeError && error.statusCode ? ` (status ${error.statusCode})` : ''
  return new ProviderFailure('UNDETERMINED', `Stripe did not say what became of it${status}.`, false)
}
