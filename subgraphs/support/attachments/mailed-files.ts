import { InputType } from 'type-graphql'
import type { EntityManager } from 'typeorm'
import type { Act } from '#shared/act.js'
import type { StoredEvent } from '#shared/event.js'
import type { MailEvents } from '#shared/events/mail.js'
import { count, text } from '#shared/fields.js'

@InputType('MailedFileInput', {
  description: 'A file that came with a mail, is taken, and lies where files lie.',
})
export class MailedFileInput {
  @text('The id that it has as an attachment.', { max: 60 })
  attachmentId!: string

  @text('What it is called.', { max: 200 })
  filename!: string

  @text('Its kind, as its content was found to be.', { max: 100 })
  mime!: string

  @count('Its size in bytes.')
  bytes!: number

  @text('SHA-256 of its content, hex.', { max: 64 })
  sha256!: string
}

type Received = MailEvents['MailReceived']

/** Nothing that came with a mail was taken before there was a list of what is. */
export const notTaken = ({ taken, refused, files = [] }: Received): readonly string[] =>
  taken ? (refused ?? []) : files

interface Doing {
  event: StoredEvent
  tx: EntityManager
  act: Act
}

/** Files of a mail become attachments, before what the mail says becomes a message. */
export async function takeMailedFiles({ event, tx, act }: Doing): Promise<void> {
  const { taken = [], takenNames = [], disposition, personId } = event.data as Received
  // The address alone proves nothing: only an answer that is sure enough is somebody's.
  const senderId = disposition === 'FOLLOW_UP' ? personId : null
  for (const [at, file] of taken.entries()) {
    const filename = takenNames[at] ?? null
    await act(
      'takeMailedFile',
      { ...file, filename, senderId, inboundMailId: event.stream.id },
      { tx, event },
    )
  }
}

/**
 * Files of a mail that go with no message yet: whatever puts the mail on a ticket, now or when staff accept it, takes them along by naming
 * them in its event. Of what is gone already the tombstone goes along.
 */
export async function filesOfMail(db: EntityManager, inboundMailId: string): Promise<string[]> {
  const rows: { id: string }[] = await db.query(
    `select id from support.attachment where inbound_mail_id = $1 and message_id is null
       and state in ('READY', 'INFECTED', 'DISCARDED') order by created_at, id`,
    [inboundMailId],
  )
  return rows.map(({ id }) => id)
}
