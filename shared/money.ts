import { GraphQLScalarType, Kind } from 'graphql'
import { Directive, Extensions, Field, InputType, ObjectType } from 'type-graphql'
import { Column } from 'typeorm'

const CURRENCIES = new Set(Intl.supportedValuesOf('currency'))

/**
 * Currencies whose small coins are out of use: the runtime (by CLDR) counts them in whole units, ISO 4217, marketplaces and payment
 * providers do not.
 */
const TWO_DIGITS =
  'AFN ALL AMD COP CRC GYD HUF IDR IRR KPW LAK LBP MGA MMK MNT MUR PKR RSD SLL SOS SYP TZS UZS YER'.split(' ')

const exponents = new Map<string, number>([...TWO_DIGITS.map(code => [code, 2] as const), ['IQD', 3]])

/** Digits after the point that a currency uses (ISO 4217: JPY 0, USD 2, KWD 3). */
export function exponent(currency: string): number {
  let digits = exponents.get(currency)
  if (digits === undefined) {
    digits =
      new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ??
      2
    exponents.set(currency, digits)
  }
  return digits
}

export const isCurrency = (code: string): boolean => CURRENCIES.has(code)

const toMinorUnits = (value: unknown): number => {
  if (typeof value !== 'number' || !Number.isSafeInteger(value))
    throw new TypeError(
      `MinorUnits is a whole number of the currency's smallest unit, at most ±${Number.MAX_SAFE_INTEGER}; got ${JSON.stringify(value)}.`,
    )
  return value
}

/** Whole minor units, exact up to 2^53 - 1: GraphQL's own Int ends at $21 million (security F24). */
export const MinorUnits = new GraphQLScalarType<number, number>({
  name: 'MinorUnits',
  description:
    "A sum in the currency's smallest unit (cents for USD, yen for JPY), a whole number up to ±9007199254740991.",
  serialize: value => toMinorUnits(typeof value === 'string' ? Number(value) : value),
  parseValue: toMinorUnits,
  parseLiteral: node => toMinorUnits(node.kind === Kind.INT ? Number(node.value) : 'text'),
})

const toCurrency = (value: unknown): string => {
  if (typeof value !== 'string' || !isCurrency(value))
    throw new TypeError(`Currency is an ISO 4217 code in capitals, like "USD"; got ${JSON.stringify(value)}.`)
  return value
}

export const Currency = new GraphQLScalarType<string, string>({
  name: 'Currency',
  description: 'An ISO 4217 currency code, e.g. USD.',
  specifiedByURL: 'https://www.iso.org/iso-4217-currency-codes.html',
  serialize: value => String(value),
  parseValue: toCurrency,
  parseLiteral: node => toCurrency(node.kind === Kind.STRING ? node.value : undefined),
})

const integer = {
  to: (value: number | null | undefined) => value,
  from: (value: string | null) => (value === null ? null : Number(value)),
}

/** A sum of one currency. Stored as two columns, shown with its written form. */
@ObjectType('Money', { description: 'A sum of money in one currency.' })
@Directive('@shareable')
@Extensions({ value: true })
export class Money {
  @Column('bigint', { name: 'amount', transformer: integer })
  @Field(() => MinorUnits, { description: "In the currency's smallest unit." })
  amount!: number

  @Column('text', { name: 'currency' })
  @Field(() => Currency, { description: 'Which currency.' })
  currency!: string

  @Field(() => String, { description: 'For people, e.g. $1,234.50.' })
  formatted(): string {
    return format(this)
  }
}

@InputType('MoneyInput', { description: 'A sum of money in one currency.' })
export class MoneyInput {
  @Field(() => MinorUnits, { description: "In the currency's smallest unit: 1050 is $10.50." })
  amount!: number

  @Field(() => Currency, { description: 'Which currency.' })
  currency!: string
}

/** What events and aggregates carry: plain data. */
export interface Sum {
  amount: number
  currency: string
}

export const sum = (amount: number, currency: string): Sum => ({ amount, currency })
export const none = (currency: string): Sum => ({ amount: 0, currency })
export const plus = (a: Sum, b: Sum): Sum => sum(safe(a.amount + b.amount), same(a, b))
export const minus = (a: Sum, b: Sum): Sum => sum(safe(a.amount - b.amount), same(a, b))
export const exceeds = (a: Sum, b: Sum): boolean => same(a, b) !== '' && a.amount > b.amount

function same(a: Sum, b: Sum): string {
  if (a.currency !== b.currency) throw new RangeError(`${a.currency} and ${b.currency} cannot be mixed`)
  return a.currency
}

/** A sum beyond ±(2^53 - 1) minor units. */
export class Overflow extends RangeError {
  override name = 'Overflow'
}

function safe(amount: number): number {
  if (!Number.isSafeInteger(amount)) throw new Overflow(`${amount} minor units cannot be held exactly`)
  return amount
}

/** `$1,234.50`: exact, since the digits are placed by hand rather than divided. */
export function format({ amount, currency }: Sum): string {
  const digits = exponent(currency)
  const text = Math.abs(amount)
    .toString()
    .padStart(digits + 1, '0')
  const major = `${amount < 0 ? '-' : ''}${text.slice(0, text.length - digits)}`
  const minor = digits ? `.${text.slice(-digits)}` : ''
  const parts = new Intl.NumberFormat('en-US', { style: 'currency', currency }).formatToParts(BigInt(major))
  const whole = parts
    .filter(p => p.type !== 'decimal' && p.type !== 'fraction')
    .map(p => p.value)
    .join('')
  return `${amount < 0 && !whole.startsWith('-') ? '-' : ''}${whole}${minor}`
}

/**
 * Reads a decimal like `58.90` into minor units of a currency.
 * @throws RangeError when it has more digits than the currency, or is no number
 */
export function parseDecimal(text: string, currency: string): Sum {
  const digits = exponent(currency)
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text.trim())
  if (!match) throw new RangeError(`"${text}" is not a decimal number like 58.90`)
  const [, sign, major, minor = ''] = match
  if (minor.replace(/0+$/, '').length > digits)
    throw new RangeError(`"${text}" has more than the ${digits} decimals of ${currency}`)
  const amount = Number(`${sign}${major}${minor.slice(0, digits).padEnd(digits, '0')}`)
  return sum(safe(amount === 0 ? 0 : amount), currency)
}
