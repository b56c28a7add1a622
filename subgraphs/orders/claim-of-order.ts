import type { EntityManager } from 'typeorm'
import type { ClaimKind } from '#shared/events/claims.js'
import { exceeds, format, minus, type Sum, sum } from '#shared/money.js'
import { refuse } from '#shared/refusal.js'
import type { ClaimStatus } from './claim.js'

type Reader = Pick<EntityManager, 'query'>

/** The claim that is open about an order, of which there is one at most. */
export interface OpenClaim {
  claimId: string
  kind: ClaimKind
  status: ClaimStatus
}

export async function openClaimOf(db: Reader, orderId: string): Promise<OpenClaim | null> {
  const [open] = await db.query(
    `select id as "claimId", kind, status from orders.claim where order_id = $1 and status not in ('RESOLVED', 'CLOSED')`,
    [orderId],
  )
  return open ?? null
}

/** Keeps a claim's row as it is until the transaction ends. */
export async function lockClaim(
  tx: EntityManager,
  claimId: string,
): Promise<{ orderId: string; status: ClaimStatus } | null> {
  const [row] = await tx.query(
    'select order_id as "orderId", status from orders.claim where id = $1 for update',
    [claimId],
  )
  return row ?? null
}

/** The claim that each of these disputes joined, by the dispute's id. */
export async function claimsOfDisputes(
  db: Reader,
  disputeIds: readonly string[],
): Promise<Map<string, string>> {
  const rows: { dispute: string; id: string }[] = await db.query(
    `select d.id as dispute, c.id from unnest($1::text[]) d(id)
     join orders.claim c on c.chargeback_ids @> array[d.id] order by c.created_at`,
    [disputeIds],
  )
  return new Map(rows.map(({ dispute, id }) => [dispute, id]))
}

/**
 * What is still owed to the buyer on each of these claims: what was decided, without what was refunded for it and what the bank took
 * already, and no more than is left of the order. Null for claims that are not decided.
 */
export async function owedOf(db: Reader, claimIds: readonly string[]): Promise<Map<string, Sum | null>> {
  const rows: (Decided & { id: string })[] = await db.query(
    `select c.id, c.outcome, c.amount, c.buyer_amount,
         coalesce((select (o.refundable ->> 'amount')::bigint from orders."order" o where o.id = c.order_id), 0) as left,
         (select coalesce(sum((r.amount ->> 'amount')::bigint), 0) from orders.refund r
          where r.claim_id = c.id and r.amount ->> 'currency' = c.buyer_amount ->> 'currency')
         + (select coalesce(sum((d.amount ->> 'amount')::bigint), 0) from orders.dispute d
            where d.id = any(c.chargeback_ids) and d.state not in ('WON', 'CLOSED')
              and d.amount ->> 'currency' = c.buyer_amount ->> 'currency') as given
       from orders.claim c where c.id = any($1)`,
    [claimIds],
  )
  return new Map(rows.map(row => [row.id, owed(row)]))
}

interface Decided {
  outcome: string | null
  amount: Sum
  buyer_amount: Sum | null
  given: string
  /** What could still be given back of the order. */
  left: string
}

/** No more than is left of the order: what was given back beside the claim is not owed a second time. */
function owed({ outcome, amount, buyer_amount, given, left }: Decided): Sum | null {
  if (outcome === null) return null
  if (buyer_amount === null) return sum(0, amount.currency)
  const open = minus(buyer_amount, sum(Number(given), buyer_amount.currency))
  return sum(Math.max(0, Math.min(open.amount, Number(left))), open.currency)
}

/**
 * Checks that a refund may be given for a claim (E53), and keeps the claim as it is until the transaction ends: nobody closes it
 * meanwhile, nor gives what is owed on it a second time. Answers what is still owed; null while it is not decided.
 * @throws Refusal NOT_FOUND, INVALID when it is about another order, INVALID_STATE when it is closed
 */
export async function requireOpenClaim(
  tx: EntityManager,
  claimId: string,
  orderId: string,
): Promise<Sum | null> {
  const claim = await lockClaim(tx, claimId)
  if (!claim) refuse('NOT_FOUND', 'There is no such claim.', 'claimId')
  if (claim.orderId !== orderId)
    refuse('INVALID', 'This claim is about another order.', 'claimId', { orderId: claim.orderId })
  if (claim.status === 'CLOSED')
    refuse('INVALID_STATE', 'This claim is closed.', 'claimId', { status: claim.status })
  return (await owedOf(tx, [claimId])).get(claimId) ?? null
}

/** @throws Refusal EXCEEDS_CLAIM when a claim was decided, and less than this is still owed on it */
export function requireOwed(owed: Sum | null, amount: Sum): void {
  if (owed && (owed.currency !== amount.currency || exceeds(amount, owed)))
    refuse('EXCEEDS_CLAIM', `At most ${format(owed)} is still owed on this claim.`, 'amount', { owed })
}
