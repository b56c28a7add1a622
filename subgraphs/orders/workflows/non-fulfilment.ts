import { none } from '#shared/money.js'
import { type Definition, done, end, type Said, type Step, skip, type Working, wait } from './engine.js'
import { cancelOrder, issueRefund, notification, notify, orderOf, unwindAllocation } from './parts.js'

/** What settles the matter without a decision; null while nothing does. */
async function settledBy(working: Working): Promise<string | null> {
  const { hasLabel, status } = await orderOf(working)
  if (hasLabel) return 'The seller bought a label.'
  if (status === 'CANCELED' || status === 'REFUNDED')
    return 'The order was called off, or refunded, meanwhile.'
  return null
}

/** One for each order, found without a search. */
export const nonFulfilmentIdOf = (orderId: string): string => `wfl_${orderId.slice(orderId.indexOf('_') + 1)}`

const THE_ORDER_MOVED = [
  'ShipmentRecorded',
  'LabelPurchased',
  'ShipmentMetadataUpdated',
  'OrderCanceled',
  'RefundIssued',
]

/** E74: more time, granted once by a person if at all. */
const grace: Step = {
  name: 'GRACE',
  description: 'Gives the seller more time to buy a label. A person may extend it once.',
  on: THE_ORDER_MOVED,
  async run(working) {
    const settled = await settledBy(working)
    return settled ? end(settled) : wait('LabelPurchased', new Date(working.facts.graceUntil))
  },
  async look(working) {
    const settled = await settledBy(working)
    if (settled) return end(settled)
    const { dueAt } = working.step
    return dueAt && new Date(dueAt) <= working.now ? done('No label by then.') : null
  },
}

/** E7, E75: Opsgraph prepares, a person confirms. */
const propose: Step = {
  name: 'PROPOSE',
  description: 'Proposes to cancel, refund and strike, and waits for a person: concludeNonFulfilment.',
  on: THE_ORDER_MOVED,
  async run(working) {
    const settled = await settledBy(working)
    if (settled) return end(settled)
    const { refundable } = await orderOf(working)
    const { orderId } = working
    return wait('DECISION', undefined, [
      { type: 'NonFulfilmentProposed', data: { orderId, refundable }, refs: [orderId] },
    ])
  },
  async look(working) {
    const settled = await settledBy(working)
    return settled ? end(settled) : null
  },
  async compensate({ facts, orderId }) {
    const says: Said[] = facts.sellerId ? [notification(facts.sellerId, 'PROPOSAL_WITHDRAWN', orderId)] : []
    return { result: 'The decision is void: no refund, no strike.', says }
  },
}

/** A parcel that left between the decision and its first step calls all of it off, before any money moved. */
const cancelUnlessGone: Step = {
  ...cancelOrder,
  undoes: ({ code }) => code === 'ALREADY_SHIPPED',
}

const strike: Step = {
  name: 'STRIKE',
  description: 'Says that the seller did not deliver; risk issues the strike that was decided on.',
  on: ['StrikeIssued'],
  async run({ orderId, facts: { sellerId = null, strike: wanted = false } }) {
    const concluded: Said = {
      type: 'NonFulfilmentConcluded',
      data: { orderId, sellerId, strike: wanted },
      refs: sellerId ? [orderId, sellerId] : [orderId],
    }
    return wanted ? wait('StrikeIssued', undefined, [concluded]) : skip('No strike is wanted.', [concluded])
  },
  async look({ id, event }) {
    if (event.type !== 'StrikeIssued' || event.data.workflowId !== id) return null
    return done(event.stream.id, { strikeId: event.stream.id })
  },
}

/** E72 to E75. */
export const nonFulfilmentSteps: Definition = {
  kind: 'NON_FULFILMENT',
  description: 'A seller bought no label in time: reminds them, waits, proposes what a person confirms.',
  steps: [
    notify('NOTIFY_SELLER', 'LABEL_OVERDUE', ({ facts: { dueAt, graceUntil } }) => ({ dueAt, graceUntil })),
    grace,
    propose,
    cancelUnlessGone,
    issueRefund,
    unwindAllocation,
    strike,
    notify('NOTIFY_BUYER', 'ORDER_CANCELED', ({ facts, orderId, workflow }) => ({
      amount: facts.refunds?.[orderId]?.amount ?? none(currencyOf(workflow.facts)),
    })),
  ],
}

const currencyOf = (facts: Working['facts']): string => facts.amounts?.[0]?.amount.currency ?? 'USD'
