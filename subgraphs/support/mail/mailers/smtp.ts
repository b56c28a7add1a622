import type { Transporter } from 'nodemailer'
import { type Mail, type Mailer, MailFailure } from './mailer.js'

/** Longer than any server needs to say something, and shorter than what a reaction may take, ms. */
const PATIENCE = { connect: 5_000, quiet: 8_000, whole: 12_000 }
const MOST_WORDS = 500

type SmtpError = Error & { code?: string; responseCode?: number; response?: string; command?: string }

const isHere = (hostname: string): boolean => ['localhost', '127.0.0.1', '[::1]', '::1'].includes(hostname)

async function transportOf(smtpUrl: string): Promise<Transporter> {
  const { createTransport } = await import('nodemailer')
  const { username, hostname } = new URL(smtpUrl)
  return createTransport({
    url: smtpUrl,
    connectionTimeout: PATIENCE.connect,
    greetingTimeout: PATIENCE.connect,
    dnsTimeout: PATIENCE.connect,
    socketTimeout: PATIENCE.quiet,
    // A password never goes in the clear over a network.
    requireTLS: username !== '' && !isHere(hostname),
    disableFileAccess: true,
    disableUrlAccess: true,
  } as never) as unknown as Transporter
}

/** Refused where the sender is named, or later with a code that says so (RFC 3463; 5.7.60 is Exchange's). */
const isOfSender = ({ command, responseCode = 0, response = '' }: SmtpError): boolean =>
  responseCode >= 500 && (command === 'MAIL FROM' || /\b5\.(1\.[78]|7\.60)\b/.test(response))

/** What went wrong, in the terms of SMTP: 5xx is final, 4xx and everything about the connection passes. */
function failureOf(error: unknown): MailFailure {
  const { code, responseCode, response, message } = error as SmtpError
  const said = (response ?? message ?? String(error)).replace(/\s+/g, ' ').slice(0, MOST_WORDS)
  if (responseCode)
    return new MailFailure(String(responseCode), said, responseCode >= 500, isOfSender(error as SmtpError))
  // The address itself is not one: no server was asked.
  if (code === 'EENVELOPE') return new MailFailure(code, said, true)
  return new MailFailure(code ?? 'EUNKNOWN', said, false)
}

/** By the mail server of `SMTP_URL`: one connection for each mail, so that nothing is left of one that failed. */
export class Smtp implements Mailer {
  #transport: Promise<Transporter> | null = null

  constructor(readonly smtpUrl: string) {}

  async send(mail: Mail, signal: AbortSignal): Promise<string | null> {
    const transport = await this.#opened()
    const info = await inTime(transport.sendMail(toNodemailer(mail)), signal)
    return info.response?.slice(0, 200) ?? null
  }

  async greet(signal: AbortSignal): Promise<void> {
    const transport = await this.#opened()
    await inTime(transport.verify(), signal)
  }

  #opened(): Promise<Transporter> {
    this.#transport ??= transportOf(this.smtpUrl)
    return this.#transport
  }
}

/** @throws MailFailure for whatever went wrong, time included */
async function inTime<T>(doing: Promise<T>, signal: AbortSignal): Promise<T> {
  // Whoever gave up waiting does not hear of it any more.
  doing.catch(() => {})
  try {
    return await Promise.race([doing, tooLong(signal)])
  } catch (error) {
    throw error instanceof MailFailure ? error : failureOf(error)
  }
}

/** A server that never answers. */
function tooLong(signal: AbortSignal): Promise<never> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE.whole)])
  return new Promise((_, reject) =>
    limit.addEventListener('abort', () =>
      reject(new MailFailure('ETIMEDOUT', 'The mail server did not answer in time.', false)),
    ),
  )
}

const bracketed = (id: string): string => `<${id}>`

const toNodemailer = ({ from, to, replyTo, returnTo, references, mailId, ...mail }: Mail): object => ({
  ...mail,
  from,
  to: { name: '', address: to },
  ...(replyTo && { replyTo }),
  ...(returnTo && { envelope: { from: returnTo, to } }),
  messageId: bracketed(mailId),
  ...(references.length && {
    inReplyTo: bracketed(references.at(-1)!),
    references: references.map(bracketed).join(' '),
  }),
})
