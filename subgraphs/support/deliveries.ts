import type { EntityManager } from 'typeorm'
import type { DeliveryState } from '#shared/events/mail.js'

/** Deliveries of a message. */
export const deliveriesOf = (
  tx: EntityManager,
  messageId: string,
): Promise<{ id: string; state: DeliveryState }[]> =>
  tx.query('select id, state from support.message_delivery where message_id = $1 order by id', [messageId])

/** Whether what it brings is for customers: a message that is public; of what is no message, always. */
export async function isToBeTold(tx: EntityManager, deliveryId: string): Promise<boolean> {
  const [row] = await tx.query(
    `select d.message_id is null or m.visibility = 'PUBLIC' as told from support.message_delivery d
     left join support.ticket_message m on m.id = d.message_id where d.id = $1`,
    [deliveryId],
  )
  return row?.told === true
}
