import type { Act } from '#shared/act.js'
import type { StoredEvent } from '#shared/event.js'
import type { MailEvents } from '#shared/events/mail.js'
import { type Reaction, reaction } from '#shared/reaction.js'
import { notTaken, takeMailedFiles } from '../mailed-files.js'
import { REMOVED } from '../removed.js'

type Received = MailEvents['MailReceived']

const NOTHING_SAID = '(no text)'

/** Of more than these the mail itself tells. */
const MOST_NAMED = 5

/** What did not come along is said, where it is missing. */
function without(files: readonly string[]): string {
  if (files.length === 0) return ''
  const list = [...files.slice(0, MOST_NAMED), ...(files.length > MOST_NAMED ? ['and more'] : [])].join('; ')
  return `\n\n[${files.length === 1 ? 'An attachment was' : 'Attachments were'} not taken in: ${list}]`
}

const bodyOf = (mail: Received): string => {
  const { said, body } = mail
  const words = said?.trim() || body?.trim().slice(0, 18_000)
  return (words || (body === undefined ? REMOVED : NOTHING_SAID)) + without(notTaken(mail))
}

/** `Re: AW: Fwd: [TKT-2026-00001] Where is it?` → `Where is it?` */
const subjectOf = ({ subject }: Received): string =>
  [...(subject ?? '').replace(/^(\s*((re|aw|fwd?|wg|sv|antw)\s*(\[\d+\])?:|\[TKT-[\d-]+\]))+/i, '').trim()]
    .slice(0, 200)
    .join('')
    .trim() || '(no subject)'

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
    const body = disposition === 'NOTE' ? unverified(event) : bodyOf(received)
    const author = disposition === 'FOLLOW_UP' ? (personId ? { personId } : { isContact: true }) : {}
    await act('takeMailIn', { ticketId, inboundMailId, body, ...author }, because)
  },
}) as Reaction

const unverified = ({ data }: StoredEvent): string =>
  `Unverified sender: ${(data as Received).from ?? REMOVED} wrote to the reply address of this ticket.\n\n${bodyOf(data as Received)}`

const bounceOf = ({ deliveryId, round, bounceCode, body }: Received): Record<string, unknown> => ({
  deliveryId,
  round: round ?? 0,
  outcome: 'BOUNCED',
  code: bounceCode ?? 'BOUNCED',
  error: body?.trim().slice(0, 500) || null,
})
