import { Arg, Ctx, Extensions, Field, InputType, ObjectType, Query, Resolver } from 'type-graphql'
import type { Context } from '#shared/context.js'
import { given, instant, oneOf } from '#shared/fields.js'
import { type Filter, where } from '#shared/loader.js'
import { Currency, Money, type Sum, sum } from '#shared/money.js'
import { Allow } from '#shared/permissions.js'
import { edge, listOf, listOn, lookup } from '#shared/queries.js'
import { LEDGER_READERS, LedgerAccount } from '../ledger/accounts.js'
import { Claim } from '../views/claim.js'
import { Dispute } from '../views/dispute.js'
import { LedgerAdjustment } from '../views/ledger-adjustment.js'
import { LedgerEntry } from '../views/ledger-entry.js'
import { LedgerTransaction } from '../views/ledger-transaction.js'
import { Order } from '../views/order.js'
import { Payment } from '../views/payment.js'
import { Payout } from '../views/payout.js'
import { Refund } from '../views/refund.js'
import { Shipment } from '../views/shipment.js'

type Account = keyof typeof LedgerAccount

@InputType('LedgerFilter', { description: 'Which entries; what is left out does not matter.' })
export class LedgerFilter {
  @oneOf(LedgerAccount, 'Those of this account.', { nullable: true })
  account?: Account | null

  @given('Organization', 'Those of this seller.', { nullable: true })
  organizationId?: string | null

  @given('Order', 'Those about this order.', { nullable: true })
  orderId?: string | null

  @instant('Those from then on (UTC).', { nullable: true })
  from?: Date | null

  @instant('Those before then (UTC).', { nullable: true })
  to?: Date | null
}

@ObjectType('LedgerBalance', { description: 'What lies on an account in one currency.' })
@Extensions({ value: true })
export class LedgerBalance {
  @Field(() => LedgerAccount, { description: 'Which account.' })
  account!: Account

  @Field(() => Money, { description: 'All debits less all credits.' })
  balance!: Sum
}

const filterOf = ({ account, organizationId, orderId, from, to }: LedgerFilter): Filter =>
  where(
    ['account = ?', account],
    ['organization_id = ?', organizationId],
    ['order_id = ?', orderId],
    ['occurred_at >= ?', from],
    ['occurred_at < ?', to],
  )

@Resolver()
class TrialBalance {
  @Query(() => [LedgerBalance], {
    description:
      'The trial balance: what lies on each account. Each currency adds up to nothing over all accounts.',
  })
  @Allow(...LEDGER_READERS)
  async ledgerBalances(
    @Arg('account', () => LedgerAccount, { nullable: true, description: 'Only this account.' })
    account: Account | null,
    @Arg('currency', () => Currency, { nullable: true, description: 'Only this currency.' }) currency:
      | string
      | null,
    @Ctx() { db }: Context,
  ): Promise<LedgerBalance[]> {
    const { where: condition, values } = where(['account = ?', account], ['currency = ?', currency])
    const rows: { account: Account; currency: string; minor: string }[] = await db.query(
      `select account, currency, sum(minor) as minor from orders.ledger_entry where ${condition}
       group by account, currency order by currency, account`,
      values,
    )
    return rows.map(row => ({ account: row.account, balance: sum(Number(row.minor), row.currency) }))
  }
}

const OF_CLAIM = `refund_id in (select id from orders.refund where claim_id = $1)
  or dispute_id = any(select unnest(chargeback_ids) from orders.claim where id = $1)`

export const ledgerQueries = [
  listOf({
    name: 'ledger',
    type: LedgerEntry,
    description: 'Entries of the ledger, newest first.',
    filter: LedgerFilter,
    where: filterOf,
  }),
  listOn(Claim, {
    name: 'ledgerUnwind',
    type: LedgerEntry,
    description: 'What refunds for it and its chargebacks moved, newest first (E52).',
    where: id => ({ where: OF_CLAIM, values: [id] }),
  }),
  TrialBalance,
  ...[LedgerTransaction, LedgerEntry, LedgerAdjustment].map(lookup),
  edge(
    LedgerTransaction,
    'entries',
    LedgerEntry,
    'transactionId',
    'Its sides; they balance in each currency.',
  ),
  edge(LedgerAdjustment, 'transactions', LedgerTransaction, 'adjustmentId', 'What it posted.'),
  edge(Order, 'ledger', LedgerEntry, 'orderId', 'Where its money went, newest first.'),
  edge(Refund, 'ledger', LedgerEntry, 'refundId', 'What it took back, from whom, and what was settled.'),
  edge(
    Dispute,
    'ledgerUnwind',
    LedgerEntry,
    'disputeId',
    'What it took back, from whom, and what came back.',
  ),
  edge(Payment, 'ledger', LedgerEntry, 'paymentId', 'Where its money went, newest first.'),
  edge(Payout, 'ledger', LedgerEntry, 'payoutId', 'What it moved.'),
  edge(
    Shipment,
    'ledger',
    LedgerEntry,
    'shipmentId',
    'What its seller was credited, and what its label cost.',
  ),
]
