import { registerEnumType } from 'type-graphql'

/** What a piece of text can be the identifier of (E24 to E29). */
export enum IdentifierKind {
  ID = 'ID',
  EXTERNAL_ID = 'EXTERNAL_ID',
  NUMBER = 'NUMBER',
  TICKET_NUMBER = 'TICKET_NUMBER',
  TRACKING = 'TRACKING',
  STRIPE = 'STRIPE',
  EMAIL = 'EMAIL',
  SLUG = 'SLUG',
  NAME = 'NAME',
}
registerEnumType(IdentifierKind, {
  name: 'IdentifierKind',
  description: 'What a piece of text was recognised as.',
  valuesConfig: {
    ID: { description: "Opsgraph's own id, e.g. ord_4f1c…" },
    EXTERNAL_ID: { description: "The marketplace's id of a recorded entity: hex, UUID, number, anything." },
    NUMBER: { description: 'A number that people say, e.g. order #1234.' },
    TICKET_NUMBER: { description: 'TKT-2026-04881.' },
    TRACKING: { description: "A carrier's tracking number." },
    STRIPE: { description: 'A payment reference: pi_ ch_ re_ dp_ po_ cus_ acct_.' },
    EMAIL: { description: 'An e-mail address.' },
    SLUG: { description: "A store's or organization's short name in addresses." },
    NAME: { description: 'A name or title, in words.' },
  },
})

/** Longest text that is looked at, and longest normal form: an index entry has to fit on a page. */
const MAX_TYPED = 512
const MAX_NORM = 256
/** So many things pasted at once are looked for. */
const MAX_PARTS = 20

const INVISIBLE = /[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]/g
const DASHES = /[\u2010-\u2015\u2212]/g
const QUOTES = /[\u2018\u2019\u201c\u201d"<>]/g

/** What paste and keyboards add, taken away: width, invisible characters, odd dashes, quotes, runs of space. */
export const tidy = (text: string): string =>
  text
    .normalize('NFKC')
    .replace(INVISIBLE, '')
    .replace(DASHES, '-')
    .replace(QUOTES, '')
    .replace(/\s+/g, ' ')
    .trim()

/** Letters and digits alone: how numbers and external ids are compared whatever their spaces, dots, dashes and case. */
const compact = (text: string): string =>
  text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '') || text.toLowerCase()

/** Words in lower case, without accents and punctuation: "O'Brien, José" and "obrien jose" are one. */
const folded = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/[\p{M}'`´]/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()

const ticket = (text: string): string => {
  const [, year, number] = /(\d{4})\D*(\d+)/.exec(text) ?? []
  return year ? `tkt${year}${number!.padStart(5, '0')}` : compact(text)
}

const NORMAL: Record<IdentifierKind, (clean: string) => string> = {
  ID: clean => clean.toLowerCase(),
  EXTERNAL_ID: compact,
  NUMBER: clean => compact(clean).replace(/^0+(?=\d+$)/, ''),
  TICKET_NUMBER: ticket,
  TRACKING: compact,
  STRIPE: clean => clean.replace(/_secret_.*$/i, '').toLowerCase(),
  EMAIL: clean => clean.replace(/^mailto:/i, '').toLowerCase(),
  SLUG: clean => clean.toLowerCase().replace(/[\s_]+/g, '-'),
  NAME: folded,
}

/** The form in which an identifier is stored and looked for. The same code writes and queries. Empty: nothing to find it by. */
export const normalise = (kind: IdentifierKind, text: string): string =>
  [...NORMAL[kind](tidy(text))].slice(0, MAX_NORM).join('')

/** The mailbox behind an address: without `+tag`, and without the dots that Gmail ignores. */
export function mailbox(address: string): string {
  const at = address.lastIndexOf('@')
  const [local, domain] = [address.slice(0, at).replace(/(?<=.)\+.*$/, ''), address.slice(at + 1)]
  return /^(gmail|googlemail)\.com$/.test(domain)
    ? `${local.replaceAll('.', '')}@gmail.com`
    : `${local}@${domain}`
}

/** Kinds that the index knows besides: parts of an identifier that people look for by themselves. */
export type PartKind = 'NAME_WORD' | 'EMAIL_DOMAIN'

/** One spelling under which the index finds a value. */
export interface Spelling {
  kind: IdentifierKind | PartKind
  norm: string
  /** Typo keys; null where typos are not forgiven: a typo in a number is another valid number. */
  near: number[] | null
}

const orNull = (keys: number[]): number[] | null => (keys.length ? keys : null)

/** Every spelling to index a value under: its normal form; of an address also mailbox and domain, of a name also its words. */
export function spellings(kind: IdentifierKind, value: string): Spelling[] {
  const norm = normalise(kind, value)
  if (!norm) return []
  if (kind === 'EMAIL') return spellingsOfAddress(norm)
  if (kind === 'NAME') return spellingsOfName(norm)
  return [{ kind, norm, near: null }]
}

function spellingsOfAddress(norm: string): Spelling[] {
  const plain = mailbox(norm)
  return [
    { kind: IdentifierKind.EMAIL, norm, near: orNull(neighbourhood(norm)) },
    ...(plain === norm ? [] : [{ kind: IdentifierKind.EMAIL, norm: plain, near: null }]),
    { kind: 'EMAIL_DOMAIN', norm: norm.slice(norm.lastIndexOf('@')), near: null },
  ]
}

function spellingsOfName(norm: string): Spelling[] {
  const words = [...new Set(norm.split(' '))].filter(word => word.length >= 3 && word !== norm)
  return [
    { kind: IdentifierKind.NAME, norm, near: orNull(neighbourhood(norm)) },
    ...words.map((word): Spelling => ({ kind: 'NAME_WORD', norm: word, near: orNull(neighbourhood(word)) })),
  ]
}

/** An exact identifier that a typed text can be. */
export interface Candidate {
  kind: IdentifierKind
  norm: string
  /** As it was typed, to tell an exact match from a normalised one. */
  typed: string
  /** A word out of a longer text rather than the text itself. */
  loose: boolean
}

/** What somebody typed, in every way it can be read. */
export interface Reading {
  /** The text, tidied. */
  text: string
  /** What it was recognised as, most likely first. */
  kinds: IdentifierKind[]
  /** Looked for exactly. */
  candidates: Candidate[]
  /** What an identifier may begin with. */
  beginnings: string[]
  /** What a number or id may end with; null: too short. */
  ending: string | null
  /** What an address or name has to contain, all of it. */
  fragments: string[]
  /** Address or name in normal form, to measure typos against. */
  words: string[]
  /** Typo keys of `words`. */
  near: number[]
}

const STRIPE = /\b(pi|ch|py|re|pyr|dp|du|po|cus|acct)_([A-Za-z0-9]{3,})(?:_secret_[A-Za-z0-9]+)?\b/gi
const OWN_ID =
  /\b(usr|org|sit|mbr|stf|svc|tok|ord|chk|pay|shp|rfd|dsp|pyo|tkt|msg|flg|frz|hld|tkd|lst|bid|cit|apr|evt|job)[_-]([A-Za-z0-9]{3,})\b/gi
const TICKET = /\btkt[\s_-]*(\d{4})[\s_-]*(\d{1,7})\b/gi
const EMAIL = /[^\s@,;<>()]+@[^\s@,;<>()]*[^\s@,;<>().:!?']/g
const UUID = /\{?\b([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})\b\}?/gi
const NUMBER =
  /^(?:order|checkout|bestellung|commande|ticket|no\.?|nr\.?)?\s*#\s*(\S+)$|^(?:order|checkout|bestellung|commande|no\.?|nr\.?)\s+(\S*\d\S*)$/i

/** How whole texts are looked for when nothing in their form says what they are. */
const WHOLE: readonly IdentifierKind[] = [
  IdentifierKind.EXTERNAL_ID,
  IdentifierKind.TRACKING,
  IdentifierKind.NUMBER,
  IdentifierKind.SLUG,
  IdentifierKind.NAME,
]
const NUMBERS: readonly IdentifierKind[] = [
  IdentifierKind.EXTERNAL_ID,
  IdentifierKind.TRACKING,
  IdentifierKind.NUMBER,
]

/** Letters and digits in a text: what there is to look for. */
export const substance = (raw: string): number =>
  tidy(raw.slice(0, MAX_TYPED)).replace(/[^\p{L}\p{N}]/gu, '').length

/**
 * Reads what a person typed or pasted (an id, a number in any spelling, an address, a URL, several at once, part of something)
 * into everything it can be. At most 512 characters are looked at.
 */
export function interpret(raw: string): Reading {
  const parts = raw
    .slice(0, MAX_TYPED)
    .split(/[\n\r\t;,|]+/)
    .map(part => pathOf(tidy(part)).replace(/^mailto:/i, ''))
    .filter(Boolean)
    .slice(0, MAX_PARTS)
  const recognised = parts.flatMap(recognise)
  const candidates = [...recognised, ...parts.flatMap(whole)]
  if (recognised.length === 0) candidates.push(...parts.flatMap(loose))
  return { kinds: kindsOf(recognised, parts), candidates: distinct(candidates), ...partial(parts.join(' ')) }
}

function recognise(text: string): Candidate[] {
  const found: Candidate[] = []
  const add = (kind: IdentifierKind, typed: string, norm = normalise(kind, typed)) =>
    found.push({ kind, norm, typed, loose: false })
  for (const [whole] of text.matchAll(STRIPE)) add(IdentifierKind.STRIPE, whole.replace(/_secret_.*$/i, ''))
  for (const [whole] of text.matchAll(TICKET)) add(IdentifierKind.TICKET_NUMBER, whole)
  for (const [whole, prefix, rest] of text.matchAll(OWN_ID))
    add(IdentifierKind.ID, whole, `${prefix}_${rest}`.toLowerCase())
  for (const [address] of text.matchAll(EMAIL)) {
    add(IdentifierKind.EMAIL, address)
    add(IdentifierKind.EMAIL, address, mailbox(address.toLowerCase()))
  }
  for (const [whole] of text.matchAll(UUID)) add(IdentifierKind.EXTERNAL_ID, whole)
  const number = NUMBER.exec(text)
  if (number) for (const kind of [IdentifierKind.NUMBER, ...NUMBERS]) add(kind, number[1] ?? number[2]!)
  return found
}

const whole = (text: string): Candidate[] =>
  WHOLE.map(kind => ({ kind, norm: normalise(kind, text), typed: text, loose: false }))

/** Words that could be numbers, out of a text of several words: an address of a page, a sentence from a mail. */
const loose = (text: string): Candidate[] =>
  text.includes(' ')
    ? text
        .split(' ')
        .filter(word => /\d/.test(word) && compact(word).length >= 4)
        .flatMap(word =>
          NUMBERS.map(kind => ({ kind, norm: normalise(kind, word), typed: word, loose: true })),
        )
    : []

function distinct(candidates: Candidate[]): Candidate[] {
  const byKey = new Map<string, Candidate>()
  for (const candidate of candidates) {
    const key = `${candidate.kind} ${candidate.norm}`
    if (candidate.norm && !byKey.has(key)) byKey.set(key, candidate)
  }
  return [...byKey.values()]
}

function kindsOf(recognised: readonly Candidate[], parts: readonly string[]): IdentifierKind[] {
  if (recognised.length) return [...new Set(recognised.map(({ kind }) => kind))]
  return [...new Set(parts.flatMap(guess))]
}

/** What a text without a telling form most likely is. */
function guess(text: string): IdentifierKind[] {
  const bare = compact(text)
  if (!/\d/.test(bare))
    return text.includes(' ') ? [IdentifierKind.NAME] : [IdentifierKind.NAME, IdentifierKind.SLUG]
  const kinds: IdentifierKind[] = []
  if (/^[a-z0-9]{8,40}$/.test(bare) && /\d{4}/.test(bare)) kinds.push(IdentifierKind.TRACKING)
  if (/^\d{1,12}$/.test(bare)) kinds.unshift(IdentifierKind.NUMBER)
  return text.includes(' ') && kinds.length === 0
    ? [IdentifierKind.NAME]
    : [...kinds, IdentifierKind.EXTERNAL_ID]
}

/** Shortest ending that is looked for: shorter ones end too many numbers. */
const MIN_ENDING = 4

function partial(text: string): Omit<Reading, 'kinds' | 'candidates'> {
  const lower = text.toLowerCase()
  const bare = compact(text)
  const name = folded(text)
  const single = !text.includes(' ')
  const beginnings = [
    lower,
    bare,
    name,
    normalise(IdentifierKind.SLUG, text),
    ...(single && /\p{L}/u.test(text) ? [`@${lower}`] : []),
  ]
  const words = text.includes('@') ? [lower] : [name]
  return {
    text,
    beginnings: [...new Set(beginnings)].filter(start => start.length >= 3),
    ending: bare.length >= MIN_ENDING ? bare : null,
    fragments: fragmentsOf(lower, name, single),
    words,
    near: [...new Set(words.flatMap(neighbourhood))],
  }
}

/** Part of an address as it stands; else the words of a name, in any order. Three are enough to narrow it down. */
function fragmentsOf(lower: string, name: string, single: boolean): string[] {
  if (lower.startsWith('@')) return []
  if (single && /[@.+]/.test(lower)) return [lower]
  return name
    .split(' ')
    .filter(word => word.length >= 3)
    .sort((a, b) => b.length - a.length)
    .slice(0, 3)
}

function pathOf(text: string): string {
  const url = /^(?:https?:\/\/|www\.)\S+/i.exec(text)?.[0]
  if (!url) return text
  const path = url.replace(/^[a-z]+:\/\//i, '').replace(/^[^/?#]+/, '')
  try {
    return decodeURIComponent(path.replace(/[/?#&=]+/g, ' ')).trim()
  } catch {
    return path.replace(/[/?#&=%]+/g, ' ').trim()
  }
}

/** FNV-1a, 32 bit, as PostgreSQL's signed int: the key of a spelling in the typo index. */
function hash(text: string): number {
  let h = 0x811c9dc5
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  return h | 0
}

/**
 * The text and the text with each one character left out, hashed. Two spellings one edit apart (a letter more, less, other, or two
 * swapped) share a key: 16 times faster than trigram similarity, and it finds more (data 4). Texts under 4 or over 64 characters have
 * none.
 */
export function neighbourhood(norm: string): number[] {
  if (norm.length < 4 || norm.length > 64) return []
  const keys = new Set([hash(norm)])
  for (let i = 0; i < norm.length; i++) keys.add(hash(norm.slice(0, i) + norm.slice(i + 1)))
  return [...keys]
}

/** Whether one edit at most tells two texts apart: a shared typo key alone can also mean two, or chance. */
export function oneEditApart(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false
  let start = 0
  while (start < a.length && a[start] === b[start]) start++
  let end = 0
  while (end < Math.min(a.length, b.length) - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++
  const [left, right] = [a.slice(start, a.length - end), b.slice(start, b.length - end)]
  if (left.length <= 1 && right.length <= 1) return true
  return left.length === 2 && right.length === 2 && left[0] === right[1] && left[1] === right[0]
}
