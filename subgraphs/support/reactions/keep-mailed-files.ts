import type { Act } from '#shared/act.js'
import type { MailEvents } from '#shared/events/mail.js'
import { type Reaction, reaction } from '#shared/reaction.js'
import { TICKET_WITHIN } from '../attachments/attachment-rules.js'
import { filesOfMail, takeMailedFiles } from '../attachments/mailed-files.js'

/** What becomes a ticket or a message takes its files along itself. */
const KEPT_APART: readonly string[] = ['FILTERED', 'AUTOMATIC']

/** C5: files of a mail that is kept apart are kept with it, until somebody accepts or dismisses it. */
export const keepMailedFiles = reaction<Act>({
  name: 'keep-mailed-files',
  on: ['MailReceived'],
  when: ({ data, occurredAt }) => {
    const { disposition, taken } = data as MailEvents['MailReceived']
    return KEPT_APART.includes(disposition) && taken?.length ? occurredAt : null
  },
  run: async ({ event, tx, act }) => takeMailedFiles({ event, tx, act }),
}) as Reaction

/** C17: of a mail that comes to nothing no files stay; a day is left to think better of it. */
export const discardMailedFiles = reaction<Act>({
  name: 'discard-mailed-files',
  on: ['InboundMailDismissed'],
  when: ({ occurredAt }) => new Date(occurredAt.getTime() + TICKET_WITHIN),
  run: async ({ event, tx, act }) => {
    for (const attachmentId of await filesOfMail(tx, event.stream.id))
      await act('discardAttachment', { attachmentId }, { tx, event })
  },
}) as Reaction
