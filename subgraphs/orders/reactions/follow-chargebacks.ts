import type { EntityManager } from 'typeorm'
import type { Act } from '#shared/act.js'
import type { StoredEvent } from '#shared/event.js'
import { VersionConflict } from '#shared/event-store.js'
import type { Sum } from '#shared/money.js'
import { type Reaction, reaction } from '#shared/reaction.js'
import { Refusal } from '#shared/refusal.js'
import type { ChargebackStatus } from '../claim.js'
import { openClaimOf } from '../claim-of-order.js'

interface Chargeback {
  order_id: string
  amount: Sum
  state: ChargebackStatus
}

/** States that leave nothing to settle. */
const HARMLESS: readonly ChargebackStatus[] = ['WON', 'CLOSED']

/**
 * E52: a chargeback joins the claim that is open about its order, or opens one; later it is followed there. It is taken as it is by now,
 * not as the event says, and one run at a time looks at it, so that the order in which records are handled does not matter.
 */
export const followChargebacks = reaction<Act>({
  name: 'follow-chargebacks',
  on: ['DisputeRecorded'],
  run: async ({ event, tx, act }) => {
    const disputeId = event.stream.id
    await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`chargeback:${disputeId}`])
    const [chargeback]: [Chargeback] = await tx.query(
      'select order_id, amount, state from orders.dispute where id = $1',
      [disputeId],
    )
    const claimId =
      (await joinedClaim(tx, disputeId, chargeback.order_id)) ??
      (await openClaimOf(tx, chargeback.order_id))?.claimId ??
      (await openedFor(chargeback, disputeId, act, { tx, event }))
    if (claimId) await act('linkChargeback', { claimId, disputeId }, { tx, event })
  },
}) as Reaction

async function joinedClaim(tx: EntityManager, disputeId: string, orderId: string): Promise<string | null> {
  const [joined] = await tx.query(
    'select id from orders.claim where chargeback_ids @> array[$1] and order_id = $2 order by created_at desc limit 1',
    [disputeId, orderId],
  )
  return joined?.id ?? null
}

/** A claim of its own; null when there is nothing to settle. */
async function openedFor(
  { order_id: orderId, amount, state }: Chargeback,
  disputeId: string,
  act: Act,
  because: { tx: EntityManager; event: StoredEvent },
): Promise<string | null> {
  if (HARMLESS.includes(state) || amount.amount <= 0) return null
  try {
    return (await act('openClaimWithin', { orderId, kind: 'CHARGEBACK', amount, disputeId }, because))
      .targetId
  } catch (error) {
    // Somebody opened one just now: look again at once, and join it.
    if (error instanceof Refusal && error.code === 'ALREADY_EXISTS')
      throw new VersionConflict(error.message, { cause: error })
    throw error
  }
}
