import { RecordedRow } from '#shared/entity.js'
import type { OrderEvents } from '#shared/events/orders.js'
import { entity, instant, money, oneOf, ref, text } from '#shared/fields.js'
import { IdentifierKind } from '#shared/identifier.js'
import type { Sum } from '#shared/money.js'
import { READERS } from '#shared/roles.js'
import { states } from '#shared/states.js'
import { view } from '#shared/view.js'
import { payout } from '../mirrored.js'
import { Organization } from '../stubs.js'

export const PayoutStatus = states('PayoutStatus', 'Where a payout stands.', {
  PENDING: 'Not sent yet.',
  IN_TRANSIT: 'On its way to the bank.',
  PAID: 'Arrived.',
  FAILED: 'The bank refused it.',
  CANCELED: 'Called off.',
})

@entity('Payout', {
  description: 'Money that goes to a seller.',
  allow: READERS,
  schema: 'orders',
  prefix: 'pyo',
})
export class Payout extends RecordedRow {
  @ref(() => Organization, 'Who gets it.')
  organizationId!: string

  @money('How much.')
  amount!: Sum

  @oneOf(PayoutStatus, 'Where it stands.')
  status!: OrderEvents['PayoutRecorded']['status']

  @text("The provider's id, po_…", { nullable: true, find: IdentifierKind.STRIPE })
  payoutId!: string | null

  @instant('When it arrives or arrived (UTC).', { nullable: true })
  arrivalAt!: Date | null
}

export const payouts = view(Payout, {
  of: payout,
  on: {
    PayoutRecorded: ({ data }) => ({ ...data, arrivalAt: data.arrivalAt ? new Date(data.arrivalAt) : null }),
  },
})
