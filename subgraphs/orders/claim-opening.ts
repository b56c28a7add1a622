import type { EntityManager } from 'typeorm'
import type { Draft } from '#shared/aggregate.js'
import { addBusinessHours } from '#shared/calendar.js'
import type { Caller } from '#shared/context.js'
import type { ClaimKind } from '#shared/events/claims.js'
import { exceeds, format, type Sum, sum } from '#shared/money.js'
import { policyValue } from '#shared/policies.js'
import { refuse } from '#shared/refusal.js'
import type { ClaimStreamEvents } from './claim.js'
import { type OpenClaim, openClaimOf, owedOf } from './claim-of-order.js'
import { tell } from './claim-parties.js'

/** An order, as far as a claim about it is concerned. */
interface Claimable {
  status: string
  buyerId: string | null
  sellerId: string | null
  paid: Sum
  /** What is left of the payment and not promised by a claim that was decided. */
  refundable: Sum
}

/** What opening a claim rests on. */
export interface Opening {
  order: Claimable | null
  open: OpenClaim | null
  responseDueAt: Date
}

/** When a span of business hours, as a policy says, is over (X5). */
export async function dueAfter(
  db: EntityManager,
  policy: 'claim.firstResponseHours' | 'claim.evidenceDueHours',
  now: Date,
): Promise<Date> {
  const hours = await policyValue(db, policy, now)
  return addBusinessHours(now, hours, await policyValue(db, 'calendar.holidays', now))
}

/** Reads under the order's lock, so that of many who open a claim at once one does, and the others learn which. */
export async function readOpening(
  { orderId }: { orderId: string },
  tx: EntityManager,
  { services: { store, clock } }: Caller,
): Promise<Opening> {
  await store.lock(tx, [orderId])
  const [order] = await tx.query(
    `select status, buyer_id as "buyerId", seller_id as "sellerId", paid, refundable,
       array(select c.id from orders.claim c where c.order_id = o.id and c.status = 'RESOLVED') as decided
     from orders."order" o where id = $1`,
    [orderId],
  )
  const promised = [...(await owedOf(tx, order?.decided ?? [])).values()].reduce(
    (total, owed) => total + (owed?.amount ?? 0),
    0,
  )
  return {
    order: order
      ? { ...order, refundable: sum(order.refundable.amount - promised, order.refundable.currency) }
      : null,
    open: await openClaimOf(tx, orderId),
    responseDueAt: await dueAfter(tx, 'claim.firstResponseHours', clock()),
  }
}

/** @throws Refusal when there is no such order, or a claim about it is open */
export function requireClaimable({ order, open }: Opening): Claimable {
  if (!order) refuse('NOT_FOUND', 'There is no such order.', 'orderId')
  if (open)
    refuse('ALREADY_EXISTS', 'A claim about this order is open: go on with it.', 'orderId', { ...open })
  return order
}

/** @throws Refusal when the amount is none that could be given back of the order; a chargeback's is what the bank says */
export function claimedAmount({ status, paid, refundable }: Claimable, amount: Sum | null): Sum {
  if (amount && amount.amount <= 0)
    refuse('NOT_POSITIVE', 'A claim has to be about more than nothing.', 'amount')
  if (amount && amount.currency !== paid.currency)
    refuse('CURRENCY_MISMATCH', `This order was paid in ${paid.currency}.`, 'amount', {
      currency: paid.currency,
    })
  if (paid.amount === 0) refuse('NOT_PAID', 'Nothing was paid for this order.', 'orderId')
  if (refundable.amount <= 0)
    refuse('INVALID_STATE', 'Nothing is left of what was paid for this order.', 'orderId', {
      status,
      refundable,
    })
  if (amount && exceeds(amount, refundable))
    refuse('REFUND_EXCEEDS_PAYMENT', `At most ${format(refundable)} is left of the payment.`, 'amount', {
      refundable,
    })
  return amount ?? refundable
}

interface Opened {
  orderId: string
  kind: ClaimKind
  amount: Sum
  summary?: string | null
  disputeId?: string | null
  workflowId?: string | null
}

/** What happens when a claim is opened: it shows on the timelines of all whom it concerns, and buyer and seller are told. */
export function opened(
  claimId: string,
  { order, responseDueAt }: Opening,
  { orderId, kind, amount, summary, disputeId = null, workflowId = null }: Opened,
): Draft<ClaimStreamEvents>[] {
  const { buyerId, sellerId } = order!
  const parties = { orderId, buyerId, sellerId }
  const data = { ...parties, kind, amount, disputeId, workflowId, responseDueAt: responseDueAt.toISOString() }
  return [
    {
      type: 'ClaimOpened',
      data,
      personal: summary ? { summary } : {},
      refs: [orderId, buyerId, sellerId, disputeId, workflowId].filter(id => id !== null),
    },
    ...tell(parties, ['BUYER', 'SELLER'], 'CLAIM_OPENED', { claimId, kind }),
  ]
}
