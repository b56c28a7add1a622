import { RecordedRow } from '#shared/entity.js'
import type { OrderEvents } from '#shared/events/orders.js'
import { entity, instant, money, oneOf, ref, text } from '#shared/fields.js'
import { IdentifierKind } from '#shared/identifier.js'
import { format, type Sum } from '#shared/money.js'
import { READERS } from '#shared/roles.js'
import { states } from '#shared/states.js'
import { view } from '#shared/view.js'
import { RANK, type WorkItemPhase } from '#shared/work.js'
import { dispute } from '../mirrored.js'
import { Order } from './order.js'

export const DisputeState = states('DisputeState', 'Where a dispute stands.', {
  NEEDS_RESPONSE: 'Evidence is asked for.',
  UNDER_REVIEW: 'Evidence was given.',
  WON: 'Decided for the seller.',
  LOST: 'Decided for the buyer.',
  CLOSED: 'Over without a decision.',
})

@entity('Dispute', {
  description: 'A buyer or their bank disputes a payment.',
  allow: READERS,
  schema: 'orders',
  prefix: 'dsp',
  sort: 'openedAt',
})
export class Dispute extends RecordedRow {
  @ref(() => Order, 'The order it is about.')
  orderId!: string

  @money('How much is disputed.')
  amount!: Sum

  @text("Why, in the provider's words.")
  reason!: string

  @oneOf(DisputeState, 'Where it stands.')
  state!: OrderEvents['DisputeRecorded']['state']

  @text("The provider's id, dp_…", { nullable: true, find: IdentifierKind.STRIPE })
  disputeId!: string | null

  @instant('Until when evidence is taken (UTC).', { nullable: true })
  evidenceDueAt!: Date | null

  @instant('When it was opened (UTC).')
  openedAt!: Date
}

const PHASES: Readonly<Record<Dispute['state'], WorkItemPhase>> = {
  NEEDS_RESPONSE: 'NEW',
  UNDER_REVIEW: 'WAITING',
  WON: 'DONE',
  LOST: 'DONE',
  CLOSED: 'DONE',
}

export const disputes = view(Dispute, {
  of: dispute,
  work: row => ({
    phase: PHASES[row.state],
    title: `Chargeback: ${format(row.amount)}`,
    priority: RANK.SOON,
    dueAt: row.evidenceDueAt,
    since: row.openedAt,
    workspace: 'REVENUE',
    becauseOf: row.state,
  }),
  on: {
    DisputeRecorded: ({ data }) => ({
      ...data,
      evidenceDueAt: data.evidenceDueAt ? new Date(data.evidenceDueAt) : null,
      openedAt: new Date(data.openedAt),
    }),
  },
})
