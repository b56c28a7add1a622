import type { EntityManager } from 'typeorm'
import type { Warning } from '#shared/action.js'
import { refuse } from '#shared/refusal.js'
import type { Role } from '#shared/roles.js'
import { messageOf } from './messages.js'
import { isLead } from './staff.js'
import type { TicketState } from './ticket.js'

/** @throws Refusal NOT_FOUND, or MISSING_PERMISSION for who neither wrote it nor leads */
export function requireOwnMessage(
  state: TicketState,
  messageId: string,
  actorId: string,
  roles: readonly Role[],
) {
  const message = messageOf(state, messageId)
  if (message.authorId !== actorId && !isLead(roles))
    refuse('MISSING_PERMISSION', 'That is for who wrote it, or for a lead.', 'messageId', {
      authorId: message.authorId,
    })
  return message
}

/** A mail that left. */
export interface Left {
  channel: 'EMAIL'
  /** ISO 8601. */
  at: string
}

/** Mails that brought a message to somebody. */
export async function mailsOf(tx: EntityManager, messageId: string): Promise<Left[]> {
  const rows: { at: Date }[] = await tx.query(
    `select sent_at as at from support.message_delivery
     where message_id = $1 and channel = 'EMAIL' and sent_at is not null order by sent_at`,
    [messageId],
  )
  return rows.map(({ at }) => ({ channel: 'EMAIL', at: at.toISOString() }))
}

/** Whether customers could read it before, when and where (D61). A ticket of nobody was delivered to nobody. */
export function delivered(state: TicketState, messageId: string, mails: readonly Left[]): Warning[] {
  const { publicSince } = state.messages[messageId]!
  if (publicSince === null || (state.organizationId === null && state.requesterId === null)) return []
  const sent = mails.length ? `, and it went out by mail at ${mails[0]!.at}` : ''
  return [
    {
      code: 'ALREADY_DELIVERED',
      message: `The customer could read it since ${publicSince}${sent}. If that was wrong, say so: reply with a correction.`,
      facts: {
        deliveries: [{ channel: 'IN_APP', at: publicSince }, ...mails],
        suggestion: { action: 'replyToTicket', correctionOfId: messageId },
      },
    },
  ]
}
