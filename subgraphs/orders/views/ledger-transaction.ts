import { Row } from '#shared/entity.js'
import { count, entity, instant, oneOf, ref, text } from '#shared/fields.js'
import { LEDGER_READERS, LedgerTransactionKind } from '../ledger/accounts.js'
import { LedgerAdjustment } from './ledger-adjustment.js'
import { Order } from './order.js'

/** Written beside the rows of what happened, once; the database refuses to change it. */
@entity('LedgerTransaction', {
  description: 'Money that moved: entries that balance in each currency, written once and never changed.',
  allow: LEDGER_READERS,
  schema: 'orders',
  prefix: 'ltx',
  sort: 'occurredAt',
})
export class LedgerTransaction extends Row {
  @oneOf(LedgerTransactionKind, 'What moved it.')
  kind!: keyof typeof LedgerTransactionKind

  @text('The event that it follows from: open with node(id).')
  eventId!: string

  @ref(() => Order, 'The order it is about.', { nullable: true })
  orderId!: string | null

  @ref(() => LedgerAdjustment, 'The correction by hand that it is.', { nullable: true })
  adjustmentId!: string | null

  @count('How many entries it has.')
  entryCount!: number

  @instant('When (UTC).')
  occurredAt!: Date
}
