import { ANSWER_ABOVE } from '#shared/mail-mark.js'
import { tidied } from '#shared/text.js'

/** Text of a stranger as inputs take it, at most so many characters. */
export function cleanText(text: string, most: number): string {
  return [...tidied(text).slice(0, most * 2)].slice(0, most).join('').trim()
}

export const cleanLine = (text: string, most: number): string => cleanText(text.replace(/\s+/g, ' '), most)

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
}

function decoded(text: string): string {
  return text.replace(/&(#x[0-9a-f]{1,6}|#\d{1,7}|[a-z]{2,6});/gi, (whole, name: string) => {
    if (!name.startsWith('#')) return ENTITIES[name.toLowerCase()] ?? whole
    const code = name[1]?.toLowerCase() === 'x' ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1))
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : ''
  })
}

/** What begins or ends a line of text. */
const BREAKS = new Set(['br', 'p', 'div', 'li', 'tr', 'h1', 'h2', 'h3', 'h4', 'blockquote', 'hr', 'table'])
/** What holds no text. */
const SILENT = new Set(['style', 'script', 'head', 'title'])
/** More HTML than this says nothing new. */
const MOST_HTML = 1_000_000

/** The words of an HTML mail, for mail that has no plain text. Walks through it once, whatever is in it. */
export function textOfHtml(html: string): string {
  const source = html.slice(0, MOST_HTML)
  const lower = source.toLowerCase()
  const words: string[] = []
  let at = 0
  while (at < source.length) {
    const open = source.indexOf('<', at)
    if (open < 0) break
    words.push(source.slice(at, open).replace(/\s+/g, ' '))
    const close = source.indexOf('>', open)
    if (close < 0) return decoded(words.join(''))
    const [, name = ''] = /^<\/?([a-z0-9]+)/.exec(lower.slice(open, open + 20)) ?? []
    if (BREAKS.has(name)) words.push('\n')
    const end = SILENT.has(name) && lower[open + 1] !== '/' ? lower.indexOf(`</${name}`, close) : close
    if (end < 0) return decoded(words.join(''))
    at = end === close ? close + 1 : end
  }
  words.push(source.slice(at).replace(/\s+/g, ' '))
  return decoded(words.join('')).replace(/\n{3,}/g, '\n\n')
}

const INTRODUCTION =
  /^(on|am|le|el|il|op|den)\b.{3,250}(wrote|schrieb|a écrit|escribió|ha scritto|schreef|skrev)\b.{0,80}:\s*$/i
const FORWARDED = /^-{2,}\s*(original message|forwarded message|ursprüngliche nachricht|message d'origine)\b/i
const HEADER = /^\*?(from|von|de)\*?:\s.+@/i
const HEADERS = /^\*?(sent|date|to|subject|gesendet|an|betreff|datum)\*?:\s/i

/** Whether what somebody quotes begins at this line. */
function beginsQuote(lines: readonly string[], at: number): boolean {
  const line = lines[at]!.trim()
  if (line.includes(ANSWER_ABOVE) || line === '--' || FORWARDED.test(line)) return true
  if (INTRODUCTION.test(line) || INTRODUCTION.test(`${line} ${lines[at + 1]?.trim() ?? ''}`)) return true
  return HEADER.test(line) && lines.slice(at + 1, at + 4).some(next => HEADERS.test(next.trim()))
}

/**
 * What somebody added to a mail, without what they quote: everything before our mark, before an introduction such as `On … wrote:`, a
 * header of a forwarded mail or a signature (`-- `), and without quoted lines at the end. Empty when they wrote between or below.
 */
export function withoutQuotes(text: string): string {
  const lines = text.split('\n')
  const cut = lines.findIndex((_, at) => beginsQuote(lines, at))
  const own = cut < 0 ? lines : lines.slice(0, cut)
  let end = own.length
  while (end > 0 && /^\s*(>|$)/.test(own[end - 1]!)) end--
  return own.slice(0, end).join('\n').trim()
}
