import { InputType } from 'type-graphql'
import type { EntityManager } from 'typeorm'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { AdjustmentLine } from '#shared/events/ledger.js'
import { given, money, oneOf, parts } from '#shared/fields.js'
import { prefixOf } from '#shared/id.js'
import { unknownIds } from '#shared/known.js'
import type { Sum } from '#shared/money.js'
import { dualControl } from '#shared/policy.js'
import { refuse } from '#shared/refusal.js'
import { Role } from '#shared/roles.js'
import { LedgerAccount, LedgerSide } from '../ledger/accounts.js'
import { ledgerAdjustment } from '../ledger/adjustment.js'
import { LedgerAdjustment } from '../views/ledger-adjustment.js'

@InputType('LedgerLineInput', { description: 'One side of a correction.' })
export class LedgerLineInput {
  @oneOf(LedgerAccount, 'Which account.')
  account!: keyof typeof LedgerAccount

  @given('Organization', 'Whose; SELLER_PAYABLE wants it, unless the order has no seller.', {
    nullable: true,
  })
  organizationId?: string | null

  @oneOf(LedgerSide, 'Which side of it.')
  side!: keyof typeof LedgerSide

  @money('How much; more than nothing.')
  amount!: Sum
}

@InputType('AdjustLedgerInput', { description: 'What to post, in lines that balance in each currency.' })
export class AdjustLedgerInput extends ActionInput {
  @parts(() => LedgerLineInput, 'The lines, at least two.', { max: 100 })
  lines!: LedgerLineInput[]

  @given('Order', 'The order it is about, if it is about one.', { nullable: true })
  orderId?: string | null
}

interface Known {
  unknown: string[]
  /** Null: no order was named, or there is none of this id. */
  order: { sellerId: string | null } | null
}

async function known({ lines, orderId }: AdjustLedgerInput, tx: EntityManager): Promise<Known> {
  const organizations = [...new Set(lines.flatMap(({ organizationId }) => organizationId ?? []))]
  const rows: { sellerId: string | null }[] = orderId
    ? await tx.query('select seller_id as "sellerId" from orders."order" where id = $1', [orderId])
    : []
  return { unknown: await unknownIds(tx, organizations), order: rows[0] ?? null }
}

/** How much more is on the debit than on the credit side, of each currency that does not balance. */
function differences(lines: readonly AdjustmentLine[]): Record<string, number> {
  const sums: Record<string, bigint> = {}
  for (const { side, amount } of lines) {
    const change = side === 'DEBIT' ? BigInt(amount.amount) : -BigInt(amount.amount)
    sums[amount.currency] = (sums[amount.currency] ?? 0n) + change
  }
  return Object.fromEntries(
    Object.entries(sums).flatMap(([currency, sum]) => (sum === 0n ? [] : [[currency, Number(sum)]])),
  )
}

function requireOwner(
  { account, organizationId }: AdjustmentLine,
  field: string,
  { unknown, order }: Known,
): void {
  if (organizationId && (prefixOf(organizationId) !== 'org' || unknown.includes(organizationId)))
    refuse('UNKNOWN_REFERENCE', `${organizationId} is no organization that was ever recorded.`, field)
  if (account === 'SELLER_PAYABLE' && !organizationId && (!order || order.sellerId))
    refuse('INVALID', 'SELLER_PAYABLE is always some organization’s: say whose.', field)
}

/** E18, E80, X6: the only hand on the ledger; all else posts itself. Always two people, and never the same one twice. */
export const adjustLedger = action({
  name: 'adjustLedger',
  description:
    'Corrects the ledger by hand. Everything else is posted by what happens to orders, parcels and payouts.',
  input: AdjustLedgerInput,
  risk: 'DANGEROUS',
  idempotent: 'REQUIRED',
  reasons: {
    PROVIDER_DIFFERENCE: 'The payment provider’s statement says otherwise.',
    ROUNDING: 'Minor units that no rule gives to anybody.',
    WRITE_OFF: 'Money that will not come.',
    GOODWILL: 'A present to a seller.',
    MISPOSTED: 'An earlier entry stands on the wrong account.',
    FEE_WAIVER: 'A fee is given back.',
    CARRIER_INVOICE: 'A carrier’s invoice says otherwise.',
  },

  on: ledgerAdjustment,
  prepare: known,

  allow: [Role.FINANCE_ADMIN, Role.SUPER_ADMIN],
  policy: dualControl([Role.FINANCE_ADMIN, Role.SUPER_ADMIN]),

  decide(_nothing, input, { read, approvalId }) {
    const { orderId = null } = input
    const lines = input.lines.map(({ account, organizationId = null, side, amount }): AdjustmentLine => {
      const { amount: minor, currency } = amount
      return { account, organizationId, side, amount: { amount: minor, currency } }
    })
    if (lines.length < 2) refuse('INVALID', 'It takes at least two lines, so that they can balance.', 'lines')
    if (orderId && !read.order)
      refuse('UNKNOWN_REFERENCE', `${orderId} is no order that was ever recorded.`, 'orderId')
    for (const [at, line] of lines.entries()) {
      if (line.amount.amount <= 0)
        refuse(
          'NOT_POSITIVE',
          'A line has to be more than nothing; the side says where to.',
          `lines.${at}.amount`,
        )
      requireOwner(line, `lines.${at}.organizationId`, read)
    }
    const difference = differences(lines)
    if (Object.keys(difference).length)
      refuse('UNBALANCED', 'Debit and credit have to be the same in each currency.', 'lines', { difference })
    const refs = [...new Set(lines.flatMap(({ organizationId }) => organizationId ?? []))]
    return { type: 'LedgerAdjusted', data: { lines, orderId, approvalId }, refs }
  },

  emits: ['LedgerAdjusted'],
  returns: { adjustment: LedgerAdjustment },
})
