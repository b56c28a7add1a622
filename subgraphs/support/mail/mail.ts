import type { EntityManager } from 'typeorm'
import type { MailConfig } from '#shared/config.js'
import type { DeliveryOccasion, DeliveryState } from '#shared/events/mail.js'
import { prefixOf } from '#shared/id.js'
import type { Services } from '#shared/services.js'
import { addressesOf } from './addresses.js'
import { newsMail, type TicketNews, ticketMail } from './mail-words.js'
import type { Mail } from './mailers/mailer.js'
import { replyAddressOf } from './reply-address.js'

/** A delivery by mail, with everything that its mail is made of. */
export interface Sending {
  id: string
  state: DeliveryState
  round: number
  attempts: number
  occasion: DeliveryOccasion
  messageId: string | null
  ticketId: string | null
  notificationId: string | null
  recipientId: string
  /** Where it goes, whatever address is recorded. */
  fixedAddress: string | null
  /** Still for customers to read. */
  isPublic: boolean
  news: TicketNews | null
  notification: { title: string; body: string } | null
}

/** The first words of the name: staff are on first-name terms with customers (X10). */
const firstName = (name: string | null): string | null => name?.split(' ')[0] || null

/** What a delivery is about, as it is now: a message that was edited within the hold goes out as it stands. Null: there is none. */
export async function readSending(db: EntityManager, deliveryId: string): Promise<Sending | null> {
  const [row] = await db.query(
    `select d.id, d.state, d.round, d.attempts, d.occasion, d.message_id, d.ticket_id, d.notification_id, d.recipient_id, d.fixed_address,
       t.number, t.subject, t.status, i.number as merged_into, m.body, m.visibility, m.is_resolution, p.kind as author_kind, p.name as author,
       n.title as news_title, n.body as news_body
     from support.message_delivery d
     left join support.ticket t on t.id = d.ticket_id
     left join support.ticket i on i.id = t.merged_into_id
     left join support.ticket_message m on m.id = d.message_id
     left join access.person p on p.id = m.author_id
     left join support.notification n on n.id = d.notification_id
     where d.id = $1`,
    [deliveryId],
  )
  if (!row) return null
  const isPublic = row.message_id === null || row.visibility === 'PUBLIC'
  return {
    id: row.id,
    state: row.state,
    round: row.round,
    attempts: row.attempts,
    occasion: row.occasion,
    messageId: row.message_id,
    ticketId: row.ticket_id,
    notificationId: row.notification_id,
    recipientId: row.recipient_id,
    fixedAddress: row.fixed_address,
    isPublic,
    news: row.number === null ? null : newsOf(row, isPublic),
    notification: row.notification_id && { title: row.news_title ?? '', body: row.news_body ?? '' },
  }
}

/** A private body is not even read on. */
const newsOf = (row: Record<string, unknown>, isPublic: boolean): TicketNews => ({
  occasion: row.occasion as DeliveryOccasion,
  number: row.number as string,
  subject: row.subject as string,
  body: isPublic ? (row.body as string | null) : null,
  // Told while the ticket stands so; one that was opened again since was not resolved by it.
  isResolution: row.is_resolution === true && ['RESOLVED', 'CLOSED'].includes(String(row.status)),
  mergedInto: row.merged_into as string | null,
  isStranger: prefixOf(row.recipient_id as string) === 'tkt',
  by: row.author_kind === 'STAFF' ? firstName(row.author as string | null) : null,
})

const domainOf = (from: string): string => /@([^\s@<>]+?)>?\s*$/.exec(from)?.[1] ?? 'localhost'

/** Where Message-IDs of ours end. */
export const mailDomain = ({ replyDomain, from }: MailConfig): string => replyDomain ?? domainOf(from)

/**
 * The Message-ID of a delivery: of what it brings, to whom, for which time. Sent again after a crash it is the same; sent again because
 * somebody wanted it, another.
 */
export function mailIdOf(
  { id, messageId, notificationId, ticketId, round }: Omit<Sending, 'news' | 'notification' | 'fixedAddress'>,
  domain: string,
): string {
  const about = messageId ?? notificationId ?? ticketId
  return `${about}.${id.slice(id.indexOf('_') + 1)}.${round}@${domain}`
}

/** Which delivery a Message-ID of ours belongs to; null when it is none of ours. */
export function deliveryOf(mailId: string): { deliveryId: string; round: number } | null {
  const [, key, round] = /^[a-z]{3}_[0-9a-z]+\.([0-9a-f]{24})\.(\d{1,4})@/.exec(mailId) ?? []
  return key && round ? { deliveryId: `dlv_${key}`, round: Number(round) } : null
}

/** So many earlier mails are named. */
const THREAD = 10

/** Mails between this recipient and us about this ticket, oldest first: what mail programs keep threads by. */
async function threadOf(
  db: EntityManager,
  { id, ticketId, recipientId }: Pick<Sending, 'id' | 'ticketId' | 'recipientId'>,
): Promise<string[]> {
  if (ticketId === null) return []
  const rows: { mail_id: string }[] = await db.query(
    `select mail_id from (
       select mail_id, sent_at as at from support.message_delivery
       where ticket_id = $1 and recipient_id = $2 and mail_id is not null and sent_at is not null and id <> $3
       union all
       select mail_id, created_at from support.inbound_mail where ticket_id = $1 and mail_id is not null
         and (person_id = $2 or ($2 = ticket_id and (disposition = 'FOLLOW_UP' or accepted_as is not null)))
     ) thread order by at desc limit $4`,
    [ticketId, recipientId, id, THREAD],
  )
  return rows.map(row => row.mail_id).reverse()
}

type Addressed = Pick<Sending, 'recipientId' | 'ticketId' | 'occasion' | 'fixedAddress'>

/**
 * Where somebody is reached now: whoever opened a ticket without signing in, where they said; a customer where staff noted for this
 * ticket, else where the marketplace recorded. Null: nowhere.
 */
export async function addressFor(
  db: EntityManager,
  { recipientId, ticketId, occasion, fixedAddress }: Addressed,
): Promise<string | null> {
  if (occasion === 'CONTACT_GIVEN_UP') return fixedAddress
  if (prefixOf(recipientId) === 'tkt') {
    const [row] = await db.query('select contact_email as email from support.ticket where id = $1', [
      recipientId,
    ])
    return row?.email ?? null
  }
  const [row] = ticketId
    ? await db.query(
        'select requester_email as email from support.ticket where id = $1 and requester_id = $2',
        [ticketId, recipientId],
      )
    : []
  return row?.email ?? (await addressesOf(db, [recipientId])).get(recipientId)?.email ?? null
}

/** What opens a stranger's ticket again, for the address that it has now; null where no token opens it. */
async function tokenFor(
  db: EntityManager,
  { ticketId, occasion }: Addressed,
  { tickets }: Services,
): Promise<string | null> {
  if (occasion !== 'CONTACT_CHANGED') return null
  const [row] = await db.query(
    `select access_round as round from support.ticket where id = $1 and is_unverified and opened_by_kind = 'ANONYMOUS'`,
    [ticketId],
  )
  return row && tickets ? tickets.sign(ticketId!, row.round) : null
}

/** The mail of a delivery. Nothing of it depends on how often it is made, while what it says and whom it is from stay. */
export async function composed(
  db: EntityManager,
  sending: Sending,
  { from, to, services, now }: { from: string; to: string; services: Services; now: Date },
): Promise<Mail> {
  const { news, notification } = sending
  // Who is not to read the ticket any more is not told how to write to it.
  const isGivenUp = sending.occasion === 'CONTACT_GIVEN_UP'
  const answerTo = news && !isGivenUp ? replyAddressOf(news.number, services) : null
  const token = await tokenFor(db, sending, services)
  const words = news ? ticketMail(news, { takesAnswers: answerTo !== null, token }) : newsMail(notification!)
  const byPerson = sending.occasion === 'MESSAGE'
  return {
    mailId: mailIdOf(sending, mailDomain(services.config.mail)),
    from,
    to,
    replyTo: answerTo,
    returnTo: answerTo,
    ...words,
    references: isGivenUp ? [] : await threadOf(db, sending),
    headers: {
      ...(byPerson ? {} : { 'Auto-Submitted': 'auto-generated' }),
      'X-Auto-Response-Suppress': 'All',
      'X-Opsgraph': sending.id,
    },
    date: now,
  }
}
