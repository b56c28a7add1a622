import type { EntityManager } from 'typeorm'
import type { DeliveryState } from '#shared/events/mail.js'
import { policyValue } from '#shared/policies.js'
import type { Services } from '#shared/services.js'

/** Deliveries of a message. */
export const deliveriesOf = (
  tx: EntityManager,
  messageId: string,
): Promise<{ id: string; state: DeliveryState }[]> =>
  tx.query('select id, state from support.message_delivery where message_id = $1 order by id', [messageId])

/** How far the telling of a message came. */
export interface Departure {
  /** Mails that left, when; ISO 8601. */
  mails: string[]
  /** Something of it left, or is just leaving. */
  left: boolean
  /** Something of it waits. */
  held: boolean
  holdSeconds: number
}

/** Read under the lock of its ticket, which releasing waits for too: what is held stays so until the transaction ends. */
export async function departureOf(
  tx: EntityManager,
  { ticketId, messageId }: { ticketId: string; messageId: string },
  { store, clock }: Pick<Services, 'store' | 'clock'>,
): Promise<Departure> {
  await store.lock(tx, [ticketId])
  const rows: { state: DeliveryState; mailed: Date | null }[] = await tx.query(
    `select state, case when channel = 'EMAIL' then sent_at end as mailed from support.message_delivery
     where message_id = $1 order by sent_at`,
    [messageId],
  )
  return {
    mails: rows.flatMap(({ mailed }) => (mailed ? [mailed.toISOString()] : [])),
    left: rows.some(({ state }) => state !== 'HELD' && state !== 'RECALLED'),
    held: rows.some(({ state }) => state === 'HELD'),
    holdSeconds: await policyValue(tx, 'support.outboundHoldSeconds', clock()),
  }
}

/** Until when nothing of a message leaves. */
export const holdEnd = (publicSince: string, { holdSeconds }: Departure): Date =>
  new Date(new Date(publicSince).getTime() + holdSeconds * 1000)

/** D60: nothing of it left: whoever takes it back makes it as if it had never been said. */
export const isUnsaid = (publicSince: string | null, departure: Departure, now: Date): boolean =>
  publicSince !== null && !departure.left && (departure.held || now < holdEnd(publicSince, departure))

/** Whether what it brings is for customers: a message that is public; of what is no message, always. */
export async function isToBeTold(tx: EntityManager, deliveryId: string): Promise<boolean> {
  const [row] = await tx.query(
    `select d.message_id is null or m.visibility = 'PUBLIC' as told from support.message_delivery d
     left join support.ticket_message m on m.id = d.message_id where d.id = $1`,
    [deliveryId],
  )
  return row?.told === true
}
