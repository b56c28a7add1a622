import type { EntityManager } from 'typeorm'
import type { Act } from '#shared/act.js'
import { configuredFileStore } from '#shared/file-store.js'
import { type Again, type Reaction, reaction } from '#shared/reaction.js'
import { COMPLETE_WITHIN, TICKET_WITHIN } from '../attachments/attachment-rules.js'

const after = (from: Date, ms: number): Date => new Date(from.getTime() + ms)

/** C17: an upload that nobody completes, and a file that comes to no ticket, do not stay. */
export const discardUploads = reaction<Act>({
  name: 'discard-uploads',
  on: ['AttachmentUploadBegun'],
  when: ({ occurredAt }) => after(occurredAt, COMPLETE_WITHIN),
  run: async ({ event, tx, act, now }): Promise<Again | undefined> => {
    const attachmentId = event.stream.id
    const [row] = await tx.query('select state, ticket_id from support.attachment where id = $1', [
      attachmentId,
    ])
    const end = after(event.occurredAt, TICKET_WITHIN)
    if (['READY', 'INFECTED'].includes(row.state) && row.ticket_id === null && now < end)
      return { again: end }
    await act('discardAttachment', { attachmentId }, { tx, event })
    return undefined
  },
}) as Reaction

/** C15: files go with their messages, and are shown and hidden with them. */
export const linkAttachments = reaction<Act>({
  name: 'link-attachments',
  on: ['SupportCaseOpened', 'SupportReplyPosted', 'SupportNoteAdded', 'SupportNoteVisibilityChanged'],
  when: ({ type, data, occurredAt }) =>
    type === 'SupportNoteVisibilityChanged' || data.attachmentIds?.length ? occurredAt : null,
  run: async ({ event, tx, act }) => {
    const { messageId, attachmentIds } = event.data as { messageId: string; attachmentIds?: string[] }
    for (const attachmentId of attachmentIds ?? (await filesOf(tx, messageId)))
      await act('linkAttachment', { attachmentId, messageId }, { tx, event })
  },
}) as Reaction

async function filesOf(tx: EntityManager, messageId: string): Promise<string[]> {
  const rows = await tx.query('select id from support.attachment where message_id = $1 order by id', [
    messageId,
  ])
  return rows.map(({ id }: { id: string }) => id)
}

/** X19: bodies go, as often as it takes; events keep the hash. */
export const eraseBodies = reaction<Act, void>({
  name: 'erase-bodies',
  on: ['AttachmentRemoved', 'AttachmentDiscarded', 'EvidencePurged', 'AttachmentPurged', 'AttachmentScanned'],
  when: ({ type, data, occurredAt }) =>
    type === 'AttachmentScanned' && data.body !== 'ERASED' ? null : occurredAt,
  call: async ({ event, services, signal }) =>
    (await configuredFileStore(services)).delete(event.data.storageKey, signal),
  run: async ({ event, tx, act }) => {
    await act('noteAttachmentErased', { attachmentId: event.stream.id }, { tx, event })
  },
}) as Reaction
