import type { Access } from '#shared/permissions.js'
import { Role } from '#shared/roles.js'
import { states } from '#shared/states.js'

/** The closed set of accounts. Debit is what is ours or owed to us, credit what we owe or earned. */
export const LedgerAccount = states('LedgerAccount', 'Where money lies in the ledger.', {
  PROVIDER_CLEARING: 'Money at the payment provider.',
  BUYER_FUNDS: 'Taken from buyers, and not shared out yet; nothing stays here.',
  SELLER_PAYABLE: 'Owed to sellers, one balance for each organization.',
  PLATFORM_FEES: 'What the platform keeps of what sellers sold.',
  TAX_PAYABLE: 'Tax that buyers paid, to be passed on.',
  SHIPPING_CREDIT: 'What buyers paid for shipping, less what sellers were credited of it.',
  LABEL_COST: 'What labels cost.',
  CARRIER_PAYABLE: 'Owed to carriers for labels.',
  REFUNDS: 'Refunds that were issued and that the payment provider has not paid yet.',
  CHARGEBACKS: 'Taken back by banks, and not decided yet.',
  ADJUSTMENTS: 'The other side of corrections by hand, and losses that no order covers.',
})

export const LedgerSide = states('LedgerSide', 'Which side of an account.', {
  DEBIT: 'Adds to what is ours.',
  CREDIT: 'Adds to what is owed or earned.',
})

export const LedgerTransactionKind = states('LedgerTransactionKind', 'What moved money.', {
  CAPTURE: 'A payment was taken, or less of it than was thought.',
  ALLOCATION: 'A payment was shared out to seller, fee, tax and shipping.',
  TRANSFER: 'Shares went to another seller, since the order is theirs.',
  UNWIND: 'Shares were taken back, for a refund, a lost chargeback or a smaller payment.',
  REFUND: 'Money was promised back to a buyer.',
  SETTLEMENT: 'The payment provider gave it back.',
  CHARGEBACK: 'A bank took money back, or gave it again, or kept it.',
  SHIPPING_CREDIT: 'A seller was credited for shipping.',
  LABEL: 'A label was bought.',
  PAYOUT: 'A seller was paid out, or the money came back.',
  ADJUSTMENT: 'Two people corrected the ledger by hand.',
})

/** Who reads the ledger (E52). */
export const LEDGER_READERS: readonly Access[] = [
  Role.FINANCE_ADMIN,
  Role.SUPPORT_AGENT,
  Role.SUPPORT_LEAD,
  Role.RISK_AGENT,
  Role.SUPER_ADMIN,
  Role.AUDITOR,
]

/** Who sees what a seller owes (E58). */
export const EXPOSURE_READERS: readonly Access[] = [
  Role.RISK_AGENT,
  Role.FINANCE_ADMIN,
  Role.SUPER_ADMIN,
  Role.AUDITOR,
]

/** Who sees all that a seller paid in fees (A13). */
export const FEE_READERS: readonly Access[] = [Role.FINANCE_ADMIN, Role.SUPER_ADMIN, Role.AUDITOR]
