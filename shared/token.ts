import { createHash, randomInt, timingSafeEqual } from 'node:crypto'
import { crc32 } from 'node:zlib'

/** `pat` a member of staff, `int` an integration, `req` a requester, `svc` a worker of our own. */
export const TOKEN_KINDS = ['pat', 'int', 'req', 'svc'] as const
export type TokenKind = (typeof TOKEN_KINDS)[number]

/** For secret scanners: every token Opsgraph ever hands out matches this. */
export const TOKEN_PATTERN = /\bops_(pat|int|req|svc)_([0-9A-Za-z]{30})([0-9A-Za-z]{6})\b/

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const WHOLE = new RegExp(`^${TOKEN_PATTERN.source.replaceAll('\\b', '')}$`)
/** 30 characters of 62 are 178 bits: far beyond guessing, so a plain SHA-256 at rest is enough. */
const SECRET_LENGTH = 30

export interface ParsedToken {
  kind: TokenKind
  /** The first eight characters of the secret: shown in lists, so that a person recognises their token. */
  prefix: string
  /** SHA-256 of the whole token; the only thing that is stored. */
  digest: Buffer
}

const base62 = (value: number, length: number): string => {
  let text = ''
  for (let rest = value; text.length < length; rest = Math.floor(rest / 62)) text = ALPHABET[rest % 62] + text
  return text
}

const checksum = (body: string): string => base62(crc32(body), 6)

/** SHA-256 of a token, as `access.token.digest` keeps it. */
export const tokenDigest = (token: string): Buffer => createHash('sha256').update(token).digest()

/**
 * Makes a new API token `ops_<kind>_<30 random><6 checksum>`.
 * @returns the token, to be shown once, and what is stored of it
 */
export function mintToken(kind: TokenKind): ParsedToken & { token: string } {
  const secret = Array.from({ length: SECRET_LENGTH }, () => ALPHABET[randomInt(62)]).join('')
  const body = `ops_${kind}_${secret}`
  const token = body + checksum(body)
  return { token, kind, prefix: secret.slice(0, 8), digest: tokenDigest(token) }
}

/** Whether a bearer value means to be one of our tokens (and not a JWT). */
export const looksLikeToken = (text: string): boolean => text.startsWith('ops_')

/**
 * Reads a token without asking the database: mistyped and invented ones end here, so that guessing costs no look-up.
 * @returns null when the form or the checksum is wrong
 */
export function parseToken(token: string): ParsedToken | null {
  const match = WHOLE.exec(token)
  if (!match) return null
  const [, kind, secret, check] = match as unknown as [string, TokenKind, string, string]
  if (checksum(`ops_${kind}_${secret}`) !== check) return null
  return { kind, prefix: secret.slice(0, 8), digest: tokenDigest(token) }
}

/** Compares two digests in a time that does not tell where they differ. */
export const sameDigest = (one: Buffer, other: Buffer): boolean =>
  one.length === other.length && timingSafeEqual(one, other)
