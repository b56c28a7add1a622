import type { IncomingMessage, ServerResponse } from 'node:http'
import type { DataSource } from 'typeorm'
import { isLocal } from '#gateway/ide.js'
import { escapeHtml } from '#shared/text.js'

/** Where mail that MAIL=mailbox kept is looked at. */
const MAILBOX_PATH = '/mailbox'
const SHOWN = 100

interface Kept {
  number: string
  at: Date
  mail: {
    mailId: string
    from: string
    to: string
    replyTo: string | null
    subject: string
    text: string
    html: string
    references: string[]
    headers: Record<string, string>
  }
}

const COMMON = {
  'cache-control': 'no-store',
  'content-type': 'text/html; charset=utf-8',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}
const PAGE = {
  ...COMMON,
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
}
/** A mail is a stranger's page: nothing in it runs, loads, or leads away. */
const MAIL = {
  ...COMMON,
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox",
}

const page = (title: string, content: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body { font-family: sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem }
table { border-collapse: collapse; width: 100% } td, th { border-bottom: 1px solid #ddd; padding: .4rem; text-align: left }
pre { white-space: pre-wrap; background: #f6f6f6; padding: 1rem } iframe { border: 1px solid #ddd; height: 24rem; width: 100% }</style>
</head><body>${content}</body></html>`

/** What would have gone out, newest first: for a development machine, and for who opens it there. */
export class Mailbox {
  constructor(readonly db: Pick<DataSource, 'query'>) {}

  /** @returns false when the path is none of the mailbox's, or the page was reached under a foreign name */
  async answer(path: string, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const [, number, html] = /^\/mailbox(?:\/(\d{1,15})(\.html)?)?$/.exec(path) ?? [null]
    if (!path.startsWith(MAILBOX_PATH) || !isLocal(request)) return false
    if (path === MAILBOX_PATH) {
      response.writeHead(200, PAGE).end(await this.#list())
      return true
    }
    const [kept]: Kept[] = number
      ? await this.db.query('select number, at, mail from support.mailbox where number = $1', [number])
      : []
    if (!kept) return false
    if (html) response.writeHead(200, MAIL).end(kept.mail.html)
    else response.writeHead(200, PAGE).end(shown(kept))
    return true
  }

  async #list(): Promise<string> {
    const all: Kept[] = await this.db.query(
      'select number, at, mail from support.mailbox order by number desc limit $1',
      [SHOWN],
    )
    const rows = all.map(
      ({ number, at, mail }) =>
        `<tr><td>${escapeHtml(at.toISOString())}</td><td>${escapeHtml(mail.to)}</td><td><a href="${MAILBOX_PATH}/${Number(number)}">${escapeHtml(mail.subject)}</a></td></tr>`,
    )
    const list = rows.length
      ? `<table><tr><th>When (UTC)</th><th>To</th><th>Subject</th></tr>${rows.join('')}</table>`
      : '<p>Nothing went out yet. What customers are told waits some seconds, so that it can be recalled.</p>'
    return page('Mailbox', `<h1>Mailbox</h1>${list}`)
  }
}

function shown({ number, at, mail }: Kept): string {
  const headers: [string, string | null][] = [
    ['Subject', mail.subject],
    ['From', mail.from],
    ['To', mail.to],
    ['Reply-To', mail.replyTo],
    ['Date', at.toISOString()],
    ['Message-ID', `<${mail.mailId}>`],
    ['References', mail.references.map(id => `<${id}>`).join(' ')],
    ...Object.entries(mail.headers),
  ]
  const rows = headers
    .filter(([, value]) => value)
    .map(([name, value]) => `<tr><th>${escapeHtml(name)}</th><td>${escapeHtml(value!)}</td></tr>`)
  return page(
    mail.subject,
    `<p><a href="${MAILBOX_PATH}">All mail</a></p><h1>${escapeHtml(mail.subject)}</h1><table>${rows.join('')}</table>
<h2>Text</h2><pre>${escapeHtml(mail.text)}</pre>
<h2>HTML</h2><iframe sandbox src="${MAILBOX_PATH}/${Number(number)}.html" title="The mail as HTML"></iframe>`,
  )
}
