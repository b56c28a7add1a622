import type { Sum } from '#shared/money.js'

export type LedgerAccountName =
  | 'PROVIDER_CLEARING'
  | 'BUYER_FUNDS'
  | 'SELLER_PAYABLE'
  | 'PLATFORM_FEES'
  | 'TAX_PAYABLE'
  | 'SHIPPING_CREDIT'
  | 'LABEL_COST'
  | 'CARRIER_PAYABLE'
  | 'REFUNDS'
  | 'CHARGEBACKS'
  | 'ADJUSTMENTS'

/** One side of an adjustment. `organizationId` where the account is one organization's. */
export interface AdjustmentLine {
  account: LedgerAccountName
  organizationId: string | null
  side: 'DEBIT' | 'CREDIT'
  amount: Sum
}

/** What people do to the ledger by hand. All other postings follow from what happened to orders, shipments, disputes and payouts. */
export interface LedgerEvents {
  LedgerAdjusted: { lines: AdjustmentLine[]; orderId: string | null; approvalId: string | null }
}

export const LEDGER_EVENTS = {
  LedgerAdjusted: 'Two people corrected the ledger by hand.',
} satisfies Record<keyof LedgerEvents, string>
