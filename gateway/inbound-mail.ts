import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Address, Attachment, addressParser, Email } from 'postal-mime'
import { gatewayError } from '#gateway/errors.js'
import { readBody, sendJson } from '#gateway/http.js'
import type { Run } from '#gateway/live-hub.js'
import { cleanLine, cleanText, textOfHtml, withoutQuotes } from '#gateway/mail-text.js'
import type { MailConfig } from '#shared/config.js'
import { systemIdentity } from '#shared/identity.js'
import { Role } from '#shared/roles.js'

/** Where a mail server brings mail. */
export const INBOUND_MAIL_PATH = '/inbound/mail'
/** The whole mail, attachments included. */
const MAX_MAIL_BYTES = 10 * 1024 * 1024
const MOST = { body: 100_000, said: 18_000, subject: 300, recipients: 100, files: 100 }

const RECEIVE = `mutation ($input: ReceiveMailInput!) {
  receiveMail(input: $input) { replayed userErrors { code message } } }`

/** Takes in mail, whole as it came; what becomes of it the support subgraph decides, wherever that runs. */
export class InboundMail {
  constructor(
    readonly mail: MailConfig | undefined,
    readonly run: Run,
  ) {}

  /** @throws GraphQLError with the status: 404 not configured, 405, 401 without the secret, 413, 400 no mail, 503 bring it again */
  async receive(request: IncomingMessage, response: ServerResponse, requestId: string): Promise<void> {
    const secret = this.mail?.inboundSecret
    if (!secret)
      throw gatewayError('NOT_FOUND', 'Mail is not taken here: MAIL_INBOUND_SECRET is not set.', 404)
    if (request.method !== 'POST') {
      response.setHeader('allow', 'POST')
      throw gatewayError('BAD_REQUEST', `Mail comes by POST, not by ${request.method}.`, 405)
    }
    if (!isBearer(request.headers.authorization, secret))
      throw gatewayError(
        'UNAUTHENTICATED',
        'Show the secret: "Authorization: Bearer <MAIL_INBOUND_SECRET>".',
        401,
      )
    const raw = await readBody(request, MAX_MAIL_BYTES)
    await this.#take(await readMail(raw, request.headers['x-envelope-to']), requestId)
    sendJson(response, 200, { received: true })
  }

  async #take(input: object, requestId: string): Promise<void> {
    const { data, errors } = await this.run(
      { query: RECEIVE, variables: { input } },
      { identity: systemIdentity(Role.SYSTEM), requestId, surface: 'mail', site: null },
    )
    const payload = data?.receiveMail as { userErrors: { message: string }[] } | null | undefined
    if (errors?.length || !payload)
      throw gatewayError(
        'SUBGRAPH_UNAVAILABLE',
        'It could not be written down right now. Bring it again.',
        503,
      )
    const [refused] = payload.userErrors
    if (refused) throw gatewayError('BAD_REQUEST', `This mail is not taken: ${refused.message}`)
  }
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

const isBearer = (header: string | undefined, secret: string): boolean =>
  timingSafeEqual(digest(header ?? ''), digest(`Bearer ${secret}`))

/** What `receiveMail` takes. @throws GraphQLError BAD_REQUEST when it is no mail */
async function readMail(raw: Buffer, envelopeTo: string | string[] | undefined): Promise<object> {
  const { default: PostalMime, addressParser: parse } = await import('postal-mime')
  const email = await PostalMime.parse(raw, { maxNestingDepth: 50 }).catch((error: Error) => {
    throw gatewayError('BAD_REQUEST', `The body is not a mail that can be read: ${error.message}`)
  })
  const from = senderOf(email, parse)
  if (from === null) throw gatewayError('BAD_REQUEST', 'The body is not a mail: it has no From.')
  const body = cleanText(email.text ?? (email.html ? textOfHtml(email.html) : ''), MOST.body)
  return {
    mailId: mailIdOf(email, raw),
    from,
    recipients: recipientsOf(email, envelopeTo),
    subject: orNull(cleanLine(email.subject ?? '', MOST.subject)),
    body: orNull(body),
    said: orNull(cleanText(withoutQuotes(body), MOST.said)),
    files: filesOf(email),
    automatic: isAutomatic(email),
    ...bounceIn(email, raw),
  }
}

const orNull = (text: string): string | null => text || null

const valuesOf = ({ headers }: Email, key: string): string[] =>
  headers.filter(header => header.key === key).map(({ value }) => value.trim())

/** Nobody's: what claims to come from several is from nobody who is known. */
const NOBODY = 'nobody@invalid'

/** Null without any. */
function senderOf(email: Email, parse: typeof addressParser): string | null {
  const senders = valuesOf(email, 'from').flatMap(value => parse(value, { flatten: true }))
  if (senders.length === 0) return null
  return (senders.length === 1 && cleanLine(senders[0]!.address ?? '', 320)) || NOBODY
}

/** Its Message-ID, when it has a good one; else what it consists of. */
function mailIdOf(email: Email, raw: Buffer): string {
  const [, id] = /^<?([^\s<>]{3,900})>?$/.exec(email.messageId?.trim() ?? '') ?? []
  return id ? cleanLine(id, 900) : `${createHash('sha256').update(raw).digest('hex')}@no-message-id.invalid`
}

const addressesIn = (list: readonly Address[] | undefined): string[] =>
  (list ?? []).flatMap(one => (one.group ? one.group.map(({ address }) => address) : [one.address]))

const ADDRESS = /[^\s<>,;:"]{1,80}@[^\s<>,;:"]{1,253}/g
const ENVELOPES = ['delivered-to', 'x-original-to', 'envelope-to', 'x-envelope-to', 'x-forwarded-to']

/** Everybody it was sent to: by its headers, and by the mail server that brings it. */
function recipientsOf(email: Email, envelopeTo: string | string[] | undefined): string[] {
  const envelopes = [...ENVELOPES.flatMap(key => valuesOf(email, key)), envelopeTo ?? []].flat()
  const all = [
    ...envelopes.flatMap(value => value.slice(0, 10_000).match(ADDRESS) ?? []),
    ...[email.to, email.cc, email.bcc].flatMap(addressesIn),
  ]
  return [...new Set(all.map(address => cleanLine(address, 320)).filter(Boolean))].slice(0, MOST.recipients)
}

const sizeOf = ({ content }: Attachment): number =>
  typeof content === 'string' ? content.length : content.byteLength

const isReport = ({ mimeType }: Attachment): boolean => /^(message\/|text\/rfc822-headers)/.test(mimeType)

const filesOf = ({ attachments }: Email): string[] =>
  attachments
    .filter(one => !one.related && !isReport(one))
    .slice(0, MOST.files)
    .map(
      one =>
        `${cleanLine(one.filename ?? 'unnamed', 100) || 'unnamed'} (${Math.max(1, Math.round(sizeOf(one) / 1024))} KB)`,
    )

/** Whether a machine wrote it (RFC 3834): such mail is never answered, and is no answer. */
function isAutomatic(email: Email): boolean {
  const says = (key: string, pattern: RegExp) => valuesOf(email, key).some(value => pattern.test(value))
  return (
    says('auto-submitted', /^(?!no\b)./i) ||
    says('precedence', /^(bulk|junk|list|auto_reply)\b/i) ||
    says('return-path', /^<\s*>$/) ||
    says('content-type', /^multipart\/report\b/i) ||
    ['x-autoreply', 'x-autorespond', 'list-id', 'x-opsgraph'].some(key => says(key, /./)) ||
    /^(mailer-daemon|postmaster)@/i.test(email.from?.address ?? '')
  )
}

const OURS = /<((?:msg|ntf|tkt)_[0-9a-z]{1,60}\.[0-9a-f]{24}\.\d{1,4}@[^\s<>]{1,253})>/

const textOf = ({ content }: Attachment): string =>
  typeof content === 'string' ? content : new TextDecoder().decode(content)

/** Of a report that a mail of ours could not be delivered for good (RFC 3464): which, and why. */
function bounceIn(email: Email, raw: Buffer): { bounceOf?: string; bounceCode?: string } {
  const status = email.attachments.find(({ mimeType }) => mimeType === 'message/delivery-status')
  const report = status ? textOf(status).slice(0, 20_000) : ''
  const [, code] = /^Status:\s*(5\.\d{1,3}\.\d{1,3})/im.exec(report) ?? []
  if (!/^Action:\s*failed/im.test(report) || !code) return {}
  const [, bounceOf] = OURS.exec(raw.toString('latin1')) ?? []
  return bounceOf ? { bounceOf, bounceCode: code } : {}
}
