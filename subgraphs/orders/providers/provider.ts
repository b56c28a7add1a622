import type { Sum } from '#shared/money.js'

/** A payment, as far as giving back from it needs it. */
export interface PaidBy {
  id: string
  /** Who moved the money, as it was recorded: `stripe`, `voucher`, `bank`, … */
  provider: string
  paymentIntentId: string | null
  chargeId: string | null
}

/** One share of a refund that is to go back to one payment. */
export interface RefundRequest {
  orderId: string
  refundId: string
  payment: PaidBy
  amount: Sum
  /** 1 the first time; one more each time that a person sends it again. */
  attempt: number
}

/** The provider has it: done, or taken on. */
export interface RefundAnswer {
  state: 'SETTLED' | 'SUBMITTED'
  /** Its own id of the refund; null where nobody outside was asked. */
  providerRefundId: string | null
}

/** Somebody who gives money back (R13). */
export interface PaymentProvider {
  /**
   * Gives money back, once, however often it is called with the same request: it looks whether it has done so before it does.
   * @throws ProviderFailure
   */
  refund(request: RefundRequest): Promise<RefundAnswer>
  /**
   * Where it stands there, without sending anything; null when the provider does not have it.
   * @throws ProviderFailure also when it failed there
   */
  find(request: RefundRequest): Promise<RefundAnswer | null>
}

/** Codes of failures that are not the provider's own. */
export const FAILURES = {
  UNDETERMINED: 'The payment provider never said what became of it.',
  RATE_LIMITED: 'The payment provider took no more requests.',
  NOT_AUTHORIZED: 'The payment provider does not take our key, or the key may not refund.',
  NO_PAYMENT_ID: 'The payment was recorded without an id at the provider.',
  MISMATCH: 'What the provider has under our name is another sum.',
  DUPLICATE: 'The provider has it more than once.',
  NOT_REPRESENTABLE: 'The provider cannot express this sum.',
} as const

/** It was not given back, as far as we know. The message is for people and holds nothing secret. */
export class ProviderFailure extends Error {
  override name = 'ProviderFailure'
  constructor(
    /** The provider's own code, or one of `FAILURES`. */
    readonly code: string,
    message: string,
    /** Trying again by itself is useless. */
    readonly final: boolean,
    /** The refund at the provider that it is about, if there is one. */
    readonly providerRefundId: string | null = null,
  ) {
    super(message)
  }
}
