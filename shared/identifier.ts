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

/** One way to read what somebody typed: its normal form, and what it then is. `null`: could be any kind. */
export interface Candidate {
  kind: IdentifierKind | null
  norm: string
}

const STRIPE = /\b(pi|ch|py|re|pyr|dp|du|po|cus|acct)_([A-Za-z0-9]{3,})(?:_secret_[A-Za-z0-9]+)?\b/gi
const OWN_ID = /\b(usr|org|sit|stf|svc|ord|chk|pay|shp|rfd|dsp|pyo|tkt|msg|flg|hld|tkd|lst|bid|cit|apr|evt)_[A-Za-z0-9]{3,}\b/gi
const TICKET = /\btkt[\s_-]*(\d{4})[\s_-]*(\d{1,7})\b/gi
const EMAIL = /[^\s@,;<>()]+@[^\s@,;<>()]+/g
const UUID = /\{?\b([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})\b\}?/gi
const NUMBER = /^(?:order|checkout|no\.?|nr\.?)?\s*#\s*(\S+)$|^(?:order|checkout|no\.?|nr\.?)\s+(\S+)$/i

const INVISIBLE = /[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]/g
const DASHES = /[\u2010-\u2015\u2212]/g

/** What paste and keyboards add, taken away: width, invisible characters, odd dashes, quotes, runs of space. */
export const tidy = (text: string): string =>
  text
    .normalize('NFKC')
    .replace(INVISIBLE, '')
    .replace(DASHES, '-')
    .replace(/[\u2018\u2019\u201c\u201d"<>]/g, '')
    .replace(/\s+/g, ' ')
    .trim()

/** Letters and digits alone: how a tracking number or external id is compared whatever its spaces, dots, dashes and case. */
const compact = (text: string): string => text.toLowerCase().replace(/[\s.\-_/{}]/g, '')

/** The form in which an identifier is stored and looked for. The same code writes and queries. */
export function normalise(kind: IdentifierKind, text: string): string {
  const clean = tidy(text)
  switch (kind) {
    case IdentifierKind.TICKET_NUMBER: {
      const [, year, number] = /(\d{4})\D*(\d+)/.exec(clean) ?? []
      return year ? `tkt${year}${number!.padStart(5, '0')}` : compact(clean)
    }
    case IdentifierKind.TRACKING:
    case IdentifierKind.EXTERNAL_ID:
      return compact(clean)
    case IdentifierKind.NUMBER:
      return compact(clean.replace(/^#\s*/, ''))
    default:
      return clean.toLowerCase()
  }
}

/**
 * Reads what a person typed or pasted (an id, a number in any spelling, an address, a URL, several at once) into what it could be.
 * Most specific first; never empty for non-blank text. At most 512 characters are looked at.
 */
export function candidates(raw: string): Candidate[] {
  const text = pathOf(tidy(raw.slice(0, 512))).replace(/^mailto:/i, '')
  const found: Candidate[] = []
  const add = (kind: IdentifierKind | null, norm: string) => {
    if (norm && !found.some(c => c.kind === kind && c.norm === norm)) found.push({ kind, norm })
  }
  for (const [, prefix, rest] of text.matchAll(STRIPE)) add(IdentifierKind.STRIPE, `${prefix}_${rest}`.toLowerCase())
  for (const [id] of text.matchAll(OWN_ID)) add(IdentifierKind.ID, id.toLowerCase())
  for (const [whole] of text.matchAll(TICKET)) add(IdentifierKind.TICKET_NUMBER, normalise(IdentifierKind.TICKET_NUMBER, whole))
  for (const [address] of text.matchAll(EMAIL)) add(IdentifierKind.EMAIL, address.toLowerCase())
  for (const [whole] of text.matchAll(UUID)) add(IdentifierKind.EXTERNAL_ID, compact(whole))
  const number = NUMBER.exec(text)
  if (number) add(IdentifierKind.NUMBER, compact(number[1] ?? number[2]!))
  if (found.length === 0 || number) {
    const bare = compact(number?.[1] ?? number?.[2] ?? text)
    if (/^[a-z0-9]{3,64}$/.test(bare)) {
      add(IdentifierKind.TRACKING, bare)
      add(IdentifierKind.EXTERNAL_ID, bare)
      add(IdentifierKind.NUMBER, bare)
    }
    add(null, text.toLowerCase())
  }
  return found
}

function pathOf(text: string): string {
  const url = /^(?:https?:\/\/|www\.)\S+/i.exec(text)?.[0]
  if (!url) return text
  try {
    return decodeURIComponent(url.replace(/^[a-z]+:\/\//i, '').replace(/^[^/?#]+/, '').replace(/[/?#&=]+/g, ' ')).trim()
  } catch {
    return url
  }
}

/** FNV-1a, 32 bit, as PostgreSQL's signed int: the key of a spelling in the typo index. */
function hash(text: string): number {
  let h = 0x811c9dc5
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  return h | 0
}

/**
 * The text and the text with each one character left out, hashed. Two spellings at most one edit apart share a key: 16 times
 * faster than trigram similarity, and it finds more (data 4). Texts under 4 or over 64 characters have none.
 */
export function neighbourhood(norm: string): number[] {
  if (norm.length < 4 || norm.length > 64) return []
  const keys = new Set([hash(norm)])
  for (let i = 0; i < norm.length; i++) keys.add(hash(norm.slice(0, i) + norm.slice(i + 1)))
  return [...keys]
}

/** Kinds in which people mistype; numbers are left out, since every typo in one is another valid number. */
export const FUZZY: ReadonlySet<IdentifierKind> = new Set([IdentifierKind.EMAIL, IdentifierKind.NAME])
