/** What people should know, where Stripe's own words are for developers. */
const PLAIN: Record<string, string> = {
  charge_already_refunded: 'Stripe says that this payment was given back in full already.',
  charge_disputed: 'The card holder disputes this payment: the bank decides about it.',
  charge_not_refundable: 'Stripe cannot give this payment back any more.',
  refund_disputed_payment: 'The card holder disputes this payment: the bank decides about it.',
  amount_too_large: 'Stripe says that less than this is left of the payment.',
  amount_too_small: 'Stripe says that this is less than it can give back.',
  balance_insufficient: 'There is not enough money in the Stripe account: top it up, then send it again.',
  insufficient_funds: 'There is not enough money in the Stripe account: top it up, then send it again.',
  expired_card: 'The card has expired: give it back in another way.',
  expired_or_canceled_card: 'The card has expired or was cancelled: give it back in another way.',
  lost_or_stolen_card: 'The card was reported lost or stolen: give it back in another way.',
  resource_missing: 'Stripe does not know this payment: compare its id, and which account the key is of.',
  merchant_request: 'It was called off in the Stripe account.',
  declined: 'The bank of the buyer declined it: give it back in another way.',
  charge_for_pending_refund_disputed: 'The card holder disputed the payment while it was under way.',
}

const SECRETS = /\b(sk|rk|pk|whsec)_\S+/g
const LONGEST = 300

/** Stripe's words on one line, short and without anything that is a key. */
const tidy = (message: string): string =>
  message
    .replace(SECRETS, '(hidden)')
    .replace(/[\p{C}\s]+/gu, ' ')
    .slice(0, LONGEST)

/** For a code of Stripe's: our words, or else Stripe's. */
export const wordsFor = (code: string, message?: string | null): string =>
  PLAIN[code] ?? (message ? `Stripe says: ${tidy(message)}` : `Stripe says: ${code}.`)
