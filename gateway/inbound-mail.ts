import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { GraphQLError } from 'graphql'
import type { Address, Attachment, addressParser, Email } from 'postal-mime'
import { gatewayError } from '#gateway/errors.js'
import { readBody, sendJson } from '#gateway/http.js'
import type { Run } from '#gateway/live-hub.js'
import { filesIn, type MailFiles, MailStore } from '#gateway/mail-files.js'
import { cleanLine, cleanText, textOfHtml, withoutQuotes } from '#gateway/mail-text.js'
import { Turns } from '#gateway/turns.js'
import type { Config, MailConfig } from '#shared/config.js'
import { systemIdentity } from '#shared/identity.js'
import type { Logger } from '#shared/log.js'
import { Role } from '#shared/roles.js'

/** Where a mail server brings mail. */
export const INBOUND_MAIL_PATH = '/inbound/mail'
/** The whole mail, attachments included. */
const MAX_MAIL_BYTES = 10 * 1024 * 1024
const MOST = { body: 100_000, said: 18_000, subject: 300, recipients: 100 }
/** Mails that are in memory at one time; each is there about three times, as it came, read, and in parts. */
const MOST_AT_ONCE = 4

const RECEIVE = `mutation ($input: ReceiveMailInput!) {
  receiveMail(input: $input) { events { type } mail { disposition } userErrors { code message } } }`

/** Takes in mail, whole as it came; what becomes of it the support subgraph decides, wherever that runs. */
export class InboundMail {
  readonly #turns = new Turns(MOST_AT_ONCE)
  readonly #store: MailStore | null

  /** @param files where they lie; null where nothing says so: then none are taken */
  constructor(
    readonly mail: MailConfig | undefined,
    readonly files: Pick<Config, 'dataDir' | 'files'> | null,
    readonly run: Run,
    readonly log: Logger,
  ) {
    this.#store = files && new MailStore(files)
  }

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
    await this.#turns.take(async () => {
      const raw = await readBody(request, MAX_MAIL_BYTES)
      await this.#take(await readMail(raw, request.headers['x-envelope-to']), requestId)
    })
    sendJson(response, 200, { received: true })
  }

  /** Files are there before the mail is, so that a mail never speaks of what was lost; and are not put there twice. */
  async #take(mail: ReadMail, requestId: string): Promise<void> {
    const { email, input } = mail
    const tried = await this.#receive({ ...input, files: [], dryRun: true }, requestId)
    if (tried.events.length === 0) return
    const { taken, ...words } = await this.#filesOf(email, input.mailId, tried.mail?.disposition === 'BOUNCE')
    await this.#stored(() => this.#store?.put(taken))
    const told = taken.map(({ content, ...facts }) => facts)
    try {
      await this.#receive({ ...input, ...words, taken: told }, requestId)
    } catch (error) {
      // What may be brought again is needed then.
      if (isFinal(error)) await this.#stored(() => this.#store?.forget(taken))
      throw error
    }
  }

  async #filesOf(email: Email, mailId: string, isBounce: boolean): Promise<MailFiles> {
    if (!this.files) return { files: [], refused: [], taken: [] }
    const found = await filesIn(email, mailId, this.files, isReportIn(email))
    // What a mail server says of a mail of ours is read, and nobody sends files by it.
    return isBounce ? { ...found, taken: [], refused: found.files } : found
  }

  async #stored(work: () => Promise<void> | undefined): Promise<void> {
    try {
      await work()
    } catch (err) {
      this.log.error({ err }, 'the store of files failed')
      throw unavailable()
    }
  }

  async #receive(input: object, requestId: string): Promise<Received> {
    const { data, errors } = await this.run(
      { query: RECEIVE, variables: { input } },
      { identity: systemIdentity(Role.SYSTEM), requestId, surface: 'mail', site: null },
    )
    const payload = data?.receiveMail as Received | null | undefined
    if (errors?.length || !payload) throw unavailable()
    const [refused] = payload.userErrors
    if (refused) throw gatewayError('BAD_REQUEST', `This mail is not taken: ${refused.message}`)
    return payload
  }
}

interface Received {
  /** None: it was there already. */
  events: object[]
  mail: { disposition: string } | null
  userErrors: { message: string }[]
}

const unavailable = () =>
  gatewayError('SUBGRAPH_UNAVAILABLE', 'It could not be written down right now. Bring it again.', 503)

const isFinal = (error: unknown): boolean =>
  error instanceof GraphQLError && error.extensions.code === 'BAD_REQUEST'

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

const isBearer = (header: string | undefined, secret: string): boolean =>
  timingSafeEqual(digest(header ?? ''), digest(`Bearer ${secret}`))

/** A mail, and what `receiveMail` takes of it besides its files. */
interface ReadMail {
  email: Email
  input: { mailId: string }
}

/** @throws GraphQLError BAD_REQUEST when it is no mail */
async function readMail(raw: Buffer, envelopeTo: string | string[] | undefined): Promise<ReadMail> {
  const { default: PostalMime, addressParser: parse } = await import('postal-mime')
  const email = await PostalMime.parse(raw, { maxNestingDepth: 50 }).catch((error: Error) => {
    throw gatewayError('BAD_REQUEST', `The body is not a mail that can be read: ${error.message}`)
  })
  const from = senderOf(email, parse)
  if (from === null) throw gatewayError('BAD_REQUEST', 'The body is not a mail: it has no From.')
  const body = cleanText(email.text ?? (email.html ? textOfHtml(email.html) : ''), MOST.body)
  const input = {
    mailId: mailIdOf(email, raw),
    from,
    recipients: recipientsOf(email, envelopeTo),
    subject: orNull(cleanLine(email.subject ?? '', MOST.subject)),
    body: orNull(body),
    said: orNull(cleanText(withoutQuotes(body), MOST.said)),
    automatic: isAutomatic(email),
    ...bounceIn(email, raw),
  }
  return { email, input }
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

/** Whether a mail server tells what became of another mail (RFC 3462). */
const isReportIn = (email: Email): boolean =>
  valuesOf(email, 'content-type').some(value => /^multipart\/report\b/i.test(value))

/** Whether a machine wrote it (RFC 3834): such mail is never answered, and is no answer. */
function isAutomatic(email: Email): boolean {
  const says = (key: string, pattern: RegExp) => valuesOf(email, key).some(value => pattern.test(value))
  return (
    says('auto-submitted', /^(?!no\b)./i) ||
    says('precedence', /^(bulk|junk|list|auto_reply)\b/i) ||
    says('return-path', /^<\s*>$/) ||
    isReportIn(email) ||
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
