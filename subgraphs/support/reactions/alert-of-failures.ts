import type { Act } from '#shared/act.js'
import type { MailEvents } from '#shared/events/mail.js'
import { type Reaction, reaction } from '#shared/reaction.js'
import { failureWords } from '../mail/mail-words.js'

/** D58: whoever works on the ticket is told that a mail about it did not get through; of a ticket without one, who wrote the message. */
export const alertOfFailures = reaction<Act>({
  name: 'alert-of-failures',
  on: ['EmailFailed'],

  async run({ event, tx, act }) {
    const [row] = await tx.query(
      `select t.id, t.number, coalesce(t.assignee_id, m.author_id) as staff_id from support.message_delivery d
       join support.ticket t on t.id = d.ticket_id left join support.ticket_message m on m.id = d.message_id where d.id = $1 and d.occasion <> 'CONTACT_GIVEN_UP'`,
      [event.stream.id],
    )
    if (!row?.staff_id?.startsWith('stf_')) return
    const words = failureWords(row.number, event.data as MailEvents['EmailFailed'])
    const told = { recipientId: row.staff_id, template: 'DELIVERY_FAILED', ...words, about: [row.id] }
    await act('sendNotification', told, { tx, event })
  },
}) as Reaction
