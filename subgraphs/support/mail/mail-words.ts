import type { DeliveryOccasion } from '#shared/events/mail.js'
import { ANSWER_ABOVE } from '#shared/mail-mark.js'
import { escapeHtml, maskedAddress } from '#shared/text.js'
import type { Words } from '../notifications/notification-words.js'

/** What there is to tell about a ticket. */
export interface TicketNews {
  occasion: DeliveryOccasion
  number: string
  subject: string
  /** The message, where there is one. */
  body: string | null
  isResolution: boolean
  /** What a customer may call who wrote it; null: support. */
  by: string | null
  /** The number of the ticket that it went into; null: into none. */
  mergedInto: string | null
  /** Whoever is told opened it without signing in: they have the mails, and what opens it, and no app. */
  isStranger: boolean
}

/** How it is told: in the app, or by a mail that somebody can answer, or not. */
type Way = 'APP' | 'MAIL' | 'MAIL_WITHOUT_ANSWER'

const MOST_TITLE = 200
const MOST_BODY = 5_000

const cut = (text: string, most: number): string => {
  const characters = [...text]
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`
}

/** One line: what tells of a ticket, in a list of notifications or mails. */
function headlineOf({ occasion, isResolution, number, mergedInto }: TicketNews): string {
  if (occasion === 'CLOSED') return mergedInto ? `${number} goes on as ${mergedInto}` : `${number} was closed`
  if (occasion === 'REOPENED') return `${number} was opened again`
  if (occasion === 'CONTACT_CHANGED') return `${number} is answered to this address now`
  return isResolution ? `${number} was resolved` : `Answer to ${number}`
}

/** What who does not think that it is over can do: a closed ticket takes no answers in the app, and a mail opens it again. */
function wayBack({ isStranger }: TicketNews, way: Way): string {
  if (way === 'APP') return 'open it again'
  const again = `open it again ${isStranger ? 'where you opened it' : 'in the app'}`
  return way === 'MAIL' ? `answer this mail, or ${again}` : again
}

function closedWords(news: TicketNews, way: Way): string {
  const { subject, mergedInto } = news
  if (mergedInto)
    return `Your ticket "${subject}" is about the same matter as ${mergedInto}: we go on there, and this one was closed.`
  return `Your ticket "${subject}" was closed. If it is not over, ${wayBack(news, way)}.`
}

/** What is said, without what only mails need. */
function saidIn(news: TicketNews, way: Way): string {
  const { occasion, subject, body, isResolution } = news
  if (occasion === 'CLOSED') return closedWords(news, way)
  if (occasion === 'REOPENED') return `Your ticket "${subject}" is open again. We are looking at it.`
  if (occasion === 'CONTACT_CHANGED')
    return `Answers about your ticket "${subject}" come to this address from now on. If it is not yours, tell us.`
  return isResolution ? `${body}\n\nIf this does not solve it, simply answer.` : (body ?? '')
}

/** D27: what the app says. */
export const appWords = (news: TicketNews): Words => ({
  title: cut(`${headlineOf(news)}: ${news.subject}`, MOST_TITLE),
  body: cut(saidIn(news, 'APP'), MOST_BODY),
})

/** Which template a notification of it bears. */
export const templateOf = (occasion: DeliveryOccasion): string =>
  occasion === 'MESSAGE' ? 'TICKET_ANSWERED' : `TICKET_${occasion}`

/** What a customer does that whoever works on the ticket should know. */
export type FollowUp = 'REOPENED' | 'WROTE' | 'WITHDREW'

const FOLLOW_UPS: Record<FollowUp, (number: string) => string> = {
  REOPENED: number => `${number} was opened again`,
  WROTE: number => `The customer wrote on ${number}`,
  WITHDREW: number => `The customer withdrew ${number}`,
}

/** D51: what whoever works on a ticket is told. */
export const followUpWords = (number: string, subject: string, kind: FollowUp): Words => ({
  title: cut(FOLLOW_UPS[kind](number), MOST_TITLE),
  body: cut(subject, MOST_BODY),
})

const OF_SENDER =
  'The mail server does not take the address that it is from: it is sent again by itself once its channel is verified.'
const OF_RECIPIENT =
  'Check the address of the customer and the settings for mail, then send it again: redeliverTicketMessage.'

/** D58: never silently. */
export const failureWords = (
  number: string | null,
  {
    code,
    bounced,
    senderRefused,
    error,
  }: { code: string; bounced: boolean; senderRefused?: boolean; error?: string },
): Words => ({
  title: `A mail ${number ? `about ${number} ` : ''}did not get through`,
  body: cut(
    `${bounced ? 'It came back' : 'It was refused'} (${code})${error ? `: ${error}` : '.'}\n${senderRefused ? OF_SENDER : OF_RECIPIENT}`,
    MOST_BODY,
  ),
})

/** D58: mail from a channel does not leave. */
export const channelFailureWords = (
  name: string,
  {
    fromAddress,
    code,
    refused,
    error,
  }: { fromAddress: string; code: string; refused: boolean; error?: string },
): Words => ({
  title: cut(`Mail from ${name} ${refused ? 'is refused' : 'could not be verified'}`, MOST_TITLE),
  body: cut(
    `The mail server ${refused ? 'does not take' : 'could not be asked about'} mail from ${fromAddress} (${code})${error ? `: ${error}` : '.'}\nPut the address or the mail server right, then verifySupportChannel: what failed for it within the last days is sent again by itself. Everything that failed is in messageDeliveries(filter: { state: FAILED }).`,
    MOST_BODY,
  ),
})

/** D57: what the customer and who works on the ticket are told; the address only so far that they recognise it. */
export function contactWords(number: string, email: string | null): { customer: Words; staff: Words } {
  const where = email ? maskedAddress(email) : 'the address that is recorded'
  const title = `Answers about ${number} go to another address`
  return {
    customer: {
      title,
      body: `From now on mail about ${number} goes to ${where}. If you did not ask for that, tell us at once, in the app.`,
    },
    staff: {
      title,
      body: `Mail about ${number} goes to ${where} from now on. What failed before is sent there with redeliverTicketMessage.`,
    },
  }
}

/** What a mail says. */
export interface MailWords {
  subject: string
  text: string
  html: string
}

const escaped = (text: string): string => escapeHtml(text).replaceAll('\n', '<br>\n')

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim()

const page = (blocks: readonly string[], footer: string): string => `<!doctype html>
<html><body style="font-family: sans-serif; line-height: 1.5">
${blocks.map(block => `<p>${escaped(block)}</p>`).join('\n')}
<hr><p style="color: #666; font-size: smaller">${escaped(footer)}</p>
</body></html>`

function written(subject: string, blocks: readonly string[], footer: string): MailWords {
  return {
    subject: cut(oneLine(subject), 180),
    text: `${blocks.join('\n\n')}\n\n-- \n${footer}\n`,
    html: page(blocks, footer),
  }
}

/** What who is reached at another address now is told at the old one: nothing of what it is about. */
const givenUpMail = ({ number }: TicketNews): MailWords =>
  written(
    `[${number}] Another address`,
    [
      `Answers about ${number} do not come to this address any more, and the code that opened it does not open it any more.`,
      'If you did not ask for that, write to us.',
    ],
    `Ticket ${number}.`,
  )

/**
 * D28: a mail about a ticket. The subject is always the ticket's, so that mail programs keep the thread together.
 * @param token what opens the ticket again, for who did not sign in and got another address
 */
export function ticketMail(
  news: TicketNews,
  { takesAnswers, token }: { takesAnswers: boolean; token: string | null },
): MailWords {
  if (news.occasion === 'CONTACT_GIVEN_UP') return givenUpMail(news)
  const opening = takesAnswers ? [`-- ${ANSWER_ABOVE} --`] : []
  const headline = news.occasion === 'MESSAGE' && !news.isResolution ? [] : [`${headlineOf(news)}.`]
  const by = news.occasion === 'MESSAGE' && news.by ? [news.by] : []
  const footer = takesAnswers
    ? `Ticket ${news.number}. Answer this mail to write to us.`
    : `Ticket ${news.number}. Answer where you opened it; answers to this mail are not read.`
  const code = token
    ? [`This code opens it where you opened it; those before do not any more:\n${token}`]
    : []
  const blocks = [
    ...opening,
    ...headline,
    saidIn(news, takesAnswers ? 'MAIL' : 'MAIL_WITHOUT_ANSWER'),
    ...by,
    ...code,
  ]
  return written(`[${news.number}] ${news.subject}`, blocks, footer)
}

/** A mail with what the app said. */
export const newsMail = ({ title, body }: Words): MailWords =>
  written(title, [body], 'You find this in the app too. Answers to this mail are not read.')

/** D58: what who asks for a verification gets. */
export const channelTestMail = ({ name, fromAddress }: { name: string; fromAddress: string }): MailWords =>
  written(
    `Mail from ${name} works`,
    [`You asked whether the mail server takes mail from ${fromAddress}. It did: you read it.`],
    'Answers to this mail are not read.',
  )
