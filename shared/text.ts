const CONTROL = String.raw`[\u0000-\u0008\u000b-\u001f\u007f-\u009f]`
const DIRECTION = String.raw`[\u202a-\u202e\u2066-\u2069\ufeff]`
const LONE_SURROGATE = String.raw`[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]`
const REFUSED = new RegExp(`${CONTROL}|${DIRECTION}|${LONE_SURROGATE}`)
const REFUSED_EACH = new RegExp(REFUSED, 'g')
const DIRECTIONS = new RegExp(DIRECTION, 'g')
const INVISIBLE = /[\u00ad\u200b-\u200f\u2060-\u2064]/g

/**
 * Text of several lines: NFKC, lines that end in LF, and without what programs put into it unasked (a byte order mark, vertical tabs,
 * the directions that phones set around numbers). What is left of control characters is for `refusedIn` to find.
 */
export const tidyBody = (value: string): string =>
  value
    .replace(/\r\n?|[\v\f]/g, '\n')
    .replace(DIRECTIONS, '')
    .normalize('NFKC')

/** Text of one line: NFKC, without invisible characters, so that equal looks equal. */
export const tidyLine = (value: string): string => value.normalize('NFKC').replace(INVISIBLE, '').trim()

/** Text that nobody can be told about, such as a stranger's mail: what would be refused is left out. */
export const tidied = (value: string): string =>
  tidyBody(value).replace(INVISIBLE, '').replace(REFUSED_EACH, '')

/** Text as it stands in a page, and nothing but text there. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, sign => `&#${sign.charCodeAt(0)};`)

/** Enough of an e-mail address to recognise it: `k•••@example.org`. */
export const maskedAddress = (address: string): string =>
  `${address.slice(0, 1)}•••${address.slice(address.lastIndexOf('@'))}`

/** A character that no input takes. */
export interface RefusedCharacter {
  /** `U+202E`. */
  character: string
  /** Which one it is, counted in characters from 1. */
  position: number
}

/** The first control, direction-changing or broken character of a text; null when there is none (security 2.9). */
export function refusedIn(value: string): RefusedCharacter | null {
  const at = value.search(REFUSED)
  if (at < 0) return null
  const code = value.charCodeAt(at).toString(16).toUpperCase().padStart(4, '0')
  return { character: `U+${code}`, position: [...value.slice(0, at)].length + 1 }
}
