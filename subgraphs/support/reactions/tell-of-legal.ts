import type { EntityManager } from 'typeorm'
import type { Act } from '#shared/act.js'
import type { AccountEvents } from '#shared/events/accounts.js'
import { externalId } from '#shared/id.js'
import { type Reaction, reaction } from '#shared/reaction.js'
import { legalWords } from '../notifications/legal-words.js'
import { notification } from '../notifications/notification.js'

/** So many are told in one transaction. */
const BATCH = 50

const noticeOf = (requestId: string, userId: string): string =>
  externalId(notification.prefix, requestId, userId)

async function untold(tx: EntityManager, requestId: string, userIds: readonly string[]): Promise<string[]> {
  const notices = userIds.map(userId => noticeOf(requestId, userId))
  const rows: { id: string }[] = await tx.query('select id from support.notification where id = any($1)', [
    notices,
  ])
  const told = new Set(rows.map(({ id }) => id))
  return userIds.filter((_, i) => !told.has(notices[i]!))
}

/** A18, B36: whoever is to accept a document, in a new version or again, is told once: in the app, and by mail as they like. */
export const tellOfLegal = reaction<Act>({
  name: 'tell-of-legal',
  on: ['LegalAcceptanceReRequested'],
  since: 'NOW',

  async run({ event, tx, act, now }) {
    const { userIds, documentKind, documentVersion } =
      event.data as AccountEvents['LegalAcceptanceReRequested']
    const requestId = event.stream.id
    const words = legalWords(documentKind, documentVersion, event.reasonCode === 'DOCUMENT_CHANGED')
    const left = await untold(tx, requestId, userIds)
    for (const recipientId of left.slice(0, BATCH)) {
      const notice = { notificationId: noticeOf(requestId, recipientId), recipientId, about: [requestId] }
      await act(
        'sendNotification',
        { ...notice, template: 'LEGAL_ACCEPTANCE_ASKED', ...words },
        { tx, event },
      )
    }
    if (left.length > BATCH) return { again: now }
  },
}) as Reaction
