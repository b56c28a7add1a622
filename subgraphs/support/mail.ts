import type { EntityManager } from 'typeorm'
import type { MailConfig } from '#shared/config.js'
import type { DeliveryOccasion, DeliveryState } from '#shared/events/mail.js'
import { prefixOf } from '#shared/id.js'
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
    `select d.id, d.state, d.round, d.attempts, d.occasion, d.message_id, d.ticket_id, d.notification_id, d.recipient_id,
       t.number, t.subject, m.body, m.visibility, m.is_resolution, p.kind as author_kind, p.name as author,
       n.title as news_title, n.body as news_body
     from support.message_delivery d
     left join support.ticket t on t.id = d.ticket_id
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
  isResolution: row.is_resolution === true,
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
  { id, messageId, notificationId, ticketId, round }: Omit<Sending, 'news' | 'notification'>,
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
         and (person_id = $2 or ($2 = ticket_id and disposition = 'FOLLOW_UP'))
     ) thread order by at desc limit $4`,
    [ticketId, recipientId, id, THREAD],
  )
  return rows.map(row => row.mail_id).reverse()
}

/** One plain address, which no header can be made of. */
export const isAddress = (text: string): boolean =>
  /^[^\s@<>,;:"()[\]\\]{1,64}@[^\s@<>,;:"()[\]\\]{1,253}$/.test(text)

/** Where a person is reached, or who opened this ticket without signing in; null: nowhere. */
export async function addressFor(db: EntityManager, recipientId: string): Promise<string | null> {
  if (prefixOf(recipientId) === 'tkt') {
    const [row] = await db.query('select contact_email as email from support.ticket where id = $1', [
      recipientId,
    ])
    return row?.email ?? null
  }
  return (await addressesOf(db, [recipientId])).get(recipientId)?.email ?? null
}

/** The mail of a delivery. Nothing of it depends on how often it is made. */
export async function composed(
  db: EntityManager,
  sending: Sending,
  { to, config, now }: { to: string; config: MailConfig; now: Date },
): Promise<Mail> {
  const { news, notification } = sending
  const answerTo = news && config.replyDomain ? await replyAddressOf(news.number, config.replyDomain) : null
  const words = news ? ticketMail(news, answerTo !== null) : newsMail(notification!)
  const byPerson = sending.occasion === 'MESSAGE'
  return {
    mailId: mailIdOf(sending, mailDomain(config)),
    from: config.from,
    to,
    replyTo: answerTo,
    returnTo: answerTo,
    ...words,
    references: await threadOf(db, sending),
    headers: {
      ...(byPerson ? {} : { 'Auto-Submitted': 'auto-generated' }),
      'X-Auto-Response-Suppress': 'All',
      'X-Opsgraph': sending.id,
    },
    date: now,
  }
}
