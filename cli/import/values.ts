import { isEnumType } from 'graphql'
import { isCurrency, parseDecimal, type Sum } from '#shared/money.js'
import type { LeafType } from './shape.js'

/** What a value cannot be read as; the message says what would be right. */
export class Unreadable extends Error {
  override name = 'Unreadable'
}

const unreadable = (message: string): never => {
  throw new Unreadable(message)
}

const TIME =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(Z|UTC|[+-]\d{2}(?::?\d{2})?)?)?$/i

const zoneOf = (zone = 'Z'): string => {
  if (/^(Z|UTC)$/i.test(zone)) return 'Z'
  return zone.length === 3 ? `${zone}:00` : zone.replace(/^([+-]\d{2})(\d{2})$/, '$1:$2')
}

/**
 * A point in time as RFC 3339. Takes ISO 8601, what databases print (`2026-04-22 14:03:00+00`) and a bare day; without a zone it
 * is UTC. Fractions are kept to the millisecond.
 */
export function readTime(text: string): string {
  const match = TIME.exec(text.trim())
  if (!match) return unreadable(`"${text}" is not a time like 2026-04-22T14:03:00Z or 2026-04-22 14:03:00`)
  const [, day, minutes = '00:00', seconds = '00', fraction = '', zone] = match
  const iso = `${day}T${minutes}:${seconds}.${fraction.padEnd(3, '0').slice(0, 3)}${zoneOf(zone)}`
  const time = new Date(iso)
  const isReal = new Date(`${day}T00:00:00Z`)
  if (Number.isNaN(time.getTime()) || isReal.toISOString().slice(0, 10) !== day)
    return unreadable(`"${text}" is not a day and time that exists`)
  return time.toISOString()
}

const readWhole = (text: string): number => {
  const value = text.trim()
  if (!/^[+-]?\d+$/.test(value)) return unreadable(`"${text}" is not a whole number`)
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : unreadable(`${value} is too large to be held exactly`)
}

const readFlag = (text: string): boolean => {
  const value = text.trim().toLowerCase()
  if (['true', '1', 'yes', 't', 'y'].includes(value)) return true
  if (['false', '0', 'no', 'f', 'n'].includes(value)) return false
  return unreadable(`"${text}" is neither true nor false`)
}

const readJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return unreadable(`"${text}" is not JSON`)
  }
}

/** Names of ours from names of theirs: `In transit` and `in-transit` are IN_TRANSIT. Unknown ones stay, for GraphQL to refuse. */
const readEnum = (text: string): string =>
  text
    .trim()
    .replace(/[\s-]+/g, '_')
    .toUpperCase()

/** A currency's code; small letters are forgiven. */
export const readCurrency = (text: string): string => {
  const code = text.trim().toUpperCase()
  return isCurrency(code) ? code : unreadable(`"${text}" is not an ISO 4217 currency such as USD`)
}

/** A decimal sum, exact: refused when it has more digits than the currency. */
export const readDecimal = (text: string, currency: string): Sum => {
  try {
    return parseDecimal(text, currency)
  } catch (error) {
    return unreadable((error as Error).message)
  }
}

/** Text as the GraphQL type wants it. What is not understood is `Unreadable`. */
export function readText(text: string, type: LeafType): unknown {
  if (isEnumType(type)) return readEnum(text)
  switch (type.name) {
    case 'Int':
    case 'MinorUnits':
      return readWhole(text)
    case 'Float':
      return Number.isFinite(Number(text)) ? Number(text) : unreadable(`"${text}" is not a number`)
    case 'Boolean':
      return readFlag(text)
    case 'DateTime':
    case 'DateTimeISO':
      return readTime(text)
    case 'Currency':
      return readCurrency(text)
    case 'JSON':
      return readJson(text)
    default:
      return text
  }
}

/**
 * A JSON value as the GraphQL type wants it: ids may be numbers, as far as JSON holds them exactly; the rest as in a table.
 */
export function readJsonValue(value: unknown, type: LeafType): unknown {
  const wantsText = !isEnumType(type) && (type.name === 'String' || type.name === 'ID')
  if (typeof value === 'number' && wantsText)
    return Number.isSafeInteger(value)
      ? String(value)
      : unreadable(`${value} is a number that JSON does not hold exactly: put it in quotes`)
  if (typeof value !== 'string' || wantsText || (!isEnumType(type) && type.name === 'JSON')) return value
  return readText(value, type)
}
