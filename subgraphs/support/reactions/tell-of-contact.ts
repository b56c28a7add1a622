import type { Act } from '#shared/act.js'
import type { SupportEvents } from '#shared/events/support.js'
import { type Reaction, reaction } from '#shared/reaction.js'
import { deliveryIdOf } from '../mail/delivery.js'
import { contactWords } from '../mail/mail-words.js'

type Changed = SupportEvents['RequesterContactChanged']

/**
 * D57: nobody's answers go elsewhere without their knowing. A customer is told in the app and at the address that is recorded of them;
 * who did not sign in at the old address and at the new one; and who works on the ticket, unless they did it.
 */
export const tellOfContact = reaction<Act>({
  name: 'tell-of-contact',
  on: ['RequesterContactChanged'],

  async run({ event, tx, act, services }) {
    const { of, email = null, previousEmail = null } = event.data as Changed
    const ticketId = event.stream.id
    const because = { tx, event }
    const [row] = await tx.query(
      'select number, requester_id, assignee_id, shown_since from support.ticket where id = $1',
      [ticketId],
    )
    if (!row) return
    const { customer, staff } = contactWords(row.number, email)
    const tell = (recipientId: string, template: string, words: object) =>
      act('sendNotification', { recipientId, template, ...words, about: [ticketId] }, because)
    if (of === 'REQUESTER' && row.requester_id && row.shown_since)
      await tell(row.requester_id, 'SECURITY_TICKET_ADDRESS_CHANGED', customer)
    if (row.assignee_id && row.assignee_id !== event.actor.id)
      await tell(row.assignee_id, 'TICKET_ADDRESS_CHANGED', staff)
    if (of !== 'CONTACT' || services.config.mail.by === 'off') return
    const mail = (occasion: string, more: object) => {
      const deliveryId = deliveryIdOf(`evt_${event.id}/${occasion}`, ticketId, 'EMAIL')
      const about = { occasion, channel: 'EMAIL', ticketId, recipientId: ticketId, until: event.occurredAt }
      return act('holdDelivery', { deliveryId, ...about, ...more }, because)
    }
    await mail('CONTACT_CHANGED', {})
    if (previousEmail) await mail('CONTACT_GIVEN_UP', { fixedAddress: previousEmail })
  },
}) as Reaction
