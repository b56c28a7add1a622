import type { EntityManager } from 'typeorm'
import type { Draft } from '#shared/aggregate.js'
import type { OrderEvents } from '#shared/events/orders.js'
import { none, plus, sum } from '#shared/money.js'
import { refuse } from '#shared/refusal.js'
import type { OrderState } from './order.js'
import { orderLine, requireDistinct } from './refund.js'
import { LEFT } from './views/shipment.js'

/** Ids of an order's parcels that left its seller. */
export async function parcelsGone(orderId: string, tx: EntityManager): Promise<string[]> {
  const rows: { id: string }[] = await tx.query(
    'select id from orders.shipment where order_id = $1 and status = any($2) order by id',
    [orderId, LEFT],
  )
  return rows.map(({ id }) => id)
}

type Canceled = Draft<Pick<OrderEvents, 'OrderCanceled' | 'OrderLinesCanceled'>>

/**
 * Calls an order off, or some of its lines (E38).
 * @throws Refusal when parcels have left (naming them), when it is called off already, or when a line is not its own
 */
export function cancellation(
  state: OrderState,
  gone: readonly string[],
  lines: readonly { lineId: string; quantity: number }[] | null | undefined,
  workflowId: string | null = null,
): Canceled {
  const { status, refundable } = state
  if (status === null) refuse('NOT_FOUND', 'There is no such order.', 'orderId')
  if (gone.length || status === 'SHIPPED' || status === 'DELIVERED')
    refuse('ALREADY_SHIPPED', 'It has left already; refund or claim instead.', 'orderId', { shipments: gone })
  if (status === 'CANCELED') refuse('INVALID_STATE', 'It is called off already.', 'orderId', { status })
  if (lines?.length === 0)
    refuse('INVALID', 'Name at least one line, or leave lines out to call all of it off.', 'lines')
  requireDistinct(lines ?? [])
  const wanted = (lines ?? []).map((line, at) => checked(state, line, at))
  if (wanted.length === 0 || isAll(state, wanted))
    return { type: 'OrderCanceled', data: { refundable, ...(workflowId ? { workflowId } : {}) } }
  const value = wanted.map(({ price, quantity }) => sum(price.amount * quantity, price.currency))
  return {
    type: 'OrderLinesCanceled',
    data: {
      lines: wanted.map(({ lineId, quantity }) => ({ lineId, quantity })),
      value: value.reduce(plus, none(state.currency)),
    },
  }
}

function checked(state: OrderState, { lineId, quantity }: { lineId: string; quantity: number }, at: number) {
  const line = orderLine(state, lineId, at)
  const left = line.quantity - line.canceled
  if (quantity <= 0) refuse('NOT_POSITIVE', 'Call at least one off.', `lines.${at}.quantity`)
  if (quantity > left)
    refuse('INVALID', `${left} of this line are left to call off.`, `lines.${at}.quantity`, { left })
  return { lineId, quantity, price: line.unitPrice }
}

const isAll = ({ lines }: OrderState, wanted: readonly { lineId: string; quantity: number }[]): boolean =>
  lines.every(
    ({ id, quantity, canceled }) =>
      quantity ===
      canceled + wanted.filter(({ lineId }) => lineId === id).reduce((all, one) => all + one.quantity, 0),
  )
