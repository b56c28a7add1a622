import { InputType } from 'type-graphql'
import type { OrderEvents } from '#shared/events/orders.js'
import { instant, money, oneOf, text } from '#shared/fields.js'
import type { Sum } from '#shared/money.js'
import { RecordInput, recording } from '#shared/record.js'
import { PayoutStatus } from '../views/payout.js'

@InputType('PayoutRecordInput', { description: 'A payout to a seller.' })
export class PayoutRecordInput extends RecordInput {
  @text('External id of the organization.')
  organization!: string

  @money('How much.')
  amount!: Sum

  @oneOf(PayoutStatus, 'Where it stands.', { default: 'PENDING' })
  status!: OrderEvents['PayoutRecorded']['status']

  @text("The provider's id, po_…", { nullable: true })
  payoutId?: string | null

  @instant('When it arrives or arrived (UTC).', { nullable: true })
  arrivalAt?: Date | null
}

export const recordPayouts = recording({
  name: 'recordPayouts',
  plural: 'payouts',
  description: 'Takes payouts to sellers in.',
  record: PayoutRecordInput,
  emits: ['PayoutRecorded'],
  streams({ source, externalId, organization, amount, status, payoutId = null, arrivalAt }, id) {
    const organizationId = id('org', organization)
    const data: OrderEvents['PayoutRecorded'] = {
      source,
      externalId,
      organizationId,
      amount,
      status,
      payoutId,
      arrivalAt: arrivalAt?.toISOString() ?? null,
    }
    return [
      {
        stream: { type: 'Payout', id: id('pyo', externalId) },
        event: { type: 'PayoutRecorded', data, refs: [organizationId] },
      },
    ]
  },
})
