import { isUtf8 } from 'node:buffer'
import type { Problem } from '#shared/fields.js'
import { Currency, MinorUnits } from '#shared/money.js'
import { bad, type Draft, FileError } from './draft.js'
import { plainName, type Renames } from './names.js'
import type { Field } from './shape.js'
import type { Source } from './source.js'
import { readJsonValue, Unreadable } from './values.js'

const NEWLINE = 0x0a
const LONGEST_LINE = 16 * 1024 * 1024

/** Lines as bytes, so that one that is not UTF-8 spoils no other. */
async function* linesOf(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest: Buffer[] = []
  let length = 0
  for await (const chunk of bytes) {
    let from = 0
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
      const piece = chunk.subarray(from, at)
      yield rest.length ? Buffer.concat([...rest, piece]) : piece
      rest = []
      length = 0
      from = at + 1
    }
    rest.push(chunk.subarray(from))
    length += chunk.length - from
    if (length > LONGEST_LINE)
      throw new FileError('has a line of more than 16 MB: one record a line is wanted')
  }
  if (length) yield Buffer.concat(rest)
}

type Json = Record<string, unknown>
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A sum is an object of two leaves. */
const partsOf = ({ path }: Field): Field[] => [
  { kind: 'leaf', name: 'amount', path: `${path}.amount`, type: MinorUnits },
  { kind: 'leaf', name: 'currency', path: `${path}.currency`, type: Currency },
]

/** Reads the values of one line with what the schema says of each field. */
class Reader {
  problems: Problem[] = []

  constructor(private readonly renames: Renames) {}

  object(value: Json, fields: readonly Field[], at: string, path = ''): Json {
    const read: Json = Object.create(null)
    for (const [key, given] of Object.entries(value)) {
      const name = this.nameOf(path + key, path)
      if (name === null) continue
      const field =
        fields.find(one => one.name === name) ?? fields.find(one => plainName(one.name) === plainName(name))
      if (field) read[field.name] = given === null ? null : this.value(given, field, `${at}${field.name}`)
      else if (!this.renames.ignoreUnknown) read[name] = given
    }
    return read
  }

  /** What a key is called here; null: left out. */
  private nameOf(path: string, prefix: string): string | null {
    const { map, ignore, used } = this.renames
    if (ignore.has(path)) {
      used.add(path)
      return null
    }
    const ours = map.get(path)
    if (ours === undefined) return path.slice(prefix.length)
    used.add(path)
    return ours.startsWith(prefix) ? ours.slice(prefix.length) : ours
  }

  private value(given: unknown, field: Field, at: string): unknown {
    switch (field.kind) {
      case 'leaf':
        return this.attempt(at, given, () => readJsonValue(given, field.type))
      case 'leaves':
        return Array.isArray(given)
          ? given.map((one, i) => this.attempt(`${at}.${i}`, one, () => readJsonValue(one, field.type)))
          : given
      case 'money':
        return isObject(given) ? this.object(given, partsOf(field), `${at}.`, `${field.path}.`) : given
      case 'object':
        return isObject(given) ? this.object(given, field.fields, `${at}.`, `${field.path}.`) : given
      case 'list': {
        if (!Array.isArray(given)) return given
        return given.map((one, i) =>
          isObject(one) ? this.object(one, field.fields, `${at}.${i}.`, `${field.path}.`) : one,
        )
      }
    }
  }

  private attempt<T>(at: string, given: unknown, read: () => T): T | unknown {
    try {
      return read()
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error
      this.problems.push({ field: at, message: error.message })
      return given
    }
  }
}

const isOneValueOverManyLines = (text: string): boolean => /^(\[|\{)$/.test(text) || text.startsWith('[')

function read(line: Buffer, number: number, fields: readonly Field[], renames: Renames): Draft | null {
  const trimmed = line
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .trim()
  if (!trimmed) return null
  if (!isUtf8(line)) return bad(number, 'the line is not UTF-8')
  let value: unknown
  try {
    value = JSON.parse(trimmed)
  } catch (error) {
    if (number === 1 && isOneValueOverManyLines(trimmed))
      throw new FileError("is not one JSON record a line: turn it into that with jq -c '.[]'", number)
    return bad(number, `the line is not JSON: ${(error as Error).message}`)
  }
  if (!isObject(value)) {
    if (number === 1 && Array.isArray(value))
      throw new FileError("is one JSON array: turn it into lines with jq -c '.[]'", number)
    return bad(number, 'the line is not a JSON object')
  }
  const reader = new Reader(renames)
  const record = reader.object(value, fields, '')
  return { line: number, lastLine: number, value: record, problems: reader.problems, lineOf: () => number }
}

/**
 * Records of a file with one JSON object a line, of the shape that the mutation takes.
 * @param after lines up to this one were imported before
 */
export async function* readNdjson(
  source: Source,
  fields: readonly Field[],
  renames: Renames,
  after = 0,
): AsyncGenerator<Draft> {
  let number = 0
  for await (const line of linesOf(source.bytes)) {
    number++
    if (number <= after) continue
    const draft = read(line, number, fields, renames)
    if (draft) yield draft
  }
}
