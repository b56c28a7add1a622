import { ID, InputType } from 'type-graphql'
import type { EntityManager } from 'typeorm'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { lockStreams } from '#shared/event-store.js'
import { several } from '#shared/fields.js'
import { upTo } from '#shared/policy.js'
import { refuse } from '#shared/refusal.js'
import { Role } from '#shared/roles.js'
import { refundLimit } from '../limits.js'
import { Workflow } from '../views/workflow.js'
import { workflow } from '../workflow.js'
import { amountsOf, type OrderFacts, ordersOf, requireUndisputed } from '../workflows/parts.js'
import { stepsFor } from '../workflows/refund-before-shipping.js'
import { CANCEL_REASONS } from './cancel-order.js'

const MOST = 20

@InputType('RefundBeforeShippingInput', { description: 'Which orders to call off and give back in full.' })
export class RefundBeforeShippingInput extends ActionInput {
  @several(ID, `The orders, all of one checkout, at most ${MOST}.`, { max: MOST, links: true })
  orderIds!: string[]
}

/** Under their locks, so that nobody refunds or starts another workflow of the same orders meanwhile. */
async function locked(tx: EntityManager, ids: readonly string[]): Promise<OrderFacts[]> {
  await lockStreams(tx, ids)
  return ordersOf(tx, ids)
}

function requireDistinct(orderIds: readonly string[]): void {
  if (orderIds.length === 0) refuse('INVALID', 'Name at least one order.', 'orderIds')
  const twice = orderIds.findIndex((id, at) => orderIds.indexOf(id) < at)
  if (twice >= 0) refuse('INVALID', `${orderIds[twice]} is named twice.`, `orderIds.${twice}`)
}

/** @throws Refusal that names the order, where one of them cannot be called off and given back */
function requireRefundable(order: OrderFacts | undefined, orderId: string, field: string): OrderFacts {
  if (!order) refuse('NOT_FOUND', `There is no order ${orderId}.`, field, { orderId })
  const { status, gone, paid, refundable, openWorkflowId } = order
  if (gone.length || status === 'SHIPPED' || status === 'DELIVERED')
    refuse('ALREADY_SHIPPED', 'It has left already; refund or claim instead.', field, {
      orderId,
      status,
      shipments: gone,
    })
  if (status === 'CANCELED')
    refuse('INVALID_STATE', 'It is called off already; issueRefund gives back what is left.', field, {
      orderId,
      status,
      refundable,
    })
  if (paid.amount === 0)
    refuse('NOT_PAID', 'Nothing was paid for it; cancelOrder is enough.', field, { orderId, status })
  requireUndisputed(order, field)
  if (refundable.amount <= 0)
    refuse('INVALID_STATE', 'Nothing is left to give back; cancelOrder is enough.', field, {
      orderId,
      status,
    })
  if (openWorkflowId)
    refuse('ALREADY_EXISTS', 'Another workflow of this order is not over.', field, {
      orderId,
      workflowId: openWorkflowId,
    })
  return order
}

/** E69, E99, E100: as much money as its refunds together, so the same limits and the same second person. */
export const refundBeforeShipping = action({
  name: 'refundBeforeShipping',
  description:
    'Calls orders off before they leave, gives the buyer all that is left of what was paid, makes sure that the ledger took back every share, and tells buyer and seller.',
  input: RefundBeforeShippingInput,
  risk: 'DANGEROUS',
  idempotent: 'REQUIRED',
  reasons: CANCEL_REASONS,

  on: workflow,
  prepare: ({ orderIds }, tx) => locked(tx, orderIds),

  allow: [Role.SUPPORT_AGENT, Role.SUPPORT_LEAD, Role.FINANCE_ADMIN],
  policy: upTo(refundLimit, null, [Role.FINANCE_ADMIN, Role.SUPER_ADMIN]),
  measure: amountsOf,

  decide(_nothing, { orderIds, reason }, { read, actorId, approvalId, now }) {
    requireDistinct(orderIds)
    const orders = orderIds.map((id, at) =>
      requireRefundable(
        read.find(order => order.id === id),
        id,
        `orderIds.${at}`,
      ),
    )
    const other = orders.findIndex(({ checkoutId }) => checkoutId !== orders[0]!.checkoutId)
    if (other >= 0)
      refuse('INVALID', 'It is of another checkout than the first one.', `orderIds.${other}`, {
        orderId: orderIds[other],
        checkoutIds: [orders[0]!.checkoutId, orders[other]!.checkoutId],
      })
    const amounts = orders.map(({ id, refundable }) => ({ orderId: id, amount: refundable }))
    return {
      type: 'WorkflowStarted',
      data: {
        kind: 'REFUND_BEFORE_SHIPPING' as const,
        orderIds,
        steps: stepsFor(orders.length),
        facts: {
          amounts,
          cancelReason: reason,
          sellerId: orders.length === 1 ? orders[0]!.sellerId : null,
          startedAt: now.toISOString(),
        },
        startedById: actorId,
        approvalId,
      },
      refs: [...orderIds, orders[0]!.checkoutId],
    }
  },

  emits: ['WorkflowStarted'],
  returns: { workflow: Workflow },
})
