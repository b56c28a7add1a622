import { InputType } from 'type-graphql'
import type { EntityManager } from 'typeorm'
import type { OrderEvents } from '#shared/events/orders.js'
import { instant, money, oneOf, type Problem, text } from '#shared/fields.js'
import type { Sum } from '#shared/money.js'
import { type Identified, RecordInput, recording } from '#shared/record.js'
import { DisputeState } from '../views/dispute.js'

@InputType('DisputeRecordInput', { description: 'A dispute of an order that was recorded before.' })
export class DisputeRecordInput extends RecordInput {
  @text('External id of the order.')
  order!: string

  @money('How much is disputed.')
  amount!: Sum

  @text("Why, in the provider's words.")
  reason!: string

  @oneOf(DisputeState, 'Where it stands.', { default: 'NEEDS_RESPONSE' })
  state!: OrderEvents['DisputeRecorded']['state']

  @text("The provider's id, dp_…", { nullable: true })
  disputeId?: string | null

  @instant('Until when evidence is taken (UTC).', { nullable: true })
  evidenceDueAt?: Date | null

  @instant('When it was opened (UTC).')
  openedAt!: Date
}

/** A dispute that the provider told by webhook is there: recorded under another id, its money would be taken twice. */
async function toldByProvider(
  tx: EntityManager,
  records: readonly Identified<DisputeRecordInput>[],
): Promise<(Problem & { index: number })[]> {
  const known: { id: string; dispute_id: string; order_id: string }[] = await tx.query(
    'select id, dispute_id, order_id from orders.dispute where dispute_id = any($1)',
    [records.flatMap(({ record }) => record.disputeId ?? [])],
  )
  return records.flatMap(({ index, record, id }) => {
    const same = known.find(
      one => one.dispute_id === record.disputeId && one.order_id === id('ord', record.order),
    )
    if (!same || same.id === id('dsp', record.externalId)) return []
    const message = `is known as ${same.id} already, recorded before or told by the provider itself`
    return [{ index, field: 'disputeId', message }]
  })
}

const OVER: readonly string[] = ['WON', 'LOST', 'CLOSED']

/** A bank takes back what was paid: in the order's currency, and of one order for ever. */
async function contradictions(
  tx: EntityManager,
  records: readonly Identified<DisputeRecordInput>[],
): Promise<(Problem & { index: number })[]> {
  const named = records.map(({ index, record, id }) => {
    const [orderId, disputeId] = [id('ord', record.order), id('dsp', record.externalId)]
    return { index, orderId, disputeId, currency: record.amount.currency, state: record.state }
  })
  const orders: { id: string; currency: string }[] = await tx.query(
    `select id, paid ->> 'currency' as currency from orders."order" where id = any($1)`,
    [named.map(({ orderId }) => orderId)],
  )
  const disputes: { id: string; order_id: string; state: string }[] = await tx.query(
    'select id, order_id, state from orders.dispute where id = any($1)',
    [named.map(({ disputeId }) => disputeId)],
  )
  const currencies = new Map(orders.map(({ id, currency }) => [id, currency]))
  const owners = new Map(disputes.map(row => [row.id, row.order_id]))
  const states = new Map(disputes.map(row => [row.id, row.state]))
  return named.flatMap(({ index, orderId, disputeId, currency, state }) => {
    const before = states.get(disputeId)
    // A bank may change its decision; an older record that comes late must not open the case again.
    if (before && OVER.includes(before) && !OVER.includes(state))
      return [{ index, field: 'state', message: `is ${state}, and the dispute is ${before} already` }]
    states.set(disputeId, state)
    const known = currencies.get(orderId) ?? currency
    if (known !== currency)
      return [{ index, field: 'amount', message: `is in ${currency}, its order in ${known}` }]
    const owner = owners.get(disputeId) ?? orderId
    owners.set(disputeId, owner)
    return owner === orderId
      ? []
      : [{ index, field: 'order', message: `is another one than before, ${owner}` }]
  })
}

export const recordDisputes = recording({
  name: 'recordDisputes',
  plural: 'disputes',
  description: 'Takes disputes and chargebacks in, of orders that were recorded before.',
  record: DisputeRecordInput,
  emits: ['DisputeRecorded', 'ChargebackRecorded'],
  check: ({ amount }) => (amount.amount < 0 ? [{ field: 'amount', message: 'must not be negative' }] : []),
  requires: ({ order }, id) => [{ field: 'order', stream: { type: 'Order', id: id('ord', order) } }],
  against: async (tx, records) => [
    ...(await toldByProvider(tx, records)),
    ...(await contradictions(tx, records)),
  ],
  streams(
    { source, externalId, order, amount, reason, state, disputeId = null, evidenceDueAt, openedAt },
    id,
  ) {
    const orderId = id('ord', order)
    const chargebackId = id('dsp', externalId)
    const data: OrderEvents['DisputeRecorded'] = {
      source,
      externalId,
      orderId,
      amount,
      reason,
      state,
      disputeId,
      evidenceDueAt: evidenceDueAt?.toISOString() ?? null,
      openedAt: openedAt.toISOString(),
    }
    return [
      {
        stream: { type: 'Dispute', id: chargebackId },
        event: { type: 'DisputeRecorded', data, refs: [orderId] },
      },
      {
        stream: { type: 'Order', id: orderId },
        event: {
          type: 'ChargebackRecorded',
          data: { disputeId: chargebackId, amount, state },
          refs: [chargebackId],
        },
        about: chargebackId,
      },
    ]
  },
})
