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
export const shipment = aggregate<null, OrderEvents>({
  type: 'Shipment',
  prefix: 'shp',
  initial: null,
  evolve: {},
})
export const dispute = aggregate<null, OrderEvents>({
  type: 'Dispute',
  prefix: 'dsp',
  initial: null,
  evolve: {},
})
export const payout = aggregate<null, OrderEvents>({
  type: 'Payout',
  prefix: 'pyo',
  initial: null,
  evolve: {},
})
