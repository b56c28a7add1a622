import { Row } from '#shared/entity.js'
import { count, entity, instant, money, oneOf, ref } from '#shared/fields.js'
import type { Sum } from '#shared/money.js'
import { LEDGER_READERS, LedgerAccount, LedgerSide } from '../ledger/accounts.js'
import { Organization } from '../stubs.js'
import { Claim } from './claim.js'
import { Dispute } from './dispute.js'
import { LedgerTransaction } from './ledger-transaction.js'
import { Order } from './order.js'
import { Payment } from './payment.js'
import { Payout } from './payout.js'
import { Refund } from './refund.js'
import { Shipment } from './shipment.js'

/** E52: what it was that moved money is named on each entry, so that any of them opens its own part of the ledger. */
@entity('LedgerEntry', {
  description: 'One side of a ledger transaction.',
  allow: LEDGER_READERS,
  schema: 'orders',
  prefix: 'len',
  sort: 'occurredAt',
})
export class LedgerEntry extends Row {
  @ref(() => LedgerTransaction, 'What it is part of.')
  transactionId!: string

  @count('Its place there, from 1.')
  position!: number

  @oneOf(LedgerAccount, 'Which account.')
  account!: keyof typeof LedgerAccount

  @ref(() => Organization, 'The seller whose money it is or was.', { nullable: true })
  organizationId!: string | null

  @oneOf(LedgerSide, 'Which side of it.')
  side!: keyof typeof LedgerSide

  @money('How much; never nothing.')
  amount!: Sum

  @ref(() => Order, 'The order it is about.', { nullable: true })
  orderId!: string | null

  @ref(() => Refund, 'The refund that moved it.', { nullable: true })
  refundId!: string | null

  @ref(() => Dispute, 'The chargeback that moved it.', { nullable: true })
  disputeId!: string | null

  @ref(() => Claim, 'The claim that the refund was for.', { nullable: true })
  claimId!: string | null

  @ref(() => Payment, 'The payment whose money it is.', { nullable: true })
  paymentId!: string | null

  @ref(() => Payout, 'The payout that moved it.', { nullable: true })
  payoutId!: string | null

  @ref(() => Shipment, 'The parcel it was for.', { nullable: true })
  shipmentId!: string | null

  @instant('When (UTC).')
  occurredAt!: Date
}
