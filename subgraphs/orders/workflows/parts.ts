import type { EntityManager } from 'typeorm'
import type { Draft } from '#shared/aggregate.js'
import type { Measured } from '#shared/limits.js'
import { format, none, type Sum, sum } from '#shared/money.js'
import { refuse } from '#shared/refusal.js'
import type { OrderState } from '../order.js'
import { LEFT } from '../views/shipment.js'
import type { WorkflowFacts, WorkflowStream } from '../workflow.js'
import { done, type Said, type Step, skip, type Working, wait } from './engine.js'

/** What a step knows of an order. */
export interface OrderFacts {
  id: string
  status: OrderState['status']
  checkoutId: string
  buyerId: string | null
  sellerId: string | null
  paid: Sum
  refundable: Sum
  /** Parcels that left. */
  gone: string[]
  /** A label was bought for at least one parcel. */
  hasLabel: boolean
  /** A bank disputes what was paid for it, and has not decided yet. */
  isDisputed: boolean
  /** A workflow of it that is not over. */
  openWorkflowId: string | null
}

/** Orders as they are, in the order of their ids in the question; those that are not there are left out. */
export async function ordersOf(db: EntityManager, ids: readonly string[]): Promise<OrderFacts[]> {
  const rows: Omit<OrderFacts, 'gone'>[] = await db.query(
    `select o.id, o.status, o.checkout_id as "checkoutId", o.buyer_id as "buyerId", o.seller_id as "sellerId", o.paid, o.refundable,
       array(select s.id from orders.shipment s where s.order_id = o.id and s.status = any($2) order by s.id) as gone,
       exists (select from orders.shipment s where s.order_id = o.id and s.label_state = 'PURCHASED') as "hasLabel",
       exists (select from jsonb_each(o.state -> 'chargebacks') c where c.value ->> 'state' in ('NEEDS_RESPONSE', 'UNDER_REVIEW'))
         as "isDisputed",
       (select w.id from orders.workflow w where w.order_ids @> array[o.id] and w.ended_at is null order by w.id limit 1) as "openWorkflowId"
     from unnest($1::text[]) with ordinality u(id, place) join orders."order" o on o.id = u.id order by u.place`,
    [ids, LEFT],
  )
  return rows as OrderFacts[]
}

/** @throws Refusal while a bank may still take back what would be given back: the ledger could not come to zero */
export function requireUndisputed({ id, isDisputed }: OrderFacts, field: string): void {
  if (isDisputed)
    refuse('INVALID_STATE', 'A bank disputes what was paid for it: settle that first.', field, {
      orderId: id,
    })
}

/** The order of a step. */
export async function orderOf({ tx, orderId }: Pick<Working, 'tx' | 'orderId'>): Promise<OrderFacts> {
  const [order] = await ordersOf(tx, [orderId])
  if (!order) refuse('NOT_FOUND', `There is no order ${orderId}.`)
  return order
}

/** Somebody is to be told something; the support subgraph tells them, and says so by NotificationSent. */
export const notification = (
  recipientId: string,
  template: string,
  orderId: string,
  facts: Record<string, unknown> = {},
): Said => ({
  type: 'NotificationRequested',
  data: { recipientId, template, about: [orderId], facts },
  refs: [recipientId, orderId],
})

/** Calls the order off before anything left; what left meanwhile makes it fail, before any money moved. */
export const cancelOrder: Step = {
  name: 'CANCEL_ORDER',
  description: 'Calls the order off. Refused when a parcel has left.',
  async run(working) {
    const { id, orderId, facts, act } = working
    if ((await orderOf(working)).status === 'CANCELED') return skip('It was called off already.')
    await act('cancelOrderWithin', { orderId, workflowId: id, reason: facts.cancelReason })
    return done(null)
  },
}

interface Judged {
  orderId: string
  amount: Sum
}

/** What a workflow is about to give back, order by order, for the limits to count (E99, E100). */
export const amountsOf = (happening: readonly Draft<WorkflowStream>[]): Measured[] =>
  happening
    .flatMap(({ data }) => ('facts' in data ? ((data.facts as WorkflowFacts).amounts ?? []) : []))
    .map(({ orderId, amount }: Judged) => ({ targetId: orderId, amount }))

/** What may be given back of the order: what was judged when it was asked for, as far as it is left. */
const allowed = (facts: Working['facts'], orderId: string): Sum | undefined =>
  facts.amounts?.find((one: Judged) => one.orderId === orderId)?.amount

export const issueRefund: Step = {
  name: 'ISSUE_REFUND',
  description: 'Gives the buyer back all that is left.',
  async run(working) {
    const { id, orderId, facts, step, act } = working
    const { refundable } = await orderOf(working)
    const judged = allowed(facts, orderId) ?? refundable
    const amount = judged.amount < refundable.amount ? judged : refundable
    if (amount.amount <= 0) return skip('Nothing was left to give back.')
    const { rows } = await act('refundOrder', {
      orderId,
      amount,
      workflowId: id,
      reason: 'CANCELED',
      idempotencyKey: `${id}/${step.key}`,
    })
    const refundId = (rows.refund as { id: string } | null)?.id ?? null
    return done(format(amount), { refunds: { ...facts.refunds, [orderId]: { refundId, amount } } })
  },
}

/** E69: the ledger itself says that nothing of the order is left with anybody. */
export const unwindAllocation: Step = {
  name: 'UNWIND_ALLOCATION',
  description: "Makes sure that the ledger took back every share of the order's payments.",
  async run(working) {
    const { tx, orderId, facts } = working
    const { paid, refundable } = await orderOf(working)
    const left = await allocatedOf(tx, orderId)
    if (left.some(({ amount }) => amount.amount !== 0))
      refuse('NOT_UNWOUND', `The ledger still holds shares of this order: ${inWords(left)}.`, undefined, {
        left,
        refundable,
      })
    const refund = facts.refunds?.[orderId]
    const amount = refund?.amount ?? none(paid.currency)
    return done(`${format(amount)} taken back; it nets to ${format(none(amount.currency))}.`, undefined, [
      {
        type: 'AllocationUnwound',
        data: { orderId, refundId: refund?.refundId ?? null, amount },
        refs: [orderId],
      },
    ])
  },
}

interface Share {
  account: string
  amount: Sum
}

const inWords = (shares: readonly Share[]): string =>
  shares
    .filter(({ amount }) => amount.amount !== 0)
    .map(({ account, amount }) => `${account} ${format(amount)}`)
    .join(', ')

/** What the ledger holds of an order's payments with its seller, as fee, tax and for shipping. */
async function allocatedOf(db: EntityManager, orderId: string): Promise<Share[]> {
  const rows: { account: string; currency: string; minor: string }[] = await db.query(
    `select e.account, e.currency, -sum(e.minor) as minor from orders.ledger_entry e
     join orders.ledger_transaction t on t.id = e.transaction_id
     where e.order_id = $1 and t.kind in ('ALLOCATION', 'TRANSFER', 'UNWIND')
       and e.account in ('SELLER_PAYABLE', 'PLATFORM_FEES', 'TAX_PAYABLE', 'SHIPPING_CREDIT')
     group by e.account, e.currency order by e.account`,
    [orderId],
  )
  return rows.map(({ account, currency, minor }) => ({ account, amount: sum(Number(minor), currency) }))
}

/** Tells one party of the order, and goes on when they were told. */
export const notify = (
  name: 'NOTIFY_BUYER' | 'NOTIFY_SELLER',
  template: string,
  factsOf: (working: Working) => Record<string, unknown> = () => ({}),
): Step => ({
  name,
  description: `Tells the ${name === 'NOTIFY_BUYER' ? 'buyer' : 'seller'}; done when they were told.`,
  on: ['NotificationSent'],
  async run(working) {
    const { buyerId, sellerId } = await orderOf(working)
    const recipient = name === 'NOTIFY_BUYER' ? buyerId : sellerId
    if (!recipient) return skip('Nobody is known whom to tell.')
    return wait('NotificationSent', undefined, [
      notification(recipient, template, working.orderId, factsOf(working)),
    ])
  },
  async look(working) {
    return (await answersRequest(working)) ? done(`${working.event.data.recipientId} was told.`) : null
  },
})

/** Whether what happened answers the newest request of this workflow: one step asks at a time. */
async function answersRequest({ tx, id, event }: Working): Promise<boolean> {
  if (event.type !== 'NotificationSent' || event.data.workflowId !== id) return false
  const [request] = await tx.query(
    `select id from log.event where stream_type = 'Workflow' and stream_id = $1 and type = 'NotificationRequested'
     order by version desc limit 1`,
    [id],
  )
  return Number(request?.id) === event.causationId
}
