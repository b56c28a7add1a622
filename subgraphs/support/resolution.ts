import type { EntityManager } from 'typeorm'
import type { Services } from '#shared/services.js'
import { type Departure, departureOf, isUnsaid } from './mail/deliveries.js'
import type { TicketState } from './ticket.js'

/** The message that said last how a ticket was resolved, and how far that came; null: none did. */
export type Resolution = { messageId: string; departure: Departure } | null

export async function resolutionOf(
  tx: EntityManager,
  ticketId: string,
  services: Pick<Services, 'store' | 'clock'>,
): Promise<Resolution> {
  const [row] = await tx.query(
    'select id from support.ticket_message where ticket_id = $1 and is_resolution order by created_at desc, id desc limit 1',
    [ticketId],
  )
  if (!row) return null
  const messageId: string = row.id
  return { messageId, departure: await departureOf(tx, { ticketId, messageId }, services) }
}

/** The resolution that ends when a ticket leaves RESOLVED or CLOSED, and whether nobody was told of it yet; null: there is none. */
export function takenBack(
  { messages }: TicketState,
  resolution: Resolution,
  now: Date,
): { messageId: string; unsaid: boolean } | null {
  const message = resolution ? messages[resolution.messageId] : undefined
  if (!resolution || !message?.resolved) return null
  const { messageId, departure } = resolution
  return { messageId, unsaid: isUnsaid(message.publicSince, departure, now) }
}
