import type { Warning } from '#shared/action.js'
import { refuse } from '#shared/refusal.js'
import type { Role } from '#shared/roles.js'
import { messageOf } from '../messages.js'
import { isLead } from '../staff.js'
import type { TicketState } from '../ticket.js'
import { type Departure, isUnsaid } from './deliveries.js'

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

/** Whether customers could read it before, when and where (D61). Nobody was told of what was taken back in time, nor of a ticket of nobody. */
export function delivered(
  { messages, organizationId, requesterId, openedByKind }: TicketState,
  messageId: string,
  departure: Departure,
  now: Date,
): Warning[] {
  const { publicSince } = messages[messageId]!
  const isNobodys = organizationId === null && requesterId === null && openedByKind !== 'ANONYMOUS'
  if (publicSince === null || isNobodys || isUnsaid(publicSince, departure, now)) return []
  const mails = departure.mails.map(at => ({ channel: 'EMAIL', at }))
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
