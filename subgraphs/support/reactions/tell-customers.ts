import type { EntityManager } from 'typeorm'
import type { Act } from '#shared/act.js'
import type { StoredEvent } from '#shared/event.js'
import type { DeliveryChannel, DeliveryOccasion, NotificationTopic } from '#shared/events/mail.js'
import type { SupportEvents } from '#shared/events/support.js'
import { policyValue } from '#shared/policies.js'
import { type Reaction, reaction } from '#shared/reaction.js'
import type { Services } from '#shared/services.js'
import { membersOf } from '../mail/addresses.js'
import { deliveriesOf } from '../mail/deliveries.js'
import { deliveryIdOf } from '../mail/delivery.js'
import { type FollowUp, followUpWords } from '../mail/mail-words.js'
import { wants, wishesOf } from '../notifications/preferences.js'

interface Row {
  id: string
  number: string
  subject: string
  organization_id: string | null
  requester_id: string | null
  assignee_id: string | null
  filter_state: string
  contact_email: string | null
  shown_since: Date | null
}

/** What an event has to say to customers. */
interface News {
  occasion: DeliveryOccasion
  topic: NotificationTopic
  messageId: string | null
  /** The same for the same news. */
  key: string
}

const message = (messageId: string, key = messageId): News => ({
  occasion: 'MESSAGE',
  topic: 'TICKET_ANSWERS',
  messageId,
  key,
})

/** Null: nothing. */
function newsIn({ id, type, data }: StoredEvent): News | null {
  const { kind, visibility, to, messageId, incidentUpdateId } = data as Record<string, string>
  const key = `evt_${id}`
  if (type === 'SupportCaseClosed')
    return { occasion: 'CLOSED', topic: 'TICKET_STATES', messageId: null, key }
  if (type === 'SupportCaseReopened' || type === 'SupportResolutionWithdrawn')
    return { occasion: 'REOPENED', topic: 'TICKET_STATES', messageId: null, key }
  if (type === 'SupportNoteVisibilityChanged') return to === 'PUBLIC' ? message(messageId!, key) : null
  if (type === 'SupportCaseOpened')
    return kind === 'STAFF_REPLY' && visibility === 'PUBLIC' ? message(messageId!) : null
  // Who has several tickets of an incident is told once what is new about it.
  return kind === 'USER_MESSAGE' ? null : message(messageId!, incidentUpdateId)
}

/** Somebody who is told by a way. */
interface Told {
  recipientId: string
  channel: DeliveryChannel
}

/** The customer who asks, or whoever opened it without signing in; of a ticket that is nobody's own, the account: in the app as a whole, by mail each who sees its tickets. */
async function told(
  tx: EntityManager,
  row: Row,
  topic: NotificationTopic,
  { config }: Services,
): Promise<Told[]> {
  const { id, requester_id: requester, organization_id: account, contact_email: contact } = row
  const mails = config.mail.by !== 'off'
  if (!requester && !account) return contact && mails ? [{ recipientId: id, channel: 'EMAIL' }] : []
  const people = requester ? [requester] : account ? await membersOf(tx, account) : []
  const wishes = await wishesOf(tx, people)
  const willing = (channel: DeliveryChannel): Told[] =>
    people.filter(id => wants(wishes.get(id)!, topic, channel)).map(recipientId => ({ recipientId, channel }))
  const app: Told[] =
    !requester && account ? [{ recipientId: account, channel: 'IN_APP' }] : willing('IN_APP')
  return [...app, ...(mails ? willing('EMAIL') : [])]
}

/** A message that is shown once more after it left does not leave once more. */
async function leftBefore(tx: EntityManager, { messageId }: News): Promise<boolean> {
  if (messageId === null) return false
  return (await deliveriesOf(tx, messageId)).some(({ state }) => state !== 'RECALLED')
}

/**
 * D13, D26, D27, D51: every public answer, closing and reopening is on its way to the customer, by every channel that they want, once its
 * hold is over. And who works on the ticket hears of what the customer does.
 */
export const tellCustomers = reaction<Act>({
  name: 'tell-customers',
  on: [
    'SupportCaseOpened',
    'SupportReplyPosted',
    'SupportNoteVisibilityChanged',
    'SupportCaseClosed',
    'SupportCaseReopened',
    'SupportResolutionWithdrawn',
  ],
  // Nobody gets mail about what happened before there was any.
  since: 'NOW',

  async run({ event, tx, act, services, now }) {
    const [row]: Row[] = await tx.query(
      `select id, number, subject, organization_id, requester_id, assignee_id, filter_state, contact_email, shown_since
       from support.ticket where id = $1`,
      [event.stream.id],
    )
    if (!row) return
    await tellStaff(event, row, tx, act)
    const isPart = event.type === 'SupportResolutionWithdrawn' && (await reopenedWith(event, tx))
    const news = row.shown_since && !isPart ? newsIn(event) : null
    if (!news || (news.occasion === 'CLOSED' && row.filter_state !== 'INBOX')) return
    if (await leftBefore(tx, news)) return
    const seconds = await policyValue(tx, 'support.outboundHoldSeconds', now)
    const until = new Date(event.occurredAt.getTime() + seconds * 1000)
    const { occasion, messageId, key } = news
    for (const { recipientId, channel } of await told(tx, row, news.topic, services)) {
      const deliveryId = deliveryIdOf(key, recipientId, channel)
      const about = { occasion, channel, ticketId: row.id, messageId, recipientId, until }
      await act('holdDelivery', { deliveryId, ...about }, { tx, event })
    }
  },
}) as Reaction

/** What of an event is for whoever works on the ticket; null: nothing. */
function workIn({ type, data }: StoredEvent): FollowUp | null {
  if (type === 'SupportCaseReopened') return 'REOPENED'
  if (type === 'SupportReplyPosted' && data.kind === 'USER_MESSAGE') return 'WROTE'
  return type === 'SupportCaseClosed' && data.by === 'WITHDRAWN' ? 'WITHDREW' : null
}

/** Whether the ticket was opened again by the same act. */
async function reopenedWith(
  { stream, version, occurredAt }: StoredEvent,
  tx: EntityManager,
): Promise<boolean> {
  const [row] = await tx.query(
    `select 1 from log.event where stream_type = $1 and stream_id = $2 and version between $3 - 3 and $3 - 1 and type = 'SupportCaseReopened' and at = $4`,
    [stream.type, stream.id, version, occurredAt],
  )
  return row !== undefined
}

/** D51: the assignee, unless it was they who did it. */
async function tellStaff(event: StoredEvent, row: Row, tx: EntityManager, act: Act): Promise<void> {
  const kind = workIn(event)
  const { assigneeId } = event.data as SupportEvents['SupportCaseReopened']
  const recipientId = kind === 'REOPENED' ? assigneeId : row.assignee_id
  if (!kind || !recipientId || recipientId === event.actor.id) return
  // Who opens it again and says why did one thing.
  if (kind === 'WROTE' && (await reopenedWith(event, tx))) return
  const wishes = await wishesOf(tx, [recipientId])
  if (!wants(wishes.get(recipientId)!, 'FOLLOW_UPS', 'IN_APP')) return
  const words = followUpWords(row.number, row.subject, kind)
  const template = kind === 'REOPENED' ? 'TICKET_TO_WORK_ON' : 'TICKET_FOLLOW_UP'
  await act('sendNotification', { recipientId, template, ...words, about: [row.id] }, { tx, event })
}
