import { Extensions, ObjectType } from 'type-graphql'
import { Row } from '#shared/entity.js'
import { entity, instant, money, oneOf, parts, ref, stub, text } from '#shared/fields.js'
import type { Sum } from '#shared/money.js'
import { view } from '#shared/view.js'
import { LEDGER_READERS, LedgerAccount, LedgerSide } from '../ledger/accounts.js'
import { ledgerAdjustment } from '../ledger/adjustment.js'
import { Organization } from '../stubs.js'
import { Order } from './order.js'

const Approval = stub('Approval')

@ObjectType('LedgerAdjustmentLine', { description: 'One side of a correction.' })
@Extensions({ value: true })
export class LedgerAdjustmentLine {
  @oneOf(LedgerAccount, 'Which account.')
  account!: keyof typeof LedgerAccount

  @ref(() => Organization, "Whose, where the account is one organization's.", { nullable: true })
  organizationId!: string | null

  @oneOf(LedgerSide, 'Which side of it.')
  side!: keyof typeof LedgerSide

  @money('How much.')
  amount!: Sum
}

@entity('LedgerAdjustment', {
  description: 'A correction of the ledger that two people made by hand.',
  allow: LEDGER_READERS,
  schema: 'orders',
  prefix: 'adj',
  sort: 'adjustedAt',
})
export class LedgerAdjustment extends Row {
  @parts(() => LedgerAdjustmentLine, 'What was posted; it balances in each currency.')
  lines!: LedgerAdjustmentLine[]

  @ref(() => Order, 'The order it is about, if it is about one.', { nullable: true })
  orderId!: string | null

  @text('Why, as a reason code of adjustLedger.')
  reasonCode!: string

  @text('Who approved it, and so made it: open with node(id).')
  adjustedById!: string

  @ref(() => Approval, 'The request that a second person approved, with who asked.', { nullable: true })
  approvalId!: string | null

  @instant('When (UTC).')
  adjustedAt!: Date
}

export const ledgerAdjustments = view(LedgerAdjustment, {
  of: ledgerAdjustment,
  on: {
    LedgerAdjusted: ({ data, reasonCode, actor, occurredAt }) => ({
      lines: data.lines as LedgerAdjustmentLine[],
      orderId: data.orderId,
      approvalId: data.approvalId,
      reasonCode,
      adjustedById: actor.id,
      adjustedAt: occurredAt,
    }),
  },
})
