import type { Act } from '#shared/act.js'
import type { MailEvents } from '#shared/events/mail.js'
import { type Reaction, reaction } from '#shared/reaction.js'
import { takeMailedFiles } from '../attachments/mailed-files.js'
import { bodyOf, subjectOf, unverified } from '../mail/mailed-words.js'

type Received = MailEvents['MailReceived']

/** What of a mail becomes what: an answer, a note, a ticket, or a mail of ours that failed. */
export const takeInMail = reaction<Act>({
  name: 'take-in-mail',
  on: ['MailReceived'],
  when: ({ data, occurredAt }) =>
    ['FILTERED', 'AUTOMATIC'].includes((data as Received).disposition) ? null : occurredAt,

  async run({ event, tx, act }) {
    const received = event.data as Received
    const because = { tx, event }
    const { disposition, personId, ticketId } = received
    if (disposition === 'BOUNCE') return void (await act('noteDelivery', bounceOf(received), because))
    await takeMailedFiles({ event, tx, act })
    const inboundMailId = event.stream.id
    if (disposition === 'NEW_TICKET') {
      const mail = { inboundMailId, personId, subject: subjectOf(received), body: bodyOf(received) }
      const opened = await act('openMailedTicket', mail, because)
      await act('settleInboundMail', { inboundMailId, ticketId: opened.targetId }, because)
      return
    }
    const body = disposition === 'NOTE' ? unverified(received) : bodyOf(received)
    const author = disposition === 'FOLLOW_UP' ? (personId ? { personId } : { isContact: true }) : {}
    await act('takeMailIn', { ticketId, inboundMailId, body, ...author }, because)
  },
}) as Reaction

const bounceOf = ({ deliveryId, round, bounceCode, body }: Received): Record<string, unknown> => ({
  deliveryId,
  round: round ?? 0,
  outcome: 'BOUNCED',
  code: bounceCode ?? 'BOUNCED',
  error: body?.trim().slice(0, 500) || null,
})
