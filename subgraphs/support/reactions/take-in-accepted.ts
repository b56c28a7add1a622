import type { Act } from '#shared/act.js'
import { eventsFrom, FROM_EVENT } from '#shared/event-row.js'
import type { MailEvents } from '#shared/events/mail.js'
import { type Reaction, reaction } from '#shared/reaction.js'
import { takeMailedFiles } from '../attachments/mailed-files.js'
import { bodyOf, subjectOf, unverified } from '../mail/mailed-words.js'

type Accepted = MailEvents['InboundMailAccepted']
type Received = MailEvents['MailReceived']

/** D56: what staff took in of what was kept apart stands where they said. */
export const takeInAccepted = reaction<Act>({
  name: 'take-in-accepted-mail',
  on: ['InboundMailAccepted'],

  async run({ event, tx, act }) {
    const { as, ticketId, personId, isContact } = event.data as Accepted
    const inboundMailId = event.stream.id
    const [mail] = await eventsFrom(
      tx,
      `${FROM_EVENT} where e.stream_type = 'InboundMail' and e.stream_id = $1 and e.type = 'MailReceived'`,
      [inboundMailId],
    )
    const received = mail!.data as Received
    await takeMailedFiles({ event: mail!, tx, act })
    if (as === 'NEW_TICKET') {
      const said = { inboundMailId, ticketId, subject: subjectOf(received), body: bodyOf(received) }
      const sender = personId ? { personId, isConfirmed: true } : { contact: received.from ?? null }
      await act('openMailedTicket', { ...said, ...sender }, { tx, event })
      return
    }
    const isTheirs = personId !== null || isContact
    const body = isTheirs ? bodyOf(received) : unverified(received, 'was taken in by staff')
    await act('takeMailIn', { ticketId, inboundMailId, body, personId, isContact }, { tx, event })
  },
}) as Reaction
