import { type Draft, isOutside } from '#shared/aggregate.js'
import type { EventDraft } from '#shared/event.js'
import type { MessageKind, SupportEvents } from '#shared/events/support.js'
import type { Identity } from '#shared/identity.js'
import { refuse } from '#shared/refusal.js'
import { filesIn } from './attachments/attachment-links.js'
import { afterCustomerSpoke, type TicketState } from './ticket.js'

const kindOf = (identity: Identity): MessageKind =>
  isOutside(identity) ? 'USER_MESSAGE' : identity.kind === 'STAFF' ? 'STAFF_REPLY' : 'SYSTEM'

interface Saying {
  body: string
  messageId: string
  identity: Identity
  now: Date
  correctionOf?: string | null
  isResolution?: boolean
  attachmentIds?: string[] | null
}

/** What the customer reads or writes, and what follows from it. @throws Refusal NOT_FOUND for a correction of nothing */
export function reply(state: TicketState, saying: Saying): Draft<SupportEvents>[] {
  const { body, messageId, identity, now, correctionOf = null, isResolution = false, attachmentIds } = saying
  const { organizationId, requesterId } = state
  if (correctionOf !== null && !state.messages[correctionOf])
    refuse('NOT_FOUND', 'There is no such message on this ticket.', 'correctionOfId')
  const kind = kindOf(identity)
  return [
    {
      type: 'SupportReplyPosted',
      data: {
        messageId,
        kind,
        organizationId,
        requesterId,
        ...(correctionOf === null ? {} : { correctionOf }),
        ...(isResolution ? { isResolution } : {}),
        ...filesIn({ attachmentIds }),
      },
      personal: { body },
      refs: [messageId, ...(attachmentIds ?? [])],
    },
    ...afterCustomerSpoke(state, identity, now),
  ]
}

/** What staff tell staff. */
export const note = (
  body: string,
  messageId: string,
  attachmentIds?: string[] | null,
): Draft<SupportEvents> => ({
  type: 'SupportNoteAdded',
  data: { messageId, ...filesIn({ attachmentIds }) },
  personal: { body },
  refs: [messageId, ...(attachmentIds ?? [])],
})

/** The message that an action wrote, for its payload. */
export const writtenBy = (happened: readonly EventDraft[]): string | null => {
  for (const { type, data } of happened) {
    const { messageId } = data as { messageId?: string }
    if (messageId && type !== 'SupportResolutionWithdrawn') return messageId
  }
  return null
}

/** @throws Refusal NOT_FOUND when the ticket has no such message */
export function messageOf({ messages }: TicketState, id: string) {
  const message = messages[id]
  return message ?? refuse('NOT_FOUND', 'There is no such message on this ticket.', 'messageId')
}
