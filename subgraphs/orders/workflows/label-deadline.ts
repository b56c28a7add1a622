import type { EntityManager } from 'typeorm'
import { replay } from '#shared/aggregate.js'
import { addBusinessHours } from '#shared/calendar.js'
import type { StoredEvent } from '#shared/event.js'
import { policyValue } from '#shared/policies.js'
import { order } from '../order.js'
import { ordersOf } from './parts.js'

/** When an order was first known to be paid: the event that said so. */
interface Paid {
  eventId: number
  at: Date
}

interface Due extends Paid {
  dueAt: Date
  /** A workflow of it is not over. */
  isBusy: boolean
}

type Told = Pick<StoredEvent, 'type' | 'data' | 'stream' | 'actor' | 'occurredAt'> & { id: string }

/** Null when it never was. Later records of the same payment change nothing. */
async function firstPaid(db: EntityManager, orderId: string): Promise<Paid | null> {
  const told: Told[] = await db.query(
    `select id, type, payload as data, at as "occurredAt" from log.event
     where stream_type = 'Order' and stream_id = $1 and type in ('OrderRecorded', 'PaymentAllocated') order by version`,
    [orderId],
  )
  const events = told.map(event => ({ ...event, stream: { type: 'Order', id: orderId } }))
  for (let n = 1; n <= events.length; n++) {
    const { status, paid } = replay(order, events.slice(0, n) as never)
    if (status === 'PAID' && paid.amount > 0)
      return { eventId: Number(events[n - 1]!.id), at: events[n - 1]!.occurredAt }
  }
  return null
}

/**
 * When the seller's label is due, and how long the grace after it lasts (E72, X5), by the rules of today; null for an order that needs
 * none, or not any more.
 */
export async function labelDueAt(db: EntityManager, orderId: string, now: Date): Promise<Due | null> {
  const [found] = await ordersOf(db, [orderId])
  // What was given or taken back in full is not worth a parcel any more.
  if (found?.status !== 'PAID' || found.hasLabel || found.refundable.amount === 0) return null
  const paid = await firstPaid(db, orderId)
  if (!paid) return null
  const hours = await policyValue(db, 'fulfilment.labelDeadlineHours', now)
  const holidays = await policyValue(db, 'calendar.holidays', now)
  return { ...paid, dueAt: addBusinessHours(paid.at, hours, holidays), isBusy: found.openWorkflowId !== null }
}

/** Until when a seller who is late by now may still buy a label (E74). */
export const graceUntil = async (db: EntityManager, now: Date): Promise<Date> =>
  addBusinessHours(
    now,
    await policyValue(db, 'fulfilment.graceHours', now),
    await policyValue(db, 'calendar.holidays', now),
  )
