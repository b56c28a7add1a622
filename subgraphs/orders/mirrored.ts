import { aggregate } from '#shared/aggregate.js'
import type { OrderEvents } from '#shared/events/orders.js'

/** Aggregates that only mirror the marketplace: nothing is decided about them yet, so their rows say it all. */
export const checkout = aggregate<null, OrderEvents>({
  type: 'Checkout',
  prefix: 'chk',
  initial: null,
  evolve: {},
})

export const payment = aggregate<null, OrderEvents>({
  type: 'Payment',
  prefix: 'pay',
  initial: null,
  evolve: {},
})

/** What a provider last said of a dispute: webhooks come in any order. */
export interface DisputeReport {
  state: OrderEvents['DisputeRecorded']['state'] | null
  /** Null while only the marketplace spoke of it. */
  reportedAt: string | null
}

export const dispute = aggregate<DisputeReport, OrderEvents>({
  type: 'Dispute',
  prefix: 'dsp',
  initial: { state: null, reportedAt: null },
  evolve: {
    DisputeRecorded: (before, { state, reportedAt }) => ({
      state,
      reportedAt: reportedAt ?? before.reportedAt,
    }),
  },
})
export const payout = aggregate<null, OrderEvents>({
  type: 'Payout',
  prefix: 'pyo',
  initial: null,
  evolve: {},
})
