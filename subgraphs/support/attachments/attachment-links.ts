import type { EntityManager } from 'typeorm'
import type { AttachmentStatus } from '#shared/events/attachments.js'
import type { Identity } from '#shared/identity.js'
import { refuse } from '#shared/refusal.js'

/** Describes the input of whatever says something. */
export const FILES_SENT =
  'Files that go with it: attachments of your own, complete, and with no other message. Whoever reads it may take them.'

interface Sending {
  attachmentIds?: string[] | null
  /** Absent where the ticket is only being opened. */
  ticketId?: string
}

interface Sent {
  id: string
  state: AttachmentStatus
  uploaded_by_id: string
  ticket_id: string | null
  taken: boolean
}

const SENT = `select a.id, a.state, a.uploaded_by_id, a.ticket_id,
    a.message_id is not null or exists (select from support.ticket_message m
      where m.ticket_id = coalesce(a.ticket_id, $2) and a.id = any(m.attachment_ids)) as taken
  from support.attachment a where a.id = any($1)`

/** @throws Refusal naming the files that cannot go with it */
export async function requireFiles(
  { attachmentIds, ticketId }: Sending,
  tx: EntityManager,
  { personId }: Identity,
): Promise<void> {
  if (!attachmentIds?.length) return
  const rows: Sent[] = await tx.query(SENT, [attachmentIds, ticketId ?? null])
  const mine = new Map(rows.filter(row => row.uploaded_by_id === personId).map(row => [row.id, row]))
  const unknown = attachmentIds.filter(id => !mine.has(id))
  if (unknown.length)
    refuse('NOT_FOUND', 'There are no such attachments of yours.', 'attachmentIds', { unknown })
  for (const { id, state, ticket_id, taken } of mine.values()) {
    if (state !== 'READY')
      refuse('INVALID_STATE', `The upload of ${id} is not complete, or it is gone.`, 'attachmentIds', {
        attachmentId: id,
        state,
      })
    const elsewhere = ticket_id !== null && ticket_id !== ticketId
    if (taken || elsewhere)
      refuse(
        'INVALID_STATE',
        `${id} goes with another ${elsewhere ? 'ticket' : 'message'}.`,
        'attachmentIds',
        {
          attachmentId: id,
        },
      )
  }
}

/** For the event: nothing where there are none. */
export function filesIn({ attachmentIds }: Sending): { attachmentIds?: string[] } {
  return attachmentIds?.length ? { attachmentIds: [...new Set(attachmentIds)] } : {}
}
